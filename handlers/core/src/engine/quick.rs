//! Whether a row passes everything, asked before what it fails: nearly all rows pass, and then no check has to be counted.
//!
//! The checks become questions that are answered without a call. Where one says no, the checks themselves are asked: so
//! a question may be stricter than its check, but never laxer.

use crate::dqdl::Comparison;
use crate::rules::{Condition, Literal, Rules, Test, Value, moment};

/// The checks of a dataset in the order in which they are asked.
#[derive(Debug)]
pub(super) struct Quick {
    /// Slots that must have a value.
    required: Vec<usize>,
    /// All other checks but those of types.
    others: Vec<Question>,
}

/// What is asked of a row.
#[derive(Debug)]
enum Question {
    /// A slot has no value, or a number that is not outside these ends.
    Number { slot: usize, least: f64, greatest: f64 },
    /// The part holds.
    Part(Part),
    /// At least one part holds.
    Any(Box<[Part]>),
    /// The check of this index into `Rules::row_checks` passes.
    Check(usize),
}

/// What most parts of joined rules are.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    /// A slot has a value.
    Present(usize),
    /// A slot has none.
    Missing(usize),
    /// A slot has an instant or a day that is not outside these ends, in milliseconds since 1970-01-01T00:00:00Z.
    Moment { slot: usize, earliest: i64, latest: i64 },
}

impl Quick {
    pub fn of(rules: &Rules) -> Self {
        let mut quick = Self { required: Vec::new(), others: Vec::new() };
        for (at, check) in rules.row_checks.iter().enumerate() {
            match &check.test {
                Test::Required(slot) => quick.required.push(*slot),
                Test::Type(_) => {}
                test => quick.ask(Question::of(test, at)),
            }
        }
        quick
    }

    /// Adds a question, to the one before if both are about one slot's number.
    fn ask(&mut self, question: Question) {
        if let Question::Number { slot, least, greatest } = question
            && let Some(Question::Number { slot: before, least: low, greatest: high }) =
                self.others.last_mut()
            && *before == slot
        {
            (*low, *high) = (low.max(least), high.min(greatest));
            return;
        }
        self.others.push(question);
    }

    /// Whether the row passes every check for sure; a value of the wrong type is always asked about one by one.
    #[inline]
    pub fn passes(&self, rules: &Rules, row: &[Value<'_>], now: Option<i64>) -> bool {
        // No branch for each value: all are looked at in less time than one wrong guess takes.
        !row.iter().fold(false, |found, value| found | matches!(value, Value::Mistyped))
            && self.required.iter().all(|slot| !matches!(row[*slot], Value::Null))
            && self.others.iter().all(|question| match question {
                Question::Number { slot, least, greatest } => match &row[*slot] {
                    Value::Null => true,
                    Value::Bigint(number) => (*least..=*greatest).contains(&(*number as f64)),
                    Value::Double(number) => (*least..=*greatest).contains(number),
                    _ => false,
                },
                Question::Part(part) => part.holds(row),
                Question::Any(parts) => parts.iter().any(|part| part.holds(row)),
                Question::Check(at) => match &rules.row_checks[*at].test {
                    // Most checks are these, and a call for each would cost more than the check.
                    Test::Declared(slot, condition) => {
                        let value = &row[*slot];
                        matches!(value, Value::Null) || condition.holds_at(value, now)
                    }
                    test => test.passes_at(row, now),
                },
            })
    }
}

impl Question {
    /// What is asked for the check of this index.
    fn of(test: &Test, at: usize) -> Self {
        match test {
            Test::Declared(slot, Condition::AtLeast(least)) => {
                Self::Number { slot: *slot, least: *least, greatest: f64::INFINITY }
            }
            Test::Declared(slot, Condition::AtMost(greatest)) => {
                Self::Number { slot: *slot, least: f64::NEG_INFINITY, greatest: *greatest }
            }
            Test::Any(_) => {
                let mut parts = Vec::new();
                match Part::alternatives(test, &mut parts) {
                    Some(()) => Self::Any(parts.into()),
                    None => Self::Check(at),
                }
            }
            test => Part::of(test).map_or(Self::Check(at), Self::Part),
        }
    }
}

impl Part {
    fn of(test: &Test) -> Option<Self> {
        match test {
            Test::Required(slot) | Test::Dqdl(slot, Condition::Complete) => Some(Self::Present(*slot)),
            Test::Dqdl(slot, Condition::Compare(Comparison::Equal, Literal::Null)) => {
                Some(Self::Missing(*slot))
            }
            Test::Dqdl(slot, Condition::Compare(comparison, Literal::Moment(moment))) => {
                let (earliest, latest) = ends(*comparison, *moment)?;
                Some(Self::Moment { slot: *slot, earliest, latest })
            }
            Test::All(parts) => {
                let (first, rest) = parts.split_first()?;
                rest.iter().try_fold(Self::of(first)?, |all, part| all.and(Self::of(part)?))
            }
            _ => None,
        }
    }

