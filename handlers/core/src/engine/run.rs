//! The pass: head → unpack → records → rows → checks → files, and the verdict at the end.

use std::collections::BTreeMap;

use super::files::Files;
use super::json_row::{self, Unreadable};
use super::quarantine::{Quarantine, Reason};
use super::row::{Cell, Row};
use super::{CompiledDataset, OutputFile, Sink, SinkError};
use crate::events::RowCounts;
use crate::formats::csv::{Csv, Fields};
use crate::formats::frames::Frames;
use crate::formats::gzip::Gunzip;
use crate::formats::lines::Lines;
use crate::formats::{Content, Framer, Place, Record, Stop, refused, sniff};
use crate::layout::quarantined_rows_key;
use crate::rules::{Measures, Value, judge as judge_object};
use crate::spec::Format;
use crate::verdict::{ObjectReason, RuleResult, Verdict};

/// Bytes looked at before it is decided how an object is read: at least the first line, if it is no longer than this.
const HEAD: usize = 64 << 10;

/// What is known about an object before its bytes.
#[derive(Debug, Clone, Copy)]
pub struct ObjectFacts<'a> {
    /// Identity of this version in this pipeline.
    pub process_id: &'a str,
    /// Key in the raw bucket.
    pub key: &'a str,
    /// Size in bytes.
    pub size_bytes: u64,
}

/// One object being judged.
pub struct ObjectRun<'d> {
    key: String,
    unpack: Unpack,
    reader: Reader,
    judge: RowJudge<'d>,
    refusal: Option<ObjectReason>,
    packed: u64,
}

/// How the object's bytes become text.
enum Unpack {
    Undecided(Vec<u8>),
    Plain,
    Gzip(Box<Gunzip>),
}

/// How the text becomes records.
enum Reader {
    Undecided(Vec<u8>),
    Framer(Box<dyn Framer + Send>),
}

impl<'d> ObjectRun<'d> {
    /// Begins with no byte read.
    #[must_use]
    pub fn new(dataset: &'d CompiledDataset, facts: ObjectFacts<'_>) -> Self {
        Self {
            key: facts.key.to_owned(),
            unpack: Unpack::Undecided(Vec::new()),
            reader: Reader::Undecided(Vec::new()),
            judge: RowJudge::new(dataset, facts.process_id),
            refusal: None,
            packed: 0,
        }
    }

    /// Takes the next block.
    ///
    /// # Errors
    /// When the sink cannot take a result.
    pub fn push(&mut self, block: &[u8], sink: &mut dyn Sink) -> Result<(), SinkError> {
        self.packed += block.len() as u64;
        if self.refusal.is_some() || block.is_empty() {
            return Ok(());
        }
        let result = self.unpack(block, sink);
        self.settle(result)
    }

    /// Why the object is refused whole, as soon as that is certain; the rest need not be read then.
    #[must_use]
    pub fn refusal(&self) -> Option<&ObjectReason> {
        self.refusal.as_ref()
    }

    /// The bytes are over: the verdict.
    ///
    /// # Errors
    /// When the sink cannot take a result.
    pub fn finish(mut self, sink: &mut dyn Sink) -> Result<Verdict, SinkError> {
        if self.refusal.is_none() {
            let result = self.end(sink);
            self.settle(result)?;
        }
        let compression = match (&self.unpack, self.packed) {
            (_, 0) => None,
            (Unpack::Gzip(_), _) => Some("gzip".to_owned()),
            _ => Some("none".to_owned()),
        };
        self.judge.verdict(self.refusal, compression, sink)
    }

    fn settle(&mut self, result: Result<(), Stop>) -> Result<(), SinkError> {
        match result {
            Ok(()) => Ok(()),
            Err(Stop::Sink(error)) => Err(error),
            Err(Stop::Refused(reason)) => {
                self.refusal = Some(reason);
                Ok(())
            }
        }
    }

    fn unpack(&mut self, block: &[u8], sink: &mut dyn Sink) -> Result<(), Stop> {
        match &mut self.unpack {
            Unpack::Undecided(head) => {
                head.extend_from_slice(block);
                if head.len() < 4 {
                    return Ok(());
                }
                let head = std::mem::take(head);
                self.decide_unpack(&head);
                self.unpack(&head, sink)
            }
            Unpack::Plain => self.read(block, sink),
            Unpack::Gzip(gunzip) => {
                let mut gunzip = std::mem::take(gunzip);
                let result = gunzip.push(block, &mut |text| self.read(text, sink));
                self.unpack = Unpack::Gzip(gunzip);
                result
            }
        }
    }

    /// Content first; the declaration only matters for saying what is wrong.
    fn decide_unpack(&mut self, head: &[u8]) {
        self.unpack = match sniff(head) {
            Content::Gzip => Unpack::Gzip(Box::default()),
            _ => Unpack::Plain,
        };
    }

