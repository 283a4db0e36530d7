//! SQL predicates on a row, compiled to slots, with SQL's three values: true, false and unknown.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Value;
use super::literal::moment;
use crate::columns::Pattern;
use crate::dqdl::Comparison;
use crate::spec::ColumnType;
use crate::sql::{self, Expression, Function, Operator, SqlError};

/// A compiled predicate.
#[derive(Debug)]
pub enum Predicate {
    /// Every part is true.
    And(Vec<Predicate>),
    /// Some part is true.
    Or(Vec<Predicate>),
    /// The part is false.
    Not(Box<Predicate>),
    /// A comparison.
    Compare(Term, Comparison, Term),
    /// Among values.
    In(Term, Vec<Term>),
    /// The whole text matches.
    Like(Term, Box<Pattern>),
    /// There is no value.
    IsNull(Term),
    /// A boolean.
    Holds(Term),
}

/// What has a value in a row.
#[derive(Debug)]
pub enum Term {
    /// A slot.
    Slot(usize),
    /// A value.
    Constant(Scalar<'static>),
    /// Arithmetic.
    Arithmetic(Box<Term>, Operator, Box<Term>),
    /// A function.
    Call(Function, Box<Term>),
}

/// A value while a predicate is worked out.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar<'a> {
    /// Unknown.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A day or an instant, in milliseconds.
    Moment(i64),
}

/// Where a column is, by its name.
pub type Slots<'s> = dyn Fn(&str) -> Result<(usize, ColumnType), String> + 's;

impl Predicate {
    /// Compiles a predicate.
    ///
    /// # Errors
    /// A column that is not there, or a value that cannot be.
    pub fn compile(predicate: &sql::Predicate, slots: &Slots<'_>) -> Result<Self, SqlError> {
        let parts = |parts: &[sql::Predicate]| {
            parts.iter().map(|part| Self::compile(part, slots)).collect::<Result<Vec<_>, _>>()
        };
        let not = |negated: &bool, inner: Self| if *negated { Self::Not(Box::new(inner)) } else { inner };
        Ok(match predicate {
            sql::Predicate::And(all) => Self::And(parts(all)?),
            sql::Predicate::Or(either) => Self::Or(parts(either)?),
            sql::Predicate::Not(inner) => Self::Not(Box::new(Self::compile(inner, slots)?)),
            sql::Predicate::Compare(left, comparison, right) => {
                Self::Compare(Term::compile(left, slots)?, *comparison, Term::compile(right, slots)?)
            }
            sql::Predicate::In(term, list, negated) => {
                let list = list.iter().map(|term| Term::compile(term, slots)).collect::<Result<_, _>>()?;
                not(negated, Self::In(Term::compile(term, slots)?, list))
            }
            sql::Predicate::Between(term, low, high, negated) => {
                let at_least = Self::Compare(
                    Term::compile(term, slots)?,
                    Comparison::GreaterOrEqual,
                    Term::compile(low, slots)?,
                );
                let at_most = Self::Compare(
                    Term::compile(term, slots)?,
                    Comparison::LessOrEqual,
                    Term::compile(high, slots)?,
                );
                not(negated, Self::And(vec![at_least, at_most]))
            }
            sql::Predicate::Like(term, pattern, negated) => {
                let compiled = Pattern::regex(&like(pattern))
                    .map_err(|message| SqlError { offset: 0, message: format!("`LIKE`: {message}") })?;
                not(negated, Self::Like(Term::compile(term, slots)?, Box::new(compiled)))
            }
            sql::Predicate::IsNull(term, negated) => not(negated, Self::IsNull(Term::compile(term, slots)?)),
            sql::Predicate::Holds(term) => {
                if let Expression::Column(name, offset) = term {
                    let (_, column_type) =
                        slots(name).map_err(|message| SqlError { offset: *offset, message })?;
                    if column_type != ColumnType::Boolean {
                        let message = format!("`{name}` is not a boolean; expected a comparison");
                        return Err(SqlError { offset: *offset, message });
                    }
                }
                Self::Holds(Term::compile(term, slots)?)
            }
        })
    }

