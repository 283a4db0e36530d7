//! Conditions on one value, compiled: what a row costs is a comparison, never a parse of the rule.

use super::Value;
use super::literal::{self, Literal, moment, number, text};
use super::sql_type::SqlType;
use crate::columns::Pattern;
use crate::dqdl::{self, Comparison, Operand};
use crate::equal::equal;
use crate::spec::ColumnType;

/// What a value must satisfy.
#[derive(Debug)]
pub enum Condition {
    /// Not null.
    Complete,
    /// The whole text matches (or, negated, does not).
    Matches(Pattern, bool),
    /// A comparison; numbers, days and instants by size, texts by equality.
    Compare(Comparison, Literal),
    /// Strictly between two ends, or (negated) at or outside them.
    Between {
        /// Whether it is `not between`.
        negated: bool,
        /// Lower end.
        low: Literal,
        /// Upper end.
        high: Literal,
    },
    /// One of these, or (negated) none of them.
    In(Set, bool),
    /// At least this number, inclusive.
    AtLeast(f64),
    /// At most this number, inclusive.
    AtMost(f64),
    /// More than this number.
    Above(f64),
    /// Less than this number.
    Below(f64),
    /// The length in characters satisfies the condition; null has none, that is 0.
    Length(NumberCondition),
    /// The value can be read as one of these types, or (negated) as none.
    Type(Vec<SqlType>, bool),
    /// Its age in milliseconds satisfies the condition.
    Age(NumberCondition),
}

/// Texts that are looked through one by one.
const FEW: usize = 16;

/// Values to be among.
#[derive(Debug, Default)]
pub struct Set {
    /// Sorted, for the common case of exact texts.
    texts: Vec<Box<str>>,
    others: Vec<Literal>,
    ignore_case: bool,
}

/// A condition on a number.
#[derive(Debug, Clone, PartialEq)]
pub enum NumberCondition {
    /// A comparison.
    Compare(Comparison, f64),
    /// Strictly between, or (negated) at or outside.
    Between(f64, f64, bool),
    /// Among, or (negated) not.
    In(Vec<f64>, bool),
}

impl NumberCondition {
    /// Compiles a condition; `value` says what an operand is worth.
    ///
    /// # Errors
    /// Those of `value`, and when it is no condition on numbers.
    pub fn compile(
        condition: &dqdl::Condition,
        value: &mut dyn FnMut(&Operand) -> Result<f64, String>,
    ) -> Result<Self, String> {
        Ok(match condition {
            dqdl::Condition::Compare(comparison, operand) => Self::Compare(*comparison, value(operand)?),
            dqdl::Condition::Between(range) => {
                Self::Between(value(&range.low)?, value(&range.high)?, range.negated)
            }
            dqdl::Condition::In { negated, values } => {
                Self::In(values.list().iter().map(value).collect::<Result<_, _>>()?, *negated)
            }
            dqdl::Condition::Matches { .. } => return Err("the condition needs numbers".to_owned()),
        })
    }

    /// Whether the number satisfies it; what is not a number satisfies nothing.
    #[must_use]
    pub fn holds(&self, number: f64) -> bool {
        match self {
            Self::Compare(comparison, wanted) => {
                number.partial_cmp(wanted).is_some_and(|order| comparison.admits(order))
            }
            Self::Between(low, high, false) => number > *low && number < *high,
            Self::Between(low, high, true) => number <= *low || number >= *high,
            Self::In(list, negated) => !number.is_nan() && list.contains(&number) != *negated,
        }
    }
}