    fn read(&mut self, text: &[u8], sink: &mut dyn Sink) -> Result<(), Stop> {
        match &mut self.reader {
            Reader::Undecided(head) => {
                head.extend_from_slice(text);
                if head.len() < HEAD
                    && memchr::memchr(b'\n', head).is_none_or(|end| head[..end].trim_ascii().is_empty())
                {
                    return Ok(());
                }
                self.decide_reader(false, sink)
            }
            Reader::Framer(framer) => {
                let judge = &mut self.judge;
                framer.push(text, &mut |place, record| judge.record(place, record, sink))
            }
        }
    }

    /// Decides how to read from what has arrived; `complete` when no more will.
    fn decide_reader(&mut self, complete: bool, sink: &mut dyn Sink) -> Result<(), Stop> {
        let Reader::Undecided(head) = &mut self.reader else { return Ok(()) };
        let head = std::mem::take(head);
        let (bom, text) = match head.strip_prefix(b"\xef\xbb\xbf") {
            Some(text) => (3, text),
            None => (0, head.as_slice()),
        };
        let format = self.format(text, complete)?;
        self.judge.format = Some(format);
        self.reader = Reader::Framer(match format {
            Format::Json => Box::new(Frames::new(bom)),
            Format::Ndjson => Box::new(Lines::new(bom)),
            Format::Csv => Box::new(Csv::new(bom, self.judge.on_header())),
        });
        self.read(text, sink)
    }

    /// The format: what the content says, then what was declared, then what the name says.
    fn format(&self, text: &[u8], complete: bool) -> Result<Format, Stop> {
        let declared = self.judge.dataset.declared_format();
        match sniff(text) {
            Content::Empty if complete => refused("empty_object", "the object holds nothing"),
            Content::Unsupported(name) => {
                refused("unsupported_format", format!("the object is {name}, which cannot be read yet"))
            }
            Content::Binary => {
                refused("unsupported_format", "the object holds binary data of no known format")
            }
            Content::Gzip => refused("unsupported_format", "the object is packed twice"),
            Content::Json => Ok(json_format(text, declared, complete)),
            Content::Empty | Content::Text => Ok(text_format(text, declared, &self.key, self.judge.dataset)),
        }
    }

    fn end(&mut self, sink: &mut dyn Sink) -> Result<(), Stop> {
        if self.packed == 0 {
            return refused("empty_object", "the object has no bytes");
        }
        if let Unpack::Undecided(head) = &mut self.unpack {
            let head = std::mem::take(head);
            self.decide_unpack(&head);
            self.unpack(&head, sink)?;
        }
        if let Unpack::Gzip(gunzip) = &mut self.unpack {
            let mut gunzip = std::mem::take(gunzip);
            let result = gunzip.finish(&mut |text| self.read(text, sink));
            self.unpack = Unpack::Gzip(gunzip);
            result?;
        }
        if matches!(self.reader, Reader::Undecided(_)) {
            self.decide_reader(true, sink)?;
        }
        if let Reader::Framer(framer) = &mut self.reader {
            let judge = &mut self.judge;
            framer.finish(&mut |place, record| judge.record(place, record, sink))?;
        }
        Ok(())
    }
}

/// Text that begins with a bracket: one document, or a line a row?
fn json_format(text: &[u8], declared: Format, complete: bool) -> Format {
    let body = text.trim_ascii_start();
    if body.starts_with(b"[") {
        return Format::Json;
    }
    let first_line_end = memchr::memchr(b'\n', body);
    let first_line = &body[..first_line_end.unwrap_or(body.len())];
    let whole_value = serde_json::from_slice::<serde::de::IgnoredAny>(first_line).is_ok();
    let more = first_line_end.is_some_and(|end| !body[end..].trim_ascii().is_empty() || !complete);
    match declared {
        // Several objects on lines of their own, whatever was declared.
        _ if whole_value && more => Format::Ndjson,
        // A lone bracket on the first line is a document written for people.
        Format::Ndjson if first_line.trim_ascii() == b"{" => Format::Json,
        Format::Ndjson => Format::Ndjson,
        _ => Format::Json,
    }
}

/// Text that does not begin with a bracket.
fn text_format(text: &[u8], declared: Format, key: &str, dataset: &CompiledDataset) -> Format {
    if declared != Format::Json {
        return declared;
    }
    let name = key.to_lowercase();
    let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let names: Vec<&str> =
        std::str::from_utf8(first_line).unwrap_or_default().trim_end().split(',').collect();
    let looks_like_header =
        names.len() > 1 && names.iter().any(|name| dataset.spec.columns.contains_key(name.trim()));
    if looks_like_header || name.ends_with(".csv") || name.ends_with(".csv.gz") {
        Format::Csv
    } else {
        Format::Json
    }
}

