//! `ingest`: an object arrived; it is looked at, registered and announced.

use datalake_core::events::SourceObject;
use datalake_core::formats;
use datalake_core::identity::{self, ObjectVersion};

use crate::failure::{Failure, PortError};
use crate::inbound::{self, Arrival};
use crate::outbox;
use crate::pipeline::Pipeline;
use crate::ports::{Head, ObjectRef, Ports};
use crate::records::{ObjectItem, Registered, Registration, Status};
use crate::time;

/// How much of an object tells its type.
pub const HEAD_BYTES: u64 = 4096;

/// Handles one message. All records of it are tried; a later one does not wait for an earlier one's luck.
///
/// # Errors
/// The first transient failure, else the message as poison when a record of it cannot be read.
pub async fn handle(ports: &Ports, pipeline: &Pipeline, body: &str) -> Result<(), Failure> {
    let arrivals = inbound::arrivals(body)?;
    for event in &arrivals.ignored {
        tracing::info!(event, "ignored");
    }
    let (mut broken, mut failed) = (arrivals.broken, None);
    for arrival in &arrivals.objects {
        match ingest(ports, pipeline, arrival).await {
            Ok(()) => {}
            Err(Failure::Poison(reason)) => broken.push(reason),
            Err(failure) => failed = failed.or(Some(failure)),
        }
    }
    match (failed, broken.is_empty()) {
        (Some(failure), _) => Err(failure),
        (None, false) => Err(Failure::Poison(broken.join("; "))),
        (None, true) => Ok(()),
    }
}

async fn ingest(ports: &Ports, pipeline: &Pipeline, arrival: &Arrival) -> Result<(), Failure> {
    if arrival.bucket != pipeline.spec.buckets.raw {
        return Err(Failure::Poison("the object is not in this pipeline's raw bucket".to_owned()));
    }
    if arrival.key.ends_with('/') && arrival.size_bytes == Some(0) {
        tracing::info!("folder marker ignored");
        return Ok(());
    }
    let head = look(ports, arrival).await?;
    register(ports, item(ports, pipeline, arrival, head.as_ref())).await
}

/// Registers an object version and announces it, both once.
///
/// # Errors
/// When it could not be registered or announced.
pub async fn register(ports: &Ports, mut item: ObjectItem) -> Result<(), Failure> {
    tracing::Span::current().record("process_id", item.process_id.as_str());
    if let Registered::Known(known) = ports.table.register(&item).await? {
        tracing::info!(sent = known.received_sent, "delivered before");
        item = *known;
    }
    if item.status == Status::ObjectMissing {
        tracing::warn!("the object was gone before it could be read");
        return Ok(());
    }
    outbox::received(ports, &item).await
}

/// The head of the object, or none when this version of it is gone.
async fn look(ports: &Ports, arrival: &Arrival) -> Result<Option<Head>, Failure> {
    let object = ObjectRef {
        bucket: arrival.bucket.clone(),
        key: arrival.key.clone(),
        version_id: arrival.version_id.clone(),
        etag: arrival.etag.clone(),
    };
    match ports.reader.head(&object, HEAD_BYTES).await {
        Ok(head) => Ok(Some(head)),
        Err(PortError::Missing) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The item of an object version that nobody has judged.
pub fn item(ports: &Ports, pipeline: &Pipeline, arrival: &Arrival, head: Option<&Head>) -> ObjectItem {
    let now = ports.clock.now();
    let etag = head.map(|head| head.etag.clone()).or_else(|| arrival.etag.clone()).unwrap_or_default();
    let version = arrival.version_id.as_deref().or(arrival.sequencer.as_deref()).unwrap_or(&etag);
    let process_id = identity::process_id(&ObjectVersion {
        pipeline: &pipeline.spec.name,
        bucket: &arrival.bucket,
        key: &arrival.key,
        version,
        spec_hash: &pipeline.spec_hash,
    });
    ObjectItem::new(Registration {
        process_id,
        timestamp: time::rfc3339_millis(arrival.at),
        status: if head.is_some() { Status::Received } else { Status::ObjectMissing },
        updated_at: time::rfc3339_millis(now),
        pipeline: pipeline.spec.name.clone(),
        dataset: pipeline.dataset_name(&arrival.key).to_owned(),
        source: SourceObject {
            bucket: arrival.bucket.clone(),
            key: arrival.key.clone(),
            version_id: arrival.version_id.clone(),
            sequencer: arrival.sequencer.clone(),
            size_bytes: head.map(|head| head.size_bytes).or(arrival.size_bytes).unwrap_or(0),
            etag,
        },
        spec_hash: pipeline.spec_hash.clone(),
        data_type: head.map_or_else(|| "unknown".to_owned(), |head| formats::data_type(&head.first)),
        last_modified: head.and_then(|head| head.last_modified).map(time::rfc3339_millis),
        expires_at: pipeline.expires_at(now),
    })
}
