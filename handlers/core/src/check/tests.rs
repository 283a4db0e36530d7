//! Faults and their paths, as data.

use super::*;
use serde_json::{Value, json};

fn dataset(change: Value) -> DatasetSpec {
    let mut document = json!({
        "format": "json", "prefix": "input/a/", "compression": "auto",
        "columns": {"id": {"type": "string", "required": true}, "n": {"type": "bigint", "required": true}},
        "quality": {"threshold_percent": 70.0},
        "output": {"partition_by": [], "compression": "zstd"},
    });
    for (pointer, value) in change.as_object().unwrap() {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[field] = value.clone();
    }
    serde_json::from_value(document).unwrap()
}

fn shown(problem: &Problem) -> String {
    let path: String = problem
        .path
        .iter()
        .map(|step| match step {
            Step::Attribute(name) => format!(".{name}"),
            Step::Key(key) => format!("[{key}]"),
            Step::Index(index) => format!("[{index}]"),
        })
        .collect();
    format!("{path}: {}", problem.message)
}

#[test]
fn faults_have_their_path() {
    let cases = [
        (json!({"/prefix": ""}), ".prefix: an empty prefix"),
        (json!({"/prefix": "a"}), ".prefix: a prefix must end in `/`"),
        (json!({"/prefix": "a//"}), ".prefix: a prefix has no empty folder"),
        (
            json!({"/columns/id": {"type": "string", "pattern": "("}}),
            ".columns[id].pattern: does not compile: unclosed group",
        ),
        (
            json!({"/columns/n": {"type": "bigint", "pattern": "x"}}),
            ".columns[n].pattern: a pattern is for texts; this column is a bigint",
        ),
        (json!({"/columns/id": {"type": "string", "enum": []}}), ".columns[id].enum: an empty list"),
        (
            json!({"/columns/id": {"type": "string", "enum": ["a", "a"]}}),
            ".columns[id].enum: `a` stands twice",
        ),
        (json!({"/columns/n": {"type": "bigint", "enum": ["x"]}}), ".columns[n].enum: `x` is not a bigint"),
        (
            json!({"/columns/n": {"type": "bigint", "minimum": "2", "maximum": "1"}}),
            ".columns[n].minimum: 2 is above the maximum 1",
        ),
        (
            json!({"/columns/id": {"type": "string", "minimum": "2"}}),
            ".columns[id].minimum: a minimum is for numbers",
        ),
        (json!({"/columns/id.x": {"type": "string"}}), ".columns[id.x]: `id` is declared as a column"),
        (json!({"/columns/ID": {"type": "string"}}), "are both `id` in the catalogue"),
        (json!({"/columns/_rescued": {"type": "string"}}), ".columns[_rescued]: `_rescued` is kept"),
        (json!({"/columns/a..b": {"type": "string"}}), ".columns[a..b]: a dot reaches"),
        (
            json!({"/output/partition_by": ["m"]}),
            ".output.partition_by[0]: there is no column `m`; did you mean `n`?",
        ),
        (json!({"/output/partition_by": ["n", "n"]}), ".output.partition_by[1]: `n` stands twice"),
        (
            json!({"/columns/t": {"type": "timestamp", "required": true}, "/output/partition_by": ["t"]}),
            ".output.partition_by[0]: `t` is a timestamp",
        ),
        (
            json!({"/columns/t": {"type": "string"}, "/output/partition_by": ["t"]}),
            ".output.partition_by[0]: `t` must be required",
        ),
        (json!({"/output/partition_by": ["id", "n"]}), ".output.partition_by: at least one column must stay"),
        (json!({"/quality/threshold_percent": 101.0}), ".quality.threshold_percent: 101 is not between"),
        (
            json!({"/quality/ruleset": "Rules = [ Oops ]"}),
            ".quality.ruleset: line 1, column 11: there is no rule type",
        ),
        (
            json!({"/quality/ruleset": "Rules = [ IsComplete \"idd\" ]"}),
            ".quality.ruleset: line 1, column 22: the rules name the column `idd`, which is not declared; did you mean `id`?",
        ),
        (
            json!({"/quality/rules": {"positive": {"rule": "ColumnValues \"n\" > x"}}}),
            ".quality.rules[positive].rule: line 1, column 20: expected a value, found `x`",
        ),
        (
            json!({"/quality/rules": {"rows": {"rule": "RowCount > 1", "action": "drop_row"}}}),
            ".quality.rules[rows].rule: line 1, column 1: the rule is about the whole object",
        ),
        (
            json!({"/quality/ruleset": "Rules = [ RowCount > 1 labels=[\"datalake.action\"=\"drop\"] ]"}),
            "the label `datalake.action` cannot be `drop`",
        ),
        (
            json!({"/quality/ruleset": "Rules = [ FileUniqueness \"s3://a/\" = 1.0 ]"}),
            ".quality.ruleset: line 1, column 11: `FileUniqueness` is about the object that arrived",
        ),
        (
            json!({"/quality/ruleset": "Rules = [ RowCount > avg(last(101)) ]"}),
            ".quality.ruleset: line 1, column 11: `RowCount` looks back at 101 objects",
        ),
        (
            json!({"/quality/ruleset": "Rules = [ ColumnValues \"id\" = \"a\" with threshold > last(1), ColumnValues \"id\" = \"b\" with threshold > last(1) ]"}),
            ".quality: two rules look back at different measures",
        ),
        (
            json!({"/quality/ruleset": "Rules = [ IsComplete \"id\" where \"n = 1 order\" ]"}),
            ".quality.ruleset: line 1, column 40: in the SQL: expected `AND`, `OR` or the end",
        ),
        (
            json!({"/quality/max_quarantined_percent": 101.0}),
            ".quality.max_quarantined_percent: 101 is not between",
        ),
        (json!({"/quality/uniqueness_memory_mb": 0}), ".quality.uniqueness_memory_mb: no key fits"),
        (
            json!({"/quality/schema_drift": {"new_columns": "evolve"}}),
            ".quality.schema_drift.new_columns: this policy is not supported here",
        ),
        (
            json!({"/quality/schema_drift": {"missing_columns": "quarantine_row"}}),
            ".quality.schema_drift.missing_columns: this policy is not supported here",
        ),
        (
            json!({"/columns/id": {"type": "string", "required": true, "action": "warn"}, "/output/partition_by": ["id"]}),
            ".output.partition_by[0]: rows without a value for `id` would be accepted: its action is `warn`",
        ),
        (
            json!({"/quality/schema_drift": {"mistyped_values": "ignore"}, "/output/partition_by": ["id"]}),
            ".output.partition_by[0]: rows without a value for `id` would be accepted: values of the wrong type",
        ),
        (
            json!({"/quality/schema_drift": {"mistyped_values": "evolve"}}),
            ".quality.schema_drift.mistyped_values: this policy is not supported here: the table has the columns",
        ),
        (
            json!({"/quality/schema_drift": {"mistyped_values": "rescue"}, "/output/partition_by": ["id"]}),
            ".output.partition_by[0]: rows without a value for `id` would be accepted: values of the wrong type",
        ),
        (
            json!({"/columns/n": {"type": "bigint", "minimum_length": 2}}),
            ".columns[n].minimum_length: a length is for texts",
        ),
        (
            json!({"/columns/id": {"type": "string", "minimum_length": 2, "maximum_length": 1}}),
            ".columns[id].minimum_length: 2 is above the maximum 1",
        ),
        (
            json!({"/columns/id": {"type": "string", "exclusive_minimum": "2"}}),
            ".columns[id].exclusive_minimum: this bound is for numbers",
        ),
        (
            json!({"/columns": {}, "/quality/ruleset": "Rules = [ IsComplete \"id\" ]"}),
            "but the dataset declares no columns",
        ),
    ];
    for (change, expected) in cases {
        let problems: Vec<String> = check_dataset(&dataset(change.clone())).iter().map(shown).collect();
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{change}: {problems:?}");
    }
    assert_eq!(check_dataset(&dataset(json!({"/quality/ruleset": "Rules = [ RowCount > 0 ]"}))), vec![]);
}

#[test]
fn overlapping_prefixes() {
    let datasets = |list: &[(&str, &str)]| {
        list.iter()
            .map(|(name, prefix)| ((*name).to_owned(), dataset(json!({"/prefix": prefix}))))
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(check_pipeline(&datasets(&[("a", "x/a/"), ("b", "x/ab/")])), vec![]);
    for list in [[("a", "x/"), ("b", "x/b/")], [("a", "x/"), ("b", "x/")]] {
        let problems = check_pipeline(&datasets(&list));
        assert_eq!(
            problems.iter().map(|problem| problem.path[0].clone()).collect::<Vec<_>>(),
            [Step::Key("b".to_owned())]
        );
    }
}
