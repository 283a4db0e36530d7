//! Expressions with their types: what does not fit is a fault with its place.

use std::borrow::Cow;
use std::sync::Arc;

use super::cast::{can_be, cast};
use super::condition::Condition;
use super::datum::Datum;
use super::evaluate::Node;
use super::moment::is_within_a_day;
use crate::columns::{Pattern, is_numeric, type_word};
use crate::rules::like;
use crate::spec::ColumnType;
use crate::sql::{Expression, Function, Operator, Predicate, SqlError};

/// An expression with the type of its values; `NULL` by itself has none.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    /// The expression.
    pub node: Node,
    /// Its type.
    pub column_type: Option<ColumnType>,
}

/// Where a column is, and of which type, by its name.
pub(super) type Columns<'c> = dyn Fn(&str) -> Result<(usize, ColumnType), String> + 'c;

type Compiled<T> = Result<T, SqlError>;

/// Compiles expressions over some columns.
pub(super) struct Compiler<'c> {
    columns: &'c Columns<'c>,
}

impl<'c> Compiler<'c> {
    pub fn new(columns: &'c Columns<'c>) -> Self {
        Self { columns }
    }

    /// A value.
    pub fn value(&self, expression: &Expression) -> Compiled<Typed> {
        let typed = |node, column_type| Ok(Typed { node, column_type });
        let constant = |value, column_type| typed(Node::Constant(value), Some(column_type));
        match expression {
            Expression::Column(name, offset) => {
                let found = (self.columns)(name);
                let (slot, column_type) = found.map_err(|message| SqlError { offset: *offset, message })?;
                typed(Node::Slot(slot), Some(column_type))
            }
            Expression::Number(text) => match text.parse() {
                Ok(whole) => constant(Datum::Bigint(whole), ColumnType::Bigint),
                Err(_) => match text.parse::<f64>() {
                    Ok(number) if number.is_finite() => constant(Datum::Double(number), ColumnType::Double),
                    _ => fault(expression, format!("{text} is too large a number")),
                },
            },
            Expression::Text(text) => constant(Datum::Text(Cow::Owned(text.clone())), ColumnType::String),
            Expression::Boolean(value) => constant(Datum::Boolean(*value), ColumnType::Boolean),
            Expression::Date(days) => constant(Datum::Date(*days), ColumnType::Date),
            Expression::Timestamp(instant) => constant(Datum::Timestamp(*instant), ColumnType::Timestamp),
            Expression::Null => typed(Node::Constant(Datum::Null), None),
            Expression::Negative(inner) => {
                let zero =
                    Typed { node: Node::Constant(Datum::Bigint(0)), column_type: Some(ColumnType::Bigint) };
                arithmetic(expression, zero, Operator::Subtract, self.value(inner)?)
            }
            Expression::Arithmetic(left, operator, right) => {
                arithmetic(expression, self.value(left)?, *operator, self.value(right)?)
            }
            Expression::Call(function, arguments) => self.call(expression, *function, arguments),
            Expression::Case(arms, rest) => self.case(expression, arms, rest.as_deref()),
            Expression::Cast(inner, to, forgiving) => {
                let inner = self.value(inner)?;
                if let Some(from) = inner.column_type.filter(|from| !can_be(*from, *to)) {
                    return fault(expression, no_cast(from, *to));
                }
                typed(Node::Cast(Box::new(inner.node), *to, *forgiving), Some(*to))
            }
            Expression::Truncate(unit, inner) | Expression::Extract(unit, inner) => {
                let inner = self.value(inner)?;
                let truncates = matches!(expression, Expression::Truncate(..));
                match inner.column_type {
                    Some(ColumnType::Timestamp) => {}
                    Some(ColumnType::Date) if !is_within_a_day(*unit) => {}
                    Some(ColumnType::Date) => {
                        return fault(expression, "a date has no hours, minutes and seconds");
                    }
                    other => {
                        return fault(
                            expression,
                            format!("this needs a date or a timestamp, not {}", words(other)),
                        );
                    }
                }
                match truncates {
                    true => typed(Node::Truncate(*unit, Box::new(inner.node)), inner.column_type),
                    false => typed(Node::Extract(*unit, Box::new(inner.node)), Some(ColumnType::Bigint)),
                }
            }
            Expression::Test(predicate) => {
                typed(Node::Test(Box::new(self.condition(predicate)?)), Some(ColumnType::Boolean))
            }
        }
    }

