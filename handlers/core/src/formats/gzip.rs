//! gzip, unpacked as it arrives; several members in a row are one text.

use std::io::Write;

use flate2::write::MultiGzDecoder;

use super::{Stop, refused};

/// Packed bytes taken in one step, so that a bomb is seen before it fills memory.
const STEP: usize = 4 << 10;
/// How many times its packed size an object may have, beyond [`FREE`]; gzip's own limit is about 1,030.
const LARGEST_RATIO: u64 = 200;
/// Unpacked bytes that are always allowed: small files pack extremely well.
const FREE: u64 = 64 << 20;

/// Unpacks one object.
#[derive(Debug)]
pub struct Gunzip {
    decoder: MultiGzDecoder<Vec<u8>>,
    packed: u64,
    unpacked: u64,
}

impl Default for Gunzip {
    fn default() -> Self {
        Self { decoder: MultiGzDecoder::new(Vec::new()), packed: 0, unpacked: 0 }
    }
}

impl Gunzip {
    /// Unpacks more bytes and hands them to `take`.
    ///
    /// # Errors
    /// When the bytes are not gzip, unpack to too much, or `take` fails.
    pub fn push(
        &mut self,
        bytes: &[u8],
        take: &mut dyn FnMut(&[u8]) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        for step in bytes.chunks(STEP) {
            if self.decoder.write_all(step).is_err() {
                return refused("corrupt_gzip", "the gzip data is damaged");
            }
            self.packed += step.len() as u64;
            self.hand_on(take)?;
        }
        Ok(())
    }

    /// The bytes are over.
    ///
    /// # Errors
    /// When the last member is not complete.
    pub fn finish(&mut self, take: &mut dyn FnMut(&[u8]) -> Result<(), Stop>) -> Result<(), Stop> {
        let ended = self.decoder.try_finish();
        self.hand_on(take)?;
        match ended {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                refused("truncated_gzip", "the gzip data ends in the middle")
            }
            Err(_) => refused("corrupt_gzip", "the gzip data is damaged"),
        }
    }

    fn hand_on(&mut self, take: &mut dyn FnMut(&[u8]) -> Result<(), Stop>) -> Result<(), Stop> {
        let unpacked = std::mem::take(self.decoder.get_mut());
        self.unpacked += unpacked.len() as u64;
        if self.unpacked > FREE + self.packed * LARGEST_RATIO {
            let message = format!("the gzip data unpacks to more than {LARGEST_RATIO} times its size");
            return refused("decompression_bomb", message);
        }
        if unpacked.is_empty() { Ok(()) } else { take(&unpacked) }
    }
}
