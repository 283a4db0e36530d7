//! One column of a row group: the pages that are ready, and what the footer says about them.

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::codec::Packed;

/// The pages of a column in a row group.
#[derive(Default)]
pub struct Chunk {
    pages: Vec<DataPage>,
    /// The dictionary, and how many values it has.
    dictionary: Option<(Packed, usize)>,
    /// Bytes of pages.
    pub size: usize,
    /// Rows without a value.
    pub nulls: usize,
}

struct DataPage {
    packed: Packed,
    rows: usize,
    encoding: Encoding,
}

impl Chunk {
    pub fn add(&mut self, packed: Packed, rows: usize, encoding: Encoding) {
        self.size += packed.bytes.len();
        self.pages.push(DataPage { packed, rows, encoding });
    }

    pub fn set_dictionary(&mut self, packed: Packed, values: usize) {
        self.size += packed.bytes.len();
        self.dictionary = Some((packed, values));
    }

    /// The chunk as it stands in a file, in `memory` that held another before; and what is to be said about it. Begins anew.
    pub fn take(
        &mut self,
        descriptor: &ColumnDescPtr,
        compression: Compression,
        statistics: Option<Statistics>,
        mut memory: Vec<u8>,
    ) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
        let chunk = std::mem::take(self);
        let headers = 64 * (chunk.pages.len() + 1);
        memory.clear();
        memory.reserve(chunk.size + headers);
        let mut sink = TrackedWrite::new(memory);
        let mut writer = SerializedPageWriter::new(&mut sink);
        let (mut rows, mut unpacked, mut start) = (0, 0, None);
        let mut encodings = vec![Encoding::RLE];
        if let Some((packed, values)) = chunk.dictionary {
            let written = writer.write_page(dictionary_page(packed, values))?;
            unpacked += written.uncompressed_size;
            start = Some(written.compressed_size as i64);
            encodings.push(Encoding::PLAIN);
        }
        for page in chunk.pages {
            rows += page.rows;
            if !encodings.contains(&page.encoding) {
                encodings.push(page.encoding);
            }
            unpacked += writer.write_page(data_page(page))?.uncompressed_size;
        }
        let bytes = Bytes::from(sink.into_inner()?);
        let mut metadata = ColumnChunkMetaData::builder(descriptor.clone())
            .set_compression(compression)
            .set_encodings(encodings)
            .set_num_values(rows as i64)
            .set_total_compressed_size(bytes.len() as i64)
            .set_total_uncompressed_size(unpacked as i64)
            .set_data_page_offset(start.unwrap_or_default())
            .set_dictionary_page_offset(start.map(|_| 0));
        if let Some(statistics) = statistics {
            metadata = metadata.set_statistics(statistics);
        }
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((bytes, close))
    }
}

fn dictionary_page(packed: Packed, values: usize) -> CompressedPage {
    let page = Page::DictionaryPage {
        buf: packed.bytes,
        num_values: values as u32,
        encoding: Encoding::PLAIN,
        is_sorted: false,
    };
    CompressedPage::new(page, packed.unpacked)
}

fn data_page(page: DataPage) -> CompressedPage {
    let written = Page::DataPage {
        buf: page.packed.bytes,
        num_values: page.rows as u32,
        encoding: page.encoding,
        def_level_encoding: Encoding::RLE,
        rep_level_encoding: Encoding::RLE,
        statistics: None,
    };
    CompressedPage::new(written, page.packed.unpacked)
}
