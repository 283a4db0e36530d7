//! What is wrong with a dataset's declaration, found before anything runs: the provider shows it at plan, with the path.

use std::collections::BTreeMap;

use crate::columns::{NAMED_PATTERNS, Pattern, is_numeric, parse_date, parse_timestamp, type_word};
use crate::dqdl::{self, RuleExpression};
use crate::layout::catalog_column;
use crate::nearest::nearest;
use crate::spec::{ColumnSpec, ColumnType, DatasetSpec};

/// Most columns a dataset may declare.
pub const MOST_COLUMNS: usize = 1_000;
/// Most partition columns; each multiplies the number of folders.
pub const MOST_PARTITION_COLUMNS: usize = 4;

/// One fault and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// From the dataset (or, in [`check_pipeline`], from `datasets`) to the attribute.
    pub path: Vec<Step>,
    /// What is wrong and what to do.
    pub message: String,
}

/// One step of a path, as Terraform has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An attribute of an object.
    Attribute(String),
    /// A key of a map.
    Key(String),
    /// An index of a list.
    Index(i64),
}

/// Checks one dataset by itself.
#[must_use]
pub fn check_dataset(dataset: &DatasetSpec) -> Vec<Problem> {
    let mut problems = Problems::default();
    check_prefix(dataset, &mut problems);
    check_column_names(dataset, &mut problems);
    for (name, column) in &dataset.columns {
        check_column(name, column, &mut problems);
    }
    check_partitions(dataset, &mut problems);
    check_quality(dataset, &mut problems);
    problems.0
}

/// Checks datasets against each other (not each by itself).
#[must_use]
pub fn check_pipeline(datasets: &BTreeMap<String, DatasetSpec>) -> Vec<Problem> {
    let mut problems = Problems::default();
    for (name, dataset) in datasets {
        let covering = datasets.iter().find(|(other, covering)| {
            *other != name
                && dataset.prefix.starts_with(&covering.prefix)
                && (covering.prefix != dataset.prefix || *other < name)
        });
        if let Some((other, covering)) = covering {
            problems.add(
                [Step::Key(name.clone()), attribute("prefix")],
                format!(
                    "`{}` lies within `{}`, the prefix of the dataset `{other}`; prefixes must not overlap",
                    dataset.prefix, covering.prefix
                ),
            );
        }
    }
    problems.0
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, path: impl IntoIterator<Item = Step>, message: impl Into<String>) {
        self.0.push(Problem { path: path.into_iter().collect(), message: message.into() });
    }

    fn column(&mut self, column: &str, field: &str, message: impl Into<String>) {
        self.add([attribute("columns"), Step::Key(column.to_owned()), attribute(field)], message);
    }
}

fn attribute(name: &str) -> Step {
    Step::Attribute(name.to_owned())
}

fn check_prefix(dataset: &DatasetSpec, problems: &mut Problems) {
    let prefix = &dataset.prefix;
    let message = if prefix.is_empty() {
        "an empty prefix would take every object of the bucket; write a folder such as `input/orders/`"
    } else if !prefix.ends_with('/') {
        "a prefix must end in `/`, or `input/a` would also take `input/ab`"
    } else if prefix.starts_with('/') || prefix.contains("//") {
        "a prefix has no empty folder: no `/` at its start and no `//` in it"
    } else if prefix.len() > 512 {
        "a prefix may have at most 512 bytes, half of what S3 allows for a key"
    } else {
        return;
    };
    problems.add([attribute("prefix")], message);
}

fn check_column_names(dataset: &DatasetSpec, problems: &mut Problems) {
    if dataset.columns.len() > MOST_COLUMNS {
        let message =
            format!("{} columns are declared; at most {MOST_COLUMNS} are allowed", dataset.columns.len());
        problems.add([attribute("columns")], message);
    }
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for name in dataset.columns.keys() {
        let key = [attribute("columns"), Step::Key(name.clone())];
        if let Some(message) = bad_column_name(name) {
            problems.add(key.clone(), message);
        }
        if let Some(other) = seen.insert(catalog_column(name), name) {
            let folded = catalog_column(name);
            problems.add(key.clone(), format!("`{name}` and `{other}` are both `{folded}` in the catalogue"));
        }
        let parent = name
            .match_indices('.')
            .map(|(at, _)| &name[..at])
            .find(|parent| dataset.columns.contains_key(*parent));
        if let Some(parent) = parent {
            problems.add(
                key,
                format!("`{parent}` is declared as a column, so it cannot hold the column `{name}`"),
            );
        }
    }
}

