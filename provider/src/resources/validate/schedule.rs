//! Schedules as Glue takes them: `cron(minutes hours day-of-month month day-of-week year)`, in UTC. No `rate(…)`.

/// Minutes there must be between two runs of a crawler.
const FINEST_MINUTES: u32 = 5;

struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Names of the values, from `least` on.
    words: &'static [&'static str],
    /// Whether `?` (no matter which) may stand there.
    open: bool,
}

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIELDS: [Field; 6] = [
    Field { name: "minutes", least: 0, most: 59, words: &[], open: false },
    Field { name: "hours", least: 0, most: 23, words: &[], open: false },
    Field { name: "day of month", least: 1, most: 31, words: &[], open: true },
    Field { name: "month", least: 1, most: 12, words: MONTHS, open: false },
    Field { name: "day of week", least: 1, most: 7, words: DAYS, open: true },
    Field { name: "year", least: 1970, most: 2199, words: &[], open: false },
];

/// Whether Glue would take the schedule.
///
/// # Errors
/// What is wrong with it.
pub fn check(text: &str) -> Result<(), String> {
    let inner = text.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')'));
    let inner = inner.ok_or_else(|| {
        format!("`{text}` is not of the form `cron(…)`; Glue takes no other, also no `rate(…)`")
    })?;
    let parts: Vec<&str> = inner.split_ascii_whitespace().collect();
    if parts.len() != FIELDS.len() {
        let message = "fields; Glue's have six: minutes, hours, day of month, month, day of week, year";
        return Err(format!("`{text}` has {} {message}", parts.len()));
    }
    for (field, part) in FIELDS.iter().zip(&parts) {
        field.check(part)?;
    }
    if (parts[2] == "?") == (parts[4] == "?") {
        return Err(format!("in `{text}` exactly one of day of month and day of week must be `?`"));
    }
    match often(parts[0]) {
        true => Err(format!(
            "`{text}` would run more often than every {FINEST_MINUTES} minutes, which Glue refuses"
        )),
        false => Ok(()),
    }
}

/// Whether two of the minutes are too close. Only called for a field that has passed.
fn often(minutes: &str) -> bool {
    let mut all: Vec<u32> =
        minutes.split(',').flat_map(|item| FIELDS[0].values(item).unwrap_or_default()).collect();
    all.sort_unstable();
    all.dedup();
    all.windows(2).any(|pair| pair[1] - pair[0] < FINEST_MINUTES)
}

impl Field {
    fn check(&self, text: &str) -> Result<(), String> {
        if text == "?" && self.open {
            return Ok(());
        }
        let wrong = text.split(',').find(|item| !self.is_special(item) && self.values(item).is_none());
        match wrong {
            Some(item) => {
                Err(format!("`{item}` is no {} of a schedule ({} to {})", self.name, self.least, self.most))
            }
            None => Ok(()),
        }
    }

    /// `L`, `LW`, `15W` among the days of a month; `L`, `6L`, `2#1` among those of a week.
    fn is_special(&self, item: &str) -> bool {
        let within = |text: &str| self.value(text).is_some();
        match self.name {
            "day of month" => matches!(item, "L" | "LW") || item.strip_suffix('W').is_some_and(within),
            "day of week" => {
                let nth =
                    |(day, nth): (&str, &str)| within(day) && matches!(nth, "1" | "2" | "3" | "4" | "5");
                item == "L"
                    || item.strip_suffix('L').is_some_and(within)
                    || item.split_once('#').is_some_and(nth)
            }
            _ => false,
        }
    }

    /// The values of `*`, `3`, `1-5`, `*/6`, `0/15` or `8-18/2`.
    fn values(&self, item: &str) -> Option<Vec<u32>> {
        let (base, step) = match item.split_once('/') {
            Some((base, step)) => {
                (base, Some(step.parse::<u32>().ok().filter(|step| (1..=self.most).contains(step))?))
            }
            None => (item, None),
        };
        let (first, last) = match (base, base.split_once('-')) {
            ("*", _) => (self.least, self.most),
            (_, Some((first, last))) => (self.value(first)?, self.value(last)?),
            // A step goes on from the value to the end.
            (_, None) => {
                let first = self.value(base)?;
                (first, if step.is_some() { self.most } else { first })
            }
        };
        (first <= last).then(|| (first..=last).step_by(step.unwrap_or(1) as usize).collect())
    }

    fn value(&self, text: &str) -> Option<u32> {
        let word = self.words.iter().position(|word| word.eq_ignore_ascii_case(text));
        let number = match word {
            Some(place) => u32::try_from(place).ok()? + self.least,
            None if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().ok()?
            }
            None => return None,
        };
        (self.least..=self.most).contains(&number).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn schedules() {
        let good = [
            "cron(0 */6 * * ? *)",
            "cron(15 12 * * ? *)",
            "cron(0 8 1 * ? *)",
            "cron(0 18 ? * MON-FRI *)",
            "cron(0/15 8-18 ? JAN,jul 2#1 2026-2030)",
            "cron(0 0 L * ? *)",
            "cron(0 0 LW * ? *)",
            "cron(0 0 15W * ? *)",
            "cron(0 0 ? * 6L *)",
            "cron(*/5 * * * ? *)",
        ];
        for text in good {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        let bad = [
            ("rate(6 hours)", "no `rate(…)`"),
            ("0 */6 * * ? *", "not of the form"),
            ("cron(0 */6 * * ?)", "has 5 fields"),
            ("cron(60 * * * ? *)", "`60` is no minutes"),
            ("cron(0 24 * * ? *)", "`24` is no hours"),
            ("cron(0 0 0 * ? *)", "`0` is no day of month"),
            ("cron(0 0 * 13 ? *)", "`13` is no month"),
            ("cron(0 0 ? * FOO *)", "`FOO` is no day of week"),
            ("cron(0 0 * * ? 1969)", "`1969` is no year"),
            ("cron(0 0 * * * *)", "exactly one"),
            ("cron(0 0 ? * ? *)", "exactly one"),
            ("cron(? 0 * * ? *)", "`?` is no minutes"),
            ("cron(* * * * ? *)", "more often"),
            ("cron(0,3 1 * * ? *)", "more often"),
            ("cron(0/4 * * * ? *)", "more often"),
            ("cron(5-1 * * * ? *)", "`5-1` is no minutes"),
            ("cron(0/0 * * * ? *)", "`0/0` is no minutes"),
            ("cron(0 0 ? * 2#6 *)", "`2#6` is no day of week"),
            ("cron(, 0 * * ? *)", "`` is no minutes"),
        ];
        for (text, part) in bad {
            let found = check(text).unwrap_err();
            assert!(found.contains(part), "{text}: {found}");
        }
    }
}
