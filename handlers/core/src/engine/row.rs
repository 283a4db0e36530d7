//! One row: its values by type, and what reads it.

use super::json::number as json_number;
use super::json::text::quote;
use crate::columns::{parse_date, parse_timestamp};
use crate::rules::Value;
use crate::spec::ColumnType;

/// Reads one kind of record. Rules never see anything but rows, so a reader can be replaced by a faster one.
pub(super) trait FrontEnd {
    /// What is read.
    type Record<'a>
    where
        Self: 'a;

    /// Fills `row`, which is empty and has a slot for each column.
    fn read<'a>(&'a mut self, record: Self::Record<'a>, row: &mut Row<'a>) -> Result<(), Unreadable>;
}

/// Why a record is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Not JSON.
    Malformed,
    /// JSON, but not an object.
    NotAnObject,
    /// More brackets in one another than can be followed.
    TooDeep,
}

impl Unreadable {
    /// The stable word and the sentence for it.
    pub fn reason(self) -> (&'static str, &'static str) {
        match self {
            Self::Malformed => ("row.malformed_json", "the row is not JSON"),
            Self::NotAnObject => ("row.not_an_object", "the row is JSON, but not an object"),
            Self::TooDeep => ("row.too_deep", "a field of the row is nested more than 512 levels deep"),
        }
    }
}

/// The values of a row in slot order, and as members of a JSON object (without braces) what was found beside the declared
/// columns, and what is not of its column's type where that is kept.
#[derive(Debug, Default)]
pub(super) struct Row<'a> {
    pub values: Vec<Value<'a>>,
    pub rescued: String,
    pub mistyped: String,
}

impl Row<'static> {
    /// The same memory for another row, of so many slots.
    pub fn renew<'a>(mut self, slots: usize) -> Row<'a> {
        self.values.resize(slots, Value::Null);
        self
    }
}

impl Row<'_> {
    /// Gives the memory back, and nothing that was borrowed with it.
    pub fn clear(mut self) -> Row<'static> {
        self.values.clear();
        self.rescued.clear();
        self.mistyped.clear();
        // Nothing is left to map; collecting keeps the memory.
        let values = self.values.into_iter().map(|_| Value::Null).collect();
        Row { values, rescued: self.rescued, mistyped: self.mistyped }
    }

    /// Keeps a field that is not declared; its path comes in parts.
    pub fn rescue(&mut self, path: &[&str], json: &str) {
        rescue(&mut self.rescued, path, json);
    }
}

/// Adds a field to those of a row that are kept as JSON; its path comes in parts.
pub(super) fn rescue(rescued: &mut String, path: &[&str], json: &str) {
    if !rescued.is_empty() {
        rescued.push(',');
    }
    match path {
        [path] | ["", path] => quote(path, rescued),
        parts => quote(&parts.concat(), rescued),
    }
    rescued.push(':');
    rescued.push_str(json);
}

/// A text of JSON as a value of the type. Texts never become numbers.
#[inline]
pub(super) fn typed_text(text: &str, column_type: ColumnType) -> Value<'_> {
    match column_type {
        ColumnType::String => Value::Text(text),
        ColumnType::Date => parse_date(text).map_or(Value::Mistyped, Value::Date),
        ColumnType::Timestamp => parse_timestamp(text).map_or(Value::Mistyped, Value::Timestamp),
        _ => Value::Mistyped,
    }
}

/// A field of a format in which all is text, as a value of the type.
#[inline]
pub(super) fn typed_field(text: &str, column_type: ColumnType) -> Value<'_> {
    let typed = match column_type {
        ColumnType::String => Some(Value::Text(text)),
        ColumnType::Bigint => text.parse().ok().map(Value::Bigint),
        ColumnType::Double => {
            let number = json_number(text).or_else(|| text.parse().ok());
            number.filter(|number| number.is_finite()).map(Value::Double)
        }
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
    };
    typed.unwrap_or(Value::Mistyped)
}
