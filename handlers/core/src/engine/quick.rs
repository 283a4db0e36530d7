//! Whether a row passes everything, asked before what it fails: nearly all rows pass, and then no check has to be counted.

use crate::rules::{Rules, Test, Value};

/// The checks of a dataset in the order in which they are asked.
#[derive(Debug)]
pub(super) struct Quick {
    /// Slots that must have a value.
    required: Vec<usize>,
    /// All other checks but those of types: indices into `Rules::row_checks`.
    others: Vec<usize>,
}

impl Quick {
    pub fn of(rules: &Rules) -> Self {
        let mut quick = Self { required: Vec::new(), others: Vec::new() };
        for (at, check) in rules.row_checks.iter().enumerate() {
            match &check.test {
                Test::Required(slot) => quick.required.push(*slot),
                Test::Type(_) => {}
                _ => quick.others.push(at),
            }
        }
        quick
    }

    /// Whether the row passes every check; a value of the wrong type is always asked about one by one.
    #[inline]
    pub fn passes(&self, rules: &Rules, row: &[Value<'_>], now: Option<i64>) -> bool {
        row.iter().all(|value| !matches!(value, Value::Mistyped))
            && self.required.iter().all(|slot| !matches!(row[*slot], Value::Null))
            && self.others.iter().all(|at| match &rules.row_checks[*at].test {
                // Most checks are these, and a call for each would cost more than the check.
                Test::Declared(slot, condition) => {
                    let value = &row[*slot];
                    matches!(value, Value::Null) || condition.holds_at(value, now)
                }
                test => test.passes_at(row, now),
            })
    }
}
