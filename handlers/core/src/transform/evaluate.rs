//! The value of an expression for one row.

use std::borrow::Cow;

use super::cast::cast;
use super::condition::Condition;
use super::datum::{Datum, Fault};
use super::mask::Mask;
use super::moment;
use crate::spec::ColumnType;
use crate::sql::{Function, Operator, Unit};

/// A compiled expression: the types of its parts fit each other.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// A slot of the row.
    Slot(usize),
    /// A value.
    Constant(Datum<'static>),
    /// Arithmetic.
    Arithmetic(Box<Node>, Operator, Box<Node>),
    /// A function.
    Call(Function, Vec<Node>),
    /// The first arm whose condition is true.
    Case(Vec<(Condition, Node)>, Option<Box<Node>>),
    /// Another type; whether null stands for what cannot be.
    Cast(Box<Node>, ColumnType, bool),
    /// The beginning of a unit.
    Truncate(Unit, Box<Node>),
    /// The number of a unit.
    Extract(Unit, Box<Node>),
    /// A condition as a value.
    Test(Box<Condition>),
    /// An unreadable value.
    Mask(Box<Node>, Mask),
}

const OVERFLOW: Fault = Fault("the result is not a number of 64 bits");

impl Node {
    /// The value for a row.
    pub fn value<'b>(&'b self, row: &[Datum<'b>]) -> Result<Datum<'b>, Fault> {
        match self {
            Self::Slot(slot) => Ok(row[*slot].clone()),
            Self::Constant(value) => Ok(borrowed(value)),
            Self::Arithmetic(left, operator, right) => {
                arithmetic(&left.value(row)?, *operator, &right.value(row)?)
            }
            Self::Call(function, arguments) => call(*function, arguments, row),
            Self::Case(arms, rest) => {
                for (condition, value) in arms {
                    if condition.holds(row)? == Some(true) {
                        return value.value(row);
                    }
                }
                rest.as_ref().map_or(Ok(Datum::Null), |rest| rest.value(row))
            }
            Self::Cast(inner, to, false) => cast(inner.value(row)?, *to),
            Self::Cast(inner, to, true) => Ok(cast(inner.value(row)?, *to).unwrap_or(Datum::Null)),
            Self::Truncate(unit, inner) => moment::truncate(*unit, inner.value(row)?),
            Self::Extract(unit, inner) => moment::extract(*unit, &inner.value(row)?),
            Self::Test(condition) => Ok(condition.holds(row)?.map_or(Datum::Null, Datum::Boolean)),
            Self::Mask(inner, mask) => Ok(mask.apply(&inner.value(row)?)),
        }
    }
}

fn borrowed<'b>(value: &'b Datum<'static>) -> Datum<'b> {
    match value {
        Datum::Text(text) => Datum::Text(Cow::Borrowed(text)),
        other => other.clone(),
    }
}

/// Whole numbers stay whole, but for division. What is no number of 64 bits, or divides by nought, is a fault.
fn arithmetic<'b>(left: &Datum<'_>, operator: Operator, right: &Datum<'_>) -> Result<Datum<'b>, Fault> {
    let nought = || Fault("the divisor is nought; nullif(x, 0) makes null of it");
    if let (Datum::Bigint(left), Datum::Bigint(right)) = (left, right) {
        let whole = match operator {
            Operator::Add => left.checked_add(*right),
            Operator::Subtract => left.checked_sub(*right),
            Operator::Multiply => left.checked_mul(*right),
            Operator::Divide | Operator::Remainder if *right == 0 => return Err(nought()),
            // The one quotient that is too large has the remainder 0.
            Operator::Remainder => Some(left.wrapping_rem(*right)),
            Operator::Divide => return Ok(Datum::Double(*left as f64 / *right as f64)),
        };
        return whole.map(Datum::Bigint).ok_or(OVERFLOW);
    }
    let (Some(left), Some(right)) = (left.number(), right.number()) else { return Ok(Datum::Null) };
    let number = match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide | Operator::Remainder if right == 0.0 => return Err(nought()),
        Operator::Divide => left / right,
        Operator::Remainder => left % right,
    };
    if number.is_finite() { Ok(Datum::Double(number)) } else { Err(OVERFLOW) }
}

