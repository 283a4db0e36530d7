//! Messages that can never be handled: kept in the quarantine bucket with their reason, so that nothing is lost and
//! the queue does not try for ever.

use bytes::Bytes;
use datalake_core::{identity, layout};
use serde_json::json;

use crate::failure::Failure;
use crate::pipeline::{Handler, Pipeline};
use crate::ports::{Place, Ports};
use crate::time;

/// Keeps a message. The body is an event about an object: it holds names, never rows.
///
/// # Errors
/// [`Failure::Transient`] when it cannot be written: the message then stays in its queue.
pub async fn keep(
    ports: &Ports,
    pipeline: &Pipeline,
    handler: Handler,
    message: (&str, &str),
    reason: &str,
) -> Result<(), Failure> {
    let (id, body) = message;
    let document = json!({
        "messageId": id,
        "pipeline": pipeline.spec.name,
        "handler": handler.name(),
        "reason": reason,
        "at": time::rfc3339_millis(ports.clock.now()),
        "body": body,
    });
    let place = Place { bucket: pipeline.spec.buckets.quarantine.clone(), key: key(id) };
    ports.writer.put(&place, Bytes::from(document.to_string())).await?;
    Ok(())
}

/// `quarantine/_unknown/messages/<message id>.json`; an id that is no plain word is replaced by its fingerprint.
fn key(id: &str) -> String {
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let name = if plain { id.to_owned() } else { identity::fingerprint(id.as_bytes()) };
    format!("{}{}/messages/{name}.json", layout::QUARANTINE, layout::NO_DATASET)
}