    /// Adds the parts of which one must hold; those of several joined rules are joined one by one.
    fn alternatives(test: &Test, into: &mut Vec<Self>) -> Option<()> {
        match test {
            Test::Any(parts) => {
                parts.iter().try_for_each(|part| Self::alternatives(part, into).ok_or(())).ok()
            }
            test => {
                into.push(Self::of(test)?);
                Some(())
            }
        }
    }

    /// What holds when both do, if one part can say it.
    fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (
                Self::Moment { slot, earliest, latest },
                Self::Moment { slot: same, earliest: other, latest: last },
            ) if slot == same => {
                Some(Self::Moment { slot, earliest: earliest.max(other), latest: latest.min(last) })
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn holds(self, row: &[Value<'_>]) -> bool {
        match self {
            Self::Present(slot) => !matches!(row[slot], Value::Null),
            Self::Missing(slot) => matches!(row[slot], Value::Null),
            Self::Moment { slot, earliest, latest } => match &row[slot] {
                Value::Timestamp(found) => (earliest..=latest).contains(found),
                Value::Null => false,
                other => moment(other).is_some_and(|found| (earliest..=latest).contains(&found)),
            },
        }
    }
}

/// The first and the last moment that stand so to `moment`; none when there are others between.
fn ends(comparison: Comparison, moment: i64) -> Option<(i64, i64)> {
    match comparison {
        Comparison::Equal => Some((moment, moment)),
        Comparison::NotEqual => None,
        Comparison::Greater => Some((moment.checked_add(1)?, i64::MAX)),
        Comparison::GreaterOrEqual => Some((moment, i64::MAX)),
        Comparison::Less => Some((i64::MIN, moment.checked_sub(1)?)),
        Comparison::LessOrEqual => Some((i64::MIN, moment)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::CompiledDataset;

    const DATASET: &str = r#"{
        "format": "ndjson", "prefix": "in/", "compression": "auto",
        "columns": {
            "n": { "type": "bigint", "minimum": "1", "maximum": "10" },
            "d": { "type": "double", "minimum": "-0.5" },
            "t": { "type": "timestamp" },
            "day": { "type": "date" },
            "s": { "type": "string", "pattern": "[a-c]+", "enum": ["a", "ab", "abc"] },
            "u": { "type": "string" }
        },
        "quality": { "threshold_percent": 0, "ruleset": "Rules = [ (ColumnValues \"t\" = NULL) or ((ColumnValues \"t\" >= \"2020-01-01T00:00:00Z\") and (ColumnValues \"t\" < \"2027-01-01T00:00:00Z\")), (IsComplete \"n\") or (IsComplete \"s\") or (IsComplete \"d\"), ColumnValues \"day\" > \"2020-01-01\", (ColumnValues \"day\" <= \"2021-01-01\") or (ColumnValues \"s\" = \"a\"), (ColumnValues \"t\" != \"2021-01-01T00:00:00Z\") or (IsComplete \"d\"), ColumnValues \"u\" > \"2020-06-01\" ]" },
        "output": { "partition_by": [], "compression": "zstd" }
    }"#;

    #[test]
    fn says_what_the_checks_say() {
        let spec = serde_json::from_str(DATASET).unwrap();
        let dataset = CompiledDataset::compile("d", &spec).unwrap();
        let rules = &dataset.rules;
        let quick = Quick::of(rules);
        let strict = quick.others.iter().filter(|question| !matches!(question, Question::Check(_))).count();
        assert_eq!(strict, 6, "{:?}", quick.others);
        let moments = ["2019-12-31T23:59:59.999Z", "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"];
        let moments = moments.into_iter().chain(["2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00Z"]);
        let moments = moments.map(|text| Value::Timestamp(crate::columns::parse_timestamp(text).unwrap()));
        let values = [
            [0, 1, 10, 11].map(Value::Bigint).to_vec(),
            [-0.6, -0.5, 0.0].map(Value::Double).to_vec(),
            moments.collect(),
            [18_261, 18_262, 18_263, 18_628, 18_629].map(Value::Date).to_vec(),
            ["", "a", "ab", "abc", "abd"].map(Value::Text).to_vec(),
            ["2020-06-01", "2020-06-02", "x"].map(Value::Text).to_vec(),
        ];
        let place = |name| rules.columns.iter().position(|column| column.name == name).unwrap();
        let places = ["n", "d", "t", "day", "s", "u"].map(place);
        let choices: Vec<Vec<Value<'_>>> = values
            .into_iter()
            .map(|values| values.into_iter().chain([Value::Null, Value::Mistyped]).collect())
            .collect();
        let mut passed = 0;
        for case in 0..choices.iter().map(Vec::len).product() {
            let (mut row, mut rest) = (vec![Value::Null; 6], case);
            for (place, values) in places.iter().zip(&choices) {
                row[*place] = values[rest % values.len()];
                rest /= values.len();
            }
            let wanted = rules.row_checks.iter().all(|check| check.test.passes(&row));
            assert_eq!(quick.passes(rules, &row, None), wanted, "{row:?}");
            passed += usize::from(wanted);
        }
        assert!(passed > 0);
    }
}