fn bad_column_name(name: &str) -> Option<String> {
    if name.is_empty() || name.len() > 255 {
        return Some("a column name has 1 to 255 bytes".to_owned());
    }
    if name.split('.').any(str::is_empty) {
        return Some("a dot reaches into a nested object, so there must be a name on both sides".to_owned());
    }
    if name.chars().any(|c| c.is_control() || "\"`,;={}()".contains(c)) {
        return Some("a column name has no control characters and none of \" ` , ; = { } ( )".to_owned());
    }
    ["_rescued", "record"]
        .contains(&catalog_column(name).as_str())
        .then(|| format!("`{name}` is kept for the engine's own column"))
}

fn check_column(name: &str, column: &ColumnSpec, problems: &mut Problems) {
    let kind = type_word(column.column_type);
    if let Some(pattern) = &column.pattern {
        if column.column_type != ColumnType::String {
            problems.column(name, "pattern", format!("a pattern is for texts; this column is a {kind}"));
        }
        if let Err(error) = Pattern::compile(pattern) {
            let named: Vec<&str> = NAMED_PATTERNS.iter().map(|(name, ..)| *name).collect();
            problems.column(
                name,
                "pattern",
                format!("does not compile: {error}. Named patterns are {}", named.join(", ")),
            );
        }
    }
    if let Some(allowed) = &column.allowed {
        check_enum(name, column.column_type, allowed, problems);
    }
    check_range(name, column, problems);
}

fn check_enum(name: &str, column_type: ColumnType, allowed: &[String], problems: &mut Problems) {
    if allowed.is_empty() {
        problems.column(name, "enum", "an empty list would refuse every value");
    }
    if column_type == ColumnType::Json {
        problems.column(name, "enum", "a json column has no list of values");
    }
    for (at, value) in allowed.iter().enumerate() {
        if allowed[..at].contains(value) {
            problems.column(name, "enum", format!("`{value}` stands twice"));
        }
        if !fits(column_type, value) {
            problems.column(name, "enum", format!("`{value}` is not a {}", type_word(column_type)));
        }
    }
}

/// Whether a text can be a value of the type.
fn fits(column_type: ColumnType, value: &str) -> bool {
    match column_type {
        ColumnType::String | ColumnType::Json => true,
        ColumnType::Bigint => value.parse::<i64>().is_ok(),
        ColumnType::Double => value.parse::<f64>().is_ok_and(f64::is_finite),
        ColumnType::Boolean => matches!(value, "true" | "false"),
        ColumnType::Date => parse_date(value).is_some(),
        ColumnType::Timestamp => parse_timestamp(value).is_some(),
    }
}

fn check_range(name: &str, column: &ColumnSpec, problems: &mut Problems) {
    let ends = [("minimum", &column.minimum), ("maximum", &column.maximum)];
    for (field, end) in ends {
        let Some(end) = end else { continue };
        if !is_numeric(column.column_type) {
            let kind = type_word(column.column_type);
            problems.column(name, field, format!("a {field} is for numbers; this column is a {kind}"));
        } else if !end.parse::<f64>().is_ok_and(f64::is_finite) {
            problems.column(name, field, format!("`{end}` is not a number"));
        }
    }
    let number = |end: &Option<String>| end.as_ref().and_then(|end| end.parse::<f64>().ok());
    if let (Some(minimum), Some(maximum)) = (number(&column.minimum), number(&column.maximum))
        && minimum > maximum
    {
        problems.column(
            name,
            "minimum",
            format!("{minimum} is above the maximum {maximum}: no value would do"),
        );
    }
}

