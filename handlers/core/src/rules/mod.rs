//! The one form that declared columns and DQDL both become: checks on slots, and rules about the object as a whole.

mod condition;
mod entries;
mod failures;
mod files;
mod frequencies;
mod hash;
mod history;
mod literal;
mod lower;
mod measures;
mod metric;
mod moments;
mod numbers;
mod object;
mod predicate;
mod reference;
mod references;
mod remember;
mod result;
mod spill;
mod sql_type;
mod surroundings;

use std::collections::BTreeSet;

use crate::spec::{Action, ColumnType, Severity};

pub use condition::{Condition, NumberCondition, Set};
pub use failures::rule_failures;
pub use frequencies::{InMemory, KeyCounts, Unkept};
pub use hash::Key;
pub use literal::Literal;
#[cfg(feature = "engine")]
pub(crate) use literal::moment;
pub use lower::{lower, lower_with};
pub use measures::{Measure, Measured, Measures};
pub use metric::{Metric, MetricKind};
pub use object::{CONTENT, ObjectRule, judge, judge_in};
pub use predicate::Predicate;
pub(crate) use predicate::like;
pub use reference::{Asked, Reference};
pub use remember::{LookBack, can_be_kept};
pub use result::{
    AggregatedMetrics, AnalyzerResult, QualityResult, ResultDocument, RowOutcome, RowTally, quality_result,
    row_outcome,
};
pub use spill::{Spill, Spilling};
pub use sql_type::SqlType;
pub use surroundings::{Capabilities, FileFacts, FileIdentity, Held, Siblings, Surroundings};

/// Everything a dataset's rows and objects are held to.
#[derive(Debug, Default)]
pub struct Rules {
    /// Declared columns; a column's place here is its slot in a row.
    pub columns: Vec<Column>,
    /// Checks on each row.
    pub row_checks: Vec<RowCheck>,
    /// Predicates that rows are filtered by, with their text.
    pub filters: Vec<(String, Predicate)>,
    /// What is measured over the rows.
    pub measures: Vec<Measure>,
    /// Rules about the object as a whole.
    pub object_checks: Vec<ObjectCheck>,
    /// What is measured without being judged.
    pub analyzers: Vec<Metric>,
    /// The rules of the ruleset in the order written, each by where it went.
    pub order: Vec<Ordered>,
    /// Columns of which some row must have a value, each with the index into `Rules::measures` that tells.
    pub expected: Vec<(String, usize)>,
    /// Most keys that may be kept for uniqueness, over all measures.
    pub most_keys: usize,
}

impl Rules {
    /// Names of the digests of the object that rules ask for, as `FileFacts::digests` has them.
    #[must_use]
    pub fn digests(&self) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        self.object_checks.iter().for_each(|check| check.rule.digests(&mut found));
        found
    }

    /// How many files of the dataset, this one among them, the rules look at; none: no rule asks about other files.
    #[must_use]
    pub fn siblings(&self) -> Option<usize> {
        self.object_checks.iter().filter_map(|check| check.rule.siblings()).max()
    }

    /// The first column of which some row must have a value and none has.
    #[must_use]
    pub fn missing_column(&self, measures: &Measures) -> Option<&str> {
        let missing = self.expected.iter().find(|(_, measure)| measures.counted(*measure) == 0);
        missing.map(|(name, _)| name.as_str())
    }
}

/// Where a rule of the ruleset went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordered {
    /// An index into `Rules::row_checks`.
    Row(usize),
    /// An index into `Rules::object_checks`.
    Object(usize),
}

/// A rule about the object as a whole.
#[derive(Debug)]
pub struct ObjectCheck {
    /// `Rule_1`, or the user's name.
    pub name: String,
    /// The rule as written, normalised.
    pub text: String,
    /// What it looks at.
    pub rule: ObjectRule,
    /// What it brings about.
    pub consequence: Consequence,
}

/// What a rule that does not hold brings about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    /// What happens.
    pub action: Action,
    /// How bad it is.
    pub severity: Severity,
    /// What it weighs in the score.
    pub weight: u32,
    /// Labels.
    pub labels: Vec<(String, String)>,
}

/// One value of a row after its type was checked. Texts stay where they were read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Absent or null.
    Null,
    /// Not of the declared type.
    Mistyped,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Bigint(i64),
    /// A floating point number.
    Double(f64),
    /// Days since 1970-01-01.
    Date(i32),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
    /// A text.
    Text(&'a str),
    /// A JSON text.
    Json(&'a str),
}

/// A declared column with its place in the row.
#[derive(Debug)]
pub struct Column {
    /// Name as declared.
    pub name: String,
    /// Type.
    pub column_type: ColumnType,
}

/// A check that every row has to pass.
#[derive(Debug)]
pub struct RowCheck {
    /// The rule's name in reasons and counts.
    pub rule: String,
    /// The column it is about; empty for joined rules.
    pub column: String,
    /// One sentence for people; holds no value from the data.
    pub message: String,
    /// What it looks at.
    pub test: Test,
    /// What it brings about.
    pub consequence: Consequence,
    /// For rules of the language: `Rule_1` or the user's name.
    pub name: String,
    /// For rules of the language: the rule as written, normalised.
    pub text: String,
    /// For rules of the language: the name of the share of rows that pass.
    pub metric: String,
}

/// What a check looks at.
#[derive(Debug)]
pub enum Test {
    /// A slot has a value.
    Required(usize),
    /// A slot's value is of the declared type.
    Type(usize),
    /// A slot's value, when it has one, satisfies the condition.
    Declared(usize, Condition),
    /// A DQDL leaf: the condition decides about null as well.
    Dqdl(usize, Condition),
    /// The predicate is true.
    Holds(Predicate),
    /// The part, for rows of which the predicate is true; others pass.
    Where(Predicate, Box<Test>),
    /// Every part holds.
    All(Vec<Test>),
    /// At least one part holds.
    Any(Vec<Test>),
}

impl Test {
    /// Whether the row passes, when nothing looks at the clock.
    #[must_use]
    pub fn passes(&self, row: &[Value<'_>]) -> bool {
        self.passes_at(row, None)
    }

    /// Whether the row passes at the moment `now`, in milliseconds. Without a moment nothing that needs one passes.
    #[must_use]
    pub fn passes_at(&self, row: &[Value<'_>], now: Option<i64>) -> bool {
        match self {
            Self::Required(slot) => row[*slot] != Value::Null,
            Self::Type(slot) => row[*slot] != Value::Mistyped,
            // A mistyped value has failed its type already; it is not reported twice.
            Self::Declared(slot, condition) => {
                matches!(row[*slot], Value::Null | Value::Mistyped) || condition.holds_at(&row[*slot], now)
            }
            Self::Dqdl(slot, condition) => condition.holds_at(&row[*slot], now),
            Self::Holds(predicate) => predicate.holds(row) == Some(true),
            Self::Where(predicate, inner) => predicate.holds(row) != Some(true) || inner.passes_at(row, now),
            Self::All(parts) => parts.iter().all(|part| part.passes_at(row, now)),
            Self::Any(parts) => parts.iter().any(|part| part.passes_at(row, now)),
        }
    }
}
