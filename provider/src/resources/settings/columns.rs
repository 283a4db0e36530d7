//! The columns of a dataset, whether written one by one or as a JSON Schema.

use std::collections::BTreeMap;

use datalake_core::json_schema;
use datalake_core::spec::{Action, ColumnSpec, ColumnType};
use datalake_host::{Num, Val};
use tf_provider::AttributePath;

use super::super::model::{Column, Dataset, Texts};
use super::super::validate::words;
use super::dataset::{no_nulls, optional_word, word};
use super::read::Reader;

/// What is declared, as far as it is known.
pub(super) struct Declared {
    /// Columns by name.
    pub columns: BTreeMap<String, ColumnSpec>,
    /// Whether these are all there are.
    pub named: bool,
    /// Whether the type of each is known too.
    pub typed: bool,
}

/// The columns as far as they can be read.
pub(super) fn read(reader: &mut Reader, at: &AttributePath, dataset: &Dataset) -> Declared {
    let path = at.clone().attribute("json_schema");
    match (&dataset.columns, &dataset.json_schema) {
        (Val::Known(_), Val::Known(_)) => {
            reader.problem(
                path,
                "stands beside `columns`; both say what the columns are, so write one of the two",
            );
        }
        (Val::Null, Val::Known(document)) => return of_schema(reader, &path, document),
        (Val::Unknown, _) | (Val::Null, Val::Unknown) => return unknown(),
        _ => {}
    }
    one_by_one(reader, &at.clone().attribute("columns"), dataset)
}

fn unknown() -> Declared {
    Declared { columns: BTreeMap::new(), named: false, typed: false }
}

fn of_schema(reader: &mut Reader, path: &AttributePath, document: &str) -> Declared {
    match json_schema::columns(document) {
        Ok(columns) => Declared { columns, named: true, typed: true },
        Err(faults) => {
            faults.iter().for_each(|fault| reader.problem(path.clone(), fault.to_string()));
            unknown()
        }
    }
}

fn one_by_one(reader: &mut Reader, at: &AttributePath, dataset: &Dataset) -> Declared {
    let mut declared = Declared { columns: BTreeMap::new(), named: true, typed: true };
    for (name, column) in dataset.columns.known().into_iter().flatten() {
        let path = at.clone().key(name.clone());
        let spec = column.known().and_then(|column| self::column(reader, &path, column));
        if column.is_null() {
            reader.problem(path, "is null; leave the column out, or write `{ type = \"string\" }`");
        }
        declared.typed &= spec.is_some();
        declared.columns.insert(name.clone(), spec.unwrap_or_else(|| unchecked(column)));
    }
    declared
}

/// The column, if its type is known.
fn column(reader: &mut Reader, at: &AttributePath, declared: &Column) -> Option<ColumnSpec> {
    let path = |name: &'static str| at.clone().attribute(name);
    no_nulls(reader, &path("enum"), &declared.allowed);
    let classification =
        reader.optional(&declared.classification, path("classification"), words::classification);
    let action = optional_word(reader, &declared.action, path("action"));
    let severity = optional_word(reader, &declared.severity, path("severity"));
    let weight = reader.number(&declared.weight, path("weight"), words::WEIGHTS);
    let mut length = |value, name| reader.number(value, path(name), 0..=u32::MAX);
    let minimum_length = length(&declared.minimum_length, "minimum_length");
    let maximum_length = length(&declared.maximum_length, "maximum_length");
    Some(ColumnSpec {
        column_type: word(reader, &declared.column_type, path("type"))?,
        required: required(declared),
        pattern: declared.pattern.known().cloned(),
        allowed: allowed(&declared.allowed),
        minimum: text(&declared.minimum),
        maximum: text(&declared.maximum),
        exclusive_minimum: text(&declared.exclusive_minimum),
        exclusive_maximum: text(&declared.exclusive_maximum),
        minimum_length,
        maximum_length,
        classification,
        action: action.filter(|action| *action != Action::QuarantineRow),
        severity: severity.unwrap_or_default(),
        weight: weight.filter(|weight| *weight != 1),
    })
}

fn text(number: &Val<Num>) -> Option<String> {
    number.known().map(ToString::to_string)
}

/// The known texts of the set, in an order of their own, so that equal sets give equal documents.
fn allowed(set: &Val<Texts>) -> Option<Vec<String>> {
    let set = set.known()?;
    let mut known: Vec<String> = set.iter().filter_map(|text| text.known().cloned()).collect();
    known.sort_unstable();
    (!known.is_empty() || set.is_empty()).then_some(known)
}

/// Without a value nothing is known to be wrong; only a known `false` says that a column may be absent.
fn required(declared: &Column) -> bool {
    declared.required.known() != Some(&false)
}

/// What stands for a column while its type is not known.
fn unchecked(declared: &Val<Column>) -> ColumnSpec {
    let required = declared.known().is_none_or(required);
    ColumnSpec { column_type: ColumnType::String, required, ..ColumnSpec::default() }
}
