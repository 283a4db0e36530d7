//! Random access to an object: who has it need not hold the object. What is asked for comes in blocks, a few of which are kept,
//! because a Parquet reader asks for a page's head and for the page, column by column.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

/// Bytes that are kept at most.
const KEPT: u64 = 16 << 20;
/// The largest block: above it a longer read saves nothing.
const LARGEST_BLOCK: u64 = 4 << 20;
/// The smallest block: below it another read costs more than its bytes.
const SMALLEST_BLOCK: u64 = 64 << 10;

/// An object whose bytes can be asked for.
pub trait Ranges: Send + Sync {
    /// Its size in bytes.
    fn size(&self) -> u64;
    /// Its bytes from `offset` on, exactly `length` of them.
    ///
    /// # Errors
    /// When they cannot be had.
    fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

/// Ranges as the Parquet reader wants them.
#[derive(Clone)]
pub(super) struct Chunks(Arc<Blocks>);

impl Chunks {
    pub fn new(ranges: impl Ranges + 'static) -> Self {
        let kept = Kept { block: SMALLEST_BLOCK, blocks: VecDeque::new() };
        Self(Arc::new(Blocks { ranges: Box::new(ranges), kept: Mutex::new(kept) }))
    }
}

/// A file from which columns are read side by side.
pub(super) trait Shared: ChunkReader + Clone + 'static {
    /// So many columns the file has; those that are not wanted count, since what lies beside the others is not worth long reads.
    fn share_among(&self, columns: usize);
}

impl Shared for Bytes {
    fn share_among(&self, _columns: usize) {}
}

impl Shared for Chunks {
    /// Each column has two blocks that are kept, since a page may lie in two.
    fn share_among(&self, columns: usize) {
        let share = KEPT / 2 / u64::try_from(columns).unwrap_or(KEPT).max(1);
        let block = share.clamp(SMALLEST_BLOCK, LARGEST_BLOCK);
        *self.0.kept.lock().unwrap_or_else(PoisonError::into_inner) = Kept { block, blocks: VecDeque::new() };
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        self.0.ranges.size()
    }
}

impl ChunkReader for Chunks {
    type T = Onward;

    fn get_read(&self, start: u64) -> Result<Onward, ParquetError> {
        Ok(Onward { blocks: Arc::clone(&self.0), next: start })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        Ok(self.0.bytes(start, length)?)
    }
}

/// A reader from an offset on.
pub(super) struct Onward {
    blocks: Arc<Blocks>,
    next: u64,
}

impl Read for Onward {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.blocks.ranges.size().saturating_sub(self.next);
        let length = into.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        into[..length].copy_from_slice(&self.blocks.bytes(self.next, length)?);
        self.next += length as u64;
        Ok(length)
    }
}

/// An object's bytes, some of which are kept.
struct Blocks {
    ranges: Box<dyn Ranges>,
    kept: Mutex<Kept>,
}

/// The blocks last asked for, the latest at the end.
struct Kept {
    /// Bytes of a block.
    block: u64,
    /// By number.
    blocks: VecDeque<(u64, Bytes)>,
}

impl Blocks {
    fn bytes(&self, start: u64, length: usize) -> io::Result<Bytes> {
        let end = start.saturating_add(length as u64);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // Beyond the end it is for the ranges to refuse; what would push out all the rest is not kept.
        if length == 0 || end > self.ranges.size() || end - start > KEPT / 2 {
            return self.ranges.read(start, length).map(Bytes::from);
        }
        let (first, last) = (start / kept.block, (end - 1) / kept.block);
        let mut found = Vec::new();
        for number in first..=last {
            found.push(kept.block_of(number, last, &*self.ranges)?);
        }
        let from = usize::try_from(start - first * kept.block).unwrap_or(usize::MAX);
        if let [block] = &found[..] {
            return Ok(block.slice(from..from + length));
        }
        let mut joined = BytesMut::with_capacity(length);
        joined.extend_from_slice(&found[0][from..]);
        for block in &found[1..] {
            joined.extend_from_slice(&block[..block.len().min(length - joined.len())]);
        }
        Ok(joined.freeze())
    }
}

