//! The tree of a predicate and of a statement.

use crate::dqdl::Comparison;

/// What is true, false or unknown of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// Every part is true.
    And(Vec<Predicate>),
    /// Some part is true.
    Or(Vec<Predicate>),
    /// The part is false.
    Not(Box<Predicate>),
    /// A comparison.
    Compare(Expression, Comparison, Expression),
    /// `x [NOT] IN (a, b)`
    In(Expression, Vec<Expression>, bool),
    /// `x [NOT] BETWEEN a AND b`, both ends included.
    Between(Expression, Expression, Expression, bool),
    /// `x [NOT] LIKE 'a%'`
    Like(Expression, String, bool),
    /// `x IS [NOT] NULL`
    IsNull(Expression, bool),
    /// A boolean column or literal by itself.
    Holds(Expression),
}

/// What has a value in a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A column, and the character it is named at.
    Column(String, usize),
    /// A number as written.
    Number(String),
    /// A text.
    Text(String),
    /// `TRUE` or `FALSE`
    Boolean(bool),
    /// `NULL`
    Null,
    /// `-x`
    Negative(Box<Expression>),
    /// `a + b`
    Arithmetic(Box<Expression>, Operator, Box<Expression>),
    /// `length(x)`
    Call(Function, Box<Expression>),
}

/// Arithmetic operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

/// Functions of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Length in characters.
    Length,
    /// In lower case.
    Lower,
    /// In upper case.
    Upper,
    /// Without blanks at both ends.
    Trim,
}

impl Function {
    /// Every function with its word.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("length", Self::Length),
        ("char_length", Self::Length),
        ("lower", Self::Lower),
        ("upper", Self::Upper),
        ("trim", Self::Trim),
    ];
}

/// `SELECT … FROM primary [WHERE …]`
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What is selected.
    pub projection: Projection,
    /// Of which rows.
    pub filter: Option<Predicate>,
}

/// What a statement selects.
#[derive(Debug, Clone, PartialEq)]
pub enum Projection {
    /// `*`
    All,
    /// Columns, each with the character it is named at.
    Columns(Vec<(String, usize)>),
    /// An aggregate of a column; of none for `count(*)`.
    Aggregate(Aggregate, Option<(String, usize)>),
}

/// Aggregates over rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// Number of rows, or of values.
    Count,
    /// Sum of values.
    Sum,
    /// Mean of values.
    Average,
    /// Smallest value.
    Minimum,
    /// Largest value.
    Maximum,
}

impl Aggregate {
    /// Every aggregate with its word.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("count", Self::Count),
        ("sum", Self::Sum),
        ("avg", Self::Average),
        ("min", Self::Minimum),
        ("max", Self::Maximum),
    ];
}
