//! The Parquet files of one object: one open file a partition folder, a bounded number of them, bounded memory.

use std::collections::HashMap;
use std::sync::Arc;

use parquet::errors::ParquetError;

use super::codecs::BeginFile;
use super::writer::RowFile;
use super::{CompiledDataset, OutputFile, Sink, SinkError};
use crate::layout::{catalog_column, parquet_key, partition_folder, validated_prefix};
use crate::rules::Value;
use crate::verdict::ParquetFile;

/// Files open at once; of more partitions the least recently used is closed, and gets a second file if it comes back.
pub const MOST_OPEN: usize = 32;
/// Memory of all open files together, in bytes; above it the largest ends its row group.
const MOST_MEMORY: usize = 48 << 20;
/// Bytes after which a file ends: as large as query engines like to have them.
pub const FILE_BYTES: u64 = 128 << 20;
/// Rows between two looks at the memory.
const LOOK_EVERY: u64 = 1_024;

/// Where the rows of a dataset are stored, and how.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// What begins them.
    pub files: Arc<dyn BeginFile>,
    /// The prefix of all keys.
    pub prefix: String,
    /// Slots and names of the columns that become folders, in their order.
    pub folders: Vec<(usize, String)>,
}

/// The files of one object.
pub(super) struct Files {
    target: Target,
    process_id: String,
    open: Vec<Open>,
    /// Where the file of a partition is among the open ones.
    places: HashMap<Vec<u8>, usize>,
    /// The file of the row before, and the partition of the row at hand: mostly they are of one partition.
    current: usize,
    partition: Vec<u8>,
    /// Files begun so far.
    pub made: usize,
    clock: u64,
    /// Bytes after which a file ends and the next one of its partition begins.
    pub file_bytes: u64,
    /// Files that are complete.
    pub finished: Vec<ParquetFile>,
}

/// A file that is being written.
struct Open {
    /// The partition's values, as bytes.
    partition: Vec<u8>,
    folder: String,
    key: String,
    writer: Box<dyn RowFile>,
    /// Moment of the last use, for closing the least recently used.
    used: u64,
}

impl Target {
    /// Accepted rows, in files that are begun so.
    pub fn validated(dataset: &CompiledDataset, files: Arc<dyn BeginFile>) -> Self {
        let folder = |slot: &usize| (*slot, catalog_column(&dataset.rules.columns[*slot].name));
        Self {
            files,
            prefix: validated_prefix(&dataset.name),
            folders: dataset.partition_slots.iter().map(folder).collect(),
        }
    }
}

impl Files {
    pub fn new(target: Target, process_id: &str) -> Self {
        Self {
            target,
            file_bytes: FILE_BYTES,
            process_id: process_id.to_owned(),
            open: Vec::new(),
            places: HashMap::new(),
            current: 0,
            partition: Vec::new(),
            made: 0,
            clock: 0,
            finished: Vec::new(),
        }
    }

