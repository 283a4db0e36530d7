//! bzip2, one or more streams.

use bzip2::{Decompress, Status};

use super::{Guard, PIECE, STEP, TakeBytes, Unpacker};
use crate::formats::Stop;
use crate::spec::Compression;

/// Unpacks bzip2.
pub(super) struct Bunzip2 {
    decoder: Decompress,
    output: Vec<u8>,
    /// Whether a stream has begun and not ended.
    within: bool,
    guard: Guard,
}

impl Default for Bunzip2 {
    fn default() -> Self {
        Self {
            decoder: Decompress::new(false),
            output: vec![0; PIECE],
            within: false,
            guard: Guard::new(Compression::Bzip2),
        }
    }
}

impl Bunzip2 {
    fn step(&mut self, bytes: &[u8], take: &mut TakeBytes<'_>) -> Result<(), Stop> {
        let mut rest = bytes;
        loop {
            self.within |= !rest.is_empty();
            let (read, written) = (self.decoder.total_in(), self.decoder.total_out());
            let Ok(status) = self.decoder.decompress(rest, &mut self.output) else {
                return self.guard.damaged();
            };
            let read = (self.decoder.total_in() - read) as usize;
            let written = (self.decoder.total_out() - written) as usize;
            rest = &rest[read..];
            self.guard.hand_on(&self.output[..written], take)?;
            if status == Status::StreamEnd {
                self.decoder = Decompress::new(false);
                self.within = false;
            }
            // A full buffer may hide more that has been unpacked already.
            if rest.is_empty() && written < self.output.len() {
                return Ok(());
            }
            if read == 0 && written == 0 {
                return self.guard.damaged();
            }
        }
    }
}

impl Unpacker for Bunzip2 {
    fn push(&mut self, bytes: &[u8], take: &mut TakeBytes<'_>) -> Result<(), Stop> {
        for step in bytes.chunks(STEP) {
            self.guard.packed(step.len());
            self.step(step, take)?;
        }
        Ok(())
    }

    fn finish(&mut self, _take: &mut TakeBytes<'_>) -> Result<(), Stop> {
        if self.within { self.guard.truncated() } else { Ok(()) }
    }
}
