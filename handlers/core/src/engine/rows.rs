//! The rows of one object: each is read, held to its checks, and stored or refused; the counts become the verdict.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::files::Files;
use super::json_row::{self, Unreadable};
use super::quarantine::{Quarantine, Reason};
use super::row::{Cell, Row};
use super::{CompiledDataset, Sink, SinkError};
use crate::events::RowCounts;
use crate::formats::csv::{Fields, OnHeader};
use crate::formats::{Place, Record, Stop, refused};
use crate::layout::quarantined_rows_key;
use crate::rules::{Measures, Value, judge as judge_object};
use crate::spec::Format;
use crate::verdict::{ObjectReason, RuleResult, Verdict};

/// Judges records and keeps count.
pub(super) struct RowJudge<'d> {
    pub dataset: &'d CompiledDataset,
    files: Files<'d>,
    quarantine: Quarantine,
    measures: Measures,
    rows: RowCounts,
    /// Failures by index of `row_checks`.
    failures: Vec<u64>,
    /// Failures to read a row at all.
    unreadable: BTreeMap<&'static str, u64>,
    failed_checks: u64,
    pub format: Option<Format>,
    /// For CSV: the slot of each field, or the name to rescue it under.
    header: Arc<Mutex<Vec<Result<usize, String>>>>,
    header_seen: Vec<Result<usize, String>>,
}

impl<'d> RowJudge<'d> {
    pub fn new(dataset: &'d CompiledDataset, process_id: &str) -> Self {
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
            header: Arc::default(),
            header_seen: Vec::new(),
        }
    }

    /// What to do with a CSV header: find the slots, and refuse a header that has nothing to do with the columns.
    pub fn on_header(&self) -> OnHeader {
        let names: Vec<String> =
            self.dataset.rules.columns.iter().map(|column| column.name.clone()).collect();
        let shared = Arc::clone(&self.header);
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

    pub fn record(&mut self, place: Place, record: Record<'_>, sink: &mut dyn Sink) -> Result<(), Stop> {
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

    pub fn verdict(
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
