//! The tree of a DQDL document.

/// A document: its rules in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruleset {
    /// `Rule_1`, `Rule_2`, ….
    pub rules: Vec<RuleExpression>,
}

/// A rule, or several joined.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleExpression {
    /// One rule.
    Rule(Rule),
    /// `(a) and (b)`.
    And(Vec<RuleExpression>),
    /// `(a) or (b)`.
    Or(Vec<RuleExpression>),
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What it measures.
    pub rule_type: RuleType,
    /// The column it is about, for rules about one.
    pub column: Option<String>,
    /// What the measure must satisfy.
    pub condition: Option<Condition>,
    /// `with threshold`: what the share of rows that pass must satisfy.
    pub threshold: Option<Condition>,
}

/// The rule types that are evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleType {
    /// No value is null.
    IsComplete,
    /// Every value satisfies the condition.
    ColumnValues,
    /// The length of every value in characters satisfies the condition.
    ColumnLength,
    /// The number of rows satisfies the condition.
    RowCount,
    /// The share of rows with a value satisfies the condition.
    Completeness,
}

impl RuleType {
    /// The word in the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::IsComplete => "IsComplete",
            Self::ColumnValues => "ColumnValues",
            Self::ColumnLength => "ColumnLength",
            Self::RowCount => "RowCount",
            Self::Completeness => "Completeness",
        }
    }

    /// Whether each row has its own outcome.
    #[must_use]
    pub fn is_row_level(self) -> bool {
        matches!(self, Self::IsComplete | Self::ColumnValues | Self::ColumnLength)
    }

    pub(super) const ALL: [Self; 5] =
        [Self::IsComplete, Self::ColumnValues, Self::ColumnLength, Self::RowCount, Self::Completeness];
}

/// Every rule type of the language, evaluated here or not.
pub const KNOWN_TYPES: &[&str] = &[
    "AggregateMatch",
    "AllStatistics",
    "ColumnCorrelation",
    "ColumnCount",
    "ColumnDataType",
    "ColumnExists",
    "ColumnLength",
    "ColumnNamesMatchPattern",
    "ColumnValues",
    "Completeness",
    "CustomSql",
    "DataFreshness",
    "DatasetMatch",
    "DetectAnomalies",
    "DistinctValuesCount",
    "Entropy",
    "FileFreshness",
    "FileMatch",
    "FileSize",
    "FileUniqueness",
    "IsComplete",
    "IsPrimaryKey",
    "IsUnique",
    "Mean",
    "ReferentialIntegrity",
    "RowCount",
    "RowCountMatch",
    "SchemaMatch",
    "StandardDeviation",
    "Sum",
    "UniqueValueRatio",
    "Uniqueness",
    "Variance",
];

/// What a measure must satisfy.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `= x`, `> x`, ….
    Compare(Comparison, Literal),
    /// `[not] between low and high`.
    Between(Range),
    /// `[not] in [..]`.
    In {
        /// Whether it is `not in`.
        negated: bool,
        /// The values.
        values: Vec<Literal>,
    },
    /// `[not] matches "regex"`.
    Matches {
        /// Whether it is `not matches`.
        negated: bool,
        /// The regular expression; it must match the whole text.
        pattern: String,
    },
}

/// A range; as in Glue `between` excludes both ends and `not between` includes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// Whether it is `not between`.
    pub negated: bool,
    /// Lower end.
    pub low: Literal,
    /// Upper end.
    pub high: Literal,
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

impl Comparison {
    /// The operator's sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }
}

/// A value in a condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A number; the text as written, kept for printing.
    Number(String),
    /// A text.
    Text(String),
    /// `NULL`
    Null,
    /// `EMPTY`
    Empty,
    /// `WHITESPACES_ONLY`
    WhitespacesOnly,
}

impl Literal {
    /// The number, for number literals.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(text) => text.parse().ok(),
            _ => None,
        }
    }
}
