//! Column types and the checks a declared column can carry: named patterns, compiled patterns, dates and instants.

use regex_automata::dfa::{StartKind, dense};

use crate::automaton::Table;
use crate::spec::ColumnType;

/// Patterns that can be named instead of written: name, expression, what it accepts.
pub const NAMED_PATTERNS: &[(&str, &str, &str)] = &[
    (
        "email",
        r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+",
        "an address with one @ and a domain of at least two labels",
    ),
    ("e164", r"\+[1-9][0-9]{1,14}", "a phone number as E.164 has it: + and 2 to 15 digits, no separators"),
    ("uuid", r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", "a UUID in its 36-character form"),
    (
        "ipv4",
        r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])",
        "four decimal numbers up to 255",
    ),
    ("url", r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][!-~]*)?", "an http or https address"),
    (
        "hostname",
        r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*",
        "a host name",
    ),
    ("iso_country", "[A-Z]{2}", "two capital letters"),
    ("iso_currency", "[A-Z]{3}", "three capital letters"),
    ("slug", "[a-z0-9]+(?:-[a-z0-9]+)*", "lower-case words joined by hyphens"),
];

/// Above this size of its automaton (bytes) a pattern runs on the slower engine that needs no table.
const DFA_SIZE_LIMIT: usize = 1 << 20;

/// A pattern that must match a whole text.
#[derive(Debug)]
pub enum Pattern {
    /// A table-driven automaton: the common case, linear with a tiny constant.
    Table(Box<Table>),
    /// The regex crate: linear too, without a table.
    General(Box<regex::Regex>),
}

impl Pattern {
    /// Compiles an expression or the name of one of [`NAMED_PATTERNS`].
    ///
    /// # Errors
    /// What is wrong with the expression.
    pub fn compile(text: &str) -> Result<Self, String> {
        Self::regex(
            NAMED_PATTERNS.iter().find(|(name, ..)| *name == text).map_or(text, |(_, found, _)| found),
        )
    }

    /// Compiles an expression, whatever it is called elsewhere: in DQDL `matches "email"` is the text `email`.
    ///
    /// # Errors
    /// What is wrong with the expression.
    pub fn regex(expression: &str) -> Result<Self, String> {
        // By itself first: `a)|(b` would compile between the brackets added below.
        let whole = format!(r"\A(?:{expression})\z");
        let compiled = regex::Regex::new(expression).and_then(|_| regex::Regex::new(&whole));
        let general = compiled.map_err(|error| match error {
            regex::Error::CompiledTooBig(limit) => format!("the pattern compiles to more than {limit} bytes"),
            // The crate draws the expression with a marker under the fault; the last line says what it is.
            other => other
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .trim()
                .trim_start_matches("error: ")
                .to_owned(),
        })?;
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .dfa_size_limit(Some(DFA_SIZE_LIMIT))
            .determinize_size_limit(Some(4 * DFA_SIZE_LIMIT));
        let table =
            dense::Builder::new().configure(config).build(&whole).ok().and_then(|built| Table::new(&built));
        Ok(table.map_or_else(|| Self::General(Box::new(general)), |table| Self::Table(Box::new(table))))
    }

    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Table(table) => table.matches(text.as_bytes()),
            Self::General(regex) => regex.is_match(text),
        }
    }
}

/// Days since 1970-01-01 of `YYYY-MM-DD`, a day that exists in the calendar.
#[must_use]
pub fn parse_date(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (digits(&bytes[..4])?, digits(&bytes[5..7])?, digits(&bytes[8..])?);
    days(year, month, day)
}

/// Milliseconds since 1970-01-01T00:00:00Z of an RFC 3339 instant. A leap second counts as the second before it.
#[must_use]
#[inline]
pub fn parse_timestamp(text: &str) -> Option<i64> {
    usual_timestamp(text.as_bytes()).or_else(|| any_timestamp(text))
}

/// The instant in the form that nearly all have, `2026-01-31T12:34:56.789Z` or without milliseconds; none of any other,
/// and none when it does not exist. Eight bytes are looked at as one number, whose bytes become digits at once.
fn usual_timestamp(bytes: &[u8]) -> Option<i64> {
    let milliseconds = match bytes.get(19..)? {
        [b'Z'] => 0,
        [b'.', a, b, c, b'Z'] => i64::from(digits(&[*a, *b, *c])?),
        _ => return None,
    };
    let date = fields(bytes.first_chunk()?, *b"0000-00-")?;
    let time = fields(bytes.get(8..)?.first_chunk()?, *b"00T00:00")?;
    let second = match bytes.get(16..19)? {
        [b':', second @ ..] => digits(second)?,
        _ => return None,
    };
    let (hour, minute) = (i32::from(time[3]), i32::from(time[6]));
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let year = i32::from(date[0]) * 100 + i32::from(date[2]);
    let days = days(year, i32::from(date[5]), i32::from(time[0]))?;
    let seconds = i64::from(days) * 86_400 + i64::from(hour * 3_600 + minute * 60 + second);
    Some(seconds * 1_000 + milliseconds)
}

