//! What is asked of the metadata table, and what became of it.

use std::time::SystemTime;

use datalake_core::events::HourTotals;
use serde::Serialize;

use super::{ObjectItem, Outcome, Status};
use crate::files::FileList;
use crate::history::Compared;

/// A claim on an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Unique per delivery.
    pub by: String,
    /// The segment of the pass that the message is about; of a pass that came further, nothing is claimed.
    pub segment: u32,
    /// Now.
    pub now: SystemTime,
    /// When others may take over: when this invocation can run no longer.
    pub expires_at: SystemTime,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum Claimed {
    /// It is ours; the item as it is now.
    Mine(Box<ObjectItem>),
    /// Somebody else judges it.
    Busy,
    /// The pass came further than this message knows.
    Further(Box<ObjectItem>),
    /// It has its outcome.
    Decided(Box<ObjectItem>),
    /// There is no such item.
    Unknown,
}

/// What became of a registration.
#[derive(Debug, Clone, PartialEq)]
pub enum Registered {
    /// The item is new.
    New,
    /// The item was there.
    Known(Box<ObjectItem>),
}

/// What is written before anything of a verdict shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Accepted files that may become visible from now on.
    #[serde(flatten)]
    pub files: FileList,
    /// What the object was compared with, when its rules look back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
}

/// What is written when an object has its outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finish {
    /// The new status.
    #[serde(rename = "Status")]
    pub status: Status,
    /// Now.
    #[serde(rename = "UpdatedAt")]
    pub updated_at: String,
    /// The dataset whose rules were applied.
    pub dataset: String,
    /// Fingerprint of the rules applied.
    pub spec_hash: String,
    /// The visible files.
    #[serde(flatten)]
    pub files: FileList,
    /// The size in MiB that it is too large for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold_mb: Option<u32>,
    /// The verdict, when there is one.
    #[serde(flatten)]
    pub outcome: Option<Outcome>,
}

/// What is added to the counters.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// The dataset.
    pub dataset: String,
    /// The hour, `2026-11-24T00`.
    pub hour: String,
    /// What to add.
    pub add: HourTotals,
    /// Time to live of the counters.
    pub expires_at: Option<u64>,
}

/// What became of a count.
#[derive(Debug, Clone, PartialEq)]
pub enum Counted {
    /// It was added now.
    New,
    /// It had been added before, as the item says.
    Already(Box<ObjectItem>),
    /// There is no such item.
    Unknown,
}
