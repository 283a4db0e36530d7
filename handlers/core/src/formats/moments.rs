//! Days, instants and decimals of binary formats as the texts that JSON has for them.

use std::fmt::Write as _;

use crate::columns::{format_date, format_instant};

/// Appends a day as a JSON text.
pub(super) fn push_date(days: i32, into: &mut String) {
    let _ = write!(into, "\"{}\"", format_date(days));
}

/// Appends an instant, counted in so many `parts` of a second since 1970-01-01T00:00:00Z, as a JSON text.
pub(super) fn push_instant(count: i64, parts: i64, into: &mut String) {
    let _ = write!(into, "\"{}\"", format_instant(count, parts));
}

/// Appends a decimal number: `number` with so many decimals.
pub(super) fn push_decimal(number: i128, scale: i32, into: &mut String) {
    let Some(scale) = usize::try_from(scale).ok().filter(|scale| *scale > 0) else {
        let _ = write!(into, "{number}");
        into.extend(std::iter::repeat_n('0', scale.unsigned_abs() as usize));
        return;
    };
    let digits = format!("{:0width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, decimals) = digits.split_at(digits.len() - scale);
    let _ = write!(into, "{}{whole}.{decimals}", if number < 0 { "-" } else { "" });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let text = |push: &dyn Fn(&mut String)| {
            let mut text = String::new();
            push(&mut text);
            text
        };
        let cases = [
            (text(&|into| push_date(-1, into)), "\"1969-12-31\""),
            (text(&|into| push_instant(0, 1, into)), "\"1970-01-01T00:00:00Z\""),
            (text(&|into| push_instant(-1, 1_000, into)), "\"1969-12-31T23:59:59.999Z\""),
            (text(&|into| push_instant(1_500_000, 1_000_000, into)), "\"1970-01-01T00:00:01.500000Z\""),
            (text(&|into| push_decimal(-5, 2, into)), "-0.05"),
            (text(&|into| push_decimal(12_345, 2, into)), "123.45"),
            (text(&|into| push_decimal(12, -2, into)), "1200"),
            (text(&|into| push_decimal(12, 0, into)), "12"),
        ];
        for (found, expected) in cases {
            assert_eq!(found, expected);
        }
    }
}
