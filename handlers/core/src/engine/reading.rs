//! From records to rows: each kind of record goes through its front end, and what cannot be read is refused.

use std::sync::Arc;

use super::codecs::BeginFile;
use super::fields::FieldReader;
use super::json::JsonReader;
use super::row::{FrontEnd, Row, Unreadable};
use super::rows::RowJudge;
use super::{CompiledDataset, Sink, SinkError};
use crate::formats::csv::Fields;
use crate::formats::{Place, Record, Stop, refused};

/// Most rows of one object; beyond them it is refused, as it is no object of sane size.
pub const MOST_ROWS: u64 = 1_000_000_000;

/// The readers of one object, and the judge they read for.
pub(super) struct Reading<'d> {
    json: JsonReader<'d>,
    fields: FieldReader<'d>,
    pub judge: RowJudge<'d>,
    /// Memory of the row before, for the next.
    row: Row<'static>,
    pub seen: u64,
    most_rows: u64,
}

impl<'d> Reading<'d> {
    pub fn new(
        dataset: &'d CompiledDataset,
        process_id: &str,
        size_bytes: u64,
        files: Arc<dyn BeginFile>,
    ) -> Self {
        Self {
            json: JsonReader::new(dataset),
            fields: FieldReader::new(dataset),
            judge: RowJudge::new(dataset, process_id, size_bytes, files),
            row: Row::default(),
            seen: 0,
            most_rows: MOST_ROWS,
        }
    }

    /// Other limits than the usual, for tests.
    #[cfg(test)]
    pub fn limit(&mut self, most_rows: u64, file_bytes: u64) {
        self.most_rows = most_rows;
        self.judge.limit_files(file_bytes);
    }

    /// Reads one record and has it judged.
    pub fn record(&mut self, place: Place, record: Record<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        self.seen += 1;
        if self.seen > self.most_rows {
            return refused("too_many_rows", format!("the object has more than {} rows", self.most_rows));
        }
        match record {
            Record::Json(text) => self.json(place, text, sink),
            Record::Header(names) => {
                self.seen -= 1;
                return self.fields.header(names);
            }
            Record::Csv(original, fields) => self.csv(place, original, fields, sink),
            Record::Broken(original, rule, message) => {
                self.judge.unreadable(place, original, rule, message, sink)
            }
        }
        .map_err(Stop::Sink)?;
        self.judge.stopped()
    }

    fn json(&mut self, place: Place, text: &str, sink: &mut dyn Sink) -> Result<(), SinkError> {
        let slots = self.judge.dataset.rules.columns.len();
        let mut row = std::mem::take(&mut self.row).renew(slots);
        let read = self.json.read(text, &mut row);
        let whole = if slots == 0 { text.trim() } else { "" };
        let result = judge(&mut self.judge, place, text.as_bytes(), read, &row, whole, sink);
        self.row = row.clear();
        result
    }

    fn csv(
        &mut self,
        place: Place,
        original: &[u8],
        fields: Fields<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let slots = self.judge.dataset.rules.columns.len();
        let mut row = std::mem::take(&mut self.row).renew(slots);
        let read = self.fields.read(fields, &mut row);
        let whole = if slots == 0 { format!("{{{}}}", row.rescued) } else { String::new() };
        let result = judge(&mut self.judge, place, original, read, &row, &whole, sink);
        self.row = row.clear();
        result
    }
}

fn judge(
    judge: &mut RowJudge<'_>,
    place: Place,
    original: &[u8],
    read: Result<(), Unreadable>,
    row: &Row<'_>,
    whole: &str,
    sink: &mut dyn Sink,
) -> Result<(), SinkError> {
    match read {
        Ok(()) => judge.row(place, original, row, whole, sink),
        Err(unreadable) => {
            let (rule, message) = unreadable.reason();
            judge.unreadable(place, original, rule, message, sink)
        }
    }
}
