//! The Parquet files of one object: one open file a partition folder, a bounded number of them, bounded memory.

use std::collections::BTreeMap;

use parquet::errors::ParquetError;

use super::writer::{FileWriter, Shape};
use super::{CompiledDataset, OutputFile, Sink, SinkError};
use crate::layout::{catalog_column, partition_folder, validated_key};
use crate::rules::Value;
use crate::verdict::ParquetFile;

/// Files open at once; of more partitions the least recently used is closed, and gets a second file if it comes back.
const MOST_OPEN: usize = 32;
/// Memory of all open files together, in bytes; above it the largest ends its row group.
const MOST_MEMORY: usize = 48 << 20;
/// Rows between two looks at the memory.
const LOOK_EVERY: u64 = 1_024;

/// The files of one object.
pub(super) struct Files<'d> {
    dataset: &'d CompiledDataset,
    shape: Shape,
    process_id: String,
    open: BTreeMap<String, (OutputFile, FileWriter)>,
    made: usize,
    clock: u64,
    /// Files that are complete.
    pub finished: Vec<ParquetFile>,
}

impl<'d> Files<'d> {
    pub fn new(dataset: &'d CompiledDataset, process_id: &str) -> Self {
        Self {
            dataset,
            shape: Shape::new(dataset),
            process_id: process_id.to_owned(),
            open: BTreeMap::new(),
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
        let folder = self.folder(values);
        if !self.open.contains_key(&folder) {
            self.open(&folder, sink)?;
        }
        self.clock += 1;
        if let Some((_, writer)) = self.open.get_mut(&folder) {
            writer.used = self.clock;
            writer.add(&self.shape, values, own).map_err(unwritable)?;
        }
        if self.clock.is_multiple_of(LOOK_EVERY) { self.bound_memory(sink) } else { Ok(()) }
    }

    /// Ends all files.
    pub fn finish(&mut self, sink: &mut dyn Sink) -> Result<(), SinkError> {
        while let Some(folder) = self.open.keys().next().cloned() {
            self.close(&folder, sink)?;
        }
        Ok(())
    }

    fn folder(&self, values: &[Value<'_>]) -> String {
        let slots = self.dataset.partition_slots.iter();
        slots
            .map(|slot| {
                let column = catalog_column(&self.dataset.rules.columns[*slot].name);
                partition_folder(&column, partition_text(&values[*slot]).as_deref())
            })
            .collect()
    }

    fn open(&mut self, folder: &str, sink: &mut dyn Sink) -> Result<(), SinkError> {
        if self.open.len() >= MOST_OPEN {
            let oldest =
                self.open.iter().min_by_key(|(_, (_, writer))| writer.used).map(|(folder, _)| folder.clone());
            if let Some(oldest) = oldest {
                self.close(&oldest, sink)?;
            }
        }
        let key = validated_key(&self.dataset.name, folder, &self.process_id, self.made);
        self.made += 1;
        let writer = FileWriter::new(&self.shape).map_err(unwritable)?;
        self.open.insert(folder.to_owned(), (OutputFile::Good(key), writer));
        Ok(())
    }

    fn close(&mut self, folder: &str, sink: &mut dyn Sink) -> Result<(), SinkError> {
        let Some((file, mut writer)) = self.open.remove(folder) else { return Ok(()) };
        let bytes = writer.finish(&self.shape).map_err(unwritable)?;
        if let OutputFile::Good(key) = &file {
            self.finished.push(ParquetFile { key: key.clone(), rows: writer.rows, bytes: writer.bytes });
        }
        sink.write(&file, bytes, true)
    }

    fn bound_memory(&mut self, sink: &mut dyn Sink) -> Result<(), SinkError> {
        let total: usize = self.open.values().map(|(_, writer)| writer.memory()).sum();
        if total > MOST_MEMORY
            && let Some((_, writer)) = self.open.values_mut().max_by_key(|(_, writer)| writer.memory())
        {
            writer.flush(&self.shape).map_err(unwritable)?;
        }
        for (file, writer) in self.open.values_mut() {
            let bytes = writer.take();
            if !bytes.is_empty() {
                sink.write(file, bytes, false)?;
            }
        }
        Ok(())
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
