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
use crate::rules::{Measures, RowTally, Surroundings, Value, judge_in, quality_result};
use crate::spec::{Action, DriftPolicy, Format};
use crate::verdict::{ObjectReason, RuleOutcome, Verdict};

/// The name of what a row with an undeclared field fails.
const UNDECLARED: &str = "row.undeclared_field";

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
    /// Rows with a field that is not declared, where that matters.
    undeclared: u64,
    /// Weight of the checks that rows failed.
    failed_weight: u64,
    /// Rows that passed every check, warnings included.
    passed: u64,
    /// Why the object is refused whole, for the sake of a row.
    refusal: Option<ObjectReason>,
    stops: bool,
    /// What the rules may know beside the rows.
    pub surroundings: Surroundings,
    pub format: Option<Format>,
    /// For CSV: the slot of each field, or the name to rescue it under.
    header: Arc<Mutex<Vec<Result<usize, String>>>>,
    header_seen: Vec<Result<usize, String>>,
}

impl<'d> RowJudge<'d> {
    pub fn new(dataset: &'d CompiledDataset, process_id: &str, size_bytes: u64) -> Self {
        Self {
            dataset,
            files: Files::new(dataset, process_id),
            quarantine: Quarantine::new(quarantined_rows_key(&dataset.name, process_id), process_id),
            measures: Measures::new(&dataset.rules),
            rows: RowCounts::default(),
            failures: vec![0; dataset.rules.row_checks.len()],
            unreadable: BTreeMap::new(),
            undeclared: 0,
            failed_weight: 0,
            passed: 0,
            refusal: None,
            stops: false,
            surroundings: Surroundings::of_size(size_bytes),
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
        .map_err(Stop::Sink)?;
        // With `fail` the rest is not even read.
        match &self.refusal {
            Some(reason) if self.stops => Err(Stop::Refused(reason.clone())),
            _ => Ok(()),
        }
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
        let now = self.surroundings.now;
        self.measures.count_at(&dataset.rules, Some(&values), now);
        self.rows.total += 1;
        let mut reasons: Vec<Reason<'_>> = Vec::new();
        let mut action = None;
        for (check, failures) in dataset.rules.row_checks.iter().zip(&mut self.failures) {
            if !check.test.passes_at(&values, now) {
                *failures += 1;
                self.failed_weight += u64::from(check.consequence.weight);
                action = action.max(Some(check.consequence.action));
                reasons.push(Reason { rule: &check.rule, column: &check.column, message: &check.message });
            }
        }
        self.passed += u64::from(reasons.is_empty());
        if !row.rescued.is_empty() && !dataset.keeps_rows_whole() {
            let drift = undeclared(dataset.spec.quality.schema_drift.new_columns, &mut reasons);
            self.undeclared += u64::from(drift.is_some());
            action = action.max(drift);
        }
        match action {
            None | Some(Action::Warn) => return self.accept(&values, row, whole, sink),
            Some(Action::DropRow) => {
                self.rows.dropped += 1;
                return Ok(());
            }
            Some(Action::QuarantineRow) => {}
            Some(action @ (Action::QuarantineObject | Action::Fail)) => {
                self.stops |= action == Action::Fail;
                let rule = reasons.last().map_or("", |reason| reason.rule);
                let message =
                    format!("a row does not satisfy `{rule}`, for which the whole object is refused");
                self.refusal.get_or_insert_with(|| ObjectReason::new("row_rule_failed", message));
            }
        }
        self.rows.quarantined += 1;
        self.quarantine.add(place, &reasons, original, sink)
    }

    fn accept(
        &mut self,
        values: &[Value<'_>],
        row: &Row<'_>,
        whole: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        self.rows.good += 1;
        let keeps = self.dataset.spec.quality.schema_drift.new_columns != Some(DriftPolicy::Ignore);
        let rescued = (keeps && !row.rescued.is_empty()).then(|| format!("{{{}}}", row.rescued));
        let own = if self.dataset.keeps_rows_whole() { Some(whole) } else { rescued.as_deref() };
        self.files.add(values, own, sink)
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
        self.failed_weight += self.dataset.weight_of_a_row();
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
        let rules = &self.dataset.rules;
        let dataset_rules = judge_in(rules, &self.measures, &self.surroundings);
        let unreadable = self.unreadable.values().sum();
        let tally =
            RowTally { total: self.rows.total, passed: self.passed, unreadable, failures: &self.failures };
        let result = quality_result(rules, &dataset_rules, tally, &self.measures);
        let weight = self.rows.total * self.dataset.weight_of_a_row();
        let score =
            if weight == 0 { 0.0 } else { 100.0 * (weight - self.failed_weight) as f64 / weight as f64 };
        let score = (score * 100.0).round() / 100.0;
        let object_reason = refusal.or_else(|| self.reason(&dataset_rules, score));
        self.quarantine.finish(sink)?;
        let mut failed_rules: BTreeMap<String, u64> =
            self.unreadable.into_iter().map(|(rule, count)| (rule.to_owned(), count)).collect();
        if self.undeclared > 0 {
            failed_rules.insert(UNDECLARED.to_owned(), self.undeclared);
        }
        let counted = self.dataset.rules.row_checks.iter().zip(self.failures).filter(|(_, count)| *count > 0);
        failed_rules.extend(counted.map(|(check, count)| (check.rule.clone(), count)));
        Ok(Verdict {
            passed: object_reason.is_none(),
            score,
            rows: self.rows,
            failed_rules,
            dataset_rules,
            result,
            object_reason,
            files: self.files.finished,
            format: self.format.map(|format| format!("{format:?}").to_lowercase()),
            compression,
        })
    }

    /// Why the object is refused whole, now that every row is judged.
    fn reason(&self, outcomes: &[RuleOutcome], score: f64) -> Option<ObjectReason> {
        let quality = &self.dataset.spec.quality;
        let quarantined = 100.0 * self.rows.quarantined as f64 / self.rows.total as f64;
        if self.rows.total == 0 {
            return Some(ObjectReason::new("no_rows", "the object holds no rows"));
        }
        if self.refusal.is_some() {
            return self.refusal.clone();
        }
        if self.rows.good == 0 {
            return Some(ObjectReason::new("all_rows_refused", "no row of the object passed its checks"));
        }
        if let Some(column) = self.dataset.rules.missing_column(&self.measures) {
            let message = format!("no row of the object has a value for the column `{column}`");
            return Some(ObjectReason::new("missing_column", message));
        }
        if let Some(rule) = outcomes.iter().find(|outcome| outcome.refuses()) {
            let message = format!("{}: {}", rule.evaluated_rule, rule.message);
            return Some(ObjectReason::new("dataset_rule_failed", message));
        }
        if let Some(most) = quality.max_quarantined_percent.filter(|most| quarantined > *most) {
            let message = format!("{quarantined:.2} % of the rows are quarantined; at most {most} % may be");
            return Some(ObjectReason::new("too_many_quarantined", message));
        }
        let threshold = quality.threshold_percent;
        (score < threshold).then(|| {
            let message = format!("the score {score} is below the threshold {threshold}");
            ObjectReason::new("score_below_threshold", message)
        })
    }
}

/// What fields bring about that are not declared.
fn undeclared(policy: Option<DriftPolicy>, reasons: &mut Vec<Reason<'_>>) -> Option<Action> {
    let action = match policy {
        Some(DriftPolicy::QuarantineRow) => Action::QuarantineRow,
        Some(DriftPolicy::Fail) => Action::QuarantineObject,
        _ => return None,
    };
    let message = "the row has a field that is not declared";
    reasons.push(Reason { rule: UNDECLARED, column: "", message });
    Some(action)
}