/// Judges records and keeps count.
struct RowJudge<'d> {
    dataset: &'d CompiledDataset,
    files: Files<'d>,
    quarantine: Quarantine,
    measures: Measures,
    rows: RowCounts,
    /// Failures by index of `row_checks`.
    failures: Vec<u64>,
    /// Failures to read a row at all.
    unreadable: BTreeMap<&'static str, u64>,
    failed_checks: u64,
    format: Option<Format>,
    /// For CSV: the slot of each field, or the name to rescue it under.
    header: std::sync::Arc<std::sync::Mutex<Vec<Result<usize, String>>>>,
    header_seen: Vec<Result<usize, String>>,
}

impl<'d> RowJudge<'d> {
    fn new(dataset: &'d CompiledDataset, process_id: &str) -> Self {
        Self {
            dataset,
            files: Files::new(dataset, process_id),
            quarantine: Quarantine::new(quarantined_rows_key(&dataset.name, process_id), process_id),
            measures: Measures::new(&dataset.rules),
            rows: RowCounts::default(),
            failures: vec![0; dataset.rules.row_checks.len()],
            unreadable: BTreeMap::new(),
            failed_checks: 0,
            format: None,
            header: std::sync::Arc::default(),
            header_seen: Vec::new(),
        }
    }

    /// What to do with a CSV header: find the slots, and refuse a header that has nothing to do with the columns.
    fn on_header(&self) -> crate::formats::csv::OnHeader {
        let names: Vec<String> =
            self.dataset.rules.columns.iter().map(|column| column.name.clone()).collect();
        let shared = std::sync::Arc::clone(&self.header);
        Box::new(move |header| {
            let slots: Vec<Result<usize, String>> = header
                .iter()
                .map(|name| names.iter().position(|known| known == name).ok_or_else(|| name.clone()))
                .collect();
            if !names.is_empty() && slots.iter().all(Result::is_err) {
                return refused(
                    "bad_header",
                    "no name of the header is a declared column; is the header line missing?",
                );
            }
            if let Ok(mut shared) = shared.lock() {
                *shared = slots;
            }
            Ok(())
        })
    }

    fn record(&mut self, place: Place, record: Record<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
        match record {
            Record::Json(bytes) => self.json(place, bytes, sink),
            Record::Csv(original, fields) => self.csv(place, original, fields, sink),
            Record::Broken(original, rule, message) => self.unreadable(place, original, rule, message, sink),
        }
        .map_err(Stop::Sink)
    }

