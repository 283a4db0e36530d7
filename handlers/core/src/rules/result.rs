//! The result document: the shape of Glue's `GetDataQualityResult`, so that what reads that reads this.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Measures, Ordered, RowCheck, Rules};
use crate::verdict::{RuleOutcome, RuleResult};

/// Results of a ruleset on one object.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct QualityResult {
    /// Rules that passed as a share of all, 0 to 1; of no rules it is 1.
    pub score: f64,
    /// One for each rule, in the order written.
    pub rule_results: Vec<ResultDocument>,
    /// One for each analyzer.
    pub analyzer_results: Vec<AnalyzerResult>,
    /// Counts.
    pub aggregated_metrics: AggregatedMetrics,
}

/// Result of one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResultDocument {
    /// `Rule_1`, or the user's name.
    pub name: String,
    /// The rule as written, normalised.
    pub evaluated_rule: String,
    /// `PASS`, `FAIL` or `ERROR`.
    pub result: RuleResult,
    /// What was measured, or why nothing could be; holds no value from the data.
    pub evaluation_message: String,
    /// What was measured.
    pub evaluated_metrics: BTreeMap<String, f64>,
    /// Labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// Result of one analyzer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AnalyzerResult {
    /// `Analyzer_1`, ….
    pub name: String,
    /// What was measured.
    pub evaluated_metrics: BTreeMap<String, f64>,
    /// Why nothing could be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation_message: Option<String>,
}

/// Counts over rows and rules.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AggregatedMetrics {
    /// Rows read.
    pub total_rows_processed: f64,
    /// Rows that passed every rule about rows.
    pub total_rows_passed: f64,
    /// Rows that did not.
    pub total_rows_failed: f64,
    /// Rules.
    pub total_rules_processed: f64,
    /// Rules that passed.
    pub total_rules_passed: f64,
    /// Rules that did not.
    pub total_rules_failed: f64,
}

/// What the rows came to.
#[derive(Debug, Clone, Copy)]
pub struct RowTally<'a> {
    /// Rows read.
    pub total: u64,
    /// Rows that passed every check.
    pub passed: u64,
    /// Rows that could not be read.
    pub unreadable: u64,
    /// Rows that failed each of `Rules::row_checks`.
    pub failures: &'a [u64],
}

/// The document.
#[must_use]
pub fn quality_result(
    rules: &Rules,
    outcomes: &[RuleOutcome],
    rows: RowTally<'_>,
    measures: &Measures,
) -> QualityResult {
    let one = |ordered: &Ordered| match *ordered {
        Ordered::Row(at) => {
            about_rows(&rules.row_checks[at], rows.failures[at] + rows.unreadable, rows.total)
        }
        Ordered::Object(at) => about_object(&outcomes[at]),
    };
    let rule_results: Vec<ResultDocument> = rules.order.iter().map(one).collect();
    let passed = rule_results.iter().filter(|result| result.result == RuleResult::Pass).count();
    let total = rule_results.len();
    let analyzer_results = rules.analyzers.iter().enumerate().map(|(at, metric)| {
        let value = metric.value(measures);
        AnalyzerResult {
            name: format!("Analyzer_{}", at + 1),
            evaluated_metrics: value.iter().map(|value| (metric.name.clone(), *value)).collect(),
            evaluation_message: value.err().map(|missing| missing.describe().to_owned()),
        }
    });
    QualityResult {
        score: if total == 0 { 1.0 } else { passed as f64 / total as f64 },
        analyzer_results: analyzer_results.collect(),
        rule_results,
        aggregated_metrics: AggregatedMetrics {
            total_rows_processed: rows.total as f64,
            total_rows_passed: rows.passed as f64,
            total_rows_failed: (rows.total - rows.passed) as f64,
            total_rules_processed: total as f64,
            total_rules_passed: passed as f64,
            total_rules_failed: (total - passed) as f64,
        },
    }
}

fn about_rows(check: &RowCheck, failed: u64, total: u64) -> ResultDocument {
    let share = if total == 0 { 1.0 } else { (total - failed) as f64 / total as f64 };
    ResultDocument {
        name: check.name.clone(),
        evaluated_rule: check.text.clone(),
        result: if failed == 0 { RuleResult::Pass } else { RuleResult::Fail },
        evaluation_message: format!("{:.2} % of rows passed the threshold", share * 100.0),
        evaluated_metrics: BTreeMap::from([(check.metric.clone(), share)]),
        labels: check.consequence.labels.iter().cloned().collect(),
    }
}

fn about_object(outcome: &RuleOutcome) -> ResultDocument {
    ResultDocument {
        name: outcome.name.clone(),
        evaluated_rule: outcome.evaluated_rule.clone(),
        result: outcome.result,
        evaluation_message: outcome.message.clone(),
        evaluated_metrics: outcome.evaluated_metrics.clone(),
        labels: outcome.labels.clone(),
    }
}
