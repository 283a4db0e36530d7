//! Parquet in. A file is read from its end, so it is spooled up to a limit, or read by ranges where there are some; then
//! row group by row group, each row as JSON text, so that it is judged and kept as every other row is.

mod project;
mod ranges;
#[cfg(test)]
mod tests;
mod text;

use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::reader::ChunkReader;

pub use self::project::project;
use self::ranges::Chunks;
pub use self::ranges::Ranges;
use super::{Framer, LONGEST_RECORD, Place, Record, Stop, Take, kept, refused};

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
        rows(Bytes::from(std::mem::take(&mut self.0)), take)
    }
}

/// Hands on the rows of a file that is read by ranges.
///
/// # Errors
/// When the file cannot be read, or `take` fails.
pub fn read(ranges: impl Ranges + 'static, take: &mut Take<'_>) -> Result<(), Stop> {
    rows(Chunks::new(ranges), take)
}

fn rows(file: impl ChunkReader + 'static, take: &mut Take<'_>) -> Result<(), Stop> {
    // Types as Parquet has them, whatever a writer remembers of Arrow's.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)
        .and_then(|builder| builder.with_batch_size(BATCH).build());
    let Ok(reader) = reader else { return refused("malformed_parquet", "the Parquet file cannot be read") };
    let mut place = Place { line: 1, offset: 0 };
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
    }
    Ok(())
}
