//! The one form that declared columns and DQDL both become: checks on slots, and rules about the object as a whole.

mod condition;
mod lower;
mod object;

use crate::spec::ColumnType;

pub use condition::Condition;
pub use lower::{Rules, lower};
pub use object::{Measures, judge};

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
    /// Every part holds.
    All(Vec<Test>),
    /// At least one part holds.
    Any(Vec<Test>),
}

impl Test {
    /// Whether the row passes.
    #[must_use]
    pub fn passes(&self, row: &[Value<'_>]) -> bool {
        match self {
            Self::Required(slot) => row[*slot] != Value::Null,
            Self::Type(slot) => row[*slot] != Value::Mistyped,
            // A mistyped value has failed its type already; it is not reported twice.
            Self::Declared(slot, condition) => {
                matches!(row[*slot], Value::Null | Value::Mistyped) || condition.holds(&row[*slot])
            }
            Self::Dqdl(slot, condition) => condition.holds(&row[*slot]),
            Self::All(parts) => parts.iter().all(|part| part.passes(row)),
            Self::Any(parts) => parts.iter().any(|part| part.passes(row)),
        }
    }
}
