//! The rows of one object: each is read, held to its checks, and stored or refused; the counts become the verdict.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::checkpoint::{Checkpoint, CheckpointError, Parts};
use super::codecs::BeginFile;
use super::counts::Counts;
use super::files::{Files, Target};
use super::quarantine::{Quarantine, Reason};
use super::quick::Quick;
use super::row::Row;
use super::{CompiledDataset, OutputFile, ReadKeys, Sink, SinkError};
use crate::formats::{Place, Resume, Stop};
use crate::rules::{
    KeyCounts, Measures, RowTally, Surroundings, Value, judge_in, quality_result, rule_failures,
};
use crate::spec::{Action, Compression, DriftPolicy, Format};
use crate::verdict::{ObjectReason, RuleOutcome, Verdict};

/// The name of what a row with an undeclared field fails.
const UNDECLARED: &str = "row.undeclared_field";

/// Judges records and keeps count.
pub(super) struct RowJudge<'d> {
    pub dataset: &'d CompiledDataset,
    files: Files,
    quarantine: Quarantine,
    /// Whether rows are stored and quarantined, or only counted.
    pub keeps_files: bool,
    measures: Measures,
    counts: Counts,
    quick: Quick,
    /// What the rules may know beside the rows.
    pub surroundings: Surroundings,
    pub format: Option<Format>,
}

impl<'d> RowJudge<'d> {
    pub fn new(
        dataset: &'d CompiledDataset,
        process_id: &str,
        size_bytes: u64,
        files: Arc<dyn BeginFile>,
    ) -> Self {
        Self {
            dataset,
            files: Files::new(Target::validated(dataset, files), process_id),
            quarantine: Quarantine::new(&dataset.name, process_id, 0, &dataset.rules),
            keeps_files: true,
            measures: Measures::new(&dataset.rules),
            counts: Counts::new(dataset.rules.row_checks.len()),
            quick: Quick::of(&dataset.rules),
            surroundings: Surroundings::of_size(size_bytes),
            format: None,
        }
    }

    /// Another size of files than the usual, for tests.
    #[cfg(test)]
    pub fn limit_files(&mut self, file_bytes: u64) {
        self.files.file_bytes = file_bytes;
    }

    /// Begins to measure anew, with keys kept where `keep` says.
    pub fn keep_keys(&mut self, keep: &mut dyn FnMut(usize) -> Box<dyn KeyCounts>) {
        self.measures = Measures::with(&self.dataset.rules, keep);
    }

    /// Ends what is stored so far and says what the pass has come to.
    pub fn checkpoint(
        mut self,
        resume: Resume,
        packed: Option<Compression>,
        seen: u64,
        sink: &mut dyn Sink,
    ) -> Result<Checkpoint, CheckpointError> {
        let failed = |error: SinkError| CheckpointError::Sink(error.to_string());
        let Some(format) = self.format else { return Err(CheckpointError::NotBetweenRows) };
        self.files.finish(sink).map_err(failed)?;
        let mut give = |measure, keys, last| sink.write(&OutputFile::Keys(measure), keys, last);
        self.measures.give_keys(&mut give).map_err(failed)?;
        let (made, quarantines) =
            (self.files.made, self.quarantine.number + usize::from(self.quarantine.used));
        self.quarantine.finish(sink).map_err(failed)?;
        let (counts, measures, files) = (self.counts, self.measures, self.files.finished);
        let parts = Parts { format, packed, resume, seen, counts, measures, files, made, quarantines };
        Ok(Checkpoint::new(self.dataset, parts))
    }

    /// Goes on from a checkpoint.
    pub fn go_on(&mut self, checkpoint: Checkpoint, process_id: &str) -> Result<(), CheckpointError> {
        if !checkpoint.measures.fit(&self.dataset.rules) {
            return Err(CheckpointError::Foreign);
        }
        self.measures = checkpoint.measures;
        self.counts = checkpoint.counts;
        self.format = Some(checkpoint.format);
        (self.files.made, self.files.finished) = (checkpoint.made, checkpoint.files);
        self.quarantine =
            Quarantine::new(&self.dataset.name, process_id, checkpoint.quarantines, &self.dataset.rules);
        Ok(())
    }

    /// Takes back the keys that went to the sink at the checkpoint.
    pub fn take_keys(
        &mut self,
        keep: &mut dyn FnMut(usize) -> Box<dyn KeyCounts>,
        read: &mut ReadKeys<'_>,
    ) -> Result<(), CheckpointError> {
        self.measures.take_keys(keep, read).map_err(CheckpointError::Keys)
    }

    /// Whether a row has refused the object for good: with `fail` the rest is not even read.
    pub fn stopped(&self) -> Result<(), Stop> {
        match &self.counts.refusal {
            Some(reason) if self.counts.stops => Err(Stop::Refused(reason.clone())),
            _ => Ok(()),
        }
    }

