//! The part of SQL that is understood: predicates on one row and one aggregate over rows for `where` and `CustomSql` of
//! rules; values, predicates and one `SELECT` of rows for transforms.
//!
//! Rules: `=`, `<>`, `!=`, `<`, `<=`, `>`, `>=`, `AND`, `OR`, `NOT`, `IN`, `BETWEEN` (inclusive, as SQL has it), `LIKE`,
//! `IS [NOT] NULL`, parentheses, literals, column names, `+ - * / %`, `length`, `lower`, `upper` and `trim`. Transforms
//! have besides `||`, `CASE`, `CAST`, `TRY_CAST`, `DATE '…'`, `TIMESTAMP '…'`, `DATE_TRUNC`, `EXTRACT` and the functions of
//! [`Function::OF_VALUES`]. What lies outside is a fault with its place, never ignored.

mod ast;
mod lexer;
mod parse;
#[cfg(test)]
mod tests;

pub use ast::{
    Aggregate, Expression, Function, Item, Operator, Predicate, Projection, Selection, Statement, Unit,
};
pub use parse::{parse_condition, parse_predicate, parse_selection, parse_statement, parse_value};

/// A fault in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    /// The character it is at, from 0.
    pub offset: usize,
    /// What was found and what was expected.
    pub message: String,
}
