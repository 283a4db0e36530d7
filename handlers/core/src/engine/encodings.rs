//! How each column of a file is encoded, decided by its first batch: a dictionary where values repeat, differences
//! where they do not. A dictionary that does not pay costs more than everything else about a column.

use std::collections::HashSet;
use std::hash::Hash;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;

use crate::spec::OutputCompression;

/// Rows that are looked at.
const SAMPLE: usize = 2_048;
/// A dictionary pays when there are at least so many rows of them for each different value.
const ROWS_FOR_A_VALUE: usize = 2;
/// Encoded bytes of a page: what is written to it is still in a processor's second cache when it is compressed.
const PAGE_BYTES: usize = 256 << 10;
/// Rows of a page.
const PAGE_ROWS: usize = 20_000;

/// The properties for a file that begins with this batch.
pub(super) fn properties(batch: &RecordBatch, compression: OutputCompression) -> WriterProperties {
    let compression = match compression {
        OutputCompression::Zstd => Compression::ZSTD(ZstdLevel::default()),
        OutputCompression::Snappy => Compression::SNAPPY,
        OutputCompression::None => Compression::UNCOMPRESSED,
    };
    let mut builder = WriterProperties::builder()
        .set_compression(compression)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_created_by("terraform-provider-datalake".to_owned());
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let path = ColumnPath::from(field.name().as_str());
        builder = encode(builder, path, column.as_ref());
    }
    builder.build()
}

fn encode(builder: WriterPropertiesBuilder, path: ColumnPath, column: &dyn Array) -> WriterPropertiesBuilder {
    if repeats(column) {
        return builder;
    }
    let builder = builder.set_column_dictionary_enabled(path.clone(), false);
    match column.data_type() {
        DataType::Int64 | DataType::Date32 | DataType::Timestamp(..) => {
            builder.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED)
        }
        DataType::Utf8 if prefixed(column.as_string()) => {
            builder.set_column_encoding(path, Encoding::DELTA_BYTE_ARRAY)
        }
        // Lengths apart from the texts: these lie side by side then, which is less to compress and compresses better. The
        // least and the greatest of many texts in no order rule nothing out.
        DataType::Utf8 => builder
            .set_column_statistics_enabled(path.clone(), EnabledStatistics::None)
            .set_column_encoding(path, Encoding::DELTA_LENGTH_BYTE_ARRAY),
        _ => builder,
    }
}

/// Whether the values of a column are few.
fn repeats(column: &dyn Array) -> bool {
    let column = column.slice(0, column.len().min(SAMPLE));
    let most = column.len() / ROWS_FOR_A_VALUE;
    match column.data_type() {
        DataType::Utf8 => few(column.as_string::<i32>().iter(), most),
        DataType::Int64 => few(column.as_primitive::<Int64Type>().iter(), most),
        DataType::Date32 => few(column.as_primitive::<Date32Type>().iter(), most),
        DataType::Timestamp(..) => few(column.as_primitive::<TimestampMillisecondType>().iter(), most),
        DataType::Float64 => {
            few(column.as_primitive::<Float64Type>().iter().map(|number| number.map(f64::to_bits)), most)
        }
        _ => true,
    }
}

/// Whether there are at most so many different values; stops looking as soon as there are more.
fn few<T: Hash + Eq>(values: impl Iterator<Item = T>, most: usize) -> bool {
    let mut seen = HashSet::with_capacity(most + 1);
    values.into_iter().all(|value| {
        seen.insert(value);
        seen.len() <= most
    })
}

/// Whether texts begin like the text before them, by half their length.
fn prefixed(texts: &StringArray) -> bool {
    let (mut shared, mut all) = (0, 0);
    let mut before = "";
    for text in texts.iter().flatten().take(SAMPLE) {
        shared += before.bytes().zip(text.bytes()).take_while(|(one, other)| one == other).count();
        all += text.len();
        before = text;
    }
    2 * shared >= all
}
