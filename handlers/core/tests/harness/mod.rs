//! What runs a rule on data and says what it comes to: for the corpus and for the guide.

use std::collections::BTreeMap;
use std::sync::Arc;

use datalake_core::columns::{parse_date, parse_timestamp};
use datalake_core::rules::{
    Asked, Capabilities, FileFacts, FileIdentity, Held, InMemory, Measures, Ordered, Reference, Rules,
    Siblings, Surroundings, Value, judge_in, lower_with,
};
use datalake_core::spec::{ColumnType, DatasetSpec};
use serde_json::{Value as Json, json};

/// The data of the cases that follow.
#[derive(Default)]
pub struct Data {
    /// Columns, by name.
    pub columns: Vec<(String, ColumnType)>,
    /// Rows, as JSON objects.
    pub rows: Vec<Json>,
    /// What is known beside them.
    pub surroundings: Surroundings,
    /// Other datasets, by name.
    references: BTreeMap<String, Json>,
}

/// A type by its word.
pub fn column_type(word: &str) -> ColumnType {
    serde_json::from_value(json!(word)).unwrap()
}

/// A JSON value as a value of the column; what does not fit is mistyped.
fn value(json: Option<&Json>, column_type: ColumnType) -> Option<Held> {
    let json = match json {
        None | Some(Json::Null) => return Some(Held::Null),
        Some(json) => json,
    };
    match column_type {
        ColumnType::String | ColumnType::Json => json.as_str().map(|text| Held::Text(text.to_owned())),
        ColumnType::Bigint => json.as_i64().map(Held::Bigint),
        ColumnType::Double => json.as_f64().map(Held::Double),
        ColumnType::Boolean => json.as_bool().map(Held::Boolean),
        ColumnType::Date => json.as_str().and_then(parse_date).map(Held::Date),
        ColumnType::Timestamp => json.as_str().and_then(parse_timestamp).map(Held::Timestamp),
    }
}

impl Data {
    /// Takes a line of the corpus that describes data.
    pub fn directive(&mut self, word: &str, rest: &str) {
        let parse =
            |text: &str| serde_json::from_str::<Json>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        match word {
            "@columns" => {
                let column = |part: &str| {
                    let (name, word) = part.trim().split_once(' ').unwrap();
                    (name.to_owned(), column_type(word))
                };
                let mut columns: Vec<_> = rest.split(',').map(column).collect();
                columns.sort();
                *self = Self { columns, ..Self::default() };
            }
            "@row" => self.rows.push(parse(rest)),
            "@now" => self.surroundings.now = Some(parse_timestamp(rest).unwrap()),
            "@history" => {
                let run: BTreeMap<String, f64> = serde_json::from_str(rest).unwrap();
                self.surroundings.history.get_or_insert_with(Vec::new).push(run);
            }
            "@file" => self.surroundings.file = file(&parse(rest)),
            "@reference" => {
                let (name, rest) = rest.split_once(' ').unwrap();
                self.references.insert(name.to_owned(), parse(rest));
            }
            other => panic!("{other} is no directive"),
        }
    }

    fn spec(&self, ruleset: &str) -> DatasetSpec {
        let columns: BTreeMap<&str, Json> =
            self.columns.iter().map(|(name, kind)| (name.as_str(), json!({"type": kind}))).collect();
        serde_json::from_value(json!({
            "format": "json", "prefix": "input/a/", "compression": "auto", "columns": columns,
            "quality": {"threshold_percent": 0.0, "ruleset": ruleset},
            "output": {"partition_by": [], "compression": "zstd"},
        }))
        .unwrap()
    }

    /// Rows in slot order; nothing stands for what is mistyped.
    fn held(&self) -> Vec<Vec<Option<Held>>> {
        let row = |row: &Json| self.columns.iter().map(|(name, kind)| value(row.get(name), *kind)).collect();
        self.rows.iter().map(row).collect()
    }

