//! Values in conditions, made ready to be compared: numbers parsed, days and instants as milliseconds.

use std::cmp::Ordering;

use super::Value;
use crate::columns::{parse_date, parse_timestamp};
use crate::dqdl::{ArithmeticOperator, Operand};
use crate::spec::ColumnType;

const DAY: i64 = 86_400_000;

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A number.
    Number(Number),
    /// A text.
    Text(Box<str>),
    /// A day or an instant: milliseconds since 1970-01-01T00:00:00Z.
    Moment(i64),
    /// So many milliseconds after now.
    Now(i64),
    /// `NULL`
    Null,
    /// `EMPTY`
    Empty,
    /// `WHITESPACES_ONLY`
    WhitespacesOnly,
}

/// A number; whole numbers are compared exactly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    float: f64,
    whole: Option<i64>,
}

impl Number {
    /// A number as it is written.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let float = text.parse::<f64>().ok().filter(|number| number.is_finite())?;
        Some(Self { float, whole: text.parse().ok() })
    }

    /// How `value` stands to it, when it is a number or a text that says one.
    #[must_use]
    pub fn order(&self, value: &Value<'_>) -> Option<Ordering> {
        match (value, self.whole) {
            (Value::Bigint(found), Some(wanted)) => Some(found.cmp(&wanted)),
            (Value::Text(text), Some(wanted)) if text.parse::<i64>().is_ok() => {
                text.parse::<i64>().ok().map(|found| found.cmp(&wanted))
            }
            _ => number(value)?.partial_cmp(&self.float),
        }
    }
}

impl From<f64> for Number {
    fn from(float: f64) -> Self {
        // Exact only where the float is.
        let whole = (float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0).then_some(float as i64);
        Self { float, whole }
    }
}

impl Literal {
    /// An operand as values of the type are compared with it; `ordered` when more is asked than equality.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(operand: &Operand, column_type: ColumnType, ordered: bool) -> Result<Self, String> {
        Ok(match operand {
            Operand::Null => Self::Null,
            Operand::Empty => Self::Empty,
            Operand::WhitespacesOnly => Self::WhitespacesOnly,
            Operand::Now => Self::Now(0),
            Operand::NowOffset { later, duration } => {
                Self::Now(if *later { duration.milliseconds() } else { -duration.milliseconds() })
            }
            Operand::Text(text) | Operand::Variable { value: text, .. } => {
                text_literal(text, column_type, ordered)
            }
            Operand::Number(text) => Self::Number(Number::parse(text).ok_or("the number is too large")?),
            Operand::Parenthesized(_) | Operand::Arithmetic(..) | Operand::Call { .. } => {
                Self::Number(constant(operand)?.into())
            }
            Operand::Duration(_) | Operand::Size(_) => {
                return Err("durations and sizes are not values of columns".to_owned());
            }
        })
    }

    /// Whether it can be compared with at all: what counts from now cannot without a moment.
    #[must_use]
    pub fn is_known(&self, now: Option<i64>) -> bool {
        now.is_some() || !matches!(self, Self::Now(_))
    }

    /// How `value` stands to it; none when they cannot be compared.
    #[must_use]
    pub fn order(&self, value: &Value<'_>, now: Option<i64>) -> Option<Ordering> {
        match self {
            Self::Number(wanted) => wanted.order(value),
            Self::Text(wanted) => text(value).map(|found| found.cmp(wanted)),
            Self::Moment(wanted) => moment(value).map(|found| found.cmp(wanted)),
            Self::Now(offset) => Some(moment(value)?.cmp(&now?.saturating_add(*offset))),
            Self::Null | Self::Empty | Self::WhitespacesOnly => None,
        }
    }

    /// Whether `value` is it.
    #[must_use]
    pub fn equals(&self, value: &Value<'_>, now: Option<i64>) -> bool {
        match (self, value) {
            (Self::Null, found) => *found == Value::Null,
            (Self::Empty, found) => text(found) == Some(""),
            (Self::WhitespacesOnly, found) => {
                text(found).is_some_and(|text| !text.is_empty() && text.trim().is_empty())
            }
            (Self::Text(wanted), Value::Boolean(found)) => **wanted == *if *found { "true" } else { "false" },
            _ => self.order(value, now) == Some(Ordering::Equal),
        }
    }
}

/// A text in a condition, by the type of the column.
fn text_literal(text: &str, column_type: ColumnType, ordered: bool) -> Literal {
    let moment = || parse_timestamp(text).or_else(|| parse_date(text).map(|days| i64::from(days) * DAY));
    let as_moment = match column_type {
        ColumnType::Date | ColumnType::Timestamp => moment(),
        // A text column is ordered by the days and instants in it; by equality its texts are just texts.
        _ if ordered => moment(),
        _ => None,
    };
    let as_number = match column_type {
        ColumnType::Bigint | ColumnType::Double => Number::parse(text),
        _ => None,
    };
    as_moment
        .map(Literal::Moment)
        .or_else(|| as_number.map(Literal::Number))
        .unwrap_or_else(|| Literal::Text(text.into()))
}

/// What a call is worth.
pub type Call<'c> = dyn FnMut(&str, &[Operand]) -> Result<f64, String> + 'c;

/// The value of arithmetic without calls.
///
/// # Errors
/// When there is a call in it, or it divides by nought.
pub fn constant(operand: &Operand) -> Result<f64, String> {
    arithmetic(operand, &mut |function, _| {
        Err(format!("`{function}` looks at earlier objects, which only measures of the whole object have"))
    })
}

/// The value of arithmetic; `call` gives the values of calls.
///
/// # Errors
/// Those of `call`, and division by nought.
pub fn arithmetic(operand: &Operand, call: &mut Call<'_>) -> Result<f64, String> {
    match operand {
        Operand::Number(text) => text.parse().map_err(|_| format!("`{text}` is not a number")),
        Operand::Parenthesized(inner) => arithmetic(inner, call),
        Operand::Call { function, arguments } => call(function, arguments),
        Operand::Arithmetic(left, operator, right) => {
            let (left, right) = (arithmetic(left, call)?, arithmetic(right, call)?);
            match operator {
                ArithmeticOperator::Add => Ok(left + right),
                ArithmeticOperator::Subtract => Ok(left - right),
                ArithmeticOperator::Multiply => Ok(left * right),
                ArithmeticOperator::Divide if right == 0.0 => {
                    Err("the condition divides by nought".to_owned())
                }
                ArithmeticOperator::Divide => Ok(left / right),
            }
        }
        _ => Err("the condition needs numbers".to_owned()),
    }
}

/// The number a value is or says.
#[inline]
#[must_use]
pub fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        // Precise up to 2^53; whole numbers are compared as such in `Number::order`.
        Value::Bigint(number) => Some(*number as f64),
        Value::Double(number) => Some(*number),
        Value::Text(text) => said(text),
        _ => None,
    }
}

/// The number a text says.
#[inline(never)]
fn said(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The text a value is.
#[inline]
#[must_use]
pub fn text<'a>(value: &Value<'a>) -> Option<&'a str> {
    match value {
        Value::Text(text) | Value::Json(text) => Some(text),
        _ => None,
    }
}

/// The instant a value is or says, in milliseconds; a day is its first.
#[must_use]
pub fn moment(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Date(days) => Some(i64::from(*days) * DAY),
        Value::Timestamp(milliseconds) => Some(*milliseconds),
        Value::Text(text) => {
            parse_timestamp(text).or_else(|| parse_date(text).map(|days| i64::from(days) * DAY))
        }
        _ => None,
    }
}