    /// A row that could be read: its checks decide.
    /// `whole` is what is kept of it when no columns are declared.
    pub fn row(
        &mut self,
        place: Place,
        original: &[u8],
        row: &Row<'_>,
        whole: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        let dataset = self.dataset;
        let values = row.values.as_slice();
        let now = self.surroundings.now;
        self.measures.count_at(&dataset.rules, Some(values), now);
        self.counts.rows.total += 1;
        let (mut reasons, mut action) = (Vec::new(), None);
        if !self.quick.passes(&dataset.rules, values, now) {
            action = self.failed(values, &mut reasons);
        }
        self.counts.passed += u64::from(reasons.is_empty());
        if !row.rescued.is_empty() && !dataset.keeps_rows_whole() {
            let drift = undeclared(dataset.spec.quality.schema_drift.new_columns, &mut reasons);
            self.counts.undeclared += u64::from(drift.is_some());
            action = action.max(drift);
        }
        match action {
            None | Some(Action::Warn) => return self.accept(values, row, whole, sink),
            Some(Action::DropRow) => {
                self.counts.rows.dropped += 1;
                return Ok(());
            }
            Some(Action::QuarantineRow) => {}
            Some(action @ (Action::QuarantineObject | Action::Fail)) => {
                self.counts.stops |= action == Action::Fail;
                let rule = reasons.last().map_or("", |reason| reason.rule);
                let message =
                    format!("a row does not satisfy `{rule}`, for which the whole object is refused");
                self.counts.refusal.get_or_insert_with(|| ObjectReason::new("row_rule_failed", message));
            }
        }
        self.counts.rows.quarantined += 1;
        if self.keeps_files { self.quarantine.add(place, &reasons, original, true, sink) } else { Ok(()) }
    }

    /// Counts what the row fails and says why; what is to happen to it.
    #[inline(never)]
    fn failed(&mut self, values: &[Value<'_>], reasons: &mut Vec<Reason<'d>>) -> Option<Action> {
        let mut action = None;
        let checks = self.dataset.rules.row_checks.iter().zip(&mut self.counts.failures);
        for (at, (check, failures)) in checks.enumerate() {
            if !check.test.passes_at(values, self.surroundings.now) {
                *failures += 1;
                self.counts.failed_weight += u64::from(check.consequence.weight);
                action = action.max(Some(check.consequence.action));
                reasons.push(Reason::of(check, at));
            }
        }
        action
    }

    fn accept(
        &mut self,
        values: &[Value<'_>],
        row: &Row<'_>,
        whole: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        self.counts.rows.good += 1;
        if !self.keeps_files {
            return Ok(());
        }
        let keeps = self.dataset.spec.quality.schema_drift.new_columns != Some(DriftPolicy::Ignore);
        let rescued = match (keeps && !row.rescued.is_empty(), row.mistyped.is_empty()) {
            (false, true) => None,
            (true, true) => Some(format!("{{{}}}", row.rescued)),
            (false, false) => Some(format!("{{{}}}", row.mistyped)),
            (true, false) => Some(format!("{{{},{}}}", row.rescued, row.mistyped)),
        };
        let own = if self.dataset.keeps_rows_whole() { Some(whole) } else { rescued.as_deref() };
        self.files.add(values, own, sink)
    }

    /// A row that cannot be read fails all its checks.
    pub fn unreadable(
        &mut self,
        place: Place,
        original: &[u8],
        rule: &'static str,
        message: &str,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        self.measures.count(&self.dataset.rules, None);
        self.counts.rows.total += 1;
        self.counts.rows.quarantined += 1;
        self.counts.failed_weight += self.dataset.weight_of_a_row();
        self.counts.unreadable(rule);
        let reasons = [Reason { rule, check: None, column: "", message }];
        if self.keeps_files { self.quarantine.add(place, &reasons, original, false, sink) } else { Ok(()) }
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
        let unreadable = self.counts.unreadable.values().sum();
        let tally = RowTally {
            total: self.counts.rows.total,
            passed: self.counts.passed,
            unreadable,
            failures: &self.counts.failures,
        };
        let result = quality_result(rules, &dataset_rules, tally, &self.measures);
        let weight = self.counts.rows.total * self.dataset.weight_of_a_row();
        let score = if weight == 0 {
            0.0
        } else {
            100.0 * (weight - self.counts.failed_weight) as f64 / weight as f64
        };
        let score = (score * 100.0).round() / 100.0;
        // Of a part of an object there is nothing to compare with.
        let look_back = if refusal.is_none() { rules.look_back() } else { None };
        let remembered = look_back.map(|look_back| look_back.measures(&self.measures)).unwrap_or_default();
        let object_reason = refusal.or_else(|| self.reason(&dataset_rules, score));
        self.quarantine.finish(sink)?;
        let mut failed_rules: BTreeMap<String, u64> = self.counts.unreadable;
        if self.counts.undeclared > 0 {
            failed_rules.insert(UNDECLARED.to_owned(), self.counts.undeclared);
        }
        let rule_failures = rule_failures(rules, &self.counts.failures, &dataset_rules);
        let counted =
            self.dataset.rules.row_checks.iter().zip(self.counts.failures).filter(|(_, count)| *count > 0);
        failed_rules.extend(counted.map(|(check, count)| (check.rule.clone(), count)));
        Ok(Verdict {
            passed: object_reason.is_none(),
            score,
            rows: self.counts.rows,
            failed_rules,
            rule_failures,
            dataset_rules,
            result,
            remembered,
            object_reason,
            files: self.files.finished,
            format: self.format.map(|format| format!("{format:?}").to_lowercase()),
            compression,
        })
    }

    /// Why the object is refused whole, now that every row is judged.
    fn reason(&self, outcomes: &[RuleOutcome], score: f64) -> Option<ObjectReason> {
        let quality = &self.dataset.spec.quality;
        let quarantined = 100.0 * self.counts.rows.quarantined as f64 / self.counts.rows.total as f64;
        if self.counts.rows.total == 0 {
            return Some(ObjectReason::new("no_rows", "the object holds no rows"));
        }
        if self.counts.refusal.is_some() {
            return self.counts.refusal.clone();
        }
        if self.counts.rows.good == 0 {
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
    reasons.push(Reason { rule: UNDECLARED, check: None, column: "", message });
    Some(action)
}
