//! What `validate` is asked: to judge an object that was registered, or to go on with one.

use datalake_core::events::{DataReceived, EventKind, SCHEMA_VERSION};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::envelope::{announced, malformed};
use crate::failure::Failure;
use crate::records::ItemKey;

/// The `source` and `detail-type` of messages that hand a pass on. They go from `validate` to itself and never over the bus.
const SOURCE: &str = "datalake.validation";
const DETAIL_TYPE: &str = "Validation Continues";

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Validation {
    /// [`SCHEMA_VERSION`].
    schema_version: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// Identity of the object version.
    process_id: String,
    /// When it was created.
    timestamp: String,
    /// Which segment of the pass comes next; 0 begins it.
    pub segment: u32,
}

impl Validation {
    /// The request to go on with an object.
    #[must_use]
    pub fn go_on(pipeline: &str, id: &ItemKey, segment: u32) -> Self {
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            pipeline: pipeline.to_owned(),
            process_id: id.process_id.clone(),
            timestamp: id.timestamp.clone(),
            segment,
        }
    }

    /// The object's item.
    #[must_use]
    pub fn id(&self) -> ItemKey {
        ItemKey { process_id: self.process_id.clone(), timestamp: self.timestamp.clone() }
    }

    /// As a message.
    #[must_use]
    pub fn message(&self) -> String {
        json!({"source": SOURCE, "detail-type": DETAIL_TYPE, "detail": self}).to_string()
    }
}

/// Reads a message of the validate queue.
///
/// # Errors
/// [`Failure::Poison`] when it is neither `Data Received` nor a message of our own.
pub fn validation(body: &str) -> Result<Validation, Failure> {
    let value: Value = serde_json::from_str(body).map_err(|error| malformed("message", &error))?;
    if value["source"] == SOURCE && value["detail-type"] == DETAIL_TYPE {
        let detail = &value["detail"];
        if detail["schemaVersion"] != SCHEMA_VERSION {
            return Err(Failure::Poison(format!("the message's schemaVersion is not {SCHEMA_VERSION}")));
        }
        return Validation::deserialize(detail).map_err(|error| malformed("detail", &error));
    }
    let received: DataReceived = announced(body, EventKind::DataReceived)?;
    Ok(Validation::go_on(&received.subject.pipeline, &ItemKey::of(&received.subject), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_our_own_comes_back() {
        let id = ItemKey { process_id: "p".to_owned(), timestamp: "t".to_owned() };
        let sent = Validation::go_on("sensors", &id, 3);
        let read = validation(&sent.message()).unwrap();
        assert_eq!((read.id(), &read), (id, &sent));
    }

    #[test]
    fn other_messages_are_refused() {
        let other = json!({"source": SOURCE, "detail-type": DETAIL_TYPE, "detail": {"schemaVersion": "2"}});
        let broken = json!({"source": SOURCE, "detail-type": DETAIL_TYPE, "detail": {"schemaVersion": "1"}});
        for (body, expected) in [
            (other.to_string(), "schemaVersion is not 1"),
            (broken.to_string(), "malformed detail"),
            ("{}".to_owned(), "malformed event"),
            ("nothing".to_owned(), "malformed message"),
        ] {
            let Err(Failure::Poison(reason)) = validation(&body) else { panic!("{body} was taken") };
            assert!(reason.contains(expected), "{reason}");
        }
    }
}
