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
