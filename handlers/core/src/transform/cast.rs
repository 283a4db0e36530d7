//! From one type to another: which casts there are, and what a value must be for them.

use std::borrow::Cow;

use super::datum::{Datum, Fault};
use crate::columns::{parse_date, parse_timestamp};
use crate::spec::ColumnType;

/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;

/// Whether values of one type can be cast to another at all.
pub(super) fn can_be(from: ColumnType, to: ColumnType) -> bool {
    use ColumnType::{Bigint, Boolean, Date, Double, Json, String, Timestamp};
    match (from, to) {
        (from, to) if from == to => true,
        (_, Json) => false,
        (String, _)
        | (_, String)
        | (Bigint, Double)
        | (Double, Bigint)
        | (Boolean, Bigint)
        | (Date, Timestamp)
        | (Timestamp, Date) => true,
        _ => false,
    }
}

/// The value as one of another type; null stays null.
pub(super) fn cast(value: Datum<'_>, to: ColumnType) -> Result<Datum<'_>, Fault> {
    Ok(match (value, to) {
        (Datum::Null, _) => Datum::Null,
        (Datum::Text(text), to) => return of_text(text, to),
        (Datum::Json(text), ColumnType::String) => Datum::Text(text),
        (Datum::Bigint(number), ColumnType::Double) => Datum::Double(number as f64),
        (Datum::Double(number), ColumnType::Bigint) => whole(number)?,
        (Datum::Boolean(value), ColumnType::Bigint) => Datum::Bigint(i64::from(value)),
        (Datum::Date(days), ColumnType::Timestamp) => Datum::Timestamp(i64::from(days) * DAY),
        (Datum::Timestamp(instant), ColumnType::Date) => Datum::Date(day_of(instant)?),
        (value, ColumnType::String) => Datum::Text(Cow::Owned(value.text().unwrap_or_default().into_owned())),
        (value, _) => value,
    })
}

fn of_text(text: Cow<'_, str>, to: ColumnType) -> Result<Datum<'_>, Fault> {
    let trimmed = text.trim();
    let found = match to {
        ColumnType::String | ColumnType::Json => return Ok(Datum::Text(text)),
        ColumnType::Bigint => trimmed.parse().ok().map(Datum::Bigint),
        ColumnType::Double => {
            trimmed.parse().ok().filter(|number: &f64| number.is_finite()).map(Datum::Double)
        }
        ColumnType::Boolean => match trimmed.to_ascii_lowercase().as_str() {
            "true" => Some(Datum::Boolean(true)),
            "false" => Some(Datum::Boolean(false)),
            _ => None,
        },
        ColumnType::Date => parse_date(trimmed).map(Datum::Date),
        ColumnType::Timestamp => parse_timestamp(trimmed)
            .or_else(|| parse_date(trimmed).map(|days| i64::from(days) * DAY))
            .map(Datum::Timestamp),
    };
    found.ok_or(Fault(match to {
        ColumnType::Bigint => "the text is not a whole number of 64 bits",
        ColumnType::Double => "the text is not a number",
        ColumnType::Boolean => "the text is neither true nor false",
        ColumnType::Date => "the text is not a day such as 2026-01-31",
        _ => "the text is not an instant such as 2026-01-31T10:00:00Z",
    }))
}

/// A number without digits after the point. To cut them off or to round is the user's choice, so neither is done here.
pub(super) fn whole<'a>(number: f64) -> Result<Datum<'a>, Fault> {
    if number.fract() != 0.0 || number.abs() >= 9_223_372_036_854_775_808.0 {
        return Err(Fault("the number is not a whole number of 64 bits; round, floor or ceil make one"));
    }
    Ok(Datum::Bigint(number as i64))
}

/// The day an instant is in.
pub(super) fn day_of(instant: i64) -> Result<i32, Fault> {
    i32::try_from(instant.div_euclid(DAY)).map_err(|_| Fault("the instant is out of the calendar"))
}
