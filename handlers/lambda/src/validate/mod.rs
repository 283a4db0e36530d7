//! `validate`: one registered object is judged in one streaming pass, and the verdict is carried out. A pass that takes
//! longer than an invocation goes on in the next: see [`segment`].
//!
//! The order of effects, each of which may be the last before a crash:
//! claim → plan (which files may become visible) → refused rows, refused object → accepted rows → pointer of the key →
//! rows of the version before → outcome → dataset's history → what a replay replaces → event → "sent". A redelivery does all of it again to the same places.

mod commit;
mod digest;
mod engine;
mod pace;
mod pass;
pub(crate) mod piece;
mod references;
mod scratch;
mod segment;
mod siblings;
pub(crate) mod staging;

use std::sync::Arc;
use std::time::SystemTime;

use datalake_core::engine::CompiledDataset;
use datalake_core::formats::columnar;
use datalake_core::rules::{FileFacts, Surroundings};
use datalake_core::verdict::{ObjectReason, Verdict};

use crate::failure::Failure;
use crate::files::{FileList, Files};
use crate::history::{self, Compared};
use crate::latest::Latest;
use crate::pipeline::Pipeline;
use crate::ports::{ObjectRef, Place, Ports};
use crate::records::{Claim, Claimed, Finish, ObjectItem, Outcome, Status};
use crate::{inbound, order, outbox, replaced, time};
pub use pace::Pace;
use pass::{Judged, PassError};
use references::References;
use segment::{Segment, Start};
use siblings::Siblings;
use staging::{Kept, Places, Staged, Staging};

/// The data type, as `ingest` tells it, of objects that are read by ranges.
const PARQUET: &str = "parquet";

/// One message and its circumstances.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// What the message says.
    pub body: &'a str,
    /// Unique to this delivery of it.
    pub delivery: &'a str,
    /// The queue it came from, which the rest of a long pass is handed on through.
    pub queue_arn: Option<&'a str>,
    /// How often the message was received, this time included.
    pub receives: u32,
    /// When this invocation ends.
    pub deadline: SystemTime,
}

/// One object version under our claim.
pub(crate) struct Work<'a> {
    ports: &'a Ports,
    pipeline: &'a Pipeline,
    pace: &'a Pace,
    task: &'a Task<'a>,
    item: ObjectItem,
    claim: Claim,
    dataset: String,
    /// The key's pointer.
    latest: Latest<'a>,
    /// What the object is compared with, when its rules look back.
    compared: Option<Compared>,
}

/// Handles one message.
///
/// # Errors
/// [`Failure::Poison`] when it is no request about an object of this pipeline, else whatever could not be done now.
pub async fn handle(ports: &Ports, pipeline: &Pipeline, pace: &Pace, task: &Task<'_>) -> Result<(), Failure> {
    let asked = inbound::validation(task.body)?;
    if asked.pipeline != pipeline.spec.name {
        return Err(Failure::Poison("the event is of another pipeline".to_owned()));
    }
    let (id, segment) = (asked.id(), asked.segment);
    tracing::Span::current().record("process_id", id.process_id.as_str());
    let claim =
        Claim { by: task.delivery.to_owned(), segment, now: ports.clock.now(), expires_at: task.deadline };
    match ports.table.claim(&id, &claim).await? {
        Claimed::Unknown => Err(Failure::Poison("the object of the event was never registered".to_owned())),
        Claimed::Busy => Err(Failure::Transient("another invocation judges this object".to_owned())),
        Claimed::Further(item) => match &item.progress {
            Some(progress) if !progress.handed_on => {
                segment::send(ports, pipeline, task, &id, progress.segment).await
            }
            _ => {
                tracing::info!(segment, "this segment was judged and handed on before");
                Ok(())
            }
        },
        Claimed::Decided(item) => {
            tracing::info!(status = ?item.status, "decided before");
            settle(ports, pipeline, &item).await
        }
        Claimed::Mine(item) => {
            let work = Work::new(ports, pipeline, *item, claim.clone(), (pace, task));
            let result = work.run().await;
            if result.is_err() {
                // Best effort: without it the redelivery waits until the claim expires.
                let _ = ports.table.release(&id, &claim).await;
            }
            result
        }
    }
}

