//! `validate`: one registered object is judged in one streaming pass, and the verdict is carried out.
//!
//! The order of effects, each of which may be the last before a crash:
//! claim → plan (which files may become visible) → refused rows, refused object → accepted rows → pointer of the key →
//! rows of the version before → outcome → dataset's history → what a replay replaces → event → "sent". A redelivery does all of it again to the same places.

mod commit;
mod digest;
mod pass;
mod piece;
mod scratch;
mod staging;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use datalake_core::engine::CompiledDataset;
use datalake_core::events::{DataReceived, EventKind};
use datalake_core::rules::{FileFacts, Surroundings};
use datalake_core::verdict::{ObjectReason, Verdict};

use crate::failure::Failure;
use crate::files::{FileList, Files};
use crate::history::{self, Compared};
use crate::pipeline::Pipeline;
use crate::ports::{ObjectRef, Place, Ports};
use crate::records::{Claim, Claimed, Finish, ItemKey, ObjectItem, Outcome, Status};
use crate::{inbound, order, outbox, replaced, time};
use pass::PassError;
use staging::{Staged, Staging};

/// Time kept back for carrying out the verdict, or a quarter of the time there is; reading stops when only that is
/// left.
const COMMIT_RESERVE: Duration = Duration::from_secs(15);

/// One object version under our claim.
pub(crate) struct Work<'a> {
    ports: &'a Ports,
    pipeline: &'a Pipeline,
    item: ObjectItem,
    claim: Claim,
    dataset: String,
    key_id: String,
    order: String,
    /// What the object is compared with, when its rules look back.
    compared: Option<Compared>,
}

/// Handles one message; `delivery` is unique to it.
///
/// # Errors
/// [`Failure::Poison`] when it is no `Data Received` of this pipeline, else whatever could not be done now.
pub async fn handle(
    ports: &Ports,
    pipeline: &Pipeline,
    body: &str,
    delivery: &str,
    deadline: SystemTime,
) -> Result<(), Failure> {
    let received: DataReceived = inbound::announced(body, EventKind::DataReceived)?;
    if received.subject.pipeline != pipeline.spec.name {
        return Err(Failure::Poison("the event is of another pipeline".to_owned()));
    }
    tracing::Span::current().record("process_id", received.subject.process_id.as_str());
    let id = ItemKey::of(&received.subject);
    let claim = Claim { by: delivery.to_owned(), now: ports.clock.now(), expires_at: deadline };
    match ports.table.claim(&id, &claim).await? {
        Claimed::Unknown => Err(Failure::Poison("the object of the event was never registered".to_owned())),
        Claimed::Busy => Err(Failure::Transient("another invocation judges this object".to_owned())),
        Claimed::Decided(item) => {
            tracing::info!(status = ?item.status, "decided before");
            settle(ports, pipeline, &item).await
        }
        Claimed::Mine(item) => {
            let result = Work::new(ports, pipeline, *item, claim.clone()).run(deadline).await;
            if result.is_err() {
                // Best effort: without it the redelivery waits until the claim expires.
                let _ = ports.table.release(&id, &claim).await;
            }
            result
        }
    }
}

/// What follows from a recorded verdict: its measures are remembered, and it is announced.
async fn settle(ports: &Ports, pipeline: &Pipeline, item: &ObjectItem) -> Result<(), Failure> {
    if !item.validated_sent {
        // A verdict that was replaced meanwhile must not be remembered over the one that replaced it.
        if item.status != Status::Replayed {
            history::remember(ports, pipeline, item).await?;
        }
        replaced::retire(ports, pipeline, item).await?;
    }
    outbox::validated(ports, item).await
}

impl<'a> Work<'a> {
    fn new(ports: &'a Ports, pipeline: &'a Pipeline, item: ObjectItem, claim: Claim) -> Self {
        // The rules may have changed since the object was registered: today's decide.
        let dataset = pipeline.dataset_name(&item.source.key).to_owned();
        let (key_id, order) = (order::key_id(&item.source), order::order(&item.source, &item.timestamp));
        Self { ports, pipeline, item, claim, dataset, key_id, order, compared: None }
    }

