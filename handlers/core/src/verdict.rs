//! The verdict on one object: decided once, and then the only thing that drives copy, row, event and metric.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::events::{RowCounts, RuleFailure};
use crate::rules::QualityResult;
use crate::spec::{Action, Severity};

/// What was found about one object and what follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Whether the good rows are accepted. False: no row of this object becomes visible under `validated/`.
    pub passed: bool,
    /// Weight of the checks passed as a share of that of all, over rows × checks, 0 to 100, rounded to two decimals.
    pub score: f64,
    /// Row counts. When the object was not passed, `good` counts rows that would have been accepted.
    pub rows: RowCounts,
    /// Failed rules with the number of rows that failed each.
    pub failed_rules: BTreeMap<String, u64>,
    /// Rules that do not hold, the sternest first.
    #[serde(default)]
    pub rule_failures: Vec<RuleFailure>,
    /// Outcomes of the rules about the object as a whole (`RowCount`, `Completeness`, thresholds).
    pub dataset_rules: Vec<RuleOutcome>,
    /// Results of the ruleset in the shape of Glue's `GetDataQualityResult`.
    #[serde(default)]
    pub result: QualityResult,
    /// Measures that later objects are compared with, when the rules look back and the object was read to its end.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub remembered: BTreeMap<String, f64>,
    /// Why the object was refused whole, if it was.
    pub object_reason: Option<ObjectReason>,
    /// Files of accepted rows, in the order they were finished.
    pub files: Vec<ParquetFile>,
    /// Format the object was read as (`json`, `ndjson`, `csv`), when one was recognised.
    pub format: Option<String>,
    /// Compression found (`none`, `gzip`).
    pub compression: Option<String>,
}

/// Outcome of one rule about the object as a whole; the names follow Glue's `GetDataQualityResult`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleOutcome {
    /// `Rule_1`, `Rule_2`, … in the order written.
    pub name: String,
    /// The rule as written, normalised.
    pub evaluated_rule: String,
    /// `PASS`, `FAIL` or `ERROR`.
    pub result: RuleResult,
    /// What was measured against what was asked, e.g. `Value: 3 does not meet the constraint requirement`.
    pub message: String,
    /// What was measured, by metric name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evaluated_metrics: BTreeMap<String, f64>,
    /// The rule's labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// How bad it is that the rule does not hold.
    #[serde(default)]
    pub severity: Severity,
    /// What follows when it does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
}

impl RuleOutcome {
    /// Whether the whole object is refused for it.
    #[must_use]
    pub fn refuses(&self) -> bool {
        self.result != RuleResult::Pass && self.action != Some(Action::Warn)
    }
}

/// Result of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RuleResult {
    /// The rule holds.
    Pass,
    /// The rule does not hold.
    Fail,
    /// The rule could not be evaluated; never taken for passed.
    Error,
}

/// Why an object was refused whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectReason {
    /// A stable word: `empty_object`, `no_rows`, `no_dataset`, `unsupported_format`, `not_utf8`, `malformed_json`,
    /// `truncated_gzip`, `corrupt_gzip`, `score_below_threshold`, `dataset_rule_failed`, `all_rows_refused`,
    /// `row_rule_failed`, `too_many_quarantined`, `undeclared_field`, `missing_column`, `object_missing`, …
    pub code: String,
    /// One sentence for people; holds no value from the data.
    pub message: String,
}

/// One file of accepted rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParquetFile {
    /// Key in the processed bucket.
    pub key: String,
    /// Rows in it.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
}

impl ObjectReason {
    /// A reason from its stable word and sentence.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

impl Verdict {
    /// The verdict on an object that could not be judged row by row at all.
    #[must_use]
    pub fn refused(reason: ObjectReason) -> Self {
        Self {
            passed: false,
            score: 0.0,
            rows: RowCounts::default(),
            failed_rules: BTreeMap::new(),
            rule_failures: Vec::new(),
            dataset_rules: Vec::new(),
            result: QualityResult::default(),
            remembered: BTreeMap::new(),
            object_reason: Some(reason),
            files: Vec::new(),
            format: None,
            compression: None,
        }
    }
}