    /// Adds an accepted row.
    pub fn add(
        &mut self,
        values: &[Value<'_>],
        own: Option<&str>,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        self.find(values, sink)?;
        self.clock += 1;
        if let Some(open) = self.open.get_mut(self.current) {
            open.used = self.clock;
            open.writer.add(values, own).map_err(unwritable)?;
        }
        if self.clock.is_multiple_of(LOOK_EVERY) { self.bound_memory(sink) } else { Ok(()) }
    }

    /// Ends all files, in the order of their folders.
    pub fn finish(&mut self, sink: &mut dyn Sink) -> Result<(), SinkError> {
        while let Some((place, _)) = self.open.iter().enumerate().min_by_key(|(_, open)| &open.folder) {
            self.close(place, sink)?;
        }
        Ok(())
    }

    /// Makes the file of the row's partition the current one.
    #[inline]
    fn find(&mut self, values: &[Value<'_>], sink: &mut dyn Sink) -> Result<(), SinkError> {
        if self.target.folders.is_empty() {
            if self.open.is_empty() {
                self.open(values, sink)?;
            }
            self.current = 0;
            return Ok(());
        }
        self.partition.clear();
        for (slot, _) in &self.target.folders {
            push_value(&values[*slot], &mut self.partition);
        }
        if self.open.get(self.current).is_some_and(|open| open.partition == self.partition) {
            return Ok(());
        }
        match self.places.get(&self.partition) {
            Some(place) => self.current = *place,
            None => self.open(values, sink)?,
        }
        Ok(())
    }

    fn folder(&self, values: &[Value<'_>]) -> String {
        let folders = self.target.folders.iter();
        folders
            .map(|(slot, name)| partition_folder(name, partition_text(&values[*slot]).as_deref()))
            .collect()
    }

    fn open(&mut self, values: &[Value<'_>], sink: &mut dyn Sink) -> Result<(), SinkError> {
        if self.open.len() >= MOST_OPEN
            && let Some((oldest, _)) = self.open.iter().enumerate().min_by_key(|(_, open)| open.used)
        {
            self.close(oldest, sink)?;
        }
        let folder = self.folder(values);
        let key = parquet_key(&self.target.prefix, &folder, &self.process_id, self.made);
        self.made += 1;
        self.current = self.open.len();
        self.places.insert(self.partition.clone(), self.current);
        let writer = Arc::clone(&self.target.files).begin();
        self.open.push(Open { partition: self.partition.clone(), folder, key, writer, used: self.clock });
        Ok(())
    }

    fn close(&mut self, place: usize, sink: &mut dyn Sink) -> Result<(), SinkError> {
        let mut open = self.open.swap_remove(place);
        self.places.remove(&open.partition);
        // No row may land in a file that was moved to this place.
        self.current = usize::MAX;
        if let Some(moved) = self.open.get(place) {
            self.places.insert(moved.partition.clone(), place);
        }
        let mut pieces = open.writer.finish().map_err(unwritable)?;
        let (rows, bytes) = (open.writer.rows(), open.writer.bytes());
        self.finished.push(ParquetFile { key: open.key.clone(), rows, bytes });
        let file = OutputFile::Good(open.key);
        let last = pieces.pop().unwrap_or_default();
        for piece in pieces {
            sink.write(&file, piece, false)?;
        }
        sink.write(&file, last, true)
    }

    fn bound_memory(&mut self, sink: &mut dyn Sink) -> Result<(), SinkError> {
        let total: usize = self.open.iter().map(|open| open.writer.memory()).sum();
        if total > MOST_MEMORY
            && let Some(open) = self.open.iter_mut().max_by_key(|open| open.writer.memory())
        {
            open.writer.flush().map_err(unwritable)?;
        }
        for open in &mut self.open {
            let pieces = open.writer.take();
            if pieces.is_empty() {
                continue;
            }
            let file = OutputFile::Good(open.key.clone());
            for piece in pieces {
                sink.write(&file, piece, false)?;
            }
        }
        let most = self.file_bytes;
        let full = move |open: &Open| open.writer.bytes() + open.writer.memory() as u64 >= most;
        while let Some(large) = self.open.iter().position(full) {
            self.close(large, sink)?;
        }
        Ok(())
    }
}

/// Appends a value so that no two different rows of values have the same bytes.
fn push_value(value: &Value<'_>, into: &mut Vec<u8>) {
    match value {
        Value::Text(text) => {
            into.push(1);
            into.extend_from_slice(&text.len().to_le_bytes());
            into.extend_from_slice(text.as_bytes());
        }
        Value::Bigint(number) => {
            into.push(2);
            into.extend_from_slice(&number.to_le_bytes());
        }
        Value::Boolean(value) => into.extend_from_slice(&[3, u8::from(*value)]),
        Value::Date(days) => {
            into.push(4);
            into.extend_from_slice(&days.to_le_bytes());
        }
        _ => into.push(0),
    }
}

fn partition_text(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Text(text) => Some((*text).to_owned()),
        Value::Bigint(number) => Some(number.to_string()),
        Value::Boolean(value) => Some(value.to_string()),
        Value::Date(days) => Some(crate::columns::format_date(*days)),
        _ => None,
    }
}

fn unwritable(error: ParquetError) -> SinkError {
    SinkError(format!("Parquet: {error}"))
}