/// What follows from a recorded outcome: what segments left goes, its measures are remembered, and it is announced.
async fn settle(ports: &Ports, pipeline: &Pipeline, item: &ObjectItem) -> Result<(), Failure> {
    if !item.validated_sent {
        segment::clean(ports, pipeline, item).await?;
        // A verdict that was replaced meanwhile must not be remembered over the one that replaced it.
        if item.status != Status::Replayed {
            history::remember(ports, pipeline, item).await?;
        }
        replaced::retire(ports, pipeline, item).await?;
    }
    outbox::routed(ports, item).await?;
    outbox::validated(ports, item).await
}

impl<'a> Work<'a> {
    fn new(
        ports: &'a Ports,
        pipeline: &'a Pipeline,
        item: ObjectItem,
        claim: Claim,
        (pace, task): (&'a Pace, &'a Task<'a>),
    ) -> Self {
        // The rules may have changed since the object was registered: today's decide.
        let dataset = pipeline.dataset_name(&item.source.key).to_owned();
        let latest = Latest {
            files: Files { ports, bucket: &pipeline.spec.buckets.processed },
            key_id: order::key_id(&item.source),
            order: order::order(&item.source, &item.timestamp),
        };
        Self { ports, pipeline, pace, task, item, claim, dataset, latest, compared: None }
    }

    async fn run(mut self) -> Result<(), Failure> {
        let left = self.left().await?;
        let (start, kept) = left.map(Segment::into_parts).unzip();
        let kept = kept.unwrap_or_default();
        if self.latest.is_superseded().await? {
            return self.supersede(Staged::default().after(kept)).await;
        }
        let Some(dataset) = self.pipeline.dataset(&self.dataset) else {
            let reason = ObjectReason::new("no_dataset", "the key is under no dataset's prefix");
            return self.commit(Verdict::refused(reason), Staged::default().after(kept)).await;
        };
        if let Some(threshold_mb) = dataset.spark_threshold_mb()
            && self.item.source.size_bytes > u64::from(threshold_mb) << 20
        {
            return self.route(threshold_mb, Staged::default().after(kept)).await;
        }
        if let Some(look_back) = dataset.look_back() {
            let hash = &self.pipeline.spec_hash;
            let compared = history::compared(self.ports, &self.item, &self.dataset, hash, &look_back).await?;
            self.compared = Some(compared);
        }
        self.pass(&dataset, start, kept).await
    }

    /// Judges the object, or as much of it as there is time for.
    async fn pass(
        self,
        dataset: &Arc<CompiledDataset>,
        start: Option<Start>,
        kept: Vec<Kept>,
    ) -> Result<(), Failure> {
        let (goes_on, before) = (start.is_some(), self.names(start.as_ref()));
        let (result, staged) = self.judge(Arc::clone(dataset), start).await;
        let judged = match result {
            Ok(judged) => judged,
            Err(PassError::Lost(reason)) if goes_on => {
                tracing::warn!(reason, "the object is judged from its beginning");
                staged.after(kept).abort(self.ports).await;
                // Under other rules nothing of what was judged holds.
                return Box::pin(self.pass(dataset, None, Vec::new())).await;
            }
            Err(PassError::Missing) => return self.missing(staged.after(kept)).await,
            Err(PassError::Transient(reason) | PassError::Lost(reason)) => {
                // What earlier segments left stays: the redelivery needs it.
                staged.abort(self.ports).await;
                return Err(Failure::Transient(reason));
            }
        };
        let (ports, pace) = (self.ports, self.pace);
        let began = ports.clock.now();
        match judged {
            Judged::Stopped(checkpoint) => self.hand_on(*checkpoint, staged, kept, before).await?,
            // A long pass: a newer version may have been judged meanwhile.
            Judged::Verdict(..) if self.latest.is_superseded().await? => {
                self.supersede(staged.after(kept)).await?
            }
            Judged::Verdict(verdict, mark) => {
                let mut staged = staged.after(kept);
                staged.mark = mark;
                self.commit(*verdict, staged).await?;
            }
        }
        pace.measured(began, ports.clock.now());
        Ok(())
    }

    async fn judge(
        &self,
        dataset: Arc<CompiledDataset>,
        start: Option<Start>,
    ) -> (Result<Judged, PassError>, Staged) {
        let buckets = &self.pipeline.spec.buckets;
        let places = Places {
            processed: buckets.processed.clone(),
            quarantine: buckets.quarantine.clone(),
            prefix: self.checkpoint_prefix(),
            mark: self.claim.by.clone(),
        };
        let limits = self.pace.limits(self.ports.clock.now(), self.task.deadline, self.task.receives);
        let size_bytes = self.item.source.size_bytes;
        let source = pass::Source {
            process_id: self.item.process_id.clone(),
            object: self.object(),
            size_bytes,
            by_ranges: self.item.data_type == PARQUET && size_bytes > columnar::MOST_SPOOLED as u64,
            surroundings: self.surroundings(),
            references: References::of(self.ports, self.pipeline, &dataset, limits.give_up_at),
            siblings: Siblings::of(self.ports, &buckets.processed, &dataset, &self.item, limits.give_up_at),
            processed: buckets.processed.clone(),
        };
        let staging = Staging::new(self.ports, places);
        pass::run(self.ports, dataset, source, start, staging, (self.pace, limits)).await
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

    fn files(&self) -> &Files<'a> {
        &self.latest.files
    }

    fn quarantine(&self, key: String) -> Place {
        Place { bucket: self.pipeline.spec.buckets.quarantine.clone(), key }
    }

    /// A newer version was judged: nothing of this one may stay visible, were it from before a crash.
    async fn supersede(self, staged: Staged) -> Result<(), Failure> {
        staged.abort(self.ports).await;
        self.files().delete(&self.item.files).await?;
        tracing::info!("superseded by a newer version");
        let (ports, pipeline) = (self.ports, self.pipeline);
        let item = self.finish(Status::Superseded, FileList::default(), None).await?;
        segment::clean(ports, pipeline, &item).await
    }

    /// Leaves the object to Spark: it is recorded and announced, and has no verdict.
    async fn route(self, threshold_mb: u32, staged: Staged) -> Result<(), Failure> {
        staged.abort(self.ports).await;
        self.files().delete(&self.item.files).await?;
        tracing::warn!(
            size_bytes = self.item.source.size_bytes,
            threshold_mb,
            "larger than spark_threshold_mb: announced, and not judged"
        );
        let (ports, pipeline) = (self.ports, self.pipeline);
        let item = self.end(Status::Routed, FileList::default(), (None, Some(threshold_mb))).await?;
        settle(ports, pipeline, &item).await
    }

    async fn missing(self, staged: Staged) -> Result<(), Failure> {
        staged.abort(self.ports).await;
        self.files().delete(&self.item.files).await?;
        tracing::warn!("the object was gone before it could be judged");
        let (ports, pipeline) = (self.ports, self.pipeline);
        let item = self.finish(Status::ObjectMissing, FileList::default(), None).await?;
        segment::clean(ports, pipeline, &item).await
    }

    /// Records the outcome; the item as it is then.
    async fn finish(
        self,
        status: Status,
        files: FileList,
        outcome: Option<Outcome>,
    ) -> Result<ObjectItem, Failure> {
        self.end(status, files, (outcome, None)).await
    }

    async fn end(
        self,
        status: Status,
        files: FileList,
        (outcome, threshold_mb): (Option<Outcome>, Option<u32>),
    ) -> Result<ObjectItem, Failure> {
        let finish = Finish {
            status,
            updated_at: time::rfc3339_millis(self.ports.clock.now()),
            dataset: self.dataset,
            spec_hash: self.pipeline.spec_hash.clone(),
            files,
            threshold_mb,
            outcome,
        };
        self.ports.table.finish(&self.item.id(), &self.claim, &finish).await?;
        let mut item = self.item;
        item.apply(&finish);
        Ok(item)
    }
}
