//! One value of a row under way: typed, and borrowed for as long as it stays as it was read.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::columns::{format_date, format_instant};
use crate::rules::Value;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum<'a> {
    /// None.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Bigint(i64),
    /// A floating point number.
    Double(f64),
    /// Days since 1970-01-01.
    Date(i32),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// A text.
    Text(Cow<'a, str>),
    /// A JSON text.
    Json(Cow<'a, str>),
}

/// Why a value cannot be computed: one sentence for people, without any value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault(pub &'static str);

impl Datum<'_> {
    /// The value as the writer of files takes it.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Bigint(number) => Value::Bigint(*number),
            Self::Double(number) => Value::Double(*number),
            Self::Date(days) => Value::Date(*days),
            Self::Timestamp(instant) => Value::Timestamp(*instant),
            Self::Text(text) => Value::Text(text),
            Self::Json(text) => Value::Json(text),
        }
    }

    /// The value as a text, none of null: numbers as they are written, days and instants as RFC 3339 has them.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Self::Null => return None,
            Self::Boolean(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Self::Bigint(number) => Cow::Owned(number.to_string()),
            Self::Double(number) => Cow::Owned(format!("{number:?}")),
            Self::Date(days) => Cow::Owned(format_date(*days)),
            Self::Timestamp(instant) => Cow::Owned(format_instant(*instant, 1_000)),
            Self::Text(text) | Self::Json(text) => Cow::Borrowed(text),
        })
    }

    /// The number it is.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            // Precise up to 2^53.
            Self::Bigint(number) => Some(*number as f64),
            Self::Double(number) => Some(*number),
            _ => None,
        }
    }

    /// How two values of comparable types stand to each other; unknown when one is null.
    pub(super) fn order(&self, other: &Datum<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Bigint(left), Datum::Bigint(right)) => Some(left.cmp(right)),
            (Self::Boolean(left), Datum::Boolean(right)) => Some(left.cmp(right)),
            (Self::Date(left), Datum::Date(right)) => Some(left.cmp(right)),
            (Self::Timestamp(left), Datum::Timestamp(right)) => Some(left.cmp(right)),
            (Self::Text(left), Datum::Text(right)) => Some(left.as_ref().cmp(right.as_ref())),
            _ => self.number()?.partial_cmp(&other.number()?),
        }
    }
}