impl Condition {
    /// Compiles a condition on the values of a column.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn compile(
        condition: &dqdl::Condition,
        column_type: ColumnType,
        ignore_case: bool,
    ) -> Result<Self, String> {
        Ok(match condition {
            dqdl::Condition::Compare(comparison @ (Comparison::Equal | Comparison::NotEqual), value)
                if ignore_case && value.text().is_some() =>
            {
                Self::In(
                    Set::compile(std::slice::from_ref(value), column_type, true)?,
                    *comparison == Comparison::NotEqual,
                )
            }
            dqdl::Condition::Compare(comparison, value) => {
                let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
                Self::Compare(*comparison, Literal::of(value, column_type, ordered)?)
            }
            dqdl::Condition::Between(range) => Self::Between {
                negated: range.negated,
                low: Literal::of(&range.low, column_type, true)?,
                high: Literal::of(&range.high, column_type, true)?,
            },
            dqdl::Condition::In { negated, values } => {
                Self::In(Set::compile(values.list(), column_type, ignore_case)?, *negated)
            }
            dqdl::Condition::Matches { negated, pattern } => {
                let text = if ignore_case { format!("(?i){}", pattern.text) } else { pattern.text.clone() };
                Self::Matches(Pattern::regex(&text)?, *negated)
            }
        })
    }

    /// Compiles a condition on lengths.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn length(condition: &dqdl::Condition) -> Result<Self, String> {
        NumberCondition::compile(condition, &mut literal::constant).map(Self::Length)
    }

    /// Compiles a condition on ages.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn age(condition: &dqdl::Condition) -> Result<Self, String> {
        let mut milliseconds = |operand: &Operand| match operand {
            Operand::Duration(duration) => Ok(duration.milliseconds() as f64),
            _ => Err("an age is a duration such as `3 days`".to_owned()),
        };
        NumberCondition::compile(condition, &mut milliseconds).map(Self::Age)
    }

    /// Whether the value satisfies it, with no moment to count from.
    #[must_use]
    pub fn holds(&self, value: &Value<'_>) -> bool {
        self.holds_at(value, None)
    }

    /// Whether the value satisfies it. As in Glue, null satisfies only `= NULL`, `!=`, `not in` and `not matches`, and its
    /// length is 0. Without the moment `now` nothing that needs it holds.
    #[inline]
    #[must_use]
    pub fn holds_at(&self, value: &Value<'_>, now: Option<i64>) -> bool {
        // What is asked of nearly every value; a call for each would cost more than the answer.
        match self {
            Self::Complete => !matches!(value, Value::Null),
            Self::Matches(pattern, negated) => match text(value) {
                Some(text) => pattern.matches(text) != *negated,
                None => *negated,
            },
            Self::AtLeast(minimum) => number(value).is_some_and(|number| number >= *minimum),
            Self::AtMost(maximum) => number(value).is_some_and(|number| number <= *maximum),
            Self::Above(minimum) => number(value).is_some_and(|number| number > *minimum),
            Self::Below(maximum) => number(value).is_some_and(|number| number < *maximum),
            Self::In(Set { texts, others, ignore_case: false }, negated)
                if others.is_empty() && texts.len() <= FEW && matches!(value, Value::Text(_)) =>
            {
                let found = text(value).is_some_and(|text| among(texts, text));
                found != *negated
            }
            _ => self.compares(value, now),
        }
    }

    /// The same for conditions that take longer to ask.
    fn compares(&self, value: &Value<'_>, now: Option<i64>) -> bool {
        match self {
            Self::Compare(Comparison::Equal, literal) => literal.equals(value, now),
            Self::Compare(Comparison::NotEqual, literal) => {
                literal.is_known(now) && !literal.equals(value, now)
            }
            Self::Compare(comparison, literal) => {
                literal.order(value, now).is_some_and(|order| comparison.admits(order))
            }
            Self::Between { negated, low, high } => {
                let Some((low, high)) = low.order(value, now).zip(high.order(value, now)) else {
                    return false;
                };
                if *negated { low.is_le() || high.is_ge() } else { low.is_gt() && high.is_lt() }
            }
            Self::In(set, negated) => set.is_known(now) && set.contains(value, now) != *negated,
            Self::Length(condition) => match value {
                Value::Null => condition.holds(0.0),
                _ => text(value).is_some_and(|text| condition.holds(text.chars().count() as f64)),
            },
            Self::Type(types, negated) => types.iter().any(|wanted| wanted.reads(value)) != *negated,
            Self::Age(condition) => {
                let age = now.zip(moment(value)).map(|(now, moment)| now.saturating_sub(moment));
                age.is_some_and(|age| condition.holds(age as f64))
            }
            Self::Complete | Self::Matches(..) => self.holds_at(value, now),
            Self::AtLeast(_) | Self::AtMost(_) | Self::Above(_) | Self::Below(_) => self.holds_at(value, now),
        }
    }
}

impl Set {
    fn compile(values: &[Operand], column_type: ColumnType, ignore_case: bool) -> Result<Self, String> {
        let mut set = Self { ignore_case, ..Self::default() };
        for value in values {
            set.add(Literal::of(value, column_type, false)?);
        }
        set.texts.sort_unstable();
        Ok(set)
    }

    /// Of values as an `enum` lists them.
    #[must_use]
    pub fn of(literals: impl IntoIterator<Item = Literal>) -> Self {
        let mut set = Self::default();
        literals.into_iter().for_each(|literal| set.add(literal));
        set.texts.sort_unstable();
        set
    }

    fn add(&mut self, literal: Literal) {
        match literal {
            Literal::Text(text) if self.ignore_case => self.texts.push(text.to_lowercase().into()),
            Literal::Text(text) => self.texts.push(text),
            other => self.others.push(other),
        }
    }

    fn is_known(&self, now: Option<i64>) -> bool {
        now.is_some() || self.others.iter().all(|literal| literal.is_known(now))
    }

    fn contains(&self, value: &Value<'_>, now: Option<i64>) -> bool {
        self.others.iter().any(|literal| literal.equals(value, now)) || self.contains_text(value)
    }

    fn contains_text(&self, value: &Value<'_>) -> bool {
        let text = match value {
            Value::Boolean(true) => "true",
            Value::Boolean(false) => "false",
            other => match text(other) {
                Some(text) => text,
                None => return false,
            },
        };
        if self.ignore_case {
            let lower = || text.chars().flat_map(char::to_lowercase);
            return self.texts.iter().any(|wanted| lower().eq(wanted.chars()));
        }
        if self.texts.len() <= FEW {
            return among(&self.texts, text);
        }
        self.texts.binary_search_by(|wanted| (**wanted).cmp(text)).is_ok()
    }
}

/// Whether a text is one of a few, of which mostly one has the length.
#[inline]
fn among(texts: &[Box<str>], text: &str) -> bool {
    texts.iter().any(|wanted| equal(wanted.as_bytes(), text.as_bytes()))
}
