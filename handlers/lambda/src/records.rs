//! What the metadata table remembers. Items are these structs as attributes: numbers as numbers, names in camelCase
//! except the keys of the table and of its index.

use std::collections::BTreeMap;

use datalake_core::events::{
    Destinations, Replay, RowCounts, RuleFailure, SourceObject, Subject, TransformResult,
};
use datalake_core::verdict::{ObjectReason, RuleOutcome};
use serde::{Deserialize, Serialize};

use crate::files::FileList;
use crate::history::Compared;

mod changes;

pub use changes::*;

/// Primary key of an object's item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemKey {
    /// Hash key.
    pub process_id: String,
    /// Range key: when the object was created.
    pub timestamp: String,
}

/// How far an object version came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Registered; nobody judges it now.
    Received,
    /// Somebody judges it, until their claim expires.
    Validating,
    /// Judged; its good rows are accepted.
    Validated,
    /// Judged; refused whole.
    Quarantined,
    /// Judged, and judged again since: the verdict of `replacedBy` counts.
    Replayed,
    /// Not judged: a newer version of the same key was judged first.
    Superseded,
    /// It was deleted or overwritten before it could be read.
    ObjectMissing,
    /// Not judged: it is larger than its dataset's threshold, and was announced as that.
    Routed,
}

/// The item of one object version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectItem {
    /// Hash key.
    #[serde(rename = "ProcessId")]
    pub process_id: String,
    /// Range key.
    #[serde(rename = "Timestamp")]
    pub timestamp: String,
    /// Hash key of the index `recent-by-status`.
    #[serde(rename = "Status")]
    pub status: Status,
    /// Range key of the index `recent-by-status`.
    #[serde(rename = "UpdatedAt")]
    pub updated_at: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// The dataset's name, or `_unknown`.
    pub dataset: String,
    /// Where the object lies: `bucket`, `key`, `versionId`, `sequencer`, `sizeBytes`, `etag`.
    #[serde(flatten)]
    pub source: SourceObject,
    /// Fingerprint of the rules that were applied last.
    pub spec_hash: String,
    /// What the first bytes look like.
    pub data_type: String,
    /// When S3 says it was last modified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Whether `Data Received` went out.
    pub received_sent: bool,
    /// Whether `Data Validated` went out.
    #[serde(default)]
    pub validated_sent: bool,
    /// Whether `Quality Check Complete` went out.
    #[serde(default)]
    pub quality_sent: bool,
    /// Whether `Object Too Large` went out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub routed_sent: bool,
    /// The size in MiB that it is too large for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold_mb: Option<u32>,
    /// Who judges it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<String>,
    /// Until when, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_expires_at: Option<u64>,
    /// Accepted files: planned ones while it is judged, then the visible ones.
    #[serde(flatten)]
    pub files: FileList,
    /// What it is compared with, from the moment something of its verdict may show until it has its outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
    /// How far a pass came that did not end in one invocation.
    #[serde(flatten)]
    pub progress: Option<Progress>,
    /// The verdict, when there is one.
    #[serde(flatten)]
    pub outcome: Option<Outcome>,
    /// What became of its accepted rows, if its dataset transforms them.
    #[serde(flatten)]
    pub curation: Curation,
    /// The hour it was counted in, `2026-11-24T00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_hour: Option<String>,
    /// The verdict this one replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
    /// Key of the copy in the quarantine bucket that is judged, because the original is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_copy: Option<String>,
    /// Process id of the verdict that replaced this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Time to live, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
}

/// What is known of an object version before anybody judges it.
#[derive(Debug, Clone)]
pub struct Registration {
    /// See [`ObjectItem`], as for the others.
    pub process_id: String,
    /// When the object was created.
    pub timestamp: String,
    /// How far it came.
    pub status: Status,
    /// Now.
    pub updated_at: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// The dataset's name, or `_unknown`.
    pub dataset: String,
    /// Where the object lies.
    pub source: SourceObject,
    /// Fingerprint of today's rules.
    pub spec_hash: String,
    /// What the first bytes look like.
    pub data_type: String,
    /// When S3 says it was last modified.
    pub last_modified: Option<String>,
    /// Time to live, in seconds since 1970.
    pub expires_at: Option<u64>,
}

impl ObjectItem {
    /// The item of a version that nobody has judged: nothing of what judging brings is in it.
    #[must_use]
    pub fn new(known: Registration) -> Self {
        Self {
            process_id: known.process_id,
            timestamp: known.timestamp,
            status: known.status,
            updated_at: known.updated_at,
            pipeline: known.pipeline,
            dataset: known.dataset,
            source: known.source,
            spec_hash: known.spec_hash,
            data_type: known.data_type,
            last_modified: known.last_modified,
            received_sent: false,
            validated_sent: false,
            quality_sent: false,
            routed_sent: false,
            threshold_mb: None,
            claimed_by: None,
            claim_expires_at: None,
            files: FileList::default(),
            compared: None,
            progress: None,
            outcome: None,
            curation: Curation::default(),
            counted_hour: None,
            replay: None,
            judged_copy: None,
            replaced_by: None,
            expires_at: known.expires_at,
        }
    }
}

