//! From bytes to records: what an object is, how it is unpacked, and where each record begins and ends.

pub mod avro;
pub mod columnar;
pub mod csv;
pub mod frames;
pub mod lines;
mod moments;
mod sniff;
pub mod unpack;
mod utf8;

pub use sniff::{Content, PACKED_HEAD, data_type, sniff};
pub(crate) use utf8::Utf8;

use serde::{Deserialize, Serialize};

use crate::verdict::ObjectReason;

/// The longest record in bytes. A longer one is quarantined by its beginning, and the rest of the object goes on.
pub const LONGEST_RECORD: usize = 16 << 20;
/// How much of a record that is too long is kept in quarantine.
pub const KEPT_OF_TOO_LONG: usize = 64 << 10;
/// Most fields of a CSV header.
pub const MOST_FIELDS: usize = 4_096;

/// Where a record was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Line of its first byte, from 1.
    pub line: u64,
    /// Offset of its first byte in the unpacked object.
    pub offset: u64,
}

/// What a framer hands on.
#[derive(Debug)]
pub enum Record<'a> {
    /// One JSON value.
    Json(&'a str),
    /// The names of a CSV header; comes before the first record.
    Header(&'a [String]),
    /// One CSV record: its original bytes and its fields.
    Csv(&'a [u8], csv::Fields<'a>),
    /// A record that cannot be read, with the stable word and the sentence for it.
    Broken(&'a [u8], &'static str, &'static str),
}

impl Place {
    /// Going on from here.
    pub(crate) fn resume(self) -> Resume {
        Resume { line: self.line, offset: self.offset, names: None, within: None, header: None }
    }
}

impl<'a> Record<'a> {
    /// A record that is longer than [`LONGEST_RECORD`], of which this is kept.
    pub(crate) fn too_long(kept: &'a [u8]) -> Self {
        Self::Broken(kept, "row.too_long", "the row is longer than 16 MiB; its beginning is kept")
    }

    /// A record that is no text.
    pub(crate) fn not_utf8(bytes: &'a [u8]) -> Self {
        Self::Broken(bytes, "row.not_utf8", "the row holds bytes that are not UTF-8")
    }
}

/// What is kept of a record that is too long.
pub(crate) fn kept(record: &[u8]) -> &[u8] {
    &record[..record.len().min(KEPT_OF_TOO_LONG)]
}

/// A place between two records, from which a framer of the same format goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resume {
    /// Line of the next record.
    pub line: u64,
    /// Offset of the next byte.
    pub offset: u64,
    /// Names of the fields, for CSV.
    pub names: Option<Vec<String>>,
    /// Where in a JSON document it is.
    pub within: Option<frames::Within>,
    /// What stands at the beginning of an Avro file.
    #[serde(default)]
    pub header: Option<avro::Header>,
}

/// Cuts unpacked bytes into records.
pub trait Framer {
    /// The last place between two records, where the format has such places and this is not within one that is skipped.
    fn resume(&self) -> Option<Resume> {
        None
    }

    /// Takes more bytes and hands every record that is complete to `take`.
    ///
    /// # Errors
    /// When the object as a whole cannot be read any further, or `take` fails.
    fn push(&mut self, bytes: &[u8], take: &mut Take<'_>) -> Result<(), Stop>;
    /// The bytes are over: hands on what is left.
    ///
    /// # Errors
    /// When the object ended where it must not, or `take` fails.
    fn finish(&mut self, take: &mut Take<'_>) -> Result<(), Stop>;
}

/// Takes one record.
pub type Take<'a> = dyn FnMut(Place, Record<'_>) -> Result<(), Stop> + 'a;

/// Why reading stopped.
#[derive(Debug)]
pub enum Stop {
    /// The object is refused.
    Refused(ObjectReason),
    /// A result file could not be written.
    Sink(crate::engine::SinkError),
}

/// A refusal.
pub(crate) fn refused<T>(code: &str, message: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Refused(ObjectReason::new(code, message)))
}

/// Number of line ends in `bytes`.
pub(crate) fn line_ends(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}
