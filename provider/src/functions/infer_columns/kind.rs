//! What values have in common.

use datalake_core::columns::{parse_date, parse_timestamp};

use super::Inferred;

/// What is known of a column: the narrowest type of the values seen, and in how many rows there was one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kind {
    shape: Option<Shape>,
    values: usize,
    empty_objects: usize,
    rows: usize,
}

/// Types that values can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Boolean,
    /// A whole number of 64 bits.
    Bigint,
    /// Another number.
    Double,
    /// A text that is a day.
    Date,
    /// A text that is an instant.
    Timestamp,
    /// Another text.
    Text,
    /// Anything.
    Json,
}

impl Shape {
    /// The type of a text in JSON: only days and instants are more than text.
    pub fn of_text(text: &str) -> Self {
        if parse_date(text).is_some() {
            Self::Date
        } else if parse_timestamp(text).is_some() {
            Self::Timestamp
        } else {
            Self::Text
        }
    }

    /// The type of a field of CSV. A number with a leading zero or plus is a name such as a postcode.
    pub fn of_field(text: &str) -> Self {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = digits.starts_with(|c: char| c.is_ascii_digit())
            && (!digits.starts_with('0') || matches!(digits.as_bytes().get(1), None | Some(b'.')));
        match text {
            "true" | "false" => Self::Boolean,
            _ if plain && text.parse::<i64>().is_ok() => Self::Bigint,
            _ if plain && digits.len() < 18 && text.parse::<f64>().is_ok_and(f64::is_finite) => Self::Double,
            _ => Self::of_text(text),
        }
    }

    /// The narrowest type that holds both. Fields of CSV are texts all, so they meet in text; `loose` values of JSON do not.
    fn with(self, other: Self, loose: bool) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Bigint, Self::Double) | (Self::Double, Self::Bigint) => Self::Double,
            (Self::Date | Self::Timestamp | Self::Text, Self::Date | Self::Timestamp | Self::Text) => {
                Self::Text
            }
            _ if loose => Self::Json,
            _ => Self::Text,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Bigint => "bigint",
            Self::Double => "double",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Text => "string",
            Self::Json => "json",
        }
    }
}

impl Kind {
    /// Counts a value.
    pub fn add(&mut self, shape: Shape, loose: bool) {
        self.shape = Some(self.shape.map_or(shape, |known| known.with(shape, loose)));
        self.values += 1;
    }

    /// Counts an object without members, which says nothing of those that others have.
    pub fn add_empty_object(&mut self) {
        self.empty_objects += 1;
    }

    /// Of a place that holds objects in some rows and values in others.
    pub fn mixed() -> Self {
        Self { shape: Some(Shape::Json), ..Self::default() }
    }

    /// Whether there was any value.
    pub fn is_seen(&self) -> bool {
        self.shape.is_some()
    }

    /// Says how many rows there were.
    pub fn among(self, rows: usize) -> Self {
        Self { rows, ..self }
    }

    /// The column; without a value a text, which anything can be written as.
    pub fn column(self) -> Inferred {
        let shape = if self.empty_objects > 0 { Shape::Json } else { self.shape.unwrap_or(Shape::Text) };
        let required = self.rows > 0 && self.values + self.empty_objects == self.rows;
        Inferred { column_type: shape.word(), required }
    }
}
