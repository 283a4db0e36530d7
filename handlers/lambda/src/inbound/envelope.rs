//! The EventBridge envelope, and our own events in it.

use datalake_core::events::{EventKind, SCHEMA_VERSION};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Failure;

/// What EventBridge puts round a detail.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    pub source: String,
    #[serde(rename = "detail-type")]
    pub detail_type: String,
    pub time: String,
    #[serde(default)]
    pub id: String,
    pub detail: Value,
}

/// The detail of one of our own events, of the kind this handler is for.
///
/// # Errors
/// [`Failure::Poison`] when the message is anything else.
pub fn announced<T: DeserializeOwned>(body: &str, kind: EventKind) -> Result<T, Failure> {
    let envelope: Envelope = serde_json::from_str(body).map_err(|error| malformed("event", &error))?;
    if envelope.source != kind.source() || envelope.detail_type != kind.detail_type() {
        return Err(Failure::Poison(format!("not an event of the kind {:?}", kind.detail_type())));
    }
    if envelope.detail["schemaVersion"].as_str() != Some(SCHEMA_VERSION) {
        return Err(Failure::Poison(format!("the event's schemaVersion is not {SCHEMA_VERSION}")));
    }
    serde_json::from_value(envelope.detail).map_err(|error| malformed("detail", &error))
}

/// Where a document is broken, without its text: serde's own message quotes values.
pub(super) fn malformed(what: &str, error: &serde_json::Error) -> Failure {
    let category = match error.classify() {
        serde_json::error::Category::Data => "a field is missing or of another type",
        _ => "it is not JSON",
    };
    Failure::Poison(format!(
        "malformed {what}: {category} (line {}, column {})",
        error.line(),
        error.column()
    ))
}
