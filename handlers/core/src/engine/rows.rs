//! The rows of one object: each is read, held to its checks, and stored or refused; the counts become the verdict.

use std::collections::BTreeMap;

use super::files::Files;
use super::quarantine::{Quarantine, Reason};
use super::row::Row;
use super::{CompiledDataset, Sink, SinkError};
use crate::events::RowCounts;
use crate::formats::Place;
use crate::layout::quarantined_rows_key;
use crate::rules::{Measures, Test, Value, judge as judge_object};
use crate::spec::Format;
use crate::verdict::{ObjectReason, RuleResult, Verdict};

/// Judges records and keeps count.
pub(super) struct RowJudge<'d> {
    pub dataset: &'d CompiledDataset,
    files: Files<'d>,
    quarantine: Quarantine,
    /// Whether rows are stored and quarantined, or only counted.
    pub keeps_files: bool,
    measures: Measures,
    rows: RowCounts,
    /// Failures by index of `row_checks`.
    failures: Vec<u64>,
    /// Failures to read a row at all.
    unreadable: BTreeMap<&'static str, u64>,
    failed_checks: u64,
    pub format: Option<Format>,
}

impl<'d> RowJudge<'d> {
    pub fn new(dataset: &'d CompiledDataset, process_id: &str) -> Self {
        Self {
            dataset,
            files: Files::new(dataset, process_id),
            quarantine: Quarantine::new(quarantined_rows_key(&dataset.name, process_id), process_id),
            keeps_files: true,
            measures: Measures::new(&dataset.rules),
            rows: RowCounts::default(),
            failures: vec![0; dataset.rules.row_checks.len()],
            unreadable: BTreeMap::new(),
            failed_checks: 0,
            format: None,
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
        self.measures.count(&dataset.rules, Some(values));
        self.rows.total += 1;
        let mut reasons: Vec<Reason<'_>> = Vec::new();
        for (check, failures) in dataset.rules.row_checks.iter().zip(&mut self.failures) {
            // Most checks are these two, and a call for each would cost more than the check.
            let passed = match &check.test {
                Test::Type(slot) => !matches!(values[*slot], Value::Mistyped),
                Test::Required(slot) => !matches!(values[*slot], Value::Null),
                test => test.passes(values),
            };
            if !passed {
                *failures += 1;
                reasons.push(Reason { rule: &check.rule, column: &check.column, message: &check.message });
            }
        }
        if reasons.is_empty() {
            self.rows.good += 1;
            if !self.keeps_files {
                return Ok(());
            }
            let rescued = (!row.rescued.is_empty()).then(|| format!("{{{}}}", row.rescued));
            let own = if dataset.keeps_rows_whole() { Some(whole) } else { rescued.as_deref() };
            return self.files.add(values, own, sink);
        }
        self.rows.quarantined += 1;
        self.failed_checks += reasons.len() as u64;
        if self.keeps_files { self.quarantine.add(place, &reasons, original, sink) } else { Ok(()) }
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
        self.rows.total += 1;
        self.rows.quarantined += 1;
        self.failed_checks += self.dataset.checks_a_row();
        *self.unreadable.entry(rule).or_default() += 1;
        let reasons = [Reason { rule, column: "", message }];
        if self.keeps_files { self.quarantine.add(place, &reasons, original, sink) } else { Ok(()) }
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
