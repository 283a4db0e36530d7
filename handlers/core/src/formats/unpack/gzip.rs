//! gzip, one or more members.

use std::io::{ErrorKind, Write};

use flate2::write::MultiGzDecoder;

use super::{Guard, STEP, TakeBytes, Unpacker};
use crate::formats::Stop;
use crate::spec::Compression;

/// Unpacks gzip.
#[derive(Debug)]
pub(super) struct Gunzip {
    decoder: MultiGzDecoder<Vec<u8>>,
    guard: Guard,
}

impl Default for Gunzip {
    fn default() -> Self {
        Self { decoder: MultiGzDecoder::new(Vec::new()), guard: Guard::new(Compression::Gzip) }
    }
}

impl Gunzip {
    fn hand_on(&mut self, take: &mut TakeBytes<'_>) -> Result<(), Stop> {
        let mut unpacked = std::mem::take(self.decoder.get_mut());
        let result = self.guard.hand_on(&unpacked, take);
        unpacked.clear();
        *self.decoder.get_mut() = unpacked;
        result
    }
}

impl Unpacker for Gunzip {
    fn push(&mut self, bytes: &[u8], take: &mut TakeBytes<'_>) -> Result<(), Stop> {
        for step in bytes.chunks(STEP) {
            if self.decoder.write_all(step).is_err() {
                return self.guard.damaged();
            }
            self.guard.packed(step.len());
            self.hand_on(take)?;
        }
        Ok(())
    }

    fn finish(&mut self, take: &mut TakeBytes<'_>) -> Result<(), Stop> {
        let ended = self.decoder.try_finish();
        self.hand_on(take)?;
        match ended {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => self.guard.truncated(),
            Err(_) => self.guard.damaged(),
        }
    }
}
