//! Parts of days and instants, in UTC.

use super::cast::{DAY, day_of};
use super::datum::{Datum, Fault};
use crate::columns::{civil, days};
use crate::sql::Unit;

const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;
const SECOND: i64 = 1_000;

/// Whether the unit is shorter than a day.
pub(super) fn is_within_a_day(unit: Unit) -> bool {
    matches!(unit, Unit::Hour | Unit::Minute | Unit::Second)
}

/// The beginning of the unit that the day or instant is in, of the same type.
pub(super) fn truncate(unit: Unit, value: Datum<'_>) -> Result<Datum<'_>, Fault> {
    let within = |instant: i64, length: i64| Datum::Timestamp(instant - instant.rem_euclid(length));
    Ok(match (value, unit) {
        (Datum::Timestamp(instant), Unit::Hour) => within(instant, HOUR),
        (Datum::Timestamp(instant), Unit::Minute) => within(instant, MINUTE),
        (Datum::Timestamp(instant), Unit::Second) => within(instant, SECOND),
        (Datum::Timestamp(instant), unit) => {
            Datum::Timestamp(i64::from(first_day(unit, day_of(instant)?)?) * DAY)
        }
        (Datum::Date(day), unit) => Datum::Date(first_day(unit, day)?),
        (other, _) => other,
    })
}

fn first_day(unit: Unit, day: i32) -> Result<i32, Fault> {
    let (year, month, _) = civil(day);
    let month = match unit {
        Unit::Week => return Ok(day - day_of_week(day) + 1),
        Unit::Month => month,
        Unit::Quarter => (month - 1) / 3 * 3 + 1,
        Unit::Year => 1,
        _ => return Ok(day),
    };
    let (year, month) = (i32::try_from(year).ok(), i32::try_from(month).ok());
    let first = year.zip(month).and_then(|(year, month)| days(year, month, 1));
    first.ok_or(Fault("the day is out of the calendar"))
}

/// Monday is 1; 1970-01-01 was a Thursday.
fn day_of_week(day: i32) -> i32 {
    (day.rem_euclid(7) + 3) % 7 + 1
}

/// The unit's number.
pub(super) fn extract<'a>(unit: Unit, value: &Datum<'_>) -> Result<Datum<'a>, Fault> {
    let (day, of_day) = match value {
        Datum::Timestamp(instant) => (day_of(*instant)?, instant.rem_euclid(DAY)),
        Datum::Date(day) => (*day, 0),
        _ => return Ok(Datum::Null),
    };
    let (year, month, day_of_month) = civil(day);
    Ok(Datum::Bigint(match unit {
        Unit::Year => year,
        Unit::Quarter => i64::from((month - 1) / 3 + 1),
        Unit::Month => i64::from(month),
        Unit::Week | Unit::DayOfWeek => i64::from(day_of_week(day)),
        Unit::Day => i64::from(day_of_month),
        Unit::Hour => of_day / HOUR,
        Unit::Minute => of_day / MINUTE % 60,
        Unit::Second => of_day / SECOND % 60,
    }))
}
