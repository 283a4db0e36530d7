//! What people ask of a pipeline on its bus: to judge quarantined objects again, and to judge what is already there.
//!
//! Both are events with the source [`SOURCE`] and a detail that is read strictly: a filter that is misspelt must not
//! widen what is asked for.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `source` of every request.
pub const SOURCE: &str = "datalake.operator";
/// `detail-type` of [`Ask::Replay`].
pub const REPLAY: &str = "Replay Requested";
/// `detail-type` of [`Ask::Backfill`].
pub const BACKFILL: &str = "Backfill Requested";

/// Objects a second that a backfill queues unless told otherwise.
pub const BACKFILL_PER_SECOND: u32 = 20;
/// The most it can be told.
pub const BACKFILL_PER_SECOND_MAXIMUM: u32 = 500;

/// A request about one dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Judge what is in quarantine again, under today's rules.
    Replay(Replay),
    /// Judge what lies in the raw bucket and was never judged for this dataset.
    Backfill(Backfill),
}

/// Detail of `Replay Requested`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replay {
    /// The dataset in whose quarantine to look, or `_unknown`.
    pub dataset: String,
    /// Only this object of the raw bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Only objects that arrived at or after this RFC 3339 instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Only objects that arrived before this RFC 3339 instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Only objects in which this rule failed: its text or its name, or the code of the reason an object was refused for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// How far it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continuation: Option<Continuation>,
}

/// Detail of `Backfill Requested`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Backfill {
    /// The dataset whose objects to look for.
    pub dataset: String,
    /// Only keys that begin so; the dataset's prefix or longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Only objects last modified at or after this RFC 3339 instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Only objects last modified before this RFC 3339 instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How many objects to queue a second, on average; 1 to [`BACKFILL_PER_SECOND_MAXIMUM`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects_per_second: Option<u32>,
    /// How far it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continuation: Option<Continuation>,
}

/// How far a request came; the pipeline writes it to itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Continuation {
    /// The request this goes on with.
    pub request_id: String,
    /// The last key of the listing that was seen to.
    pub after: String,
}

const REPLAY_FIELDS: [&str; 6] = ["dataset", "key", "since", "until", "rule", "continuation"];
const BACKFILL_FIELDS: [&str; 6] =
    ["dataset", "prefix", "since", "until", "objectsPerSecond", "continuation"];

impl Ask {
    /// Reads the detail of an event of this type.
    ///
    /// # Errors
    /// What is wrong, for who sent it; holds the names of fields and none of their values.
    pub fn read(detail_type: &str, detail: Value) -> Result<Self, String> {
        let ask = match detail_type {
            REPLAY => Self::Replay(fields(detail, &REPLAY_FIELDS)?),
            BACKFILL => Self::Backfill(fields(detail, &BACKFILL_FIELDS)?),
            _ => return Err(format!("the detail-type is neither {REPLAY:?} nor {BACKFILL:?}")),
        };
        match ask.per_second() {
            1..=BACKFILL_PER_SECOND_MAXIMUM => Ok(ask),
            _ => Err(format!("objectsPerSecond must be 1 to {BACKFILL_PER_SECOND_MAXIMUM}")),
        }
    }

