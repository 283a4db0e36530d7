//! Rows to one Parquet file: typed builders, batches, row groups, all bounded.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::CompiledDataset;
use crate::layout::catalog_column;
use crate::rules::Value;
use crate::spec::{ColumnType, OutputCompression};

/// Rows collected before they are encoded.
const BATCH_ROWS: usize = 8_192;
/// Encoded bytes after which a row group ends.
const ROW_GROUP_BYTES: usize = 24 << 20;

/// What the files of one dataset have in common.
#[derive(Debug)]
pub(super) struct Shape {
    schema: SchemaRef,
    /// Slot and type of each column of the file, the engine's own column excepted.
    columns: Vec<(usize, ColumnType)>,
    properties: WriterProperties,
}

impl Shape {
    pub fn new(dataset: &CompiledDataset) -> Self {
        let in_file = |slot: &usize| !dataset.partition_slots.contains(slot);
        let slots: Vec<usize> = (0..dataset.rules.columns.len()).filter(in_file).collect();
        let mut fields: Vec<Field> = slots
            .iter()
            .map(|slot| &dataset.rules.columns[*slot])
            .map(|column| Field::new(catalog_column(&column.name), data_type(column.column_type), true))
            .collect();
        fields.push(Field::new(
            if dataset.keeps_rows_whole() { "record" } else { "_rescued" },
            DataType::Utf8,
            true,
        ));
        Self {
            schema: Arc::new(Schema::new(fields)),
            columns: slots.into_iter().map(|slot| (slot, dataset.rules.columns[slot].column_type)).collect(),
            properties: properties(dataset.spec.output.compression),
        }
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

fn properties(compression: OutputCompression) -> WriterProperties {
    let compression = match compression {
        OutputCompression::Zstd => Compression::ZSTD(ZstdLevel::default()),
        OutputCompression::Snappy => Compression::SNAPPY,
        OutputCompression::None => Compression::UNCOMPRESSED,
    };
    WriterProperties::builder()
        .set_compression(compression)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by("terraform-provider-datalake".to_owned())
        .build()
}

enum Builder {
    Text(StringBuilder),
    Bigint(Int64Builder),
    Double(Float64Builder),
    Boolean(BooleanBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMillisecondBuilder),
}

impl Builder {
    fn new(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::String | ColumnType::Json => Self::Text(StringBuilder::new()),
            ColumnType::Bigint => Self::Bigint(Int64Builder::new()),
            ColumnType::Double => Self::Double(Float64Builder::new()),
            ColumnType::Boolean => Self::Boolean(BooleanBuilder::new()),
            ColumnType::Date => Self::Date(Date32Builder::new()),
            ColumnType::Timestamp => Self::Timestamp(TimestampMillisecondBuilder::new()),
        }
    }

    /// Only rows that passed their type checks come here, so a value that does not fit is null.
    fn append(&mut self, value: &Value<'_>) {
        match (self, value) {
            (Self::Text(builder), Value::Text(text) | Value::Json(text)) => builder.append_value(text),
            (Self::Text(builder), _) => builder.append_null(),
            (Self::Bigint(builder), Value::Bigint(number)) => builder.append_value(*number),
            (Self::Bigint(builder), _) => builder.append_null(),
            (Self::Double(builder), Value::Double(number)) => builder.append_value(*number),
            (Self::Double(builder), _) => builder.append_null(),
            (Self::Boolean(builder), Value::Boolean(value)) => builder.append_value(*value),
            (Self::Boolean(builder), _) => builder.append_null(),
            (Self::Date(builder), Value::Date(days)) => builder.append_value(*days),
            (Self::Date(builder), _) => builder.append_null(),
            (Self::Timestamp(builder), Value::Timestamp(instant)) => builder.append_value(*instant),
            (Self::Timestamp(builder), _) => builder.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Bigint(builder) => Arc::new(builder.finish()),
            Self::Double(builder) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Date(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder) => Arc::new(builder.finish().with_timezone("UTC")),
        }
    }
}

/// One Parquet file under way.
pub(super) struct FileWriter {
    writer: ArrowWriter<Vec<u8>>,
    builders: Vec<Builder>,
    own: StringBuilder,
    batched: usize,
    /// Bytes of texts in the batch, so that long texts cannot fill memory.
    batched_bytes: usize,
    /// Rows in the file.
    pub rows: u64,
    /// Bytes handed out.
    pub bytes: u64,
    /// Moment of the last use, for closing the least recently used.
    pub used: u64,
}

/// Bytes of texts after which a batch is encoded early.
const BATCH_BYTES: usize = 8 << 20;

impl FileWriter {
    pub fn new(shape: &Shape) -> Result<Self, ParquetError> {
        let writer =
            ArrowWriter::try_new(Vec::new(), Arc::clone(&shape.schema), Some(shape.properties.clone()))?;
        let builders = shape.columns.iter().map(|(_, column_type)| Builder::new(*column_type)).collect();
        Ok(Self {
            writer,
            builders,
            own: StringBuilder::new(),
            batched: 0,
            batched_bytes: 0,
            rows: 0,
            bytes: 0,
            used: 0,
        })
    }

    /// Adds a row; `own` is the value of the engine's own column.
    pub fn add(
        &mut self,
        shape: &Shape,
        values: &[Value<'_>],
        own: Option<&str>,
    ) -> Result<(), ParquetError> {
        for (builder, (slot, _)) in self.builders.iter_mut().zip(&shape.columns) {
            let value = &values[*slot];
            if let Value::Text(text) | Value::Json(text) = value {
                self.batched_bytes += text.len();
            }
            builder.append(value);
        }
        self.own.append_option(own);
        self.batched_bytes += own.map_or(0, str::len);
        self.batched += 1;
        self.rows += 1;
        if self.batched >= BATCH_ROWS || self.batched_bytes >= BATCH_BYTES {
            self.encode(shape)?;
        }
        Ok(())
    }

    /// Encodes what was collected; ends the row group when it is large enough.
    fn encode(&mut self, shape: &Shape) -> Result<(), ParquetError> {
        if self.batched == 0 {
            return Ok(());
        }
        let mut arrays: Vec<ArrayRef> = self.builders.iter_mut().map(Builder::finish).collect();
        arrays.push(Arc::new(self.own.finish()));
        self.batched = 0;
        self.batched_bytes = 0;
        self.writer.write(&RecordBatch::try_new(Arc::clone(&shape.schema), arrays)?)?;
        if self.writer.in_progress_size() >= ROW_GROUP_BYTES {
            self.writer.flush()?;
        }
        Ok(())
    }

    /// Memory held for this file, in bytes.
    pub fn memory(&self) -> usize {
        self.writer.memory_size() + self.batched_bytes + self.batched * self.builders.len() * 8
    }

    /// Ends the row group, so that its bytes can be handed out.
    pub fn flush(&mut self, shape: &Shape) -> Result<(), ParquetError> {
        self.encode(shape)?;
        self.writer.flush()
    }

    /// Bytes that are final and have not been handed out.
    pub fn take(&mut self) -> Vec<u8> {
        let bytes = std::mem::take(self.writer.inner_mut());
        self.bytes += bytes.len() as u64;
        bytes
    }

    /// Ends the file and hands out its last bytes.
    pub fn finish(&mut self, shape: &Shape) -> Result<Vec<u8>, ParquetError> {
        self.encode(shape)?;
        self.writer.finish()?;
        Ok(self.take())
    }
}
