//! Rows to one Parquet file: typed builders, batches, row groups, all bounded.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;

use super::CompiledDataset;
use super::buffers::{Column, Lent, Texts};
use super::encodings::properties;
use crate::layout::catalog_column;
use crate::rules::Value;
use crate::spec::{ColumnType, OutputCompression};

/// Rows collected before they are encoded.
const BATCH_ROWS: usize = 4_096;
/// Encoded bytes after which a row group ends.
const ROW_GROUP_BYTES: usize = 16 << 20;
/// Bytes of a piece of a file.
const PIECE: usize = 256 << 10;

/// What the files of one dataset have in common.
#[derive(Debug)]
pub(super) struct Shape {
    schema: SchemaRef,
    /// Slot and type of each column of the file, the engine's own column excepted.
    columns: Vec<(usize, ColumnType)>,
    /// Whether there is a column of the engine's own.
    has_own: bool,
    compression: OutputCompression,
}

impl Shape {
    pub fn new(dataset: &CompiledDataset) -> Self {
        let in_file = |slot: &usize| !dataset.partition_slots.contains(slot);
        let slots = (0..dataset.rules.columns.len()).filter(in_file);
        let columns = slots.map(|slot| {
            let column = &dataset.rules.columns[slot];
            (slot, catalog_column(&column.name), column.column_type)
        });
        let own = if dataset.keeps_rows_whole() { "record" } else { "_rescued" };
        Self::of(columns, Some(own), dataset.spec.output.compression)
    }

    /// Columns by slot, name and type, and after them the engine's own, if there is one.
    pub fn of(
        columns: impl Iterator<Item = (usize, String, ColumnType)>,
        own: Option<&str>,
        compression: OutputCompression,
    ) -> Self {
        let (mut fields, mut slots) = (Vec::new(), Vec::new());
        for (slot, name, column_type) in columns {
            fields.push(Field::new(name, data_type(column_type), true));
            slots.push((slot, column_type));
        }
        fields.extend(own.map(|own| Field::new(own, DataType::Utf8, true)));
        Self { schema: Arc::new(Schema::new(fields)), columns: slots, has_own: own.is_some(), compression }
    }
}

fn data_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::String | ColumnType::Json => DataType::Utf8,
        ColumnType::Bigint => DataType::Int64,
        ColumnType::Double => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
    }
}

/// One file of rows under way, whatever its format.
pub(super) trait RowFile: Send {
    /// Adds a row; `own` is the value of the engine's own column.
    fn add(&mut self, values: &[Value<'_>], own: Option<&str>) -> Result<(), ParquetError>;
    /// Memory held for this file, in bytes.
    fn memory(&self) -> usize;
    /// Makes final what can be, so that it can be handed out.
    fn flush(&mut self) -> Result<(), ParquetError>;
    /// Pieces of the file that are final and have not been handed out.
    fn take(&mut self) -> Vec<Vec<u8>>;
    /// Ends the file and hands out its last pieces.
    fn finish(&mut self) -> Result<Vec<Vec<u8>>, ParquetError>;
    /// Rows in the file.
    fn rows(&self) -> u64;
    /// Bytes handed out.
    fn bytes(&self) -> u64;
}

/// One Parquet file under way.
pub(super) struct FileWriter {
    shape: Arc<Shape>,
    /// Made with the first batch, by which the encodings are chosen.
    writer: Option<ArrowWriter<Pieces>>,
    columns: Vec<Column>,
    own: Texts,
    batched: usize,
    /// Bytes of texts in the batch, so that long texts cannot fill memory.
    batched_bytes: usize,
    rows: u64,
    bytes: u64,
}

/// Bytes of texts after which a batch is encoded early.
const BATCH_BYTES: usize = 8 << 20;

impl FileWriter {
    pub fn new(shape: Arc<Shape>) -> Self {
        let columns = shape.columns.iter().map(|(_, column_type)| Column::new(*column_type)).collect();
        Self {
            shape,
            writer: None,
            columns,
            own: Texts::new(),
            batched: 0,
            batched_bytes: 0,
            rows: 0,
            bytes: 0,
        }
    }

    /// Encodes what was collected; ends the row group when it is large enough.
    fn encode(&mut self) -> Result<(), ParquetError> {
        if self.batched == 0 {
            return Ok(());
        }
        self.batched = 0;
        self.batched_bytes = 0;
        let lent = self.columns.iter_mut().map(Column::lend).collect::<Result<Vec<Lent>, _>>()?;
        let own = self.own.lend()?;
        let mut arrays: Vec<ArrayRef> = lent.iter().map(Lent::array).collect();
        if self.shape.has_own {
            arrays.push(Arc::new(own.clone()));
        }
        self.write(RecordBatch::try_new(Arc::clone(&self.shape.schema), arrays)?)?;
        for (column, lent) in self.columns.iter_mut().zip(lent) {
            column.take_back(lent);
        }
        self.own.take_back(own);
        Ok(())
    }

    fn write(&mut self, batch: RecordBatch) -> Result<(), ParquetError> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let properties = properties(&batch, self.shape.compression);
                let schema = Arc::clone(&self.shape.schema);
                none.insert(ArrowWriter::try_new(Pieces::default(), schema, Some(properties))?)
            }
        };
        writer.write(&batch)?;
        if writer.in_progress_size() >= ROW_GROUP_BYTES {
            writer.flush()?;
        }
        Ok(())
    }
}