    fn json(&mut self, place: Place, bytes: &[u8], sink: &mut dyn Sink) -> Result<(), SinkError> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return self.unreadable(
                place,
                bytes,
                "row.not_utf8",
                "the row holds bytes that are not UTF-8",
                sink,
            );
        };
        let columns = &self.dataset.rules.columns;
        let mut row = Row::new(columns.len());
        let read = if self.dataset.keeps_rows_whole() {
            // Nothing to look at but whether it is an object.
            json_row::read(text, &self.dataset.tree, columns, &mut Row::new(0))
        } else {
            json_row::read(text, &self.dataset.tree, columns, &mut row)
        };
        match read {
            Ok(()) => self.row(place, bytes, &row, text.trim(), sink),
            Err(Unreadable::Malformed) => {
                self.unreadable(place, bytes, "row.malformed_json", "the row is not JSON", sink)
            }
            Err(Unreadable::NotAnObject) => {
                self.unreadable(place, bytes, "row.not_an_object", "the row is JSON, but not an object", sink)
            }
        }
    }

    fn csv(
        &mut self,
        place: Place,
        original: &[u8],
        fields: Fields<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        if self.header_seen.is_empty()
            && let Ok(shared) = self.header.lock()
        {
            self.header_seen.clone_from(&shared);
        }
        let mut row = Row::new(self.dataset.rules.columns.len());
        let mut whole = String::new();
        for (index, target) in self.header_seen.iter().enumerate() {
            let Ok(text) = std::str::from_utf8(fields.get(index).unwrap_or_default()) else {
                return self.unreadable(
                    place,
                    original,
                    "row.not_utf8",
                    "the row holds bytes that are not UTF-8",
                    sink,
                );
            };
            // An empty field is no value; CSV cannot tell it from an empty text.
            match target {
                Ok(slot) if !text.is_empty() => row.cells[*slot] = Cell::Field(text),
                Err(name) if !text.is_empty() => row.rescue(name, &serde_json::Value::from(text).to_string()),
                _ => {}
            }
        }
        if self.dataset.keeps_rows_whole() {
            whole = format!("{{{}}}", row.rescued);
        }
        self.row(place, original, &row, &whole, sink)
    }

    /// A row that could be read: its checks decide.
    fn row(
        &mut self,
        place: Place,
        original: &[u8],
        row: &Row<'_>,
        whole: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let dataset = self.dataset;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(row.cells.len());
        row.values(&dataset.rules.columns, &mut values);
        self.measures.count(&dataset.rules, Some(&values));
        self.rows.total += 1;
        let mut reasons: Vec<Reason<'_>> = Vec::new();
        for (check, failures) in dataset.rules.row_checks.iter().zip(&mut self.failures) {
            if !check.test.passes(&values) {
                *failures += 1;
                reasons.push(Reason { rule: &check.rule, column: &check.column, message: &check.message });
            }
        }
        if reasons.is_empty() {
            self.rows.good += 1;
            let rescued = (!row.rescued.is_empty()).then(|| format!("{{{}}}", row.rescued));
            let own = if dataset.keeps_rows_whole() { Some(whole) } else { rescued.as_deref() };
            return self.files.add(&values, own, sink);
        }
        self.rows.quarantined += 1;
        self.failed_checks += reasons.len() as u64;
        self.quarantine.add(place, &reasons, original, sink)
    }

    /// A row that cannot be read fails all its checks.
    fn unreadable(
        &mut self,
        place: Place,
        original: &[u8],
        rule: &'static str,
        message: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        self.measures.count(&self.dataset.rules, None);
        self.rows.total += 1;
        self.rows.quarantined += 1;
        self.failed_checks += self.dataset.checks_a_row();
        *self.unreadable.entry(rule).or_default() += 1;
        self.quarantine.add(place, &[Reason { rule, column: "", message }], original, sink)
    }

    fn verdict(
        mut self,
        refusal: Option<ObjectReason>,
        compression: Option<String>,
        sink: &mut dyn Sink,
    ) -> Result<Verdict, SinkError> {
        self.files.finish(sink)?;
        self.quarantine.finish(sink)?;
        let dataset_rules = judge_object(&self.dataset.rules, &self.measures);
        let checks = self.rows.total * self.dataset.checks_a_row();
        let score =
            if checks == 0 { 0.0 } else { 100.0 * (checks - self.failed_checks) as f64 / checks as f64 };
        let score = (score * 100.0).round() / 100.0;
        let threshold = self.dataset.spec.quality.threshold_percent;
        let failed_rule = dataset_rules.iter().find(|rule| rule.result == RuleResult::Fail);
        let object_reason = refusal.or_else(|| {
            if self.rows.total == 0 {
                Some(ObjectReason::new("no_rows", "the object holds no rows"))
            } else if self.rows.good == 0 {
                Some(ObjectReason::new("all_rows_refused", "no row of the object passed its checks"))
            } else if let Some(rule) = failed_rule {
                Some(ObjectReason::new(
                    "dataset_rule_failed",
                    format!("{}: {}", rule.evaluated_rule, rule.message),
                ))
            } else if score < threshold {
                Some(ObjectReason::new(
                    "score_below_threshold",
                    format!("the score {score} is below the threshold {threshold}"),
                ))
            } else {
                None
            }
        });
        let mut failed_rules: BTreeMap<String, u64> =
            self.unreadable.into_iter().map(|(rule, count)| (rule.to_owned(), count)).collect();
        let counted = self.dataset.rules.row_checks.iter().zip(self.failures).filter(|(_, count)| *count > 0);
        failed_rules.extend(counted.map(|(check, count)| (check.rule.clone(), count)));
        Ok(Verdict {
            passed: object_reason.is_none(),
            score,
            rows: self.rows,
            failed_rules,
            dataset_rules,
            object_reason,
            files: self.files.finished,
            format: self.format.map(|format| format!("{format:?}").to_lowercase()),
            compression,
        })
    }
}

/// Judges a whole object that is in memory: for tests and for provider functions.
///
/// # Errors
/// When Parquet cannot be written.
pub fn judge(
    dataset: &CompiledDataset,
    facts: ObjectFacts<'_>,
    bytes: &[u8],
) -> Result<(Verdict, BTreeMap<OutputFile, Vec<u8>>), SinkError> {
    #[derive(Default)]
    struct Memory(BTreeMap<OutputFile, Vec<u8>>);
    impl Sink for Memory {
        fn write(&mut self, file: &OutputFile, bytes: Vec<u8>, _last: bool) -> Result<(), SinkError> {
            self.0.entry(file.clone()).or_default().extend(bytes);
            Ok(())
        }
    }
    let mut files = Memory::default();
    let mut run = ObjectRun::new(dataset, facts);
    run.push(bytes, &mut files)?;
    let verdict = run.finish(&mut files)?;
    Ok((verdict, files.0))
}
