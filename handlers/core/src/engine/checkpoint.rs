//! A pass that stops and goes on elsewhere: what has to be known for the verdict to come out the same.
//!
//! A checkpoint lies between two records. What was stored and quarantined before it is final; the files after it have
//! names of their own.

use serde::{Deserialize, Serialize};

use super::CompiledDataset;
use super::counts::Counts;
use crate::formats::Resume;
use crate::identity::fingerprint;
use crate::spec::Format;
use crate::verdict::ParquetFile;

/// The layout version of a checkpoint; one of another version is not gone on with.
const VERSION: u32 = 1;

/// Everything a pass has come to so far.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkpoint {
    version: u32,
    /// [`fingerprint`] of the dataset's spec.
    dataset: String,
    pub(super) format: Format,
    pub(super) resume: Resume,
    pub(super) seen: u64,
    pub(super) counts: Counts,
    pub(super) measures: serde_json::Value,
    pub(super) files: Vec<ParquetFile>,
    /// Files begun so far.
    pub(super) made: usize,
    /// Quarantine files begun so far.
    pub(super) quarantines: usize,
}

/// Why a pass cannot stop here, or not go on from a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Within a row that is too long, or before it is known how the object is read.
    #[error("there is no place between two rows yet")]
    NotBetweenRows,
    /// A packed object, or a format that is read whole.
    #[error("an object that is packed, or read as a whole, has no places to go on from")]
    NoPlaces,
    /// The object was refused, so there is nothing to go on with.
    #[error("the object was refused")]
    Refused,
    /// Made for another dataset, or by another version.
    #[error("the checkpoint belongs to another dataset or version")]
    Foreign,
    /// The measures cannot be written down or read again.
    #[error("the measures of the rules cannot be kept: {0}")]
    Measures(String),
    /// A result file could not be written.
    #[error("{0}")]
    Sink(String),
}

/// What the parts of a pass have come to.
pub(super) struct Parts {
    pub format: Format,
    pub resume: Resume,
    pub seen: u64,
    pub counts: Counts,
    pub measures: serde_json::Value,
    pub files: Vec<ParquetFile>,
    pub made: usize,
    pub quarantines: usize,
}

impl Checkpoint {
    pub(super) fn new(dataset: &CompiledDataset, parts: Parts) -> Self {
        let Parts { format, resume, seen, counts, measures, files, made, quarantines } = parts;
        let dataset = dataset.fingerprint();
        Self { version: VERSION, dataset, format, resume, seen, counts, measures, files, made, quarantines }
    }

    /// Offset of the next byte of the object to be pushed.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.resume.offset
    }

    pub(super) fn belongs_to(&self, dataset: &CompiledDataset) -> bool {
        self.version == VERSION && self.dataset == dataset.fingerprint()
    }
}

impl CompiledDataset {
    fn fingerprint(&self) -> String {
        fingerprint(&serde_json::to_vec(&self.spec).unwrap_or_default())
    }
}