    async fn run(mut self, deadline: SystemTime) -> Result<(), Failure> {
        if self.is_superseded().await? {
            return self.supersede().await;
        }
        let Some(dataset) = self.pipeline.dataset(&self.dataset) else {
            let reason = ObjectReason::new("no_dataset", "the key is under no dataset's prefix");
            return self.commit(Verdict::refused(reason), Staged::default()).await;
        };
        if let Some(look_back) = dataset.look_back() {
            let hash = &self.pipeline.spec_hash;
            let compared = history::compared(self.ports, &self.item, &self.dataset, hash, &look_back).await?;
            self.compared = Some(compared);
        }
        let (result, staged) = self.judge(dataset, deadline).await;
        match result {
            Err(error) => {
                staged.abort(self.ports).await;
                match error {
                    PassError::Missing => self.missing().await,
                    PassError::Transient(message) => Err(Failure::Transient(message)),
                }
            }
            // A long pass: a newer version may have been judged meanwhile.
            Ok(_) if self.is_superseded().await? => {
                staged.abort(self.ports).await;
                self.supersede().await
            }
            Ok(verdict) => self.commit(verdict, staged).await,
        }
    }

    async fn judge(
        &self,
        dataset: Arc<CompiledDataset>,
        deadline: SystemTime,
    ) -> (Result<Verdict, PassError>, Staged) {
        let buckets = &self.pipeline.spec.buckets;
        let staging = Staging::new(self.ports, &buckets.processed, &buckets.quarantine);
        let left = deadline.duration_since(self.ports.clock.now()).unwrap_or_default();
        let give_up_at = deadline - COMMIT_RESERVE.min(left / 4);
        let source = pass::Source {
            process_id: self.item.process_id.clone(),
            object: self.object(),
            size_bytes: self.item.source.size_bytes,
            surroundings: self.surroundings(),
        };
        pass::run(self.ports, dataset, source, staging, give_up_at).await
    }

    /// What the rules may know. The time is when the object arrived: judged again, it is judged the same.
    fn surroundings(&self) -> Surroundings {
        let millis = |text: &str| Some(time::epoch_millis(time::parse_rfc3339(text)?).cast_signed());
        let arrived = millis(&self.item.timestamp);
        let modified = self.item.last_modified.as_deref().and_then(millis);
        Surroundings {
            now: arrived,
            file: FileFacts {
                size_bytes: Some(self.item.source.size_bytes),
                last_modified: modified.or(arrived),
                ..FileFacts::default()
            },
            history: self.compared.as_ref().map(|compared| compared.objects.clone()),
            ..Surroundings::default()
        }
    }

    fn object(&self) -> ObjectRef {
        if let Some(copy) = &self.item.judged_copy {
            let bucket = self.pipeline.spec.buckets.quarantine.clone();
            return ObjectRef { bucket, key: copy.clone(), version_id: None, etag: None };
        }
        let source = &self.item.source;
        ObjectRef {
            bucket: source.bucket.clone(),
            key: source.key.clone(),
            version_id: source.version_id.clone(),
            etag: Some(source.etag.clone()).filter(|etag| !etag.is_empty()),
        }
    }

    fn files(&self) -> Files<'a> {
        Files { ports: self.ports, bucket: &self.pipeline.spec.buckets.processed }
    }

    fn quarantine(&self, key: String) -> Place {
        Place { bucket: self.pipeline.spec.buckets.quarantine.clone(), key }
    }

    async fn is_superseded(&self) -> Result<bool, Failure> {
        let pointer = self.ports.table.pointer(&self.key_id).await?;
        Ok(order::is_newer(pointer.as_ref(), &self.order))
    }

    /// A newer version was judged: nothing of this one may stay visible, were it from before a crash.
    async fn supersede(self) -> Result<(), Failure> {
        self.files().delete(&self.item.files).await?;
        tracing::info!("superseded by a newer version");
        self.finish(Status::Superseded, FileList::default(), None).await.map(|_| ())
    }

    async fn missing(self) -> Result<(), Failure> {
        self.files().delete(&self.item.files).await?;
        tracing::warn!("the object was gone before it could be judged");
        self.finish(Status::ObjectMissing, FileList::default(), None).await.map(|_| ())
    }

    /// Records the outcome; the item as it is then.
    async fn finish(
        self,
        status: Status,
        files: FileList,
        outcome: Option<Outcome>,
    ) -> Result<ObjectItem, Failure> {
        let finish = Finish {
            status,
            updated_at: time::rfc3339_millis(self.ports.clock.now()),
            dataset: self.dataset,
            spec_hash: self.pipeline.spec_hash.clone(),
            files,
            outcome,
        };
        self.ports.table.finish(&self.item.id(), &self.claim, &finish).await?;
        let mut item = self.item;
        item.apply(&finish);
        Ok(item)
    }
}
