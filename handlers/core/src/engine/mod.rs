//! One streaming pass over one object: bytes in, Parquet and quarantine out, a [`Verdict`](crate::verdict::Verdict) at
//! the end.
//!
//! The engine does no I/O: the caller pushes blocks of the object as they arrive and hands over a [`Sink`] that takes
//! the bytes of the result files. Memory is bounded by block size, open files and their row groups, never by the
//! object.

mod accepted;
mod buffers;
mod checkpoint;
#[cfg(test)]
mod checkpoint_tests;
mod codecs;
mod compiled;
mod counts;
mod curate;
#[cfg(test)]
mod curate_tests;
mod encodings;
mod fields;
mod files;
#[cfg(test)]
mod format_tests;
mod json;
mod quarantine;
mod quick;
mod reading;
mod recognise;
mod row;
mod rows;
mod run;
mod stop;
#[cfg(test)]
mod tests;
mod writer;

pub use accepted::read_accepted;
pub use checkpoint::{Checkpoint, CheckpointError};
pub use compiled::CompiledDataset;
pub use curate::{CurateError, CurateRun, CuratedDataset, Curation};
pub use files::{FILE_BYTES, MOST_OPEN};
pub use json::DEEPEST;
pub(crate) use json::text::quote;
pub use reading::MOST_ROWS;
pub use run::{ObjectFacts, ObjectRun, judge};

/// Takes the result files as they are made, piece by piece.
pub trait Sink {
    /// Takes the next `bytes` of `file`; `last` when the file is complete. Pieces of one file come in order; several
    /// files may be open at once.
    ///
    /// # Errors
    /// When the bytes could not be taken; the pass stops with the same error.
    fn write(&mut self, file: &OutputFile, bytes: Vec<u8>, last: bool) -> Result<(), SinkError>;
}

/// Hands on the pieces of an [`OutputFile::Keys`] in order, or says why it cannot.
pub type ReadKeys<'a> = dyn FnMut(usize, &mut dyn FnMut(&[u8])) -> Result<(), String> + 'a;

/// Names one result file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutputFile {
    /// Accepted rows: a Parquet file with this key in the processed bucket. Must not become visible before the verdict.
    Good(String),
    /// Refused rows: an NDJSON file with this key in the quarantine bucket.
    Quarantine(String),
    /// Keys that rules about uniqueness have met so far, of the measure with this number: no result, but what a pass leaves to
    /// the one that goes on.
    Keys(usize),
}

/// Why a [`Sink`] could not take bytes.
#[derive(Debug, thiserror::Error)]
#[error("result file cannot be written: {0}")]
pub struct SinkError(pub String);
