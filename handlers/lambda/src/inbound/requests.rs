//! Requests of people, on the bus like everything else.

use datalake_core::identity;
use datalake_core::requests::{Ask, SOURCE};

use super::envelope::Envelope;
use crate::failure::Failure;

/// A request, and by which name it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The id of its event, also after it went on with itself.
    pub request_id: String,
    /// What is asked.
    pub ask: Ask,
}

/// Reads a message of the ingest queue; none when it is no request.
///
/// # Errors
/// [`Failure::Poison`] when it is one that cannot be understood.
pub fn asked(body: &str) -> Result<Option<Asked>, Failure> {
    // Nearly every message is an arrival, which is not to be read twice.
    if !body.contains(SOURCE) {
        return Ok(None);
    }
    let Ok(envelope) = serde_json::from_str::<Envelope>(body) else { return Ok(None) };
    if envelope.source != SOURCE {
        return Ok(None);
    }
    let ask = Ask::read(&envelope.detail_type, envelope.detail).map_err(Failure::Poison)?;
    let request_id = match ask.continuation() {
        Some(continuation) => continuation.request_id.clone(),
        None if envelope.id.is_empty() => identity::fingerprint(body.as_bytes()),
        None => envelope.id,
    };
    Ok(Some(Asked { request_id, ask }))
}
