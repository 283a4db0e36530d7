//! The tree of a predicate, of a value and of a statement.

use crate::dqdl::Comparison;
use crate::spec::ColumnType;

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
    Call(Function, Vec<Expression>),
    /// `CASE WHEN p THEN x … ELSE y END`
    Case(Vec<(Predicate, Expression)>, Option<Box<Expression>>),
    /// `CAST(x AS type)`, or `TRY_CAST`, which gives null for what cannot be.
    Cast(Box<Expression>, ColumnType, bool),
    /// `DATE '2026-01-31'`: days since 1970-01-01.
    Date(i32),
    /// `TIMESTAMP '2026-01-31T10:00:00Z'`: milliseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// `DATE_TRUNC('month', x)`
    Truncate(Unit, Box<Expression>),
    /// `EXTRACT(month FROM x)`
    Extract(Unit, Box<Expression>),
    /// A predicate as a value.
    Test(Box<Predicate>),
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

/// Functions.
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
    /// Without blanks at its beginning.
    TrimLeft,
    /// Without blanks at its end.
    TrimRight,
    /// The characters from a place on, at most so many.
    Substring,
    /// With every occurrence of a text replaced by another.
    Replace,
    /// One text after the other.
    Concat,
    /// The first value that is not null.
    Coalesce,
    /// Null where two values are equal.
    NullIf,
    /// Without its sign.
    Absolute,
    /// To so many digits after the point.
    Round,
    /// The next smaller whole number.
    Floor,
    /// The next larger whole number.
    Ceiling,
}

/// A function's word and how many arguments it takes.
pub type Signature = (&'static str, Function, usize, usize);

impl Function {
    /// Every function of rules with its word.
    pub const OF_RULES: [Signature; 5] = [
        ("length", Self::Length, 1, 1),
        ("char_length", Self::Length, 1, 1),
        ("lower", Self::Lower, 1, 1),
        ("upper", Self::Upper, 1, 1),
        ("trim", Self::Trim, 1, 1),
    ];
    /// The functions that expressions of transforms have beside these.
    pub const OF_VALUES: [Signature; 13] = [
        ("ltrim", Self::TrimLeft, 1, 1),
        ("rtrim", Self::TrimRight, 1, 1),
        ("substr", Self::Substring, 2, 3),
        ("substring", Self::Substring, 2, 3),
        ("replace", Self::Replace, 3, 3),
        ("concat", Self::Concat, 1, usize::MAX),
        ("coalesce", Self::Coalesce, 1, usize::MAX),
        ("nullif", Self::NullIf, 2, 2),
        ("abs", Self::Absolute, 1, 1),
        ("round", Self::Round, 1, 2),
        ("floor", Self::Floor, 1, 1),
        ("ceil", Self::Ceiling, 1, 1),
        ("ceiling", Self::Ceiling, 1, 1),
    ];
}

/// Parts of days and instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Year of the calendar.
    Year,
    /// Quarter of the year, from 1.
    Quarter,
    /// Month of the year, from 1.
    Month,
    /// Week, which begins on Monday; only to truncate to.
    Week,
    /// Day of the month, from 1.
    Day,
    /// Day of the week, Monday being 1; only to extract.
    DayOfWeek,
    /// Hour of the day.
    Hour,
    /// Minute of the hour.
    Minute,
    /// Second of the minute.
    Second,
}

impl Unit {
    /// Every unit with its word.
    pub const WORDS: [(&'static str, Self); 9] = [
        ("year", Self::Year),
        ("quarter", Self::Quarter),
        ("month", Self::Month),
        ("week", Self::Week),
        ("day", Self::Day),
        ("day_of_week", Self::DayOfWeek),
        ("hour", Self::Hour),
        ("minute", Self::Minute),
        ("second", Self::Second),
    ];
}

/// `SELECT … FROM source [WHERE …]`: rows to rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// What is selected, in order.
    pub items: Vec<Item>,
    /// The table named, and the character it is named at.
    pub table: (String, usize),
    /// Of which rows.
    pub filter: Option<Predicate>,
}

/// One thing selected.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `*`
    All,
    /// `x AS name`; of a column alone the name may be left out.
    Value {
        /// What is computed.
        value: Expression,
        /// Its name.
        name: String,
        /// The character it begins at.
        offset: usize,
    },
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
