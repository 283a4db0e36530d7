//! What a pass needs beside the reading of text: the unpackers, the readers of binary formats, the files of accepted rows.
//!
//! They are handed to a pass when it begins, so that a program that judges texts only does not carry megabytes of them.

use std::sync::Arc;

use parquet::errors::ParquetError;

use super::CompiledDataset;
use super::writer::{FileWriter, RowFile, Shape};
use crate::formats::avro::Avro;
use crate::formats::columnar::Spool;
use crate::formats::unpack::{TakeBytes, Unpacker, damaged, unpacker};
use crate::formats::{Framer, Stop, Take, refused};
use crate::rules::Value;
use crate::spec::Compression;

/// The parts.
#[derive(Clone, Copy)]
pub(super) struct Codecs {
    /// What unpacks; none for what is not packed.
    pub unpacker: fn(Compression) -> Option<Box<dyn Unpacker + Send>>,
    /// What reads the rows of Parquet.
    pub parquet: fn() -> Box<dyn Framer + Send>,
    /// What reads the rows of Avro.
    pub avro: fn() -> Box<dyn Framer + Send>,
    /// What begins the files of a dataset's accepted rows.
    pub files: fn(&CompiledDataset) -> Arc<dyn BeginFile>,
}

/// Begins files of rows that have the same columns.
pub(super) trait BeginFile: std::fmt::Debug + Send + Sync {
    /// A file without rows.
    fn begin(self: Arc<Self>) -> Box<dyn RowFile>;
}

/// All of them.
pub(super) const ALL: Codecs = Codecs {
    unpacker,
    parquet: || Box::new(Spool::default()),
    avro: || Box::new(Avro::default()),
    files: |dataset| Arc::new(Shape::new(dataset)),
};

/// Those for a text: what is packed or Parquet holds bytes that no text has, and accepted rows are counted, not stored.
pub(super) const TEXT: Codecs = Codecs {
    unpacker: |compression| match compression {
        Compression::Auto | Compression::None => None,
        packed => Some(Box::new(NoText::Packed(packed))),
    },
    parquet: || Box::new(NoText::Parquet),
    avro: || Box::new(NoText::Avro),
    files: |_| Arc::new(Counted),
};

impl BeginFile for Shape {
    fn begin(self: Arc<Self>) -> Box<dyn RowFile> {
        Box::new(FileWriter::new(self))
    }
}

/// A text that begins like something else, and so is refused.
#[derive(Debug, Clone, Copy)]
enum NoText {
    Packed(Compression),
    Parquet,
    Avro,
}

impl NoText {
    fn refuse(self) -> Result<(), Stop> {
        match self {
            Self::Packed(compression) => damaged(compression),
            Self::Parquet => refused("malformed_parquet", "the Parquet file cannot be read"),
            Self::Avro => {
                refused("unsupported_format", "the text begins as Avro does, which is not read from a text")
            }
        }
    }
}

impl Framer for NoText {
    fn push(&mut self, _bytes: &[u8], _take: &mut Take<'_>) -> Result<(), Stop> {
        self.refuse()
    }

    fn finish(&mut self, _take: &mut Take<'_>) -> Result<(), Stop> {
        self.refuse()
    }
}

impl Unpacker for NoText {
    fn push(&mut self, _bytes: &[u8], _take: &mut TakeBytes<'_>) -> Result<(), Stop> {
        self.refuse()
    }

    fn finish(&mut self, _take: &mut TakeBytes<'_>) -> Result<(), Stop> {
        self.refuse()
    }
}

/// Begins files that hold nothing.
#[derive(Debug)]
struct Counted;

/// Rows that are counted.
struct Count(u64);

impl BeginFile for Counted {
    fn begin(self: Arc<Self>) -> Box<dyn RowFile> {
        Box::new(Count(0))
    }
}

impl RowFile for Count {
    fn add(&mut self, _values: &[Value<'_>], _own: Option<&str>) -> Result<(), ParquetError> {
        self.0 += 1;
        Ok(())
    }

    fn memory(&self) -> usize {
        0
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        Ok(())
    }

    fn take(&mut self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    fn finish(&mut self) -> Result<Vec<Vec<u8>>, ParquetError> {
        Ok(Vec::new())
    }

    fn rows(&self) -> u64 {
        self.0
    }

    fn bytes(&self) -> u64 {
        0
    }
}
