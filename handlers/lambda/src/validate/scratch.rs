//! Room on the function's own disk for the keys of rules about uniqueness that do not fit into memory.
//!
//! A file for each measure, removed from its folder as soon as it is open: the system frees it when the pass is over,
//! however that ends, so nothing piles up from one invocation to the next.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use datalake_core::rules::{KeyCounts, Spill, Spilling};

/// Bytes read at once.
const PIECE: usize = 64 << 10;

/// A number for each file of this process.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// One measure's file: pieces of all parts in the order they came.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    file: Option<File>,
    /// Bytes written.
    length: u64,
    /// Of each part, where its pieces begin and how long they are.
    parts: Vec<Vec<(u64, u64)>>,
}

/// Counts of keys, in memory as long as so many fit, then on disk.
pub fn keep(most: usize) -> Box<dyn KeyCounts> {
    Box::new(Spilling::new(most, Box::new(Scratch::new(&std::env::temp_dir()))))
}

impl Scratch {
    /// Makes no file before it is needed.
    fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), file: None, length: 0, parts: Vec::new() }
    }

    fn open(&self) -> Result<File, Error> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(format!("datalake-keys-{}-{number}", std::process::id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        std::fs::remove_file(&path)?;
        Ok(file)
    }

    fn write(&mut self, part: usize, bytes: &[u8]) -> Result<(), Error> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.open()?,
        };
        file.seek(SeekFrom::Start(self.length))?;
        file.write_all(bytes)?;
        self.file = Some(file);
        if self.parts.len() <= part {
            self.parts.resize(part + 1, Vec::new());
        }
        self.parts[part].push((self.length, bytes.len() as u64));
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn each(&mut self, part: usize, take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let (Some(file), Some(pieces)) = (&mut self.file, self.parts.get(part)) else { return Ok(()) };
        let mut buffer = vec![0; PIECE];
        for (start, length) in pieces {
            file.seek(SeekFrom::Start(*start))?;
            let mut left = *length;
            while left > 0 {
                let piece = &mut buffer[..PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
                file.read_exact(piece)?;
                take(piece);
                left -= piece.len() as u64;
            }
        }
        Ok(())
    }
}

impl Spill for Scratch {
    fn append(&mut self, part: usize, bytes: &[u8]) -> Result<(), String> {
        let folder = self.folder.display().to_string();
        self.write(part, bytes).map_err(|error| reason(&error, &folder))
    }

    fn read(&mut self, part: usize, take: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        let folder = self.folder.display().to_string();
        self.each(part, take).map_err(|error| reason(&error, &folder))
    }
}

/// For people who can change the function's `ephemeral_storage_mb`.
fn reason(error: &Error, folder: &str) -> String {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            format!("{folder} is full; it is as large as the function's ephemeral storage")
        }
        _ => format!("{folder} cannot be used: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(scratch: &mut Scratch, part: usize) -> Vec<u8> {
        let mut all = Vec::new();
        scratch.read(part, &mut |piece| all.extend_from_slice(piece)).unwrap();
        all
    }

    #[test]
    fn parts_come_back_in_order_and_leave_no_file() {
        let folder = std::env::temp_dir().join(format!("datalake-scratch-test-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut scratch = Scratch::new(&folder);
        assert!(part(&mut scratch, 3).is_empty());
        let long = vec![7; PIECE + 5];
        for (number, bytes) in [(3, b"ab".as_slice()), (0, b"x"), (3, &long), (3, b"c")] {
            scratch.append(number, bytes).unwrap();
        }
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "removed as soon as it is open");
        let expected = [b"ab".as_slice(), &long, b"c"].concat();
        assert_eq!((part(&mut scratch, 3), part(&mut scratch, 0)), (expected.clone(), b"x".to_vec()));
        scratch.append(0, b"y").unwrap();
        assert_eq!((part(&mut scratch, 3), part(&mut scratch, 0)), (expected, b"xy".to_vec()));
        std::fs::remove_dir(&folder).unwrap();
    }

    #[test]
    fn a_disk_that_cannot_be_used_is_said_to_be_so() {
        let error = Scratch::new(Path::new("/nonexistent")).append(0, b"x").unwrap_err();
        assert!(error.starts_with("/nonexistent cannot be used: "), "{error}");
        let full = reason(&ErrorKind::StorageFull.into(), "/tmp");
        assert_eq!(full, "/tmp is full; it is as large as the function's ephemeral storage");
    }

    #[test]
    fn counts_past_the_memory_are_exact() {
        let mut counts = keep(50);
        for number in 0..2_000_u64 {
            let key = number % 1_500;
            let key = [key.wrapping_mul(0x9e37_79b9_7f4a_7c15), key.wrapping_mul(0xc2b2_ae3d_27d4_eb4f)];
            counts.add(key, 1).unwrap();
        }
        let mut found = [0; 3];
        counts.each(&mut |_, times| found[times as usize] += 1).unwrap();
        assert_eq!(found, [0, 1_000, 500]);
    }
}
