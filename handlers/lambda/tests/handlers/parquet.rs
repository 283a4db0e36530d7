//! Rows of Parquet files, for comparing what is in them and not how they are cut.

use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};

/// Each row as text.
pub fn rows_of(file: Bytes) -> Vec<String> {
    let reader = SerializedFileReader::new(file).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| row.unwrap().to_string()).collect()
}
