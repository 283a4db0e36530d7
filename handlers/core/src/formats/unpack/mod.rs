//! Packed objects, unpacked as they arrive: gzip, Zstandard and bzip2, each with one limit on what may come out.

mod bzip2;
mod gzip;
#[cfg(test)]
mod tests;
mod zstd;

use super::{Stop, refused};
use crate::spec::Compression;

/// How many times its packed size an object may have, beyond [`FREE`]; gzip's own limit is about 1,030.
pub const LARGEST_RATIO: u64 = 200;
/// Unpacked bytes that are always allowed: small files pack extremely well.
pub const FREE: u64 = 64 << 20;
/// Packed bytes taken in one step, so that a bomb is seen before it fills memory.
const STEP: usize = 16 << 10;
/// Unpacked bytes handed on at once, where the unpacker can be told.
const PIECE: usize = 256 << 10;

/// Takes unpacked bytes.
pub type TakeBytes<'a> = dyn FnMut(&[u8]) -> Result<(), Stop> + 'a;

/// Unpacks one object; several packed parts in a row are one text.
pub trait Unpacker {
    /// Unpacks more bytes and hands them to `take`.
    ///
    /// # Errors
    /// When the bytes are damaged, unpack to too much, or `take` fails.
    fn push(&mut self, bytes: &[u8], take: &mut TakeBytes<'_>) -> Result<(), Stop>;
    /// The bytes are over.
    ///
    /// # Errors
    /// When the last part is not complete.
    fn finish(&mut self, take: &mut TakeBytes<'_>) -> Result<(), Stop>;
}

/// The unpacker for a compression; none for what is not packed.
#[must_use]
pub fn unpacker(compression: Compression) -> Option<Box<dyn Unpacker + Send>> {
    match compression {
        Compression::Auto | Compression::None => None,
        Compression::Gzip => Some(Box::new(gzip::Gunzip::default())),
        Compression::Zstd => Some(Box::new(zstd::Unzstd::default())),
        Compression::Bzip2 => Some(Box::new(bzip2::Bunzip2::default())),
    }
}

/// The word for a compression in verdicts and reasons.
#[must_use]
pub fn word(compression: Compression) -> &'static str {
    match compression {
        Compression::Auto | Compression::None => "none",
        Compression::Gzip => "gzip",
        Compression::Zstd => "zstd",
        Compression::Bzip2 => "bzip2",
    }
}

/// Refuses what cannot be unpacked.
pub(crate) fn damaged<T>(compression: Compression) -> Result<T, Stop> {
    let word = word(compression);
    refused(&format!("corrupt_{word}"), format!("the {word} data is damaged"))
}

/// Counts what goes in and comes out.
#[derive(Debug)]
struct Guard {
    compression: Compression,
    packed: u64,
    unpacked: u64,
}

impl Guard {
    fn new(compression: Compression) -> Self {
        Self { compression, packed: 0, unpacked: 0 }
    }

    /// So much more was taken in.
    fn packed(&mut self, bytes: usize) {
        self.packed += bytes as u64;
    }

    /// Hands on what came out, unless it is too much.
    fn hand_on(&mut self, unpacked: &[u8], take: &mut TakeBytes<'_>) -> Result<(), Stop> {
        self.unpacked += unpacked.len() as u64;
        if self.unpacked > FREE + self.packed * LARGEST_RATIO {
            let word = word(self.compression);
            let message = format!("the {word} data unpacks to more than {LARGEST_RATIO} times its size");
            return refused("decompression_bomb", message);
        }
        if unpacked.is_empty() { Ok(()) } else { take(unpacked) }
    }

    fn damaged<T>(&self) -> Result<T, Stop> {
        damaged(self.compression)
    }

    fn truncated<T>(&self) -> Result<T, Stop> {
        let word = word(self.compression);
        refused(&format!("truncated_{word}"), format!("the {word} data ends in the middle"))
    }
}
