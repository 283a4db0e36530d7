//! A pass that stops and goes on elsewhere: what has to be known for the verdict to come out the same.
//!
//! A checkpoint lies between two records. What was stored and quarantined before it is final; the files after it have
//! names of their own.

use serde::{Deserialize, Serialize};

use super::CompiledDataset;
use super::counts::Counts;
use crate::formats::Resume;
use crate::identity::fingerprint;
use crate::rules::Measures;
use crate::spec::{Compression, Format};
use crate::verdict::ParquetFile;

/// The layout version of a checkpoint; one of another version is not gone on with.
const VERSION: u32 = 2;

/// Everything a pass has come to so far.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkpoint {
    version: u32,
    /// [`fingerprint`] of the dataset's spec.
    dataset: String,
    pub(super) format: Format,
    /// How the object is packed, if it is.
    pub(super) packed: Option<Compression>,
    pub(super) resume: Resume,
    pub(super) seen: u64,
    pub(super) counts: Counts,
    /// Without keys, which went to the sink.
    pub(super) measures: Measures,
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
    /// A format that is read whole.
    #[error("an object that is read as a whole has no places to go on from")]
    NoPlaces,
    /// The object was refused, so there is nothing to go on with.
    #[error("the object was refused")]
    Refused,
    /// Made for another dataset, or by another version.
    #[error("the checkpoint belongs to another dataset or version")]
    Foreign,
    /// The keys of rules about uniqueness cannot be had back.
    #[error("what was counted so far cannot be had back: {0}")]
    Keys(String),
    /// A result file could not be written.
    #[error("{0}")]
    Sink(String),
}

/// What the parts of a pass have come to.
pub(super) struct Parts {
    pub format: Format,
    pub packed: Option<Compression>,
    pub resume: Resume,
    pub seen: u64,
    pub counts: Counts,
    pub measures: Measures,
    pub files: Vec<ParquetFile>,
    pub made: usize,
    pub quarantines: usize,
}

impl Checkpoint {
    pub(super) fn new(dataset: &CompiledDataset, parts: Parts) -> Self {
        let Parts { format, packed, resume, seen, counts, measures, files, made, quarantines } = parts;
        let dataset = dataset.fingerprint();
        Self {
            version: VERSION,
            dataset,
            format,
            packed,
            resume,
            seen,
            counts,
            measures,
            files,
            made,
            quarantines,
        }
    }

    /// Offset of the next byte of the object to be pushed. A packed object is pushed from its beginning again: it has no
    /// places to begin unpacking at, and what was judged is passed over once it is unpacked.
    #[must_use]
    pub fn offset(&self) -> u64 {
        if self.packed.is_some() { 0 } else { self.resume.offset }
    }

    /// Bytes of the object, unpacked, that are judged.
    #[must_use]
    pub fn judged_bytes(&self) -> u64 {
        self.resume.offset
    }

    /// Rows that are judged.
    #[must_use]
    pub fn judged_rows(&self) -> u64 {
        self.counts.rows.total
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