fn call<'b>(function: Function, arguments: &'b [Node], row: &[Datum<'b>]) -> Result<Datum<'b>, Fault> {
    if function == Function::Coalesce {
        return coalesce(arguments, row);
    }
    let mut values = arguments.iter().map(|argument| argument.value(row)).collect::<Result<Vec<_>, _>>()?;
    if function == Function::NullIf {
        let equal = values[0].order(&values[1]) == Some(std::cmp::Ordering::Equal);
        return Ok(if equal { Datum::Null } else { values.swap_remove(0) });
    }
    if values.contains(&Datum::Null) {
        return Ok(Datum::Null);
    }
    match function {
        Function::Concat => Ok(concat(&values)),
        Function::Absolute | Function::Round | Function::Floor | Function::Ceiling => {
            numeric(function, &values)
        }
        _ => Ok(textual(function, &mut values)),
    }
}

fn coalesce<'b>(arguments: &'b [Node], row: &[Datum<'b>]) -> Result<Datum<'b>, Fault> {
    for argument in arguments {
        match argument.value(row)? {
            Datum::Null => {}
            value => return Ok(value),
        }
    }
    Ok(Datum::Null)
}

fn concat<'b>(values: &[Datum<'b>]) -> Datum<'b> {
    Datum::Text(Cow::Owned(values.iter().filter_map(Datum::text).collect()))
}

fn numeric<'b>(function: Function, values: &[Datum<'b>]) -> Result<Datum<'b>, Fault> {
    Ok(match (function, &values[0], values.get(1)) {
        (Function::Absolute, Datum::Bigint(number), _) => {
            Datum::Bigint(number.checked_abs().ok_or(OVERFLOW)?)
        }
        (Function::Absolute, Datum::Double(number), _) => Datum::Double(number.abs()),
        (Function::Floor, Datum::Double(number), _) => Datum::Double(number.floor()),
        (Function::Ceiling, Datum::Double(number), _) => Datum::Double(number.ceil()),
        (Function::Round, Datum::Double(number), None) => Datum::Double(number.round()),
        (Function::Round, Datum::Double(number), Some(Datum::Bigint(digits))) => {
            let factor = 10f64.powi(i32::try_from(*digits).unwrap_or_default().clamp(-300, 300));
            let rounded = (number * factor).round() / factor;
            // More digits than the number has leave it as it is.
            Datum::Double(if rounded.is_finite() { rounded } else { *number })
        }
        (_, number, _) => number.clone(),
    })
}

fn textual<'b>(function: Function, values: &mut [Datum<'b>]) -> Datum<'b> {
    let first = std::mem::replace(&mut values[0], Datum::Null);
    let Datum::Text(text) = first else { return Datum::Null };
    let number = |at: usize| match values.get(at) {
        Some(Datum::Bigint(number)) => Some(*number),
        _ => None,
    };
    Datum::Text(match function {
        Function::Length => {
            return Datum::Bigint(i64::try_from(text.chars().count()).unwrap_or(i64::MAX));
        }
        Function::Lower => Cow::Owned(text.to_lowercase()),
        Function::Upper => Cow::Owned(text.to_uppercase()),
        Function::Trim => kept(text, |text| text.trim_matches(' ')),
        Function::TrimLeft => kept(text, |text| text.trim_start_matches(' ')),
        Function::TrimRight => kept(text, |text| text.trim_end_matches(' ')),
        Function::Substring => {
            let (start, length) = (number(1).unwrap_or(1), number(2));
            kept(text, |text| substring(text, start, length))
        }
        Function::Replace => match (&values[1], &values[2]) {
            (Datum::Text(from), Datum::Text(to)) if !from.is_empty() => {
                Cow::Owned(text.replace(from.as_ref(), to))
            }
            _ => text,
        },
        _ => text,
    })
}

/// A part of the text, in the text's own memory if that is borrowed.
fn kept<'b>(text: Cow<'b, str>, part: impl Fn(&str) -> &str) -> Cow<'b, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(part(text)),
        Cow::Owned(text) => Cow::Owned(part(&text).to_owned()),
    }
}

/// The characters from `start` on (1 is the first, -1 the last), at most so many.
fn substring(text: &str, start: i64, length: Option<i64>) -> &str {
    let count = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let first = if start < 0 { count + start } else { start - 1 };
    let end = length.map_or(count, |length| first.saturating_add(length.max(0))).min(count);
    if start == 0 || first < 0 || first >= end {
        return "";
    }
    let place = |at: i64| {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        text.char_indices().nth(at).map_or(text.len(), |(place, _)| place)
    };
    &text[place(first)..place(end)]
}
