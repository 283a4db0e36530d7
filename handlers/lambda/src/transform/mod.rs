//! `transform`: the accepted rows of one object become curated rows, in one streaming pass over their files.
//!
//! The order of effects, each of which may be the last before a crash: claim → plan (which files may become visible) →
//! rows that could not be transformed → curated rows → pointer of the key → curated rows of the version before → outcome →
//! metrics → event → "sent". A redelivery does all of it again to the same places.

mod commit;
mod pass;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use datalake_core::engine::CuratedDataset;
use datalake_core::events::{DataValidated, EventKind};
use datalake_core::layout::VALIDATED;

use crate::failure::Failure;
use crate::files::{FileList, Files};
use crate::latest::Latest;
use crate::pipeline::Pipeline;
use crate::ports::Ports;
use crate::records::{Claim, Claimed, ItemKey, ObjectItem, Status, Transformed};
use crate::{emf, inbound, order, outbox, time};
use pass::PassError;

/// Time kept back for carrying out the result, or a quarter of the time there is; reading stops when only that is left.
const COMMIT_RESERVE: Duration = Duration::from_secs(15);

/// One accepted object under our claim.
struct Work<'a> {
    ports: &'a Ports,
    pipeline: &'a Pipeline,
    item: ObjectItem,
    claim: Claim,
    /// The pointer of the accepted rows.
    validated: Latest<'a>,
    /// The pointer of the curated rows.
    curated: Latest<'a>,
}

/// Handles one message; `delivery` is unique to it.
///
/// # Errors
/// [`Failure::Poison`] when it is no `Data Validated` of this pipeline, else whatever could not be done now.
pub async fn handle(
    ports: &Ports,
    pipeline: &Pipeline,
    body: &str,
    delivery: &str,
    deadline: SystemTime,
) -> Result<(), Failure> {
    let validated: DataValidated = inbound::announced(body, EventKind::DataValidated)?;
    if validated.subject.pipeline != pipeline.spec.name {
        return Err(Failure::Poison("the event is of another pipeline".to_owned()));
    }
    tracing::Span::current().record("process_id", validated.subject.process_id.as_str());
    let Some(dataset) = pipeline.curated(ports, &validated.subject.dataset).await? else {
        tracing::info!("the dataset declares no transforms");
        return Ok(());
    };
    let id = ItemKey::of(&validated.subject);
    // A transformation is one segment.
    let (by, now) = (delivery.to_owned(), ports.clock.now());
    let claim = Claim { by, segment: 0, now, expires_at: deadline };
    match ports.table.claim_transform(&id, &claim).await? {
        Claimed::Unknown => Err(Failure::Poison("the object of the event was never registered".to_owned())),
        Claimed::Busy | Claimed::Further(_) => {
            Err(Failure::Transient("another invocation transforms this object".to_owned()))
        }
        Claimed::Decided(item) => {
            tracing::info!("transformed before");
            announce(ports, &item).await
        }
        Claimed::Mine(item) => {
            let result = Work::new(ports, pipeline, *item, claim.clone()).run(dataset, deadline).await;
            if result.is_err() {
                // Best effort: without it the redelivery waits until the claim expires.
                let _ = ports.table.release_transform(&id, &claim).await;
            }
            result
        }
    }
}

/// What follows from a recorded result, once: metrics, and then the event.
async fn announce(ports: &Ports, item: &ObjectItem) -> Result<(), Failure> {
    let curation = &item.curation;
    let Some(result) = curation.transformed.as_ref().and_then(|done| done.result.as_ref()) else {
        return Ok(());
    };
    if curation.transformed_sent {
        return Ok(());
    }
    let now = time::epoch_millis(ports.clock.now());
    let line = emf::transformed_line(&item.pipeline, &item.dataset, &item.process_id, &result.rows, now);
    ports.metrics.emit(&line)?;
    outbox::transformed(ports, item, result).await
}

impl<'a> Work<'a> {
    fn new(ports: &'a Ports, pipeline: &'a Pipeline, item: ObjectItem, claim: Claim) -> Self {
        let order = order::order(&item.source, &item.timestamp);
        let latest = |key_id| Latest {
            files: Files { ports, bucket: &pipeline.spec.buckets.processed },
            key_id,
            order: order.clone(),
        };
        let validated = latest(order::key_id(&item.source));
        let curated = latest(order::curated_key_id(&item.source));
        Self { ports, pipeline, item, claim, validated, curated }
    }

    async fn run(self, dataset: Arc<CuratedDataset>, deadline: SystemTime) -> Result<(), Failure> {
        if self.is_superseded().await? {
            return self.supersede().await;
        }
        // An object that was refused has no rows; those of the version before it go all the same.
        let mut keys = match self.item.status {
            Status::Validated => self.files().load(&self.item.files).await?,
            _ => BTreeSet::new(),
        };
        // The mark that tells the file from others holds no rows.
        keys.retain(|key| key.starts_with(VALIDATED));
        let left = deadline.duration_since(self.ports.clock.now()).unwrap_or_default();
        let give_up_at = deadline - COMMIT_RESERVE.min(left / 4);
        let buckets = &self.pipeline.spec.buckets;
        let source = pass::Source { process_id: self.item.process_id.clone(), keys, give_up_at };
        let (result, staged) = pass::run(self.ports, dataset, source, buckets).await;
        if self.is_superseded().await? {
            staged.abort(self.ports).await;
            return self.supersede().await;
        }
        match result {
            Ok(curation) => self.commit(curation, staged).await,
            Err(error) => {
                staged.abort(self.ports).await;
                Err(Failure::Transient(match error {
                    PassError::Missing => "a file of accepted rows is gone".to_owned(),
                    PassError::Transient(message) => message,
                }))
            }
        }
    }

    fn files(&self) -> &Files<'a> {
        &self.curated.files
    }

    /// A newer version was judged, or even transformed; or this one was judged again, and what it had is gone.
    async fn is_superseded(&self) -> Result<bool, Failure> {
        Ok(self.validated.is_superseded().await?
            || self.validated.is_of_another(&self.item.process_id).await?
            || self.curated.is_superseded().await?)
    }

    /// Nothing of this version may stay visible, were it from before a crash.
    async fn supersede(self) -> Result<(), Failure> {
        if let Some(files) = &self.item.curation.curated {
            self.files().delete(files).await?;
        }
        tracing::info!("superseded by a newer version");
        self.finish(FileList::default(), None).await.map(|_| ())
    }

    /// Records the outcome; the item as it is then.
    async fn finish(
        self,
        files: FileList,
        result: Option<datalake_core::events::TransformResult>,
    ) -> Result<ObjectItem, Failure> {
        let at = time::rfc3339_millis(self.ports.clock.now());
        let transformed = Transformed { at, spec_hash: self.pipeline.spec_hash.clone(), result };
        self.ports.table.finish_transform(&self.item.id(), &self.claim, &files, &transformed).await?;
        let mut item = self.item;
        item.curation.transformed = Some(transformed);
        Ok(item)
    }
}
