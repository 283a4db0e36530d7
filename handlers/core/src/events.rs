//! The events the pipeline publishes: `source`, `detail-type` and the `detail` documents.
//!
//! The field names are part of the public contract (JSON Schemas under `handlers/core/schemas/`): camelCase, additive
//! changes only within one [`SCHEMA_VERSION`]. Events carry pointers and counts, never rows or values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::spec::{Action, Severity};
use crate::verdict::RuleResult;

/// Version of every `detail` document.
pub const SCHEMA_VERSION: &str = "1";

/// The kinds of event and their `source` and `detail-type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// An object was detected and registered.
    DataReceived,
    /// An object has its verdict.
    DataValidated,
    /// An object's verdict is counted and its metrics are published.
    QualityCheckComplete,
}

impl EventKind {
    /// Every kind, for tables and tests.
    pub const ALL: [EventKind; 3] =
        [EventKind::DataReceived, EventKind::DataValidated, EventKind::QualityCheckComplete];

    /// EventBridge `source`.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            EventKind::DataReceived => "datalake.ingestion",
            EventKind::DataValidated => "datalake.validation",
            EventKind::QualityCheckComplete => "datalake.quality",
        }
    }

    /// EventBridge `detail-type`.
    #[must_use]
    pub fn detail_type(self) -> &'static str {
        match self {
            EventKind::DataReceived => "Data Received",
            EventKind::DataValidated => "Data Validated",
            EventKind::QualityCheckComplete => "Quality Check Complete",
        }
    }
}

/// What every event says about the object it is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// [`SCHEMA_VERSION`].
    pub schema_version: String,
    /// Identity of this object version in this pipeline.
    pub process_id: String,
    /// Sort key of the metadata item: when the object was created, RFC 3339 UTC with milliseconds.
    pub timestamp: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// The dataset's name, or `_unknown`.
    pub dataset: String,
    /// Where the object lies.
    pub source: SourceObject,
    /// Fingerprint of the pipeline's rules at the time.
    pub spec_hash: String,
    /// What this judges again, when it is not the first verdict on this object version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
}

/// The verdict a replay replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replay {
    /// Its process id.
    pub process_id: String,
    /// The dataset in whose quarantine the object was.
    pub dataset: String,
    /// The request that asked for the replay.
    pub request_id: String,
    /// Rows the verdict accepted.
    pub accepted_rows: u64,
}

/// Where an object lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceObject {
    /// Bucket name.
    pub bucket: String,
    /// Key, decoded.
    pub key: String,
    /// S3 version id, when the bucket has versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// S3 sequencer of the event, for ordering versions of one key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequencer: Option<String>,
    /// Size in bytes.
    pub size_bytes: u64,
    /// ETag without quotes.
    pub etag: String,
}

/// Detail of `Data Received`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataReceived {
    /// The object.
    #[serde(flatten)]
    pub subject: Subject,
    /// What the first bytes look like: `json`, `csv`, `parquet`, `unknown`, …
    pub data_type: String,
}

/// Detail of `Data Validated`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataValidated {
    /// The object.
    #[serde(flatten)]
    pub subject: Subject,
    /// Whether the object's good rows were accepted.
    pub validation_passed: bool,
    /// Object score, 0 to 100.
    pub quality_score: f64,
    /// Row counts.
    pub rows: RowCounts,
    /// Where the results lie.
    pub destinations: Destinations,
    /// Rules that failed, with the number of rows that failed each (the 50 most frequent).
    pub failed_rules: BTreeMap<String, u64>,
    /// Rules that do not hold, with what that brings about; also those about the object, and those that only warn (the 50
    /// sternest).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rule_failures: Vec<RuleFailure>,
    /// Why the whole object was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_reason: Option<String>,
}

impl DataValidated {
    /// Of a replay within its dataset, the rows accepted beyond those accepted before.
    #[must_use]
    pub fn recovered_rows(&self) -> Option<u64> {
        let before = self.subject.replay.as_ref().filter(|replay| replay.dataset == self.subject.dataset)?;
        Some(self.rows.accepted(self.validation_passed).saturating_sub(before.accepted_rows))
    }
}

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleFailure {
    /// `Rule_1`, the user's name, or for a check of a declared column its path.
    pub name: String,
    /// The rule as written, normalised; for a check of a column its path again.
    pub rule: String,
    /// `FAIL` or `ERROR`.
    pub result: RuleResult,
    /// How bad that is, for people.
    pub severity: Severity,
    /// What follows.
    pub action: Action,
    /// Rows that fail it; none for a rule about the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// How many rows went where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RowCounts {
    /// Rows read.
    pub total: u64,
    /// Rows accepted.
    pub good: u64,
    /// Rows refused and kept with their reasons.
    pub quarantined: u64,
    /// Rows left out by a rule whose action is `drop_row`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dropped: u64,
}

impl RowCounts {
    /// Rows that became visible, when the object was passed or not.
    #[must_use]
    pub fn accepted(self, passed: bool) -> u64 {
        if passed { self.good } else { 0 }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Where the results of one object lie.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Destinations {
    /// `s3://` prefix of the accepted rows, when there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validated: Option<String>,
    /// Number of Parquet files.
    pub validated_files: u64,
    /// `s3://` address of the refused rows, when there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantined_rows: Option<String>,
    /// `s3://` address of the refused object, when it was refused whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantined_object: Option<String>,
}

/// Detail of `Quality Check Complete`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QualityCheckComplete {
    /// The verdict this is about.
    #[serde(flatten)]
    pub validated: DataValidated,
    /// Start of the hour the object was counted in, RFC 3339 UTC.
    pub hour: String,
    /// Counters of the dataset in that hour, after this object.
    pub totals: HourTotals,
}

/// Counters of one dataset in one hour.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HourTotals {
    /// Objects judged.
    pub objects: u64,
    /// Objects whose rows were accepted.
    pub passed: u64,
    /// Rows read.
    pub rows: u64,
    /// Rows refused.
    pub quarantined: u64,
    /// Sum of the object scores.
    pub score_sum: f64,
    /// Objects judged again. They are counted above in the hour of their first verdict, and not a second time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub replayed: u64,
    /// Rows that replays accepted beyond those accepted before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub recovered: u64,
}
