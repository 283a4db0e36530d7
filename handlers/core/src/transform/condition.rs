//! Conditions on one row, with SQL's three values: true, false and unknown.

use std::cmp::Ordering;

use super::datum::{Datum, Fault};
use super::evaluate::Node;
use crate::columns::Pattern;
use crate::dqdl::Comparison;

/// A compiled condition.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    /// Every part is true.
    And(Vec<Condition>),
    /// Some part is true.
    Or(Vec<Condition>),
    /// The part is false.
    Not(Box<Condition>),
    /// A comparison.
    Compare(Node, Comparison, Node),
    /// Among values.
    In(Node, Vec<Node>),
    /// The whole text matches.
    Like(Node, std::sync::Arc<Pattern>),
    /// There is no value.
    IsNull(Node),
    /// A boolean.
    Holds(Node),
}

impl Condition {
    /// True, false, or unknown.
    pub fn holds<'b>(&'b self, row: &[Datum<'b>]) -> Result<Option<bool>, Fault> {
        Ok(match self {
            Self::And(parts) => joined(parts, row, false)?,
            Self::Or(parts) => joined(parts, row, true)?,
            Self::Not(inner) => inner.holds(row)?.map(|holds| !holds),
            Self::Compare(left, comparison, right) => {
                let (left, right) = (left.value(row)?, right.value(row)?);
                left.order(&right).map(|order| comparison.admits(order))
            }
            Self::In(term, list) => among(&term.value(row)?, list, row)?,
            Self::Like(term, pattern) => match term.value(row)? {
                Datum::Text(text) => Some(pattern.matches(&text)),
                _ => None,
            },
            Self::IsNull(term) => Some(term.value(row)? == Datum::Null),
            Self::Holds(term) => match term.value(row)? {
                Datum::Boolean(holds) => Some(holds),
                _ => None,
            },
        })
    }
}

/// All parts true (or, for `decisive` true, any): a decisive part decides, otherwise one unknown makes all unknown.
fn joined<'b>(parts: &'b [Condition], row: &[Datum<'b>], decisive: bool) -> Result<Option<bool>, Fault> {
    let mut unknown = false;
    for part in parts {
        match part.holds(row)? {
            Some(holds) if holds == decisive => return Ok(Some(decisive)),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok((!unknown).then_some(!decisive))
}

fn among<'b>(found: &Datum<'_>, list: &'b [Node], row: &[Datum<'b>]) -> Result<Option<bool>, Fault> {
    let mut unknown = false;
    for candidate in list {
        match found.order(&candidate.value(row)?) {
            Some(Ordering::Equal) => return Ok(Some(true)),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok((!unknown).then_some(false))
}
