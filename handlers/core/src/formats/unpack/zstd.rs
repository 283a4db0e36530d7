//! Zstandard, one or more frames.

use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use super::{Guard, PIECE, STEP, TakeBytes, Unpacker};
use crate::formats::Stop;
use crate::spec::Compression;

/// The largest window a frame may ask for, as a power of two: 32 MiB, more than any level up to 20 uses. Memory is
/// bounded by it.
pub const LARGEST_WINDOW: u32 = 25;

/// Unpacks Zstandard.
pub(super) struct Unzstd {
    decoder: Option<Decoder<'static>>,
    output: Vec<u8>,
    /// Whether a frame has begun and not ended.
    within: bool,
    guard: Guard,
}

impl Default for Unzstd {
    fn default() -> Self {
        Self {
            decoder: decoder().ok(),
            output: vec![0; PIECE],
            within: false,
            guard: Guard::new(Compression::Zstd),
        }
    }
}

fn decoder() -> std::io::Result<Decoder<'static>> {
    let mut decoder = Decoder::new()?;
    decoder.set_parameter(DParameter::WindowLogMax(LARGEST_WINDOW))?;
    Ok(decoder)
}

impl Unzstd {
    fn step(&mut self, bytes: &[u8], take: &mut TakeBytes<'_>) -> Result<(), Stop> {
        let Some(decoder) = &mut self.decoder else { return self.guard.damaged() };
        let mut input = InBuffer::around(bytes);
        loop {
            let mut output = OutBuffer::around(self.output.as_mut_slice());
            let Ok(left) = decoder.run(&mut input, &mut output) else { return self.guard.damaged() };
            let written = output.pos();
            self.within = left != 0;
            self.guard.hand_on(&self.output[..written], take)?;
            // A full buffer may hide more that has been unpacked already.
            if input.pos() == bytes.len() && written < self.output.len() {
                return Ok(());
            }
        }
    }
}

impl Unpacker for Unzstd {
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
