//! DQDL, the Data Quality Definition Language of AWS Glue: text to rules and back.
//!
//! The grammar is AWS's; this parser is ours: recursive descent, errors with line, column and what was expected, several at
//! once. The whole language is read; what the engine cannot evaluate is refused by `check`, by name and with the reason.

mod ast;
mod condition;
mod lexer;
mod parse;
mod print;
mod rule_types;
#[cfg(test)]
mod tests;

pub use ast::{
    Analyzer, Connector, Entry, EntryValue, Label, Parameter, ParameterForm, Place, Quoted, Rule,
    RuleExpression, Ruleset, Tag, Variable,
};
pub use condition::{
    ArithmeticOperator, Comparison, Condition, Duration, DurationUnit, Operand, OperandKind, Range, Size,
    SizeUnit, Values,
};
pub use parse::{parse, parse_rule};
pub use rule_types::{Need, RULE_TYPES, RuleInfo, RuleType, TAGS};

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