    /// True, false, or unknown.
    #[must_use]
    pub fn holds(&self, row: &[Value<'_>]) -> Option<bool> {
        match self {
            Self::And(parts) => joined(parts, row, false),
            Self::Or(parts) => joined(parts, row, true),
            Self::Not(inner) => inner.holds(row).map(|holds| !holds),
            Self::Compare(left, comparison, right) => {
                Some(comparison.admits(order(&left.value(row), &right.value(row))?))
            }
            Self::In(term, list) => {
                let found = term.value(row);
                let mut unknown = false;
                for candidate in list {
                    match order(&found, &candidate.value(row)) {
                        Some(Ordering::Equal) => return Some(true),
                        Some(_) => {}
                        None => unknown = true,
                    }
                }
                (!unknown).then_some(false)
            }
            Self::Like(term, pattern) => match term.value(row) {
                Scalar::Text(text) => Some(pattern.matches(&text)),
                _ => None,
            },
            Self::IsNull(term) => Some(term.value(row) == Scalar::Null),
            Self::Holds(term) => match term.value(row) {
                Scalar::Boolean(holds) => Some(holds),
                _ => None,
            },
        }
    }
}

/// All parts true (or, for `decisive` true, any): a decisive part decides, otherwise one unknown makes all unknown.
fn joined(parts: &[Predicate], row: &[Value<'_>], decisive: bool) -> Option<bool> {
    let mut unknown = false;
    for part in parts {
        match part.holds(row) {
            Some(holds) if holds == decisive => return Some(decisive),
            Some(_) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(!decisive)
}

impl Term {
    fn compile(expression: &Expression, slots: &Slots<'_>) -> Result<Self, SqlError> {
        Ok(match expression {
            Expression::Column(name, offset) => {
                Self::Slot(slots(name).map_err(|message| SqlError { offset: *offset, message })?.0)
            }
            Expression::Number(text) => Self::Constant(match text.parse() {
                Ok(whole) => Scalar::Whole(whole),
                Err(_) => Scalar::Float(text.parse().unwrap_or(f64::NAN)),
            }),
            Expression::Text(text) => Self::Constant(Scalar::Text(Cow::Owned(text.clone()))),
            Expression::Boolean(value) => Self::Constant(Scalar::Boolean(*value)),
            Expression::Null => Self::Constant(Scalar::Null),
            Expression::Negative(inner) => Self::Arithmetic(
                Box::new(Self::Constant(Scalar::Whole(0))),
                Operator::Subtract,
                Box::new(Self::compile(inner, slots)?),
            ),
            Expression::Arithmetic(left, operator, right) => Self::Arithmetic(
                Box::new(Self::compile(left, slots)?),
                *operator,
                Box::new(Self::compile(right, slots)?),
            ),
            Expression::Call(function, arguments) => match arguments.as_slice() {
                [argument] => Self::Call(*function, Box::new(Self::compile(argument, slots)?)),
                _ => return Err(unsupported()),
            },
            // The parser of rules makes none of these.
            Expression::Case(..)
            | Expression::Cast(..)
            | Expression::Date(_)
            | Expression::Timestamp(_)
            | Expression::Truncate(..)
            | Expression::Extract(..)
            | Expression::Test(_) => return Err(unsupported()),
        })
    }

    fn value<'r>(&'r self, row: &[Value<'r>]) -> Scalar<'r> {
        match self {
            Self::Slot(slot) => match row[*slot] {
                // A value of the wrong type is none that a predicate could look at.
                Value::Null | Value::Mistyped => Scalar::Null,
                Value::Boolean(value) => Scalar::Boolean(value),
                Value::Bigint(value) => Scalar::Whole(value),
                Value::Double(value) => Scalar::Float(value),
                Value::Date(_) | Value::Timestamp(_) => {
                    moment(&row[*slot]).map_or(Scalar::Null, Scalar::Moment)
                }
                Value::Text(text) | Value::Json(text) => Scalar::Text(Cow::Borrowed(text)),
            },
            Self::Constant(value) => value.borrowed(),
            Self::Arithmetic(left, operator, right) => {
                arithmetic(&left.value(row), *operator, &right.value(row))
            }
            Self::Call(function, argument) => call(*function, argument.value(row)),
        }
    }
}

impl Scalar<'_> {
    fn borrowed(&self) -> Scalar<'_> {
        match self {
            Self::Text(text) => Scalar::Text(Cow::Borrowed(text)),
            Self::Null => Scalar::Null,
            Self::Boolean(value) => Scalar::Boolean(*value),
            Self::Whole(value) => Scalar::Whole(*value),
            Self::Float(value) => Scalar::Float(*value),
            Self::Moment(value) => Scalar::Moment(*value),
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }
}

/// How two values stand to each other; unknown when one is null or they cannot be compared.
fn order(left: &Scalar<'_>, right: &Scalar<'_>) -> Option<Ordering> {
    match (left, right) {
        (Scalar::Whole(left), Scalar::Whole(right)) => Some(left.cmp(right)),
        (Scalar::Text(left), Scalar::Text(right)) => Some(left.as_ref().cmp(right.as_ref())),
        (Scalar::Boolean(left), Scalar::Boolean(right)) => Some(left.cmp(right)),
        (Scalar::Moment(left), Scalar::Moment(right)) => Some(left.cmp(right)),
        (Scalar::Moment(left), Scalar::Text(right)) => Some(left.cmp(&moment(&Value::Text(right))?)),
        (Scalar::Text(left), Scalar::Moment(right)) => Some(moment(&Value::Text(left))?.cmp(right)),
        (Scalar::Boolean(left), Scalar::Text(right)) => Some(left.cmp(&right.parse().ok()?)),
        (Scalar::Text(left), Scalar::Boolean(right)) => Some(left.parse::<bool>().ok()?.cmp(right)),
        _ => left.number()?.partial_cmp(&right.number()?),
    }
}

/// Whole numbers stay whole where they can; division never is, and by nought it is unknown.
fn arithmetic<'r>(left: &Scalar<'_>, operator: Operator, right: &Scalar<'_>) -> Scalar<'r> {
    if let (Scalar::Whole(left), Scalar::Whole(right)) = (left, right) {
        let whole = match operator {
            Operator::Add => left.checked_add(*right),
            Operator::Subtract => left.checked_sub(*right),
            Operator::Multiply => left.checked_mul(*right),
            Operator::Remainder => left.checked_rem(*right),
            Operator::Divide => None,
        };
        if let Some(whole) = whole {
            return Scalar::Whole(whole);
        }
    }
    let (Some(left), Some(right)) = (left.number(), right.number()) else { return Scalar::Null };
    let float = match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Remainder => left % right,
    };
    if float.is_finite() { Scalar::Float(float) } else { Scalar::Null }
}

fn call(function: Function, argument: Scalar<'_>) -> Scalar<'_> {
    let Scalar::Text(text) = argument else { return Scalar::Null };
    match function {
        Function::Length => Scalar::Whole(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)),
        Function::Lower => Scalar::Text(Cow::Owned(text.to_lowercase())),
        Function::Upper => Scalar::Text(Cow::Owned(text.to_uppercase())),
        Function::Trim => match text {
            Cow::Borrowed(text) => Scalar::Text(Cow::Borrowed(text.trim_matches(' '))),
            Cow::Owned(text) => Scalar::Text(Cow::Owned(text.trim_matches(' ').to_owned())),
        },
        // The parser of rules knows no other.
        _ => Scalar::Null,
    }
}

fn unsupported() -> SqlError {
    SqlError { offset: 0, message: "this expression is not supported in rules".to_owned() }
}

/// A `LIKE` pattern as a regular expression: `%` is any text, `_` any character, a backslash takes either for itself.
pub(crate) fn like(pattern: &str) -> String {
    let mut expression = String::from("(?s)");
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '%' => expression.push_str(".*"),
            '_' => expression.push('.'),
            '\\' => expression.push_str(&regex::escape(&characters.next().unwrap_or('\\').to_string())),
            other => expression.push_str(&regex::escape(&other.to_string())),
        }
    }
    expression
}