    /// What the only rule of a ruleset (or its analyzers) comes to, or why it is refused.
    pub fn run(&self, ruleset: &str, capabilities: Capabilities, analyze: bool) -> String {
        let rules = match lower_with(&self.spec(ruleset), capabilities) {
            Ok(rules) => rules,
            Err(problems) => return format!("REFUSED {}", problems[0].message),
        };
        let held = self.held();
        let rows: Vec<Vec<Value<'_>>> = held
            .iter()
            .map(|row| row.iter().map(|value| value.as_ref().map_or(Value::Mistyped, Held::value)).collect())
            .collect();
        // In two parts, merged: no outcome may depend on how an object is split.
        let now = self.surroundings.now;
        let surroundings = Surroundings { references: self.references(&rules), ..self.surroundings.clone() };
        let mut measures = Measures::new(&rules);
        let mut second = Measures::new(&rules);
        for (at, row) in rows.iter().enumerate() {
            let part = if at % 3 == 1 { &mut second } else { &mut measures };
            part.count_at(&rules, Some(row), now);
        }
        measures.merge(&second);
        if analyze { analyzed(&rules, &measures) } else { outcome(&rules, &measures, &rows, &surroundings) }
    }

    /// The other datasets, as far as the rules ask about them.
    fn references(&self, rules: &Rules) -> BTreeMap<String, Arc<Result<Reference, String>>> {
        let asked = rules.references();
        let known = self.references.iter().filter_map(|(name, json)| Some((name, json, asked.get(name)?)));
        known.map(|(name, json, asked)| (name.clone(), Arc::new(Ok(reference(json, asked))))).collect()
    }
}

fn outcome(
    rules: &Rules,
    measures: &Measures,
    rows: &[Vec<Value<'_>>],
    surroundings: &Surroundings,
) -> String {
    match rules.order[0] {
        Ordered::Row(at) => {
            let passes = |row: &Vec<Value<'_>>| rules.row_checks[at].test.passes_at(row, surroundings.now);
            rows.iter().map(|row| if passes(row) { 'P' } else { 'F' }).collect()
        }
        Ordered::Object(at) => {
            let outcome = &judge_in(rules, measures, surroundings)[at];
            let result = serde_json::to_value(outcome.result).unwrap();
            let value = outcome.evaluated_metrics.values().next().map(|value| format!(" {}", shown(*value)));
            format!("{}{}", result.as_str().unwrap(), value.unwrap_or_default())
        }
    }
}

fn analyzed(rules: &Rules, measures: &Measures) -> String {
    let one = |metric: &datalake_core::rules::Metric| match metric.value(measures) {
        Ok(value) => format!("{}={}", metric.name, shown(value)),
        Err(missing) => format!("{}: {}", metric.name, missing.describe()),
    };
    rules.analyzers.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn shown(value: f64) -> String {
    let text = format!("{value:.4}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn file(json: &Json) -> FileFacts {
    let digest = |word: &str| Some((word.to_owned(), json.get(word)?.as_str()?.to_owned()));
    FileFacts {
        size_bytes: json["size"].as_u64(),
        last_modified: json["modified"].as_str().and_then(parse_timestamp),
        digests: ["MD5", "SHA-256"].into_iter().filter_map(digest).collect(),
        siblings: json.get("own").map(|own| siblings(own, &json["others"])),
    }
}

/// Files are written as their content and their name; in place of the others may stand why they are not known.
fn siblings(own: &Json, others: &Json) -> Result<Siblings, String> {
    let identity = |json: &Json| {
        let (content, name) = json.as_str().unwrap().split_once(' ').unwrap();
        FileIdentity { content: content.to_owned(), name: name.to_owned() }
    };
    match others.as_array() {
        Some(others) => Ok(Siblings { own: identity(own), others: others.iter().map(identity).collect() }),
        None => Err(others.as_str().unwrap().to_owned()),
    }
}

fn reference(json: &Json, asked: &Asked) -> Reference {
    let columns: Vec<(String, ColumnType)> = json["columns"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, word)| (name.clone(), column_type(word.as_str().unwrap())))
        .collect();
    let mut reference = Reference::new(columns, asked, 1_000, &mut |most| Box::new(InMemory::new(most)));
    for row in json["rows"].as_array().unwrap() {
        let cell = |(name, kind): &(String, ColumnType)| value(row.get(name), *kind).unwrap();
        let held: Vec<Held> = reference.projection().iter().map(cell).collect();
        reference.add(&held.iter().map(Held::value).collect::<Vec<_>>());
    }
    reference
}

/// Whether the outcome is as expected: a refusal by a part of its message, a measured value only where one is given.
pub fn agrees(found: &str, expected: &str) -> bool {
    match (expected.strip_prefix("REFUSED "), found.strip_prefix("REFUSED ")) {
        (Some(part), Some(message)) => message.contains(part),
        (None, None) => {
            found == expected || (!expected.contains(' ') && found.split(' ').next() == Some(expected))
        }
        _ => false,
    }
}
