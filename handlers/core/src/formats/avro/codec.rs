//! How the blocks of an Avro file are packed.

use std::io::Read;

use crate::formats::{Stop, refused};

/// A codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Null,
    Deflate,
    Zstandard,
    Bzip2,
    Snappy,
}

impl Codec {
    pub fn named(name: &[u8]) -> Result<Self, Stop> {
        Ok(match name {
            b"null" => Self::Null,
            b"deflate" => Self::Deflate,
            b"zstandard" => Self::Zstandard,
            b"bzip2" => Self::Bzip2,
            b"snappy" => Self::Snappy,
            other => {
                let name = String::from_utf8_lossy(other).into_owned();
                return refused("unsupported_format", format!("the Avro codec `{name}` cannot be read"));
            }
        })
    }

    /// The block unpacked; nothing when it is damaged or larger than `most`.
    pub fn unpack(self, block: &[u8], most: usize) -> Option<Vec<u8>> {
        match self {
            Self::Null => Some(block.to_vec()),
            Self::Deflate => read(flate2::read::DeflateDecoder::new(block), most),
            Self::Zstandard => read(zstd::stream::read::Decoder::new(block).ok()?, most),
            Self::Bzip2 => read(bzip2::read::BzDecoder::new(block), most),
            Self::Snappy => {
                // Four bytes of a checksum follow.
                let (block, checksum) = block.split_last_chunk::<4>()?;
                if snap::raw::decompress_len(block).ok()? > most {
                    return None;
                }
                let unpacked = snap::raw::Decoder::new().decompress_vec(block).ok()?;
                let mut sum = flate2::Crc::new();
                sum.update(&unpacked);
                (sum.sum() == u32::from_be_bytes(*checksum)).then_some(unpacked)
            }
        }
    }
}

fn read(reader: impl Read, most: usize) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    let mut limited = reader.take(most as u64 + 1);
    limited.read_to_end(&mut unpacked).ok()?;
    (unpacked.len() <= most).then_some(unpacked)
}
