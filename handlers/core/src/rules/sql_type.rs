//! The types of `ColumnDataType`: whether a value can be read as one.

use super::Value;
use crate::columns::{parse_date, parse_timestamp};

/// A type that values can be read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlType {
    /// `true` or `false`.
    Boolean,
    /// A day.
    Date,
    /// An instant, or a day.
    Timestamp,
    /// A whole number of 32 bits.
    Integer,
    /// A whole number of 64 bits.
    Long,
    /// A number; `Float` and `Double` read the same texts.
    Number,
    /// A number of so many digits, so many of them after the point.
    Decimal(u8, u8),
}

impl SqlType {
    /// The type of a word, in any case, as Glue takes it.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let upper = word.to_ascii_uppercase();
        Some(match upper.as_str() {
            "BOOLEAN" => Self::Boolean,
            "DATE" => Self::Date,
            "TIMESTAMP" => Self::Timestamp,
            "INTEGER" => Self::Integer,
            "LONG" => Self::Long,
            "DOUBLE" | "FLOAT" => Self::Number,
            other => {
                let (precision, scale) =
                    other.strip_prefix("DECIMAL(")?.strip_suffix(')')?.split_once(',')?;
                let (precision, scale) = (precision.trim().parse().ok()?, scale.trim().parse().ok()?);
                ((1..=38).contains(&precision) && scale <= precision)
                    .then_some(Self::Decimal(precision, scale))?
            }
        })
    }

    /// Whether the value can be read as this type. Null cannot.
    #[must_use]
    pub fn reads(self, value: &Value<'_>) -> bool {
        match value {
            Value::Null | Value::Mistyped => false,
            Value::Text(text) | Value::Json(text) => self.reads_text(text.trim()),
            Value::Boolean(_) => self == Self::Boolean,
            Value::Bigint(number) => match self {
                Self::Integer => i32::try_from(*number).is_ok(),
                Self::Long | Self::Number => true,
                Self::Decimal(precision, scale) => fits(&number.to_string(), precision, scale),
                _ => false,
            },
            Value::Double(number) => match self {
                Self::Number => true,
                Self::Integer => number.fract() == 0.0 && number.abs() <= f64::from(i32::MAX),
                Self::Long => number.fract() == 0.0 && number.abs() < 9_223_372_036_854_775_808.0,
                Self::Decimal(precision, scale) => fits(&number.to_string(), precision, scale),
                _ => false,
            },
            Value::Date(_) => matches!(self, Self::Date | Self::Timestamp),
            Value::Timestamp(_) => matches!(self, Self::Timestamp | Self::Date),
        }
    }

    fn reads_text(self, text: &str) -> bool {
        match self {
            Self::Boolean => ["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(text)),
            Self::Date => parse_date(text).is_some(),
            Self::Timestamp => parse_timestamp(text).is_some() || parse_date(text).is_some(),
            Self::Integer => text.parse::<i32>().is_ok(),
            Self::Long => text.parse::<i64>().is_ok(),
            Self::Number => text.parse::<f64>().is_ok_and(f64::is_finite),
            Self::Decimal(precision, scale) => fits(text, precision, scale),
        }
    }
}

/// Whether a decimal text has no more digits than so many, and no more than so many after the point.
fn fits(text: &str, precision: u8, scale: u8) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = if digits(whole) { whole.trim_start_matches('0') } else { return false };
    let some = !text.is_empty() && text != ".";
    some && digits(fraction)
        && whole.len() <= usize::from(precision - scale)
        && fraction.len() <= usize::from(scale)
}
