//! Durations as Go and Terraform write them: `20m`, `1h30m`, `90s`.

use std::time::Duration;

const UNITS: [(&str, f64); 6] =
    [("h", 3600.0), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9), ("m", 60.0), ("s", 1.0)];

/// The duration of a text.
///
/// # Errors
/// When it is none, or not above zero.
pub fn parse(text: &str) -> Result<Duration, String> {
    let seconds =
        seconds(text).ok_or_else(|| format!("`{text}` is not a duration such as `20m` or `1h30m`"))?;
    let duration = Duration::try_from_secs_f64(seconds).map_err(|error| format!("`{text}`: {error}"))?;
    if duration.is_zero() { Err(format!("`{text}` leaves no time at all")) } else { Ok(duration) }
}

fn seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let (unit, seconds) = UNITS.iter().find(|(unit, _)| tail.starts_with(unit))?;
        total += number.parse::<f64>().ok()? * seconds;
        rest = &tail[unit.len()..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let cases = [
            ("20m", Ok(1200.0)),
            ("1h30m", Ok(5400.0)),
            ("90s", Ok(90.0)),
            ("1.5h", Ok(5400.0)),
            ("500ms", Ok(0.5)),
            ("", Err("is not a duration")),
            ("20", Err("is not a duration")),
            ("m", Err("is not a duration")),
            ("20 m", Err("is not a duration")),
            ("-5m", Err("is not a duration")),
            ("5d", Err("is not a duration")),
            ("0s", Err("leaves no time")),
            ("99999999999999999999999h", Err("")),
        ];
        for (text, expected) in cases {
            match (parse(text), expected) {
                (Ok(found), Ok(seconds)) => assert_eq!(found, Duration::from_secs_f64(seconds), "{text}"),
                (Err(found), Err(part)) => assert!(found.contains(part), "{text}: {found}"),
                (found, expected) => panic!("{text}: {found:?}, expected {expected:?}"),
            }
        }
    }
}
