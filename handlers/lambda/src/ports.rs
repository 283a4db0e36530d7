//! What the handlers need from the world: small traits with two implementations each, [`aws`](crate::aws) and
//! [`memory`](crate::memory).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use datalake_core::events::{EventKind, HourTotals};

use crate::failure::PortError;
use crate::history::History;
use crate::records::{
    Claim, Claimed, Count, Counted, Finish, ItemKey, ObjectItem, Plan, Pointer, Registered,
};

/// One version of one object, to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRef {
    /// Bucket name.
    pub bucket: String,
    /// Key, decoded.
    pub key: String,
    /// S3 version id, when the bucket has versions.
    pub version_id: Option<String>,
    /// Without a version id, the ETag is what tells this version from the next: another one counts as missing.
    pub etag: Option<String>,
}

/// Where to write an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Bucket name.
    pub bucket: String,
    /// Key, decoded.
    pub key: String,
}

/// The beginning of an object and what S3 says about the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Size of the whole object.
    pub size_bytes: u64,
    /// ETag without quotes.
    pub etag: String,
    /// When it was last modified.
    pub last_modified: Option<SystemTime>,
    /// The version, when the bucket has versions.
    pub version_id: Option<String>,
    /// Its first bytes.
    pub first: Bytes,
}

/// What a listing says about an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Key, decoded.
    pub key: String,
    /// When it was last modified.
    pub last_modified: Option<SystemTime>,
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Objects in the order of their keys.
    pub objects: Vec<Listed>,
    /// Whether there are more after them.
    pub more: bool,
}

/// Which objects to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing<'a> {
    /// Bucket name.
    pub bucket: &'a str,
    /// What their keys begin with.
    pub prefix: &'a str,
    /// Only keys after this one.
    pub after: &'a str,
    /// The most at a time; S3 lists no more than 1,000.
    pub most: usize,
}

/// One uploaded part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: i32,
    /// What S3 answered.
    pub etag: String,
}

/// One event to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutEvent {
    /// Its kind, which is its source and detail type.
    pub kind: EventKind,
    /// The detail document.
    pub detail: String,
}

/// One delivery of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// ARN of its queue.
    pub queue_arn: String,
    /// What the queue knows the delivery by.
    pub receipt: String,
}

/// Reads objects.
#[async_trait]
pub trait ReadObject: Send + Sync {
    /// The first `bytes` of an object with its size and ETag.
    ///
    /// # Errors
    /// [`PortError::Missing`] when this version does not exist.
    async fn head(&self, object: &ObjectRef, bytes: u64) -> Result<Head, PortError>;

    /// The `length` bytes from `start`, all within the object.
    ///
    /// # Errors
    /// [`PortError::Missing`] when this version does not exist any more.
    async fn range(&self, object: &ObjectRef, start: u64, length: u64) -> Result<Bytes, PortError>;
}

