//! Parquet in. A file is read from its end, so it is spooled up to a limit, or read by ranges where there are some; then
//! row group by row group, each row as JSON text, so that it is judged and kept as every other row is.

mod project;
mod ranges;
#[cfg(test)]
mod tests;
mod text;

use bytes::Bytes;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;

pub use self::project::project;
pub use self::ranges::Ranges;
use self::ranges::{Chunks, Shared};
use super::{Framer, LONGEST_RECORD, Place, Record, Resume, Stop, Take, kept, refused};

/// The first bytes of a file, and its last.
pub const MAGIC: &[u8] = b"PAR1";
/// The largest file that is read without ranges: it is held in memory.
pub const MOST_SPOOLED: usize = 64 << 20;
/// Rows decoded at once.
const BATCH: usize = 1_024;

/// Holds a file until it is complete.
#[derive(Debug, Default)]
pub struct Spool(Vec<u8>);

impl Framer for Spool {
    fn push(&mut self, bytes: &[u8], _take: &mut Take<'_>) -> Result<(), Stop> {
        if self.0.len() + bytes.len() > MOST_SPOOLED {
            let message =
                format!("a Parquet file of more than {} MiB can only be read by ranges", MOST_SPOOLED >> 20);
            return refused("parquet_too_large", message);
        }
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        rows(Bytes::from(std::mem::take(&mut self.0)), 0, &mut || false, take).map(drop)
    }
}

/// A file that is read by ranges, between two of its rows. It has no bytes to be pushed.
#[derive(Debug)]
pub struct Paused(Place);

impl Paused {
    /// Before the row of this line; the offset is how much of the file's bytes its rows before make up.
    #[must_use]
    pub fn at(next: Place) -> Self {
        Self(next)
    }
}

impl Framer for Paused {
    fn resume(&self) -> Option<Resume> {
        Some(self.0.resume())
    }

    fn push(&mut self, _bytes: &[u8], _take: &mut Take<'_>) -> Result<(), Stop> {
        refused(
            "parquet_too_large",
            "a Parquet file that was begun by ranges can only be gone on with by ranges",
        )
    }

    fn finish(&mut self, _take: &mut Take<'_>) -> Result<(), Stop> {
        refused("malformed_parquet", "the Parquet file was not read to its end")
    }
}

/// Hands on the rows of a file that is read by ranges, after as many as were `judged` before. Every [`BATCH`] rows it is asked
/// whether to `pause`: where it did, if it did before the last row.
///
/// # Errors
/// When the file cannot be read, or `take` fails.
pub fn read(
    ranges: impl Ranges + 'static,
    judged: u64,
    pause: &mut dyn FnMut() -> bool,
    take: &mut Take<'_>,
) -> Result<Option<Paused>, Stop> {
    rows(Chunks::new(ranges), judged, pause, take)
}

/// The rows of a file that is read by ranges, some at a time.
///
/// # Errors
/// When it is no Parquet, or cannot be read.
pub(crate) fn batches(ranges: impl Ranges + 'static) -> Result<ParquetRecordBatchReader, ParquetError> {
    open(Chunks::new(ranges), 0).map(|(reader, _)| reader)
}

/// A file that is opened.
fn builder<F: Shared>(file: F) -> Result<ParquetRecordBatchReaderBuilder<F>, ParquetError> {
    // Types as Parquet has them, whatever a writer remembers of Arrow's.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file.clone(), options)?;
    file.share_among(builder.parquet_schema().num_columns());
    Ok(builder.with_batch_size(BATCH))
}

/// The rows after the first `passed`, some at a time; and how many rows there are.
fn open(file: impl Shared, passed: u64) -> Result<(ParquetRecordBatchReader, u64), ParquetError> {
    let mut builder = builder(file)?;
    let rows: Vec<u64> = builder
        .metadata()
        .row_groups()
        .iter()
        .map(|group| u64::try_from(group.num_rows()).unwrap_or_default())
        .collect();
    if passed > 0 {
        // Row groups that lie before are not even read.
        let (mut first, mut left) = (0, passed);
        while let Some(group) = rows.get(first).filter(|group| **group <= left) {
            (first, left) = (first + 1, left - group);
        }
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        builder = builder.with_row_groups((first..rows.len()).collect()).with_offset(left);
    }
    Ok((builder.build()?, rows.iter().sum()))
}

fn rows(
    file: impl Shared,
    judged: u64,
    pause: &mut dyn FnMut() -> bool,
    take: &mut Take<'_>,
) -> Result<Option<Paused>, Stop> {
    let size = file.len();
    let Ok((reader, all)) = open(file, judged) else {
        return refused("malformed_parquet", "the Parquet file cannot be read");
    };
    let mut place = Place { line: judged + 1, offset: 0 };
    let mut row = String::new();
    for batch in reader {
        let Ok(batch) = batch else {
            return refused(
                "malformed_parquet",
                format!("the Parquet file cannot be read after row {}", place.line - 1),
            );
        };
        let schema = batch.schema();
        for index in 0..batch.num_rows() {
            row.clear();
            text::push_row(schema.fields(), batch.columns(), index, &mut row);
            if row.len() > LONGEST_RECORD {
                take(place, Record::too_long(kept(row.as_bytes())))?;
            } else {
                take(place, Record::Json(&row))?;
            }
            place.line += 1;
        }
        let passed = place.line - 1;
        if passed < all && pause() {
            let offset = u128::from(size) * u128::from(passed) / u128::from(all);
            return Ok(Some(Paused(Place { offset: offset as u64, ..place })));
        }
    }
    Ok(None)
}
