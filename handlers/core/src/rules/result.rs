//! The result document: the shape of Glue's `GetDataQualityResult`, so that what reads that reads this.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Measures, Ordered, RowCheck, Rules, Value};
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

impl QualityResult {
    /// Every measure by its name: what later objects are compared with (`Surroundings::history`).
    #[must_use]
    pub fn metrics(&self) -> BTreeMap<String, f64> {
        let rules = self.rule_results.iter().map(|result| &result.evaluated_metrics);
        let analyzers = self.analyzer_results.iter().map(|result| &result.evaluated_metrics);
        rules.chain(analyzers).flatten().map(|(name, value)| (name.clone(), *value)).collect()
    }
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

/// One row's outcomes, named as Glue names them beside its rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RowOutcome {
    /// Rules of the language that the row passes.
    #[serde(rename = "DataQualityRulesPass")]
    pub pass: Vec<String>,
    /// Rules of the language that it fails.
    #[serde(rename = "DataQualityRulesFail")]
    pub fail: Vec<String>,
    /// Rules about the object, which have no outcome for a row.
    #[serde(rename = "DataQualityRulesSkip")]
    pub skip: Vec<String>,
    /// `Passed` or `Failed`.
    #[serde(rename = "DataQualityEvaluationResult")]
    pub result: String,
}

/// What the rules of the language say about one row, at the moment `now`.
#[must_use]
pub fn row_outcome(rules: &Rules, row: &[Value<'_>], now: Option<i64>) -> RowOutcome {
    let mut outcome = RowOutcome::default();
    for ordered in &rules.order {
        let (list, text) = match *ordered {
            Ordered::Object(at) => (&mut outcome.skip, &rules.object_checks[at].text),
            Ordered::Row(at) if rules.row_checks[at].test.passes_at(row, now) => {
                (&mut outcome.pass, &rules.row_checks[at].text)
            }
            Ordered::Row(at) => (&mut outcome.fail, &rules.row_checks[at].text),
        };
        list.push(text.clone());
    }
    outcome.result = if outcome.fail.is_empty() { "Passed" } else { "Failed" }.to_owned();
    outcome
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
            evaluation_message: value.err().map(|missing| missing.describe()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn outcomes_of_a_row() {
        let spec = serde_json::from_value(json!({
            "format": "json", "prefix": "input/a/", "compression": "auto", "columns": {"n": {"type": "bigint"}},
            "quality": {"threshold_percent": 0.0,
                "ruleset": "Rules = [ IsComplete \"n\", RowCount > 0, ColumnValues \"n\" > 1 ]"},
            "output": {"partition_by": [], "compression": "zstd"},
        }))
        .unwrap();
        let rules = super::super::lower(&spec).unwrap();
        let found = row_outcome(&rules, &[Value::Bigint(1)], None);
        assert_eq!(
            serde_json::to_value(found).unwrap(),
            json!({
                "DataQualityRulesPass": ["IsComplete \"n\""],
                "DataQualityRulesFail": ["ColumnValues \"n\" > 1"],
                "DataQualityRulesSkip": ["RowCount > 0"],
                "DataQualityEvaluationResult": "Failed",
            })
        );
        assert_eq!(row_outcome(&rules, &[Value::Bigint(2)], None).result, "Passed");
    }
}
