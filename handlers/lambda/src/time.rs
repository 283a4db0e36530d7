//! Instants as texts of fixed width, so that they sort as they follow each other.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// RFC 3339 in UTC with milliseconds, `2026-11-24T00:37:06.000Z`.
#[must_use]
pub fn rfc3339_millis(at: SystemTime) -> String {
    let millis = epoch_millis(at);
    let (days, of_day) = (millis / 86_400_000, millis % 86_400_000);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", of_day % 1000)
}

/// The hour an instant lies in, `2026-11-24T00`.
#[must_use]
pub fn hour_of(at: SystemTime) -> String {
    rfc3339_millis(at).chars().take(13).collect()
}

/// Reads any RFC 3339 instant; none before 1970.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<SystemTime> {
    of_smithy(&DateTime::from_str(text, Format::DateTimeWithOffset).ok()?)
}

/// An instant as AWS's clients have it; none before 1970.
#[must_use]
pub fn of_smithy(at: &DateTime) -> Option<SystemTime> {
    Some(UNIX_EPOCH + Duration::from_millis(u64::try_from(at.to_millis().ok()?).ok()?))
}

/// Milliseconds since 1970; 0 before.
#[must_use]
pub fn epoch_millis(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Year, month and day of a number of days since 1970 (Hinnant's `civil_from_days`, for days that are not negative).
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_round_trip_with_a_fixed_width() {
        let cases = [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
            ("2000-02-29T23:59:59.9Z", "2000-02-29T23:59:59.900Z"),
            ("2026-11-24T00:37:06+02:00", "2026-11-23T22:37:06.000Z"),
            ("2100-03-01T00:00:00.123456Z", "2100-03-01T00:00:00.123Z"),
        ];
        for (text, expected) in cases {
            let at = parse_rfc3339(text).unwrap();
            assert_eq!(rfc3339_millis(at), expected);
            assert_eq!(parse_rfc3339(expected), Some(UNIX_EPOCH + Duration::from_millis(epoch_millis(at))));
        }
        assert_eq!(hour_of(parse_rfc3339("2026-11-24T13:59:59Z").unwrap()), "2026-11-24T13");
        assert!(
            ["", "yesterday", "2026-11-24", "1969-12-31T23:59:59Z"]
                .iter()
                .all(|text| parse_rfc3339(text).is_none())
        );
    }
}
