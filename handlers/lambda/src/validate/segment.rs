//! A pass that ends before its object does, in segments: what one leaves to the next, and the message that hands it on.
//!
//! The order of effects, each of which may be the last before a crash: keys and result files, as uploads that nobody sees →
//! checkpoint → progress, which ends the claim → message → "handed on". A redelivery of the message before finds what was
//! recorded and sends what was not sent; whoever claims the item goes on from the newest checkpoint.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use datalake_core::engine::Checkpoint;
use datalake_core::{identity, layout};
use serde::{Deserialize, Serialize};

use super::staging::{Kept, Staged};
use super::{Task, Work};
use crate::failure::{Failure, PortError};
use crate::files::Files;
use crate::inbound::Validation;
use crate::pipeline::Pipeline;
use crate::ports::{Place, Ports};
use crate::records::{ItemKey, ObjectItem, Progress};

/// What a segment leaves to the next.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Segment {
    checkpoint: Checkpoint,
    /// Result files of this and earlier segments.
    files: Vec<Kept>,
    keys: BTreeMap<usize, KeysFile>,
    /// Keys of what the segment before left, which is not needed any more.
    before: Vec<String>,
}

/// Where the keys of one measure are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysFile {
    /// Its key in the processed bucket.
    pub key: String,
    /// Its size.
    pub bytes: u64,
}

/// Where a segment begins.
pub struct Start {
    /// How far it came, and to what.
    pub checkpoint: Checkpoint,
    /// The keys that rules about uniqueness have met, by measure.
    pub keys: BTreeMap<usize, KeysFile>,
}

impl Segment {
    /// Where the next begins, and the result files so far.
    pub fn into_parts(self) -> (Start, Vec<Kept>) {
        (Start { checkpoint: self.checkpoint, keys: self.keys }, self.files)
    }
}

impl Work<'_> {
    /// Begin of the keys of what this attempt leaves.
    pub(super) fn checkpoint_prefix(&self) -> String {
        let attempt = identity::fingerprint(self.claim.by.as_bytes());
        layout::checkpoint_prefix(&self.item.process_id, self.item.segment() + 1, &attempt)
    }

    /// What the segment before left; none at the beginning, or when it is not there any more and the pass begins again.
    pub(super) async fn left(&self) -> Result<Option<Segment>, Failure> {
        let Some(key) = self.item.progress.as_ref().and_then(|progress| progress.checkpoint.as_deref())
        else {
            return Ok(None);
        };
        let segment = load(self.files(), key).await?;
        match &segment {
            Some(segment) => self.files().delete_keys(segment.before.iter().cloned()).await?,
            None => {
                tracing::warn!("what earlier segments left is gone: the object is judged from its beginning")
            }
        }
        Ok(segment)
    }

    /// Keeps what this segment has come to, and hands the rest on.
    pub(super) async fn hand_on(
        self,
        checkpoint: Checkpoint,
        mut staged: Staged,
        mut files: Vec<Kept>,
        before: Vec<String>,
    ) -> Result<(), Failure> {
        let (judged_bytes, rows) = (checkpoint.judged_bytes(), checkpoint.judged_rows());
        let segment = self.item.segment() + 1;
        staged.abort_unfinished(self.ports).await;
        let mut keys = BTreeMap::new();
        for (measure, file) in std::mem::take(&mut staged.keys) {
            keys.insert(measure, KeysFile { key: file.place().key.clone(), bytes: file.bytes() });
            file.publish(self.ports).await?;
        }
        files.extend(staged.keep(self.ports, &self.claim.by).await?);
        let key = format!("{}.json", self.checkpoint_prefix());
        let document = serde_json::to_vec(&Segment { checkpoint, files, keys, before });
        let document = document.map_err(|error| Failure::Transient(format!("checkpoint: {error}")))?;
        let place = Place { bucket: self.pipeline.spec.buckets.processed.clone(), key: key.clone() };
        self.ports.writer.put(&place, Bytes::from(document)).await?;
        let progress = Progress { segment, checkpoint: Some(key), judged_bytes, handed_on: false };
        self.ports.table.hand_on(&self.item.id(), &self.claim, &progress).await?;
        tracing::info!(segment, judged_bytes, rows, "out of time: the rest is handed on");
        send(self.ports, self.pipeline, self.task, &self.item.id(), segment).await
    }

    /// Forgets what earlier segments left, since it cannot be used: the message that comes again finds the beginning.
    pub(super) async fn begin_again(&self) -> Result<(), Failure> {
        clean(self.ports, self.pipeline, &self.item).await?;
        let progress =
            Progress { segment: self.item.segment(), checkpoint: None, judged_bytes: 0, handed_on: true };
        Ok(self.ports.table.hand_on(&self.item.id(), &self.claim, &progress).await?)
    }

    /// Keys of what the segment before left.
    pub(super) fn names(&self, start: Option<&Start>) -> Vec<String> {
        let document = self.item.progress.as_ref().and_then(|progress| progress.checkpoint.clone());
        let keys = start.into_iter().flat_map(|start| start.keys.values());
        document.into_iter().chain(keys.map(|keys| keys.key.clone())).collect()
    }
}

/// What follows from a recorded stop: the message that hands the rest on.
pub async fn send(
    ports: &Ports,
    pipeline: &Pipeline,
    task: &Task<'_>,
    id: &ItemKey,
    segment: u32,
) -> Result<(), Failure> {
    let queue = task.queue_arn.ok_or_else(|| Failure::Transient("the message names no queue".to_owned()))?;
    let message = Validation::go_on(&pipeline.spec.name, id, segment).message();
    ports.queue.send(queue, &message, Duration::ZERO).await?;
    Ok(ports.table.mark_handed_on(id, segment).await?)
}

/// Deletes what segments left of an object that has its outcome.
pub async fn clean(ports: &Ports, pipeline: &Pipeline, item: &ObjectItem) -> Result<(), Failure> {
    let Some(key) = item.progress.as_ref().and_then(|progress| progress.checkpoint.as_deref()) else {
        return Ok(());
    };
    let files = Files { ports, bucket: &pipeline.spec.buckets.processed };
    if let Some(segment) = load(&files, key).await? {
        let keys = segment.keys.into_values().map(|keys| keys.key);
        files.delete_keys(segment.before.into_iter().chain(keys)).await?;
    }
    // The document last: it names the others.
    files.delete_keys([key.to_owned()]).await
}

/// The document of a checkpoint; none when it is gone, or was written by another release.
async fn load(files: &Files<'_>, key: &str) -> Result<Option<Segment>, Failure> {
    match files.read(key).await {
        Ok(document) => Ok(serde_json::from_slice(&document).ok()),
        Err(PortError::Missing) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
