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
    /// It and the other files of its dataset; or why they cannot be told.
    pub siblings: Option<Result<Siblings, String>>,
}

/// What tells two files of a dataset apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileIdentity {
    /// The digest of its content.
    pub content: String,
    /// Its name without its folder, or what stands for it.
    pub name: String,
}

/// A file among the files of its dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Siblings {
    /// The file itself.
    pub own: FileIdentity,
    /// Accepted files, the newest first.
    pub others: Vec<FileIdentity>,
}

impl Siblings {
    /// How many files there are, this one and the newest others, and how many of them share their content with none; nor,
    /// where names count, their name.
    #[must_use]
    pub fn count(&self, recent: Option<usize>, names: bool) -> (usize, usize) {
        let most = recent.map_or(usize::MAX, |files| files.saturating_sub(1));
        let files = || std::iter::once(&self.own).chain(self.others.iter().take(most));
        let (mut by_content, mut by_name) = (BTreeMap::new(), BTreeMap::new());
        for file in files() {
            *by_content.entry(&file.content).or_insert(0) += 1;
            *by_name.entry(&file.name).or_insert(0) += 1;
        }
        let alone =
            |file: &&FileIdentity| by_content[&file.content] == 1 && (!names || by_name[&file.name] == 1);
        (files().count(), files().filter(alone).count())
    }
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
