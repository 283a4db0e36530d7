//! What a replay replaces: once its own verdict stands, the entry of the verdict before leaves the quarantine.
//!
//! Rows that were accepted before are taken away with the key's pointer, as those of an older version are.

use datalake_core::layout;
use futures::{StreamExt, TryStreamExt, stream};

use crate::failure::Failure;
use crate::pipeline::Pipeline;
use crate::ports::{Listing, Place, Ports};
use crate::records::{ItemKey, ObjectItem};

/// Deletions in flight.
const IN_FLIGHT: usize = 8;
/// Keys of an entry that are listed at a time.
const PAGE: usize = 1000;

/// Removes what the verdict that `item` replaces has in quarantine, and says so on its item; again is as good as once.
/// Does nothing for an item that is no replay or has no verdict.
///
/// # Errors
/// When something cannot be removed or recorded.
pub async fn retire(ports: &Ports, pipeline: &Pipeline, item: &ObjectItem) -> Result<(), Failure> {
    let (Some(replay), Some(_)) = (&item.replay, &item.outcome) else { return Ok(()) };
    let bucket = &pipeline.spec.buckets.quarantine;
    for prefix in layout::quarantined_by(&replay.dataset, &replay.process_id) {
        remove(ports, bucket, &prefix).await?;
    }
    // Both are of one object version, so they have its time in common.
    let replaced = ItemKey { process_id: replay.process_id.clone(), timestamp: item.timestamp.clone() };
    ports.table.replaced(&replaced, &item.process_id, ports.clock.now()).await?;
    tracing::info!(replaced = replay.process_id, request = replay.request_id, "replayed");
    Ok(())
}

async fn remove(ports: &Ports, bucket: &str, prefix: &str) -> Result<(), Failure> {
    loop {
        let page = ports.lister.list(Listing { bucket, prefix, after: "", most: PAGE }).await?;
        let places =
            page.objects.into_iter().map(|object| Place { bucket: bucket.to_owned(), key: object.key });
        let deletions = places.map(|place| async move { ports.writer.delete(&place).await });
        stream::iter(deletions).buffer_unordered(IN_FLIGHT).try_collect::<()>().await?;
        if !page.more {
            return Ok(());
        }
    }
}
