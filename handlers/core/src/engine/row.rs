//! One row: what was read of it, and its values by type.

use std::borrow::Cow;

use crate::columns::{parse_date, parse_timestamp};
use crate::rules::{Column, Value};
use crate::spec::ColumnType;

/// What was read for one slot.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Cell<'a> {
    /// Not there, or null.
    #[default]
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number of 64 bits.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A JSON text.
    Text(Cow<'a, str>),
    /// A CSV field: a text that may stand for a value of any type.
    Field(&'a str),
    /// A JSON value as text: for json columns, and for arrays and objects where something else was due.
    Json(&'a str),
    /// An object was due on the way to this column and something else was there.
    Mistyped,
}

/// A row's cells, and what was found beside the declared columns as members of a JSON object (without braces).
#[derive(Debug, Default)]
pub(super) struct Row<'a> {
    pub cells: Vec<Cell<'a>>,
    pub rescued: String,
}

impl<'a> Row<'a> {
    /// An empty row of so many slots.
    pub fn new(slots: usize) -> Self {
        Self { cells: vec![Cell::Null; slots], rescued: String::new() }
    }

    /// Keeps a field that is not declared.
    pub fn rescue(&mut self, path: &str, json: &str) {
        if !self.rescued.is_empty() {
            self.rescued.push(',');
        }
        self.rescued.push_str(&serde_json::Value::from(path).to_string());
        self.rescued.push(':');
        self.rescued.push_str(json);
    }

    /// The values by type, in slot order.
    pub fn values<'r>(&'r self, columns: &[Column], values: &mut Vec<Value<'r>>) {
        values.clear();
        values.extend(self.cells.iter().zip(columns).map(|(cell, column)| value(cell, column.column_type)));
    }
}

/// A cell as a value of the type; numbers never become texts nor texts numbers, except in CSV, where all is text.
fn value<'r>(cell: &'r Cell<'_>, column_type: ColumnType) -> Value<'r> {
    let typed = match (cell, column_type) {
        (Cell::Null, _) => Some(Value::Null),
        (Cell::Mistyped, _) => None,
        (Cell::Field(text), _) => field(text, column_type),
        (Cell::Text(text), ColumnType::String) => Some(Value::Text(text)),
        (Cell::Text(text), ColumnType::Date) => parse_date(text).map(Value::Date),
        (Cell::Text(text), ColumnType::Timestamp) => parse_timestamp(text).map(Value::Timestamp),
        (Cell::Boolean(value), ColumnType::Boolean) => Some(Value::Boolean(*value)),
        (Cell::Integer(value), ColumnType::Bigint) => Some(Value::Bigint(*value)),
        // A whole number is a floating point number too; beyond 2^53 it is rounded, as everywhere in JSON.
        (Cell::Integer(value), ColumnType::Double) => Some(Value::Double(*value as f64)),
        (Cell::Float(value), ColumnType::Double) => Some(Value::Double(*value)),
        (Cell::Json(text), ColumnType::Json) => Some(Value::Json(text)),
        _ => None,
    };
    typed.unwrap_or(Value::Mistyped)
}

fn field(text: &str, column_type: ColumnType) -> Option<Value<'_>> {
    match column_type {
        ColumnType::String => Some(Value::Text(text)),
        ColumnType::Bigint => text.parse().ok().map(Value::Bigint),
        ColumnType::Double => text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Double),
        ColumnType::Boolean => match text {
            "true" | "TRUE" | "True" => Some(Value::Boolean(true)),
            "false" | "FALSE" | "False" => Some(Value::Boolean(false)),
            _ => None,
        },
        ColumnType::Date => parse_date(text).map(Value::Date),
        ColumnType::Timestamp => parse_timestamp(text).map(Value::Timestamp),
        ColumnType::Json => {
            let valid = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
            valid.then_some(Value::Json(text))
        }
    }
}