    /// A condition.
    pub fn condition(&self, predicate: &Predicate) -> Compiled<Condition> {
        let parts =
            |parts: &[Predicate]| parts.iter().map(|part| self.condition(part)).collect::<Compiled<Vec<_>>>();
        let not = |negated: bool, inner| if negated { Condition::Not(Box::new(inner)) } else { inner };
        Ok(match predicate {
            Predicate::And(all) => Condition::And(parts(all)?),
            Predicate::Or(either) => Condition::Or(parts(either)?),
            Predicate::Not(inner) => Condition::Not(Box::new(self.condition(inner)?)),
            Predicate::Compare(left, comparison, right) => {
                let (left, right) = self.compared(left, right)?;
                Condition::Compare(left, *comparison, right)
            }
            Predicate::In(term, list, negated) => {
                let mut candidates = Vec::new();
                let mut node = self.value(term)?.node;
                for candidate in list {
                    let (left, right) = self.compared(term, candidate)?;
                    node = left;
                    candidates.push(right);
                }
                not(*negated, Condition::In(node, candidates))
            }
            Predicate::Between(term, low, high, negated) => {
                let ((from, low), (to, high)) = (self.compared(term, low)?, self.compared(term, high)?);
                let parts = vec![
                    Condition::Compare(from, crate::dqdl::Comparison::GreaterOrEqual, low),
                    Condition::Compare(to, crate::dqdl::Comparison::LessOrEqual, high),
                ];
                not(*negated, Condition::And(parts))
            }
            Predicate::Like(term, pattern, negated) => {
                let typed = self.value(term)?;
                need(term, &typed, ColumnType::String, "`LIKE`")?;
                let compiled = Pattern::regex(&like(pattern))
                    .or_else(|message| fault(term, format!("`LIKE`: {message}")))?;
                not(*negated, Condition::Like(typed.node, Arc::new(compiled)))
            }
            Predicate::IsNull(term, negated) => not(*negated, Condition::IsNull(self.value(term)?.node)),
            Predicate::Holds(term) => {
                let typed = self.value(term)?;
                if typed.column_type != Some(ColumnType::Boolean) {
                    return fault(term, format!("expected a comparison, found {}", words(typed.column_type)));
                }
                Condition::Holds(typed.node)
            }
        })
    }

    /// Two values made comparable: a text written beside a date or an instant is read as one.
    fn compared(&self, left: &Expression, right: &Expression) -> Compiled<(Node, Node)> {
        let (mut first, mut second) = (self.value(left)?, self.value(right)?);
        if first.column_type.is_none() || second.column_type.is_none() {
            return fault(left, "nothing compares with NULL; write IS NULL or IS NOT NULL");
        }
        literal(left, &mut first, second.column_type)?;
        literal(right, &mut second, first.column_type)?;
        let (Some(from), Some(to)) = (first.column_type, second.column_type) else {
            return Ok((first.node, second.node));
        };
        match (from, to) {
            (ColumnType::Json, _) | (_, ColumnType::Json) => {
                fault(left, "a json value has no order; CAST it to string")
            }
            (from, to) if from == to || (is_numeric(from) && is_numeric(to)) => Ok((first.node, second.node)),
            (ColumnType::Date, ColumnType::Timestamp) => Ok((as_type(first, to), second.node)),
            (ColumnType::Timestamp, ColumnType::Date) => Ok((first.node, as_type(second, from))),
            _ => fault(
                left,
                format!("a {} does not compare with a {}; CAST one of them", type_word(from), type_word(to)),
            ),
        }
    }

    fn case(
        &self,
        expression: &Expression,
        arms: &[(Predicate, Expression)],
        rest: Option<&Expression>,
    ) -> Compiled<Typed> {
        let mut conditions = Vec::new();
        let mut values = Vec::new();
        for (test, value) in arms {
            conditions.push(self.condition(test)?);
            values.push(self.value(value)?);
        }
        values.extend(rest.map(|rest| self.value(rest)).transpose()?);
        let (mut nodes, column_type) = unified(expression, values)?;
        let rest = rest.and_then(|_| nodes.pop()).map(Box::new);
        Ok(Typed { node: Node::Case(conditions.into_iter().zip(nodes).collect(), rest), column_type })
    }

    fn call(&self, at: &Expression, function: Function, arguments: &[Expression]) -> Compiled<Typed> {
        use ColumnType::{Bigint, String};
        let values = arguments.iter().map(|argument| self.value(argument)).collect::<Compiled<Vec<_>>>()?;
        let is = |index: usize, wanted: ColumnType| match (arguments.get(index), values.get(index)) {
            (Some(argument), Some(value)) => need(argument, value, wanted, "this function"),
            _ => Ok(()),
        };
        let mut result = Some(String);
        match function {
            Function::Length | Function::Lower | Function::Upper => is(0, String)?,
            Function::Trim | Function::TrimLeft | Function::TrimRight => is(0, String)?,
            Function::Substring => {
                is(0, String)?;
                is(1, Bigint)?;
                is(2, Bigint)?;
            }
            Function::Replace => (0..3).try_for_each(|index| is(index, String))?,
            Function::Concat => {}
            Function::Coalesce => {
                let (nodes, column_type) = unified(at, values)?;
                return Ok(Typed { node: Node::Call(function, nodes), column_type });
            }
            Function::NullIf => {
                let (left, right) = self.compared(&arguments[0], &arguments[1])?;
                let column_type = values.first().and_then(|value| value.column_type);
                return Ok(Typed { node: Node::Call(function, vec![left, right]), column_type });
            }
            Function::Absolute | Function::Round | Function::Floor | Function::Ceiling => {
                number(&arguments[0], &values[0], "this function")?;
                is(1, Bigint)?;
                result = values[0].column_type;
            }
        }
        if function == Function::Length {
            result = Some(Bigint);
        }
        Ok(Typed {
            node: Node::Call(function, values.into_iter().map(|value| value.node).collect()),
            column_type: result,
        })
    }
}