impl Kept {
    /// The block of a number. What is missing up to `last` is read in one go.
    fn block_of(&mut self, number: u64, last: u64, ranges: &dyn Ranges) -> io::Result<Bytes> {
        if let Some(place) = self.blocks.iter().position(|(held, _)| *held == number)
            && let Some(entry) = self.blocks.remove(place)
        {
            self.blocks.push_back(entry.clone());
            return Ok(entry.1);
        }
        let held = |number: &u64| self.blocks.iter().any(|(held, _)| held == number);
        let until = (number + 1..=last).find(held).unwrap_or(last + 1);
        let start = number * self.block;
        let length = (until * self.block).min(ranges.size()) - start;
        let read = Bytes::from(ranges.read(start, usize::try_from(length).unwrap_or(usize::MAX))?);
        let block = usize::try_from(self.block).unwrap_or(usize::MAX);
        let pieces = (0..read.len()).step_by(block).map(|at| read.slice(at..(at + block).min(read.len())));
        self.blocks.extend((number..until).zip(pieces));
        while self.blocks.len() as u64 * self.block > KEPT {
            self.blocks.pop_front();
        }
        Ok(read.slice(..block.min(read.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes, and what was asked of them.
    #[derive(Clone)]
    struct Watched {
        bytes: Vec<u8>,
        asked: Arc<Mutex<Vec<(u64, usize)>>>,
    }

    impl Ranges for Watched {
        fn size(&self) -> u64 {
            self.bytes.len() as u64
        }

        fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
            self.asked.lock().unwrap().push((offset, length));
            let start = usize::try_from(offset).unwrap();
            let range = self.bytes.get(start..start + length);
            range.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
        }
    }

    fn watched(mebibytes: usize) -> (Watched, Chunks) {
        let bytes = (0..mebibytes << 20).map(|at| (at / 7 + at / 65_521) as u8).collect();
        let watched = Watched { bytes, asked: Arc::default() };
        (watched.clone(), Chunks::new(watched))
    }

    #[test]
    fn bytes_are_the_objects_wherever_they_are_asked_for() {
        let (watched, chunks) = watched(40);
        let size = watched.bytes.len();
        for columns in [1, 3, 16, 100, 1_000] {
            chunks.share_among(columns);
            let mut at = 1;
            for length in (0..400).map(|number: usize| number * number * 37 + number % 3) {
                at = (at * 48_271 + length) % size;
                let length = length.min(size - at);
                assert_eq!(chunks.get_bytes(at as u64, length).unwrap(), watched.bytes[at..at + length]);
            }
            let mut all = Vec::new();
            chunks.get_read(12_345).unwrap().read_to_end(&mut all).unwrap();
            assert!(all == watched.bytes[12_345..], "{columns}");
            assert!(chunks.get_bytes(size as u64 - 1, 2).is_err());
        }
    }

    #[test]
    fn pages_side_by_side_are_read_once() {
        for columns in [1_usize, 5, 20] {
            let (watched, chunks) = watched(40);
            chunks.share_among(columns);
            let chunk = watched.bytes.len() / columns;
            for page in 0..chunk / 10_000 {
                for column in 0..columns {
                    let start = (column * chunk + page * 10_000) as u64;
                    let mut head = [0; 50];
                    chunks.get_read(start).unwrap().read_exact(&mut head).unwrap();
                    chunks.get_bytes(start + 50, 9_950).unwrap();
                }
            }
            let asked = watched.asked.lock().unwrap();
            let bytes: usize = asked.iter().map(|(_, length)| length).sum();
            // Where columns meet within a block it is read for both.
            assert!(
                bytes <= watched.bytes.len() + columns * (4 << 20).min(KEPT as usize / columns),
                "{bytes}"
            );
            assert!(asked.len() <= 12 * columns.max(4), "{} reads for {columns}", asked.len());
        }
    }
}
