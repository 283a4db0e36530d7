//! The part of SQL that `where` and `CustomSql` may use: predicates on one row, and one aggregate over rows.
//!
//! `=`, `<>`, `!=`, `<`, `<=`, `>`, `>=`, `AND`, `OR`, `NOT`, `IN`, `BETWEEN` (inclusive, as SQL has it), `LIKE`,
//! `IS [NOT] NULL`, parentheses, literals, column names, `+ - * / %`, `length`, `lower`, `upper` and `trim`. What lies
//! outside is a fault with its place, never ignored.

mod ast;
mod lexer;
mod parse;
#[cfg(test)]
mod tests;

pub use ast::{Aggregate, Expression, Function, Operator, Predicate, Projection, Statement};
pub use parse::{parse_predicate, parse_statement};

/// A fault in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    /// The character it is at, from 0.
    pub offset: usize,
    /// What was found and what was expected.
    pub message: String,
}