/// The sentence about a cast that there is not.
pub(super) fn no_cast(from: ColumnType, to: ColumnType) -> String {
    let hint = match (from, to) {
        (_, ColumnType::Json) => "",
        (ColumnType::Json, _) => "; cast it to string first",
        (ColumnType::Bigint | ColumnType::Double, ColumnType::Date | ColumnType::Timestamp) => {
            ": a number does not say in which unit it counts"
        }
        _ => "",
    };
    format!("a {} cannot be cast to a {}{hint}", type_word(from), type_word(to))
}

fn arithmetic(at: &Expression, left: Typed, operator: Operator, right: Typed) -> Compiled<Typed> {
    number(at, &left, "arithmetic")?;
    number(at, &right, "arithmetic")?;
    let whole = [left.column_type, right.column_type].iter().all(|found| *found != Some(ColumnType::Double));
    let whole = whole && operator != Operator::Divide;
    let column_type = Some(if whole { ColumnType::Bigint } else { ColumnType::Double });
    Ok(Typed { node: Node::Arithmetic(Box::new(left.node), operator, Box::new(right.node)), column_type })
}

fn number(at: &Expression, typed: &Typed, what: &str) -> Compiled<()> {
    match typed.column_type {
        Some(found) if !is_numeric(found) => {
            fault(at, format!("{what} needs numbers, not a {}; CAST it", type_word(found)))
        }
        _ => Ok(()),
    }
}

fn need(at: &Expression, typed: &Typed, wanted: ColumnType, what: &str) -> Compiled<()> {
    match typed.column_type {
        Some(found) if found != wanted => {
            let (wanted, found) = (type_word(wanted), type_word(found));
            fault(at, format!("{what} needs a {wanted} here, not a {found}; CAST it"))
        }
        _ => Ok(()),
    }
}

/// A text that is written out, where it stands beside a date or an instant: read as one, or a fault.
fn literal(at: &Expression, typed: &mut Typed, beside: Option<ColumnType>) -> Compiled<()> {
    let Some(to @ (ColumnType::Date | ColumnType::Timestamp)) = beside else { return Ok(()) };
    let Node::Constant(text @ Datum::Text(_)) = &typed.node else { return Ok(()) };
    // A day beside an instant is its beginning, and an instant beside a day stays one.
    let read = cast(text.clone(), to).map(|value| (value, to));
    let read = read.or_else(|fault| match to {
        ColumnType::Date => {
            cast(text.clone(), ColumnType::Timestamp).map(|value| (value, ColumnType::Timestamp))
        }
        _ => Err(fault),
    });
    let (value, to) = read.or_else(|found| fault(at, found.0))?;
    *typed = Typed { node: Node::Constant(value), column_type: Some(to) };
    Ok(())
}

/// Values of one type: what can be any of them is made a double, or is of the type of the others.
fn unified(at: &Expression, values: Vec<Typed>) -> Compiled<(Vec<Node>, Option<ColumnType>)> {
    let mut common: Option<ColumnType> = None;
    for found in values.iter().filter_map(|value| value.column_type) {
        common = Some(match common {
            None => found,
            Some(before) if before == found => before,
            Some(before) if is_numeric(before) && is_numeric(found) => ColumnType::Double,
            Some(before) => {
                let (before, found) = (type_word(before), type_word(found));
                return fault(at, format!("the values are of two types, {before} and {found}; CAST one"));
            }
        });
    }
    let nodes = values.into_iter().map(|value| match (value.column_type, common) {
        (Some(found), Some(common)) if found != common => as_type(value, common),
        _ => value.node,
    });
    Ok((nodes.collect(), common))
}

fn as_type(typed: Typed, to: ColumnType) -> Node {
    Node::Cast(Box::new(typed.node), to, false)
}

fn words(column_type: Option<ColumnType>) -> String {
    column_type.map_or_else(|| "NULL".to_owned(), |found| format!("a {}", type_word(found)))
}

/// A fault at the first column that the expression names, or else at its beginning.
fn fault<T>(at: &Expression, message: impl Into<String>) -> Compiled<T> {
    Err(SqlError { offset: place(at).unwrap_or_default(), message: message.into() })
}

fn place(expression: &Expression) -> Option<usize> {
    match expression {
        Expression::Column(_, offset) => Some(*offset),
        Expression::Negative(inner)
        | Expression::Cast(inner, ..)
        | Expression::Truncate(_, inner)
        | Expression::Extract(_, inner) => place(inner),
        Expression::Arithmetic(left, _, right) => place(left).or_else(|| place(right)),
        Expression::Call(_, arguments) => arguments.iter().find_map(place),
        Expression::Case(arms, rest) => {
            arms.iter().find_map(|(_, value)| place(value)).or_else(|| rest.as_deref().and_then(place))
        }
        _ => None,
    }
}
