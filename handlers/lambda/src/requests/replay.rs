//! Replay: an object whose rows are in quarantine is judged again as a whole, under today's rules.
//!
//! As a whole, because rules about the object, scores and thresholds mean nothing for a part of its rows. The new
//! verdict takes the place of the old one as a newer version of a key takes that of an older one.

use std::collections::BTreeSet;

use datalake_core::events::Replay;
use datalake_core::identity::{self, ObjectVersion};
use datalake_core::{layout, requests};
use futures::future::join_all;

use super::{Fate, Walk};
use crate::failure::{Failure, PortError};
use crate::ports::{Listed, ObjectRef};
use crate::records::{ObjectItem, Outcome, Registration, Status};
use crate::{ingest, order, time};

impl Walk<'_> {
    /// Replays the one object that is asked for.
    pub(super) async fn replay_key(&self, asked: &requests::Replay) -> Result<(), Failure> {
        let key = asked.key.clone().unwrap_or_default();
        let key_id = order::key_id_of(&self.pipeline.spec.buckets.raw, &key);
        let fate = match self.ports.table.pointer(&key_id).await? {
            Some(pointer) => self.replay_verdict(asked, &pointer.current.process_id).await?,
            None => Fate::Left("never judged"),
        };
        tracing::info!(request = self.request_id, ?fate, "{} of one object", requests::REPLAY);
        Ok(())
    }

    /// Replays the objects of which these are in quarantine.
    pub(super) async fn replay_entries(
        &self,
        asked: &requests::Replay,
        entries: &[Listed],
    ) -> Vec<Result<Fate, Failure>> {
        let verdicts =
            entries.iter().filter_map(|entry| layout::quarantining_process(&asked.dataset, &entry.key));
        // A refused object has its copy, its reason and its refused rows there.
        let verdicts: BTreeSet<&str> = verdicts.collect();
        join_all(verdicts.into_iter().map(|process_id| self.replay_verdict(asked, process_id))).await
    }

    async fn replay_verdict(&self, asked: &requests::Replay, process_id: &str) -> Result<Fate, Failure> {
        let Some(item) = self.ports.table.find(process_id).await? else {
            return Ok(Fate::Left("no longer in the metadata table"));
        };
        let Some(outcome) = &item.outcome else { return Ok(Fate::Left("not judged yet")) };
        if item.dataset != asked.dataset {
            return Ok(Fate::Left("another dataset"));
        }
        if !self.within(time::parse_rfc3339(&item.timestamp)) {
            return Ok(Fate::Left("another time"));
        }
        if asked.rule.as_ref().is_some_and(|rule| !failed(outcome, rule)) {
            return Ok(Fate::Left("another rule"));
        }
        if outcome.validation_passed && outcome.rows.quarantined == 0 {
            return Ok(Fate::Left("nothing in quarantine"));
        }
        self.judge_again(&item, outcome).await
    }

    /// Puts an object that has its verdict on the way to another one.
    pub(super) async fn judge_again(&self, item: &ObjectItem, outcome: &Outcome) -> Result<Fate, Failure> {
        if item.spec_hash == self.pipeline.spec_hash {
            return Ok(Fate::Left("judged under these rules"));
        }
        if self.pipeline.dataset_name(&item.source.key) == layout::NO_DATASET {
            return Ok(Fate::Left("of no dataset"));
        }
        let pointer = self.ports.table.pointer(&order::key_id(&item.source)).await?;
        if pointer.is_none_or(|pointer| pointer.current.process_id != item.process_id) {
            return Ok(Fate::Left("another verdict counts"));
        }
        let Some(judged_copy) = self.readable(item, outcome).await? else {
            return Ok(Fate::Left("original gone"));
        };
        ingest::register(self.ports, self.anew(item, outcome, judged_copy)).await?;
        Ok(Fate::Queued)
    }

    /// What can be read of the object: `Some(None)` the original, `Some(copy)` its copy in quarantine.
    async fn readable(
        &self,
        item: &ObjectItem,
        outcome: &Outcome,
    ) -> Result<Option<Option<String>>, Failure> {
        let source = &item.source;
        let original = ObjectRef {
            bucket: source.bucket.clone(),
            key: source.key.clone(),
            version_id: source.version_id.clone(),
            etag: Some(source.etag.clone()).filter(|etag| !etag.is_empty()),
        };
        if self.exists(&original).await? {
            return Ok(Some(None));
        }
        if outcome.destinations.quarantined_object.is_none() {
            return Ok(None);
        }
        let bucket = self.pipeline.spec.buckets.quarantine.clone();
        let key = layout::quarantined_object_key(&item.dataset, &item.process_id, &source.key);
        let copy = ObjectRef { bucket, key, version_id: None, etag: None };
        Ok(self.exists(&copy).await?.then_some(Some(copy.key)))
    }

    async fn exists(&self, object: &ObjectRef) -> Result<bool, Failure> {
        match self.ports.reader.head(object, 1).await {
            Ok(_) => Ok(true),
            Err(PortError::Missing) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The item of the next verdict. Its identity is that of the version, today's rules and the verdict it replaces: the
    /// same request again means the same item, and rules that come back later another one.
    fn anew(&self, item: &ObjectItem, outcome: &Outcome, judged_copy: Option<String>) -> ObjectItem {
        let (pipeline, source, now) = (self.pipeline, &item.source, self.ports.clock.now());
        let version = source.version_id.as_deref().or(source.sequencer.as_deref()).unwrap_or(&source.etag);
        let process_id = identity::process_id(&ObjectVersion {
            pipeline: &pipeline.spec.name,
            bucket: &source.bucket,
            key: &source.key,
            version,
            spec_hash: &format!("{}/{}", pipeline.spec_hash, item.process_id),
        });
        let replay = Replay {
            process_id: item.process_id.clone(),
            dataset: item.dataset.clone(),
            request_id: self.request_id.to_owned(),
            accepted_rows: outcome.rows.accepted(outcome.validation_passed),
        };
        let fresh = ObjectItem::new(Registration {
            process_id,
            timestamp: item.timestamp.clone(),
            status: Status::Received,
            updated_at: time::rfc3339_millis(now),
            pipeline: item.pipeline.clone(),
            dataset: pipeline.dataset_name(&source.key).to_owned(),
            source: source.clone(),
            spec_hash: pipeline.spec_hash.clone(),
            data_type: item.data_type.clone(),
            last_modified: item.last_modified.clone(),
            expires_at: pipeline.expires_at(now),
        });
        ObjectItem { replay: Some(replay), judged_copy, ..fresh }
    }
}

/// Whether a rule of that text or name failed, or the object was refused for that reason.
fn failed(outcome: &Outcome, rule: &str) -> bool {
    outcome.failed_rules.contains_key(rule)
        || outcome.rule_failures.iter().any(|failure| failure.name == rule || failure.rule == rule)
        || outcome.object_reason.as_ref().is_some_and(|reason| reason.code == rule)
}
