//! Backfill: what lies in the raw bucket and was never judged for its dataset is put on the way of new arrivals.

use datalake_core::requests;

use super::{Fate, Walk};
use crate::failure::{Failure, PortError};
use crate::inbound::Arrival;
use crate::ports::{Head, Listed, ObjectRef};
use crate::records::ObjectItem;
use crate::{ingest, order};

impl Walk<'_> {
    /// Where to look.
    pub(super) fn backfill_prefix(&self, asked: &requests::Backfill) -> Result<String, Failure> {
        let whole = self.pipeline.spec.datasets.get(&asked.dataset).map_or("", |dataset| &dataset.prefix);
        match &asked.prefix {
            Some(prefix) if !prefix.starts_with(whole) => Err(Failure::Poison(format!(
                "the prefix does not begin with {whole:?}, where the dataset's objects are"
            ))),
            Some(prefix) => Ok(prefix.clone()),
            None => Ok(whole.to_owned()),
        }
    }

    /// Sees to one object of the raw bucket.
    pub(super) async fn backfill(
        &self,
        asked: &requests::Backfill,
        listed: &Listed,
    ) -> Result<Fate, Failure> {
        if !self.within(listed.last_modified) {
            return Ok(Fate::Left("another time"));
        }
        if self.pipeline.dataset_name(&listed.key) != asked.dataset {
            return Ok(Fate::Left("another dataset"));
        }
        let Some(head) = self.newest(&listed.key).await? else { return Ok(Fate::Left("gone")) };
        if listed.key.ends_with('/') && head.size_bytes == 0 {
            return Ok(Fate::Left("folder marker"));
        }
        let judged = self.judged(&listed.key).await?.filter(|item| is_of(item, &head));
        match judged.as_ref().and_then(|item| Some((item, item.outcome.as_ref()?))) {
            Some((item, _)) if item.dataset == asked.dataset => Ok(Fate::Left("judged")),
            // Before there was the dataset, it was refused as an object of none.
            Some((item, outcome)) => self.judge_again(item, outcome).await,
            None => self.arrive(listed, &head).await,
        }
    }

    async fn newest(&self, key: &str) -> Result<Option<Head>, Failure> {
        let bucket = self.pipeline.spec.buckets.raw.clone();
        let object = ObjectRef { bucket, key: key.to_owned(), version_id: None, etag: None };
        match self.ports.reader.head(&object, ingest::HEAD_BYTES).await {
            Ok(head) => Ok(Some(head)),
            Err(PortError::Missing) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The item of the verdict that counts for a key.
    async fn judged(&self, key: &str) -> Result<Option<ObjectItem>, Failure> {
        let key_id = order::key_id_of(&self.pipeline.spec.buckets.raw, key);
        match self.ports.table.pointer(&key_id).await? {
            Some(pointer) => Ok(self.ports.table.find(&pointer.current.process_id).await?),
            None => Ok(None),
        }
    }

    async fn arrive(&self, listed: &Listed, head: &Head) -> Result<Fate, Failure> {
        let modified = head.last_modified.or(listed.last_modified);
        let arrival = Arrival {
            bucket: self.pipeline.spec.buckets.raw.clone(),
            key: listed.key.clone(),
            size_bytes: Some(head.size_bytes),
            etag: Some(head.etag.clone()),
            version_id: head.version_id.clone(),
            sequencer: None,
            at: modified.unwrap_or_else(|| self.ports.clock.now()),
        };
        let item = ingest::item(self.ports, self.pipeline, &arrival, Some(head));
        // Its own event may have registered it, with a time that is not to the second the object's.
        match self.ports.table.find(&item.process_id).await? {
            Some(known) if known.timestamp != item.timestamp => Ok(Fate::Left("on its way")),
            _ => ingest::register(self.ports, item).await.map(|()| Fate::Queued),
        }
    }
}

/// Whether an item is about the version that the head belongs to.
fn is_of(item: &ObjectItem, head: &Head) -> bool {
    match (&item.source.version_id, &head.version_id) {
        (Some(judged), Some(newest)) => judged == newest,
        _ => item.source.etag == head.etag,
    }
}