fn check_partitions(dataset: &DatasetSpec, problems: &mut Problems) {
    let list = &dataset.output.partition_by;
    let path = || [attribute("output"), attribute("partition_by")];
    if list.len() > MOST_PARTITION_COLUMNS {
        problems.add(path(), format!("at most {MOST_PARTITION_COLUMNS} columns can be folders"));
    }
    for (at, name) in list.iter().enumerate() {
        let place = || path().into_iter().chain([Step::Index(i64::try_from(at).unwrap_or(i64::MAX))]);
        let Some(column) = dataset.columns.get(name) else {
            let hint = nearest(name, dataset.columns.keys().map(String::as_str));
            let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            problems.add(place(), format!("there is no column `{name}`{hint}"));
            continue;
        };
        if list[..at].contains(name) {
            problems.add(place(), format!("`{name}` stands twice"));
        }
        if !matches!(
            column.column_type,
            ColumnType::String | ColumnType::Bigint | ColumnType::Boolean | ColumnType::Date
        ) {
            let kind = type_word(column.column_type);
            problems.add(
                place(),
                format!("`{name}` is a {kind}; folders are made of string, bigint, boolean or date columns"),
            );
        }
        if !column.required {
            problems.add(
                place(),
                format!(
                    "`{name}` must be required = true: rows without a value would lie where no query looks"
                ),
            );
        }
    }
    if !list.is_empty() && list.len() == dataset.columns.len() {
        problems.add(path(), "at least one column must stay in the files");
    }
}

fn check_quality(dataset: &DatasetSpec, problems: &mut Problems) {
    let threshold = dataset.quality.threshold_percent;
    if !(0.0..=100.0).contains(&threshold) {
        let message = format!("{threshold} is not between 0 and 100");
        problems.add([attribute("quality"), attribute("threshold_percent")], message);
    }
    let Some(text) = &dataset.quality.ruleset else { return };
    let path = || [attribute("quality"), attribute("ruleset")];
    match dqdl::parse(text) {
        Err(errors) => errors.iter().for_each(|error| problems.add(path(), error.to_string())),
        Ok(ruleset) => {
            for rule in &ruleset.rules {
                each_column(rule, &mut |column| {
                    if let Some(message) = unknown_column(dataset, column) {
                        problems.add(path(), message);
                    }
                });
            }
        }
    }
}

fn unknown_column(dataset: &DatasetSpec, column: &str) -> Option<String> {
    if dataset.columns.is_empty() {
        return Some(format!("the rules name the column `{column}`, but the dataset declares no columns"));
    }
    if dataset.columns.contains_key(column) {
        return None;
    }
    let hint = nearest(column, dataset.columns.keys().map(String::as_str));
    let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Some(format!("the rules name the column `{column}`, which is not declared{hint}"))
}

fn each_column(rule: &RuleExpression, visit: &mut impl FnMut(&str)) {
    match rule {
        RuleExpression::Rule(rule) => rule.column.iter().for_each(|column| visit(column)),
        RuleExpression::And(parts) | RuleExpression::Or(parts) => {
            parts.iter().for_each(|part| each_column(part, visit))
        }
    }
}

#[cfg(test)]
mod tests {
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
            (
                json!({"/columns/n": {"type": "bigint", "enum": ["x"]}}),
                ".columns[n].enum: `x` is not a bigint",
            ),
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
            (
                json!({"/output/partition_by": ["id", "n"]}),
                ".output.partition_by: at least one column must stay",
            ),
            (json!({"/quality/threshold_percent": 101.0}), ".quality.threshold_percent: 101 is not between"),
            (
                json!({"/quality/ruleset": "Rules = [ Oops ]"}),
                ".quality.ruleset: line 1, column 11: there is no rule type",
            ),
            (
                json!({"/quality/ruleset": "Rules = [ IsComplete \"idd\" ]"}),
                ".quality.ruleset: the rules name the column `idd`, which is not declared; did you mean `id`?",
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
}