impl RowFile for FileWriter {
    fn add(&mut self, values: &[Value<'_>], own: Option<&str>) -> Result<(), ParquetError> {
        for (column, (slot, _)) in self.columns.iter_mut().zip(&self.shape.columns) {
            let value = &values[*slot];
            if let Value::Text(text) | Value::Json(text) = value {
                self.batched_bytes += text.len();
            }
            column.push(value);
        }
        self.own.push(own);
        self.batched_bytes += own.map_or(0, str::len);
        self.batched += 1;
        self.rows += 1;
        if self.batched >= BATCH_ROWS || self.batched_bytes >= BATCH_BYTES { self.encode() } else { Ok(()) }
    }

    fn memory(&self) -> usize {
        let writer = self.writer.as_ref().map_or(0, ArrowWriter::memory_size);
        writer + self.batched_bytes + self.batched * self.columns.len() * 8
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        self.encode()?;
        self.writer.as_mut().map_or(Ok(()), ArrowWriter::flush)
    }

    fn take(&mut self) -> Vec<Vec<u8>> {
        let pieces = self.writer.as_mut().map(|writer| writer.inner_mut().take()).unwrap_or_default();
        self.bytes += pieces.iter().map(|piece| piece.len() as u64).sum::<u64>();
        pieces
    }

    fn finish(&mut self) -> Result<Vec<Vec<u8>>, ParquetError> {
        self.encode()?;
        if let Some(writer) = &mut self.writer {
            writer.finish()?;
        }
        Ok(self.take())
    }

    fn rows(&self) -> u64 {
        self.rows
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Bytes in pieces, none of which ever moves: a vector that grows would be copied, into memory that is new each time.
#[derive(Debug, Default)]
struct Pieces {
    full: Vec<Vec<u8>>,
    last: Vec<u8>,
}

impl Pieces {
    fn take(&mut self) -> Vec<Vec<u8>> {
        let mut pieces = std::mem::take(&mut self.full);
        if !self.last.is_empty() {
            pieces.push(std::mem::take(&mut self.last));
        }
        pieces
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.last.capacity() == 0 {
            self.last.reserve_exact(PIECE);
        }
        let taken = bytes.len().min(PIECE - self.last.len());
        self.last.extend_from_slice(&bytes[..taken]);
        if self.last.len() == PIECE {
            self.full.push(std::mem::take(&mut self.last));
        }
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
