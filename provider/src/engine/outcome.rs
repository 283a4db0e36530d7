//! What became of each object: the result of a walk, for state and diagnostics.

use std::collections::{BTreeMap, BTreeSet};

/// In the place of a hash: the object may be there, but a call to it was not answered and it could not be looked at since.
pub const NOT_KNOWN: &str = "not known";

/// Why one operation on one object failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {code}: {message}")]
pub struct Failure {
    /// The call, e.g. `sqs:CreateQueue`.
    pub operation: String,
    /// AWS's error code, or a word of ours.
    pub code: String,
    /// AWS's message, or a sentence of ours.
    pub message: String,
    /// AWS's request id, when there was an answer.
    pub request_id: Option<String>,
    /// Whether the failure says that the object is already there.
    pub exists: bool,
}

impl Failure {
    /// A failure of ours, without an AWS answer.
    pub fn ours(operation: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self {
            operation: operation.into(),
            code: code.to_owned(),
            message: message.into(),
            request_id: None,
            exists: false,
        }
    }
}

/// What became of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It was as desired.
    Kept,
    /// It was made, or changed in these fields.
    Done(Vec<String>),
    /// It was removed, or was not there any more.
    Deleted,
    /// It failed; what was read of it afterwards decides what the state says.
    Failed(Failure),
    /// It was not tried because these objects are missing.
    Skipped(Vec<String>),
    /// It was not tried because a stop was asked for or time was up.
    Interrupted,
}

impl Status {
    /// One word for the log.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Done(_) => "done",
            Self::Deleted => "deleted",
            Self::Failed(_) => "failed",
            Self::Skipped(_) => "skipped",
            Self::Interrupted => "interrupted",
        }
    }
}

/// The result of a walk.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Each object's fate, by logical name.
    pub statuses: BTreeMap<String, Status>,
    /// For each object known to exist after the walk: the hash of its managed fields; [`NOT_KNOWN`] where it may exist.
    pub hashes: BTreeMap<String, String>,
    /// Objects that nothing was done to and that were not seen: not tried, or not readable.
    pub unseen: BTreeSet<String>,
}

impl Outcome {
    /// Whether every object is as desired.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.statuses
            .values()
            .all(|status| matches!(status, Status::Kept | Status::Done(_) | Status::Deleted))
    }

    /// The failures, by logical name.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &Failure)> {
        self.statuses.iter().filter_map(|(key, status)| match status {
            Status::Failed(failure) => Some((key.as_str(), failure)),
            _ => None,
        })
    }

    /// Keys of the objects that were not tried.
    pub fn untried(&self) -> impl Iterator<Item = &str> {
        self.statuses
            .iter()
            .filter(|(_, status)| matches!(status, Status::Skipped(_) | Status::Interrupted))
            .map(|(key, _)| key.as_str())
    }
}