    /// The event's `detail-type`.
    #[must_use]
    pub fn detail_type(&self) -> &'static str {
        match self {
            Ask::Replay(_) => REPLAY,
            Ask::Backfill(_) => BACKFILL,
        }
    }

    /// The detail document.
    ///
    /// # Errors
    /// Never, since its keys are texts; the error of the writer is passed on all the same.
    pub fn detail(&self) -> Result<Value, serde_json::Error> {
        match self {
            Ask::Replay(replay) => serde_json::to_value(replay),
            Ask::Backfill(backfill) => serde_json::to_value(backfill),
        }
    }

    /// The dataset it is about.
    #[must_use]
    pub fn dataset(&self) -> &str {
        match self {
            Ask::Replay(replay) => &replay.dataset,
            Ask::Backfill(backfill) => &backfill.dataset,
        }
    }

    /// Objects to queue a second, on average.
    #[must_use]
    pub fn per_second(&self) -> u32 {
        match self {
            Ask::Replay(_) => BACKFILL_PER_SECOND_MAXIMUM,
            Ask::Backfill(backfill) => backfill.objects_per_second.unwrap_or(BACKFILL_PER_SECOND),
        }
    }

    /// From when on and until before when, as written.
    #[must_use]
    pub fn period(&self) -> [Option<&str>; 2] {
        match self {
            Ask::Replay(Replay { since, until, .. }) | Ask::Backfill(Backfill { since, until, .. }) => {
                [since.as_deref(), until.as_deref()]
            }
        }
    }

    /// How far it came.
    #[must_use]
    pub fn continuation(&self) -> Option<&Continuation> {
        match self {
            Ask::Replay(Replay { continuation, .. }) | Ask::Backfill(Backfill { continuation, .. }) => {
                continuation.as_ref()
            }
        }
    }

    /// The same request, to go on from there.
    #[must_use]
    pub fn from(mut self, from: Continuation) -> Self {
        match &mut self {
            Ask::Replay(Replay { continuation, .. }) | Ask::Backfill(Backfill { continuation, .. }) => {
                *continuation = Some(from);
            }
        }
        self
    }
}

fn fields<T: for<'de> Deserialize<'de>>(detail: Value, known: &[&str]) -> Result<T, String> {
    let fields: Map<String, Value> = match detail {
        Value::Object(fields) => fields,
        _ => return Err("the detail is no JSON object".to_owned()),
    };
    if let Some(name) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("the detail has a field {name:?}; it may have {}", known.join(", ")));
    }
    if !fields.contains_key("dataset") {
        return Err("the detail has no field \"dataset\"".to_owned());
    }
    serde_json::from_value(Value::Object(fields)).map_err(|_| "a field of the detail has another type".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn details_are_read_strictly() {
        let cases = [
            (REPLAY, json!({"dataset": "r", "key": "k", "rule": "IsComplete \"a\""}), ""),
            (BACKFILL, json!({"dataset": "r", "prefix": "input/r/", "objectsPerSecond": 500}), ""),
            (BACKFILL, json!({"dataset": "r", "continuation": {"requestId": "i", "after": "k"}}), ""),
            (REPLAY, json!({"key": "k"}), "no field \"dataset\""),
            (REPLAY, json!([]), "no JSON object"),
            (REPLAY, json!({"dataset": "r", "keys": "k"}), "a field \"keys\"; it may have dataset, key,"),
            (REPLAY, json!({"dataset": 7}), "another type"),
            (BACKFILL, json!({"dataset": "r", "rule": "x"}), "a field \"rule\""),
            (BACKFILL, json!({"dataset": "r", "objectsPerSecond": 0}), "must be 1 to 500"),
            (BACKFILL, json!({"dataset": "r", "objectsPerSecond": 501}), "must be 1 to 500"),
            ("Delete Requested", json!({"dataset": "r"}), "neither \"Replay Requested\" nor"),
        ];
        for (detail_type, detail, expected) in cases {
            match Ask::read(detail_type, detail.clone()) {
                Ok(ask) => {
                    assert_eq!(expected, "", "{detail}");
                    assert_eq!((ask.detail_type(), ask.detail().unwrap()), (detail_type, detail));
                }
                Err(problem) => {
                    assert!(!expected.is_empty() && problem.contains(expected), "{detail}: {problem}");
                }
            }
        }
    }

    #[test]
    fn a_continuation_changes_nothing_else() {
        let ask = Ask::read(REPLAY, json!({"dataset": "r", "since": "2026-01-01T00:00:00Z"})).unwrap();
        let from = Continuation { request_id: "i".into(), after: "k".into() };
        let on = ask.clone().from(from.clone());
        assert_eq!((on.continuation(), on.period(), on.dataset()), (Some(&from), ask.period(), "r"));
    }
}
