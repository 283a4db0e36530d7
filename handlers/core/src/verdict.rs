//! The verdict on one object: decided once, and then the only thing that drives copy, row, event and metric.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::events::RowCounts;

/// What was found about one object and what follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Whether the good rows are accepted. False: no row of this object becomes visible under `validated/`.
    pub passed: bool,
    /// Share of checks passed over rows × checks, 0 to 100, rounded to two decimals.
    pub score: f64,
    /// Row counts. When the object was not passed, `good` counts rows that would have been accepted.
    pub rows: RowCounts,
    /// Failed rules with the number of rows that failed each.
    pub failed_rules: BTreeMap<String, u64>,
    /// Outcomes of the rules about the object as a whole (`RowCount`, `Completeness`, thresholds).
    pub dataset_rules: Vec<RuleOutcome>,
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
    /// `PASS` or `FAIL`.
    pub result: RuleResult,
    /// What was measured against what was asked, e.g. `Value: 3 does not meet the constraint requirement`.
    pub message: String,
}

/// Result of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RuleResult {
    /// The rule holds.
    Pass,
    /// The rule does not hold.
    Fail,
}

/// Why an object was refused whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectReason {
    /// A stable word: `empty_object`, `no_rows`, `no_dataset`, `unsupported_format`, `not_utf8`, `malformed_json`,
    /// `truncated_gzip`, `corrupt_gzip`, `score_below_threshold`, `dataset_rule_failed`, `all_rows_refused`,
    /// `object_missing`, …
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
            dataset_rules: Vec::new(),
            object_reason: Some(reason),
            files: Vec::new(),
            format: None,
            compression: None,
        }
    }
}
