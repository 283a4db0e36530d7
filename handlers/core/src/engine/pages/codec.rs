//! Compression of pages: one context and one place to work in, for all columns and files of a dataset.

use bytes::Bytes;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;

use crate::spec::OutputCompression;

/// Memory of a page that is kept for the next: a text can be far longer than a page should be.
const MOST_KEPT: usize = 1 << 20;

/// Compresses one page after the other.
pub struct Codec {
    method: Method,
    /// The page before and after compression.
    page: Vec<u8>,
    packed: Vec<u8>,
}

enum Method {
    /// With its context, once there was a page.
    Zstd(Option<Box<zstd::bulk::Compressor<'static>>>),
    Snappy(Box<snap::raw::Encoder>),
    None,
}

/// A page that is ready to be written.
#[derive(Debug, Clone)]
pub struct Packed {
    pub bytes: Bytes,
    /// Size before compression.
    pub unpacked: usize,
}

impl Codec {
    pub fn new(compression: OutputCompression) -> Self {
        let method = match compression {
            OutputCompression::Zstd => Method::Zstd(None),
            OutputCompression::Snappy => Method::Snappy(Box::new(snap::raw::Encoder::new())),
            OutputCompression::None => Method::None,
        };
        Self { method, page: Vec::new(), packed: Vec::new() }
    }

    /// Its name in the file.
    pub fn compression(&self) -> Compression {
        match self.method {
            Method::Zstd(_) => Compression::ZSTD(ZstdLevel::default()),
            Method::Snappy(_) => Compression::SNAPPY,
            Method::None => Compression::UNCOMPRESSED,
        }
    }

    /// Compresses the page that `fill` makes.
    ///
    /// # Errors
    /// When it cannot be compressed, as with a page beyond all limits.
    pub fn pack(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> Result<Packed, ParquetError> {
        self.page.clear();
        self.packed.clear();
        fill(&mut self.page);
        let bytes = match &mut self.method {
            Method::Zstd(context) => {
                let compressor = match context {
                    Some(compressor) => compressor,
                    none => none.insert(Box::new(
                        zstd::bulk::Compressor::new(ZstdLevel::default().compression_level())
                            .map_err(failed)?,
                    )),
                };
                self.packed.reserve(zstd::zstd_safe::compress_bound(self.page.len()));
                compressor.compress_to_buffer(&self.page, &mut self.packed).map_err(failed)?;
                self.packed.as_slice()
            }
            Method::Snappy(encoder) => {
                self.packed.resize(snap::raw::max_compress_len(self.page.len()), 0);
                let length = encoder.compress(&self.page, &mut self.packed).map_err(failed)?;
                &self.packed[..length]
            }
            Method::None => self.page.as_slice(),
        };
        let packed = Packed { bytes: Bytes::copy_from_slice(bytes), unpacked: self.page.len() };
        for memory in [&mut self.page, &mut self.packed] {
            memory.clear();
            memory.shrink_to(MOST_KEPT);
        }
        Ok(packed)
    }
}

impl std::fmt::Debug for Codec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Codec").field(&self.compression()).finish()
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ParquetError {
    ParquetError::External(Box::new(error))
}