/// Reads eight bytes that are digits where `form` has a nought and otherwise what it has: where two digits stand, the number
/// they make is in the place of the first.
#[inline]
fn fields(bytes: &[u8; 8], form: [u8; 8]) -> Option<[u8; 8]> {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // What has to be added to a byte until its highest bit is set, when it is more than 9, or more than 0.
    let rest = u64::from_le_bytes(form.map(|byte| if byte == b'0' { 0x7f - 9 } else { 0x7f }));
    let digits = u64::from_le_bytes(*bytes) ^ u64::from_le_bytes(form);
    if (((digits & !HIGH) + rest) | digits) & HIGH != 0 {
        return None;
    }
    // No byte comes to more than 99, so that none overflows into the next.
    Some((digits * 10 + (digits >> 8)).to_le_bytes())
}

fn any_timestamp(text: &str) -> Option<i64> {
    let date = parse_date(text.get(..10)?)?;
    let rest = text.get(10..)?.as_bytes();
    if rest.len() < 10 || !matches!(rest[0], b'T' | b't' | b' ') || rest[3] != b':' || rest[6] != b':' {
        return None;
    }
    let (hour, minute, second) = (digits(&rest[1..3])?, digits(&rest[4..6])?, digits(&rest[7..9])?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (milliseconds, zone) = fraction(&rest[9..])?;
    let offset_minutes = offset(zone)?;
    let seconds = i64::from(date) * 86_400 + i64::from(hour * 3_600 + minute * 60 + second.min(59));
    Some((seconds - offset_minutes * 60) * 1_000 + milliseconds)
}

/// Minutes since midnight of `9:30 AM` (12 hours, one blank) or `21:45` (24 hours, two digits).
#[must_use]
pub fn parse_time_of_day(text: &str) -> Option<i32> {
    let (time, half) = match text.split_once(' ') {
        Some((time, "AM")) => (time, Some(0)),
        Some((time, "PM")) => (time, Some(12)),
        Some(_) => return None,
        None => (text, None),
    };
    let (hour, minute) = time.split_once(':')?;
    if minute.len() != 2 || !(hour.len() == 2 || (hour.len() == 1 && half.is_some())) {
        return None;
    }
    let (hour, minute) = (digits(hour.as_bytes())?, digits(minute.as_bytes())?);
    let hour = match half {
        None if hour <= 23 => hour,
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        _ => return None,
    };
    (minute <= 59).then_some(hour * 60 + minute)
}

/// Milliseconds of `.123…` and what follows; without a dot none.
fn fraction(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let Some(rest) = bytes.strip_prefix(b".") else { return Some((0, bytes)) };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 {
        return None;
    }
    let milliseconds =
        (0..3).fold(0, |sum, at| sum * 10 + rest[..count].get(at).map_or(0, |digit| i64::from(digit - b'0')));
    Some((milliseconds, &rest[count..]))
}

/// Minutes east of UTC of `Z` or `+hh:mm`.
fn offset(bytes: &[u8]) -> Option<i64> {
    match bytes {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), hours @ .., b':', m1, m2] if hours.len() == 2 => {
            let (hours, minutes) = (digits(hours)?, digits(&[*m1, *m2])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let minutes = i64::from(hours * 60 + minutes);
            Some(if *sign == b'-' { -minutes } else { minutes })
        }
        _ => None,
    }
}

fn digits(bytes: &[u8]) -> Option<i32> {
    // All of them, then the question whether all were digits: there is no branch for each.
    let (sum, digits) = bytes.iter().fold((0, true), |(sum, digits), byte| {
        let digit = byte.wrapping_sub(b'0');
        (sum * 10 + i32::from(digit), digits & (digit <= 9))
    });
    digits.then_some(sum)
}

/// Days of each month, the 29th of February not among them.
const LENGTHS: [i32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's `days_from_civil`).
pub(crate) fn days(year: i32, month: i32, day: i32) -> Option<i32> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = *LENGTHS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    if !(1..=length + i32::from(leap && month == 2)).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

/// Year, month and day of the day `days` after 1970-01-01.
#[must_use]
pub fn civil(days: i32) -> (i64, u32, u32) {
    let shifted = i64::from(days) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month as u32, day as u32)
}

/// The day `days` after 1970-01-01 as `YYYY-MM-DD`.
#[must_use]
pub fn format_date(days: i32) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// An instant, counted in so many `parts` of a second since 1970-01-01T00:00:00Z, as RFC 3339 has it.
#[must_use]
pub fn format_instant(count: i64, parts: i64) -> String {
    let (seconds, part) = (count.div_euclid(parts), count.rem_euclid(parts));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let date = format_date(i32::try_from(days).unwrap_or(i32::MAX));
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let digits = parts.ilog10() as usize;
    match part {
        0 => format!("{date}T{hour:02}:{minute:02}:{second:02}Z"),
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}.{part:0digits$}Z"),
    }
}

/// Whether numbers of this type can be compared with a minimum and a maximum.
#[must_use]
pub fn is_numeric(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::Bigint | ColumnType::Double)
}

/// The type's word in HCL.
#[must_use]
pub fn type_word(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::String => "string",
        ColumnType::Bigint => "bigint",
        ColumnType::Double => "double",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "timestamp",
        ColumnType::Json => "json",
    }
}

#[cfg(test)]
mod tests;
