//! Accepted rows to curated rows: the files of one object one after the other, some rows at a time, so that memory is
//! bounded by a row group and the open files.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};

use super::files::{Files, Target};
use super::json::text::quote;
use super::quarantine::{Quarantine, Reason};
use super::writer::Shape;
use super::{Sink, SinkError};
use crate::check::Problem;
use crate::columns::parse_date;
use crate::events::TransformCounts;
use crate::formats::Place;
use crate::formats::columnar::{Ranges, batches};
use crate::layout::{curated_prefix, partition_values, untransformed_rows_key, validated_prefix};
use crate::rules::Value;
use crate::spec::{ColumnType, DatasetSpec};
use crate::transform::{Datum, Input, Keys, Refusal, Transformation};
use crate::verdict::ParquetFile;

/// The step that a row fails which holds a value of another type than is declared now.
const STORED: &str = "validated.type";

/// The transformation of a dataset, made ready for its objects.
#[derive(Debug)]
pub struct CuratedDataset {
    name: String,
    transformation: Transformation,
    target: Target,
}

/// One object whose accepted rows are transformed.
pub struct CurateRun<'d> {
    dataset: &'d CuratedDataset,
    files: Files,
    quarantine: Quarantine,
    counts: TransformCounts,
    failed_steps: BTreeMap<String, u64>,
    original: String,
}

/// What came of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curation {
    /// Row counts.
    pub counts: TransformCounts,
    /// Steps that could not be done, with the number of rows.
    pub failed_steps: BTreeMap<String, u64>,
    /// Files of transformed rows, in the order they were finished.
    pub files: Vec<ParquetFile>,
}

/// Why rows could not be transformed at all.
#[derive(Debug, thiserror::Error)]
pub enum CurateError {
    /// A file of accepted rows cannot be read.
    #[error("a file of accepted rows cannot be read: {0}")]
    Unreadable(String),
    /// A result file could not be written.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

impl CuratedDataset {
    /// Compiles a dataset; none of one that declares no transforms.
    ///
    /// # Errors
    /// Faults that `check_dataset` finds as well, and keys that are missing.
    pub fn compile(name: &str, spec: &DatasetSpec, keys: Keys<'_>) -> Result<Option<Self>, Vec<Problem>> {
        let Some(transformation) = Transformation::compile(spec, keys)? else { return Ok(None) };
        let columns = transformation.columns.iter().enumerate();
        let in_file = columns.filter(|(place, _)| !transformation.partition_by.contains(place));
        let in_file = in_file.map(|(place, column)| (place, column.name.clone(), column.spec.column_type));
        let folder = |place: &usize| (*place, transformation.columns[*place].name.clone());
        let target = Target {
            files: Arc::new(Shape::of(in_file, None, spec.output.compression)),
            prefix: curated_prefix(name),
            folders: transformation.partition_by.iter().map(folder).collect(),
        };
        Ok(Some(Self { name: name.to_owned(), transformation, target }))
    }
}

impl<'d> CurateRun<'d> {
    /// Begins with no file read; `process_id` names the result files.
    #[must_use]
    pub fn new(dataset: &'d CuratedDataset, process_id: &str) -> Self {
        Self {
            dataset,
            files: Files::new(dataset.target.clone(), process_id),
            quarantine: Quarantine::at(untransformed_rows_key(&dataset.name, process_id), process_id),
            counts: TransformCounts::default(),
            failed_steps: BTreeMap::new(),
            original: String::new(),
        }
    }

    /// Transforms the rows of one file of accepted rows. Its key says what is in its folders.
    ///
    /// # Errors
    /// When it cannot be read, or the sink takes no result.
    pub fn file(
        &mut self,
        key: &str,
        ranges: impl Ranges + 'static,
        sink: &mut dyn Sink,
    ) -> Result<(), CurateError> {
        let dataset = self.dataset;
        let folders =
            partition_values(&validated_prefix(&dataset.name), key).map_err(CurateError::Unreadable)?;
        let unreadable = |error: &dyn std::fmt::Display| CurateError::Unreadable(error.to_string());
        for batch in batches(ranges).map_err(|error| unreadable(&error))? {
            self.batch(&batch.map_err(|error| unreadable(&error))?, &folders, sink)?;
        }
        Ok(())
    }

    /// Ends all files.
    ///
    /// # Errors
    /// When the sink takes no result.
    pub fn finish(mut self, sink: &mut dyn Sink) -> Result<Curation, SinkError> {
        self.files.finish(sink)?;
        self.quarantine.finish(sink)?;
        Ok(Curation { counts: self.counts, failed_steps: self.failed_steps, files: self.files.finished })
    }