/// The counts that are the largest, so many at most: an item and an event have their limits.
#[must_use]
pub fn most_frequent(counts: BTreeMap<String, u64>, most: usize) -> BTreeMap<String, u64> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(most);
    counts.into_iter().collect()
}

/// The verdict as attributes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Whether the good rows are accepted.
    pub validation_passed: bool,
    /// Object score, 0 to 100.
    pub quality_score: f64,
    /// Row counts.
    pub rows: RowCounts,
    /// Rules that failed, with their rows (the most frequent).
    pub failed_rules: BTreeMap<String, u64>,
    /// Rules that do not hold, with what that brings about (the sternest).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rule_failures: Vec<RuleFailure>,
    /// Outcomes of the rules about the object as a whole (the first).
    pub dataset_rules: Vec<RuleOutcome>,
    /// Measures that later objects are compared with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measures: BTreeMap<String, f64>,
    /// Why the object was refused whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_reason: Option<ObjectReason>,
    /// Format the object was read as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Compression found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<String>,
    /// Where the results lie.
    pub destinations: Destinations,
}

/// How far a pass came that does not end in one invocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The number of the segment that comes next, or is under way; the first is 0.
    pub segment: u32,
    /// Key of the checkpoint it goes on from, in the processed bucket; none: it begins at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<String>,
    /// Bytes of the object, unpacked, that are judged.
    pub judged_bytes: u64,
    /// Whether the message of that segment went out.
    pub handed_on: bool,
}

/// What became of the accepted rows of an object, as attributes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Curation {
    /// Who transforms it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transform_claimed_by: Option<String>,
    /// Until when, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transform_claim_expires_at: Option<u64>,
    /// Transformed files: planned ones while it is transformed, then the visible ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curated: Option<FileList>,
    /// What came of it, when it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transformed: Option<Transformed>,
    /// Whether `Data Transformed` went out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub transformed_sent: bool,
}

/// What came of transforming an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transformed {
    /// When.
    pub at: String,
    /// Fingerprint of the declarations that were applied.
    pub spec_hash: String,
    /// The result; none when there was nothing to announce: the object was refused, or a newer version came first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<TransformResult>,
}

/// What one version of a key left, for the version that follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// Its process id.
    pub process_id: String,
    /// Its accepted files.
    #[serde(flatten)]
    pub files: FileList,
}

/// The pointer of one key: the newest version judged. It has no time to live, or a key written again after it expired
/// would keep the rows of both versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pointer {
    /// Grows with every change.
    pub revision: u64,
    /// Place of the version among the versions of its key; sorts as text.
    pub order: String,
    /// The version and its files.
    pub current: Left,
    /// Earlier versions whose files must still be deleted.
    pub stale: Vec<Left>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl ItemKey {
    /// The item an event is about.
    #[must_use]
    pub fn of(subject: &Subject) -> Self {
        Self { process_id: subject.process_id.clone(), timestamp: subject.timestamp.clone() }
    }
}

impl Status {
    /// Whether nothing more will happen to the object.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Status::Received | Status::Validating)
    }
}

impl ObjectItem {
    /// Its primary key.
    #[must_use]
    pub fn id(&self) -> ItemKey {
        ItemKey { process_id: self.process_id.clone(), timestamp: self.timestamp.clone() }
    }

    /// The segment that comes next, or is under way.
    #[must_use]
    pub fn segment(&self) -> u32 {
        self.progress.as_ref().map_or(0, |progress| progress.segment)
    }

    /// Takes over how far the pass came, and ends the claim.
    pub fn hand_on(&mut self, progress: &Progress) {
        self.progress = Some(progress.clone());
        self.claimed_by = None;
        self.claim_expires_at = Some(0);
    }

    /// Takes over an outcome and ends the claim.
    pub fn apply(&mut self, finish: &Finish) {
        self.status = finish.status;
        self.updated_at.clone_from(&finish.updated_at);
        self.dataset.clone_from(&finish.dataset);
        self.spec_hash.clone_from(&finish.spec_hash);
        self.files.clone_from(&finish.files);
        self.threshold_mb = finish.threshold_mb;
        self.outcome.clone_from(&finish.outcome);
        self.compared = None;
        self.claimed_by = None;
        self.claim_expires_at = None;
    }
}
