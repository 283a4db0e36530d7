//! What the rules may know beside the rows: facts about the object, the moment, earlier objects, other datasets. All of it
//! is plain data that the caller hands over; what is not handed over cannot be asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Reference, Value};

/// What is known beside the rows.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Now, in milliseconds since 1970-01-01T00:00:00Z.
    pub now: Option<i64>,
    /// The object as a file.
    pub file: FileFacts,
    /// Measures of earlier objects of the dataset, newest first, by metric name; none: not known.
    pub history: Option<Vec<BTreeMap<String, f64>>>,
    /// Other datasets, by the name the rules give them; or why one cannot be had.
    pub references: BTreeMap<String, Arc<Result<Reference, String>>>,
}

impl Surroundings {
    /// Nothing is known but the size of the object.
    #[must_use]
    pub fn of_size(size_bytes: u64) -> Self {
        Self { file: FileFacts { size_bytes: Some(size_bytes), ..FileFacts::default() }, ..Self::default() }
    }
}

/// An object as a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// Size in bytes.
    pub size_bytes: Option<u64>,
    /// When it was last modified, in milliseconds since 1970-01-01T00:00:00Z.
    pub last_modified: Option<i64>,
    /// Digests in lower-case hexadecimal, by algorithm (`MD5`, `SHA-256`).
    pub digests: BTreeMap<String, String>,
}

/// A value that is kept.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "as in `Value`")]
pub enum Held {
    Null,
    Boolean(bool),
    Bigint(i64),
    Double(f64),
    Date(i32),
    Timestamp(i64),
    Text(String),
}

impl Held {
    /// As a value of a row.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Bigint(value) => Value::Bigint(*value),
            Self::Double(value) => Value::Double(*value),
            Self::Date(value) => Value::Date(*value),
            Self::Timestamp(value) => Value::Timestamp(*value),
            Self::Text(text) => Value::Text(text),
        }
    }
}

/// What a caller is able to hand over. A rule that needs more is refused at plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// `Surroundings::now`.
    pub clock: bool,
    /// `FileFacts::last_modified`.
    pub file_time: bool,
    /// `FileFacts::digests`.
    pub file_digest: bool,
    /// Most earlier objects in `Surroundings::history`.
    pub history: usize,
    /// `Surroundings::references`.
    pub references: bool,
}

impl Capabilities {
    /// What the handlers hand over today.
    pub const HANDLERS: Self =
        Self { clock: true, file_time: true, file_digest: true, history: 100, references: true };
    /// Everything.
    pub const ALL: Self =
        Self { clock: true, file_time: true, file_digest: true, history: usize::MAX, references: true };
}