    fn batch(
        &mut self,
        batch: &RecordBatch,
        folders: &[Option<String>],
        sink: &mut dyn Sink,
    ) -> Result<(), CurateError> {
        let transformation = &self.dataset.transformation;
        let inputs = transformation.inputs.iter();
        let sources: Vec<Source<'_>> = inputs.map(|input| source(input, batch, folders)).collect();
        let mut row: Vec<Datum<'_>> = Vec::new();
        for index in 0..batch.num_rows() {
            row.clear();
            self.counts.total += 1;
            let mut mistyped = None;
            for (source, input) in sources.iter().zip(&transformation.inputs) {
                row.push(source.value(input.column_type, index).unwrap_or_else(|| {
                    mistyped = Some(Refusal {
                        step: STORED,
                        column: &input.name,
                        message: "the stored value is not of the type that is declared now",
                    });
                    Datum::Null
                }));
            }
            let transformed = mistyped.map_or_else(|| transformation.run(&mut row), Err);
            match transformed {
                Ok(true) => self.keep(&row, sink)?,
                Ok(false) => self.counts.filtered += 1,
                Err(refusal) => self.refuse(&row, refusal, sink)?,
            }
        }
        Ok(())
    }

    fn keep(&mut self, row: &[Datum<'_>], sink: &mut dyn Sink) -> Result<(), SinkError> {
        self.counts.curated += 1;
        let columns = self.dataset.transformation.columns.iter();
        let values: Vec<Value<'_>> = columns.map(|column| row[column.slot].value()).collect();
        self.files.add(&values, None, sink)
    }

    /// Keeps the row as it was accepted, with what could not be done.
    fn refuse(
        &mut self,
        row: &[Datum<'_>],
        refusal: Refusal<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        self.counts.quarantined += 1;
        *self.failed_steps.entry(refusal.step.to_owned()).or_default() += 1;
        self.original.clear();
        push_row(&self.dataset.transformation.inputs, row, &mut self.original);
        let reason =
            Reason { rule: refusal.step, check: None, column: refusal.column, message: refusal.message };
        let place = Place { line: self.counts.total, offset: 0 };
        self.quarantine.add(place, &[reason], self.original.as_bytes(), true, sink)
    }
}

/// Where the values of an input come from.
enum Source<'b> {
    /// A column of the file.
    Column(&'b ArrayRef),
    /// A folder: the same for all rows.
    Folder(Option<&'b str>),
    /// The file was written when there was no such column.
    Absent,
}

fn source<'b>(input: &Input, batch: &'b RecordBatch, folders: &'b [Option<String>]) -> Source<'b> {
    match (batch.column_by_name(&input.name), input.folder) {
        (Some(column), _) => Source::Column(column),
        (None, Some(place)) => {
            folders.get(place).map_or(Source::Absent, |value| Source::Folder(value.as_deref()))
        }
        (None, None) => Source::Absent,
    }
}

impl<'b> Source<'b> {
    /// The value in a row; none when it is not of the type.
    fn value(&self, column_type: ColumnType, index: usize) -> Option<Datum<'b>> {
        match self {
            Self::Absent | Self::Folder(None) => Some(Datum::Null),
            Self::Folder(Some(text)) => of_folder(text, column_type),
            Self::Column(column) if column.is_null(index) => Some(Datum::Null),
            Self::Column(column) => of_array(column, column_type, index),
        }
    }
}

fn of_folder(text: &str, column_type: ColumnType) -> Option<Datum<'_>> {
    match column_type {
        ColumnType::String => Some(Datum::Text(Cow::Borrowed(text))),
        ColumnType::Bigint => text.parse().ok().map(Datum::Bigint),
        ColumnType::Boolean => text.parse().ok().map(Datum::Boolean),
        ColumnType::Date => parse_date(text).map(Datum::Date),
        ColumnType::Double | ColumnType::Timestamp | ColumnType::Json => None,
    }
}

fn of_array(array: &ArrayRef, column_type: ColumnType, index: usize) -> Option<Datum<'_>> {
    let text = || Cow::Borrowed(array.as_string::<i32>().value(index));
    Some(match (column_type, array.data_type()) {
        (ColumnType::String, DataType::Utf8) => Datum::Text(text()),
        (ColumnType::Json, DataType::Utf8) => Datum::Json(text()),
        (ColumnType::Bigint, DataType::Int64) => {
            Datum::Bigint(array.as_primitive::<Int64Type>().value(index))
        }
        (ColumnType::Double, DataType::Float64) => {
            Datum::Double(array.as_primitive::<Float64Type>().value(index))
        }
        (ColumnType::Boolean, DataType::Boolean) => Datum::Boolean(array.as_boolean().value(index)),
        (ColumnType::Date, DataType::Date32) => Datum::Date(array.as_primitive::<Date32Type>().value(index)),
        (ColumnType::Timestamp, DataType::Timestamp(TimeUnit::Millisecond, _)) => {
            Datum::Timestamp(array.as_primitive::<TimestampMillisecondType>().value(index))
        }
        _ => return None,
    })
}

/// Appends a row as it was accepted, as a JSON object; what is null is left out.
fn push_row(inputs: &[Input], row: &[Datum<'_>], into: &mut String) {
    into.push('{');
    let mut comma = "";
    for (input, value) in inputs.iter().zip(row) {
        let Some(text) = value.text() else { continue };
        into.push_str(std::mem::replace(&mut comma, ","));
        quote(&input.name, into);
        into.push(':');
        match value {
            Datum::Json(text) => into.push_str(text),
            Datum::Boolean(_) | Datum::Bigint(_) => into.push_str(&text),
            Datum::Double(number) if number.is_finite() => into.push_str(&text),
            _ => quote(&text, into),
        }
    }
    into.push('}');
}
