//! Random access to an object: who has it need not hold the object.

use std::io::Read;
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

/// Bytes asked for at once when a reader goes on from an offset.
const STEP: u64 = 64 << 10;

/// An object whose bytes can be asked for.
pub trait Ranges: Send + Sync {
    /// Its size in bytes.
    fn size(&self) -> u64;
    /// Its bytes from `offset` on, exactly `length` of them.
    ///
    /// # Errors
    /// When they cannot be had.
    fn read(&self, offset: u64, length: usize) -> std::io::Result<Vec<u8>>;
}

/// Ranges as the Parquet reader wants them.
pub(super) struct Chunks(Arc<dyn Ranges>);

impl Chunks {
    pub fn new(ranges: impl Ranges + 'static) -> Self {
        Self(Arc::new(ranges))
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.0.size()
    }
}

impl ChunkReader for Chunks {
    type T = Onward;

    fn get_read(&self, start: u64) -> Result<Onward, ParquetError> {
        Ok(Onward { ranges: Arc::clone(&self.0), next: start, ahead: Vec::new(), used: 0 })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        Ok(Bytes::from(self.0.read(start, length)?))
    }
}

/// A reader from an offset on.
pub(super) struct Onward {
    ranges: Arc<dyn Ranges>,
    next: u64,
    ahead: Vec<u8>,
    used: usize,
}

impl Read for Onward {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.used == self.ahead.len() {
            let length = self.ranges.size().saturating_sub(self.next).min(STEP);
            self.ahead = self.ranges.read(self.next, usize::try_from(length).unwrap_or(0))?;
            (self.next, self.used) = (self.next + length, 0);
        }
        let read = (&self.ahead[self.used..]).read(into)?;
        self.used += read;
        Ok(read)
    }
}
