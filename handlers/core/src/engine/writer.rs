//! Rows to one Parquet file: columns, pages, row groups, all bounded.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};

use super::CompiledDataset;
use super::pages::{Codec, Column, Full};
use crate::layout::catalog_column;
use crate::rules::Value;
use crate::spec::{ColumnType, OutputCompression};

/// Rows, or bytes of texts, after which it is looked which pages are large enough.
const LOOK_ROWS: usize = 512;
const LOOK_BYTES: usize = 64 << 10;
/// Encoded bytes after which a row group ends.
const ROW_GROUP_BYTES: usize = 16 << 20;
/// Bytes of a piece of a file.
const PIECE: usize = 256 << 10;

/// What the files of one dataset have in common.
#[derive(Debug)]
pub(super) struct Shape {
    /// Name and type of each column of the file, the engine's own among them.
    fields: Vec<(String, ColumnType)>,
    /// Slots of the columns, the engine's own excepted.
    slots: Vec<usize>,
    codec: Mutex<Codec>,
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
            fields.push((name, column_type));
            slots.push(slot);
        }
        fields.extend(own.map(|own| (own.to_owned(), ColumnType::String)));
        Self { fields, slots, codec: Mutex::new(Codec::new(compression)) }
    }

    /// The one codec: what compresses is used by one file after the other, and stays in a processor's cache.
    fn codec(&self) -> MutexGuard<'_, Codec> {
        // A codec begins anew with each page, whatever became of the page before.
        self.codec.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file without rows.
    fn begin(&self) -> Result<SerializedFileWriter<Pieces>, ParquetError> {
        let fields = self.fields.iter().map(|(name, column_type)| field(name, *column_type).map(Arc::new));
        let fields = fields.collect::<Result<Vec<TypePtr>, _>>()?;
        let schema = Type::group_type_builder("schema").with_fields(fields).build()?;
        let properties =
            WriterProperties::builder().set_created_by("terraform-provider-datalake".to_owned()).build();
        SerializedFileWriter::new(Pieces::default(), Arc::new(schema), Arc::new(properties))
    }
}

/// A column that may be null.
fn field(name: &str, column_type: ColumnType) -> Result<Type, ParquetError> {
    let (physical, logical) = match column_type {
        ColumnType::String | ColumnType::Json => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        ColumnType::Bigint => (PhysicalType::INT64, None),
        ColumnType::Double => (PhysicalType::DOUBLE, None),
        ColumnType::Boolean => (PhysicalType::BOOLEAN, None),
        ColumnType::Date => (PhysicalType::INT32, Some(LogicalType::Date)),
        ColumnType::Timestamp => (PhysicalType::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
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
    /// Made with the first row group.
    writer: Option<SerializedFileWriter<Pieces>>,
    columns: Vec<Column>,
    /// Rows of the file, and of the row group under way.
    rows: u64,
    group_rows: u64,
    /// Rows, and bytes of texts, since the last look at the sizes.
    unseen_rows: usize,
    unseen_bytes: usize,
    bytes: u64,
}

impl FileWriter {
    pub fn new(shape: Arc<Shape>) -> Self {
        let columns = shape.fields.iter().map(|(_, column_type)| Column::new(*column_type)).collect();
        Self {
            shape,
            writer: None,
            columns,
            rows: 0,
            group_rows: 0,
            unseen_rows: 0,
            unseen_bytes: 0,
            bytes: 0,
        }
    }

    /// Ends pages, and the row group, that are large enough.
    #[inline(never)]
    fn look(&mut self) -> Result<(), ParquetError> {
        (self.unseen_rows, self.unseen_bytes) = (0, 0);
        let mut size = 0;
        let mut codec = self.shape.codec();
        for column in &mut self.columns {
            column.look(&mut codec)?;
            size += column.size();
        }
        drop(codec);
        if size >= ROW_GROUP_BYTES { self.end_row_group() } else { Ok(()) }
    }

    fn end_row_group(&mut self) -> Result<(), ParquetError> {
        if self.group_rows == 0 {
            return Ok(());
        }
        self.group_rows = 0;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(self.shape.begin()?),
        };
        let descriptors = writer.schema_descr().columns().to_vec();
        let mut group = writer.next_row_group()?;
        let mut codec = self.shape.codec();
        // One place for one column after the other: memory that is new to the process is dear.
        let mut memory = Vec::new();
        for (column, descriptor) in self.columns.iter_mut().zip(&descriptors) {
            let (bytes, close) = column.end_row_group(descriptor, &mut codec, memory)?;
            group.append_column(&bytes, close)?;
            memory = Vec::from(bytes);
        }
        group.close().map(drop)
    }
}

impl RowFile for FileWriter {
    #[inline]
    fn add(&mut self, values: &[Value<'_>], own: Option<&str>) -> Result<(), ParquetError> {
        let own = own.map_or(Value::Null, Value::Text);
        let row = self.shape.slots.iter().map(|slot| &values[*slot]).chain([&own]);
        for (column, value) in self.columns.iter_mut().zip(row) {
            if let Value::Text(text) | Value::Json(text) = value {
                self.unseen_bytes += text.len();
            }
            push(column, value, &self.shape)?;
        }
        self.unseen_rows += 1;
        self.rows += 1;
        self.group_rows += 1;
        if self.unseen_rows >= LOOK_ROWS || self.unseen_bytes >= LOOK_BYTES { self.look() } else { Ok(()) }
    }

    fn memory(&self) -> usize {
        self.columns.iter().map(Column::memory).sum()
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        self.end_row_group()?;
        // Whoever asks for it wants memory.
        self.columns.iter_mut().for_each(Column::shrink);
        Ok(())
    }

    fn take(&mut self) -> Vec<Vec<u8>> {
        let pieces = self.writer.as_mut().map(|writer| writer.inner_mut().take()).unwrap_or_default();
        self.bytes += pieces.iter().map(|piece| piece.len() as u64).sum::<u64>();
        pieces
    }

    fn finish(&mut self) -> Result<Vec<Vec<u8>>, ParquetError> {
        self.end_row_group()?;
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

/// Adds a value to a column, which may have to leave its dictionary for it.
#[inline]
fn push(column: &mut Column, value: &Value<'_>, shape: &Shape) -> Result<(), ParquetError> {
    if column.push(value).is_ok() {
        return Ok(());
    }
    column.leave(&mut shape.codec())?;
    column.push(value).map_err(|Full| ParquetError::General("a column takes no value".to_owned()))
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