/// Lists objects.
#[async_trait]
pub trait ListObjects: Send + Sync {
    /// The first objects in the order of their keys.
    async fn list(&self, listing: Listing<'_>) -> Result<Page, PortError>;
}

/// Writes objects. Everything here may be repeated with the same arguments.
#[async_trait]
pub trait WriteObject: Send + Sync {
    /// Writes a whole object.
    async fn put(&self, at: &Place, body: Bytes) -> Result<(), PortError>;
    /// Begins an upload whose object is not visible before [`complete`](Self::complete).
    async fn begin(&self, at: &Place) -> Result<String, PortError>;
    /// Uploads one part: 5 MiB or more, but for the last.
    async fn part(&self, at: &Place, upload: &str, number: i32, body: Bytes) -> Result<Part, PortError>;
    /// Makes the uploaded object visible.
    async fn complete(&self, at: &Place, upload: &str, parts: &[Part]) -> Result<(), PortError>;
    /// Gives up an upload; one that does not exist is given up already.
    async fn abort(&self, at: &Place, upload: &str) -> Result<(), PortError>;
    /// Copies one version of an object unchanged, of any size.
    ///
    /// # Errors
    /// [`PortError::Missing`] when this version does not exist any more.
    async fn copy(&self, from: &ObjectRef, size_bytes: u64, to: &Place) -> Result<(), PortError>;
    /// Deletes an object; one that does not exist is deleted already.
    async fn delete(&self, at: &Place) -> Result<(), PortError>;
}

/// The metadata table: one item per object version.
#[async_trait]
pub trait Registry: Send + Sync {
    /// Writes a new item, or tells the one that is there.
    async fn register(&self, item: &ObjectItem) -> Result<Registered, PortError>;
    /// Reads an item.
    async fn object(&self, id: &ItemKey) -> Result<Option<ObjectItem>, PortError>;
    /// Reads an item of which only the process id is known.
    async fn find(&self, process_id: &str) -> Result<Option<ObjectItem>, PortError>;
    /// Records on an item, if there still is one, that the verdict `by` replaced its own.
    async fn replaced(&self, id: &ItemKey, by: &str, at: SystemTime) -> Result<(), PortError>;
    /// Records that the event of this kind about this object went out.
    async fn mark_sent(&self, id: &ItemKey, kind: EventKind) -> Result<(), PortError>;
}

/// The metadata table: who may judge an object version, and what came of it.
#[async_trait]
pub trait Claims: Send + Sync {
    /// Takes the item when it is registered, or claimed by somebody whose time is over.
    async fn claim(&self, id: &ItemKey, claim: &Claim) -> Result<Claimed, PortError>;
    /// Records what may show from now on.
    ///
    /// # Errors
    /// [`PortError::ClaimLost`] when the claim is not ours; so too for [`finish`](Self::finish).
    async fn plan(&self, id: &ItemKey, claim: &Claim, plan: &Plan) -> Result<(), PortError>;
    /// Records the outcome and ends the claim.
    async fn finish(&self, id: &ItemKey, claim: &Claim, finish: &Finish) -> Result<(), PortError>;
    /// Ends the claim without an outcome, if it is still ours, so that a redelivery need not wait.
    async fn release(&self, id: &ItemKey, claim: &Claim) -> Result<(), PortError>;
}

/// The metadata table: which version of a key was judged last.
#[async_trait]
pub trait Pointers: Send + Sync {
    /// Reads the pointer of a key.
    async fn pointer(&self, key_id: &str) -> Result<Option<Pointer>, PortError>;
    /// Writes the pointer if it still has revision `seen` (`None`: does not exist); says whether it did.
    async fn swap(&self, key_id: &str, seen: Option<u64>, pointer: &Pointer) -> Result<bool, PortError>;
}

/// The metadata table: what is remembered of the newest objects of a dataset.
#[async_trait]
pub trait Histories: Send + Sync {
    /// Reads the list of a dataset.
    async fn history(&self, dataset: &str) -> Result<Option<History>, PortError>;
    /// Writes the list if it still has revision `seen` (`None`: does not exist); says whether it did.
    async fn rewrite(&self, dataset: &str, seen: Option<u64>, history: &History) -> Result<bool, PortError>;
}

/// The metadata table: counters of a dataset per hour.
#[async_trait]
pub trait Counters: Send + Sync {
    /// Adds to the counters and marks the object's item as counted, both or neither.
    async fn count(&self, id: &ItemKey, count: &Count) -> Result<Counted, PortError>;
    /// Reads the counters.
    async fn totals(&self, dataset: &str, hour: &str) -> Result<HourTotals, PortError>;
}

/// The whole metadata table.
pub trait Metadata: Registry + Claims + Pointers + Histories + Counters {}
impl<T: Registry + Claims + Pointers + Histories + Counters> Metadata for T {}

/// Publishes events.
#[async_trait]
pub trait PublishEvents: Send + Sync {
    /// Publishes all of `events` or fails; after a failure some may have gone out.
    async fn publish(&self, events: &[OutEvent]) -> Result<(), PortError>;
}

/// Has a queue deliver a message again.
#[async_trait]
pub trait DelayRetry: Send + Sync {
    /// Makes the message visible again after `by`, instead of at the end of its visibility timeout.
    async fn delay(&self, delivery: &Delivery, by: Duration) -> Result<(), PortError>;
}

/// Puts messages into queues.
#[async_trait]
pub trait SendLater: Send + Sync {
    /// Puts a message into the queue of this ARN, to be delivered after `delay`; SQS waits 900 seconds at most.
    async fn send(&self, queue_arn: &str, body: &str, delay: Duration) -> Result<(), PortError>;
}

/// The queues.
pub trait Queues: DelayRetry + SendLater {}
impl<T: DelayRetry + SendLater> Queues for T {}

/// Takes metric lines in the embedded metric format.
pub trait EmitMetrics: Send + Sync {
    /// Takes one line.
    fn emit(&self, line: &str) -> Result<(), PortError>;
}

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> SystemTime;
}

/// Everything a handler may use.
#[derive(Clone)]
pub struct Ports {
    /// Reads objects.
    pub reader: Arc<dyn ReadObject>,
    /// Lists objects.
    pub lister: Arc<dyn ListObjects>,
    /// Writes objects.
    pub writer: Arc<dyn WriteObject>,
    /// The metadata table.
    pub table: Arc<dyn Metadata>,
    /// The event bus.
    pub bus: Arc<dyn PublishEvents>,
    /// The queues messages come from.
    pub queue: Arc<dyn Queues>,
    /// Metrics.
    pub metrics: Arc<dyn EmitMetrics>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}
