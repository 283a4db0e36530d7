//! What is wrong with a dataset's declaration, found before anything runs: the provider shows it at plan, with the path.

mod references;

use std::collections::BTreeMap;

use crate::columns::{NAMED_PATTERNS, Pattern, is_numeric, parse_date, parse_timestamp, type_word};
use crate::dialect::Dialect;
use crate::layout::catalog_column;
use crate::nearest::nearest;
use crate::rules::{Capabilities, lower_with};
use crate::spec::{Action, ColumnSpec, ColumnType, DatasetSpec, DriftPolicy};
use crate::transform;

pub use references::check_references;

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
    problems.0.extend(Dialect::of(dataset, dataset.format).err().unwrap_or_default());
    problems.0.extend(transform::check(dataset));
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

pub(crate) fn bad_column_name(name: &str) -> Option<String> {
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
    check_length(name, column, problems);
}

fn check_length(name: &str, column: &ColumnSpec, problems: &mut Problems) {
    let ends = [("minimum_length", column.minimum_length), ("maximum_length", column.maximum_length)];
    for (field, _) in ends.iter().filter(|(_, end)| end.is_some()) {
        if column.column_type != ColumnType::String {
            let kind = type_word(column.column_type);
            problems.column(name, field, format!("a length is for texts; this column is a {kind}"));
        }
    }
    if let (Some(minimum), Some(maximum)) = (column.minimum_length, column.maximum_length)
        && minimum > maximum
    {
        let message = format!("{minimum} is above the maximum {maximum}: no value would do");
        problems.column(name, "minimum_length", message);
    }
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
    let ends = [
        ("minimum", &column.minimum),
        ("maximum", &column.maximum),
        ("exclusive_minimum", &column.exclusive_minimum),
        ("exclusive_maximum", &column.exclusive_maximum),
    ];
    for (field, end) in ends {
        let Some(end) = end else { continue };
        if !is_numeric(column.column_type) {
            let kind = type_word(column.column_type);
            let what = if field.starts_with('m') { format!("a {field}") } else { "this bound".to_owned() };
            problems.column(name, field, format!("{what} is for numbers; this column is a {kind}"));
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
    for (at, name) in list.iter().enumerate() {
        let warns = dataset.columns.get(name).is_some_and(|column| column.action == Some(Action::Warn));
        let mistyped = dataset.quality.schema_drift.mistyped_values;
        let ignores = matches!(mistyped, Some(DriftPolicy::Ignore | DriftPolicy::Rescue));
        if warns || ignores {
            let place = path().into_iter().chain([Step::Index(i64::try_from(at).unwrap_or(i64::MAX))]);
            let why = if warns { "its action is `warn`" } else { "values of the wrong type are left out" };
            problems.add(place, format!("rows without a value for `{name}` would be accepted: {why}"));
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
    if let Some(share) = dataset.quality.max_quarantined_percent
        && !(0.0..=100.0).contains(&share)
    {
        let path = [attribute("quality"), attribute("max_quarantined_percent")];
        problems.add(path, format!("{share} is not between 0 and 100"));
    }
    if dataset.quality.uniqueness_memory_mb == Some(0) {
        let path = [attribute("quality"), attribute("uniqueness_memory_mb")];
        problems.add(path, "no key fits into 0 MiB");
    }
    check_drift(dataset, problems);
    // What is wrong with a pattern has been said already, with what else could be written.
    let of_rules = |problem: &Problem| problem.path.first() == Some(&attribute("quality"));
    match lower_with(dataset, Capabilities::HANDLERS) {
        Ok(rules) => {
            let wrong = rules.look_back().and_then(|look_back| look_back.problem());
            problems.0.extend(wrong.map(|message| Problem { path: vec![attribute("quality")], message }));
        }
        Err(found) => problems.0.extend(found.into_iter().filter(of_rules)),
    }
}

/// Policies that mean nothing here are refused, never taken for another.
fn check_drift(dataset: &DatasetSpec, problems: &mut Problems) {
    use DriftPolicy::{Evolve, Fail, Ignore, QuarantineRow, Rescue};
    let drift = dataset.quality.schema_drift;
    let fields: [(&str, Option<DriftPolicy>, &[DriftPolicy]); 3] = [
        ("new_columns", drift.new_columns, &[Rescue, Ignore, QuarantineRow, Fail]),
        ("missing_columns", drift.missing_columns, &[Ignore, Fail]),
        ("mistyped_values", drift.mistyped_values, &[Rescue, Ignore, QuarantineRow, Fail]),
    ];
    for (field, policy, known) in fields {
        let Some(policy) = policy.filter(|policy| !known.contains(policy)) else { continue };
        let reason = match policy {
            Evolve => {
                "the table has the columns that are declared, and no object adds to them; `rescue` keeps new ones until they are declared"
            }
            QuarantineRow => {
                "a row without a value for a column is refused by `required = true` of the column"
            }
            _ => "of a value that is missing nothing can be kept",
        };
        let path = [attribute("quality"), attribute("schema_drift"), attribute(field)];
        problems.add(path, format!("this policy is not supported here: {reason}"));
    }
}

#[cfg(test)]
mod tests;
