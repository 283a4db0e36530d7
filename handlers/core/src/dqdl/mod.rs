//! DQDL, the Data Quality Definition Language of AWS Glue: text to rules and back.
//!
//! The grammar is AWS's; this parser is ours: recursive descent, errors with line, column and what was expected, several at
//! once. Every rule type of the language is known by name; those that are not evaluated yet are refused, never passed.

mod ast;
mod lexer;
mod parse;
mod print;
#[cfg(test)]
mod tests;

pub use ast::{Comparison, Condition, KNOWN_TYPES, Literal, Range, Rule, RuleExpression, RuleType, Ruleset};
pub use parse::parse;

/// One fault in a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct DqdlError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub message: String,
}
