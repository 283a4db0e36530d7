//! States as each version of the schema wrote them: every one must still load, or be brought up by an upgrade.
//!
//! To change the schema in a way that a state does not survive, raise its version, keep these files as they are, add one
//! of the new version and the upgrade to it.

use serde_json::Value;

use super::Model;
use crate::resources::replay;
use crate::resources::schema::schema;
use crate::resources::settings::{Settings, to_definition};

/// What a state of each version holds, by version.
const STATES: [&str; 1] = [include_str!("states/v0.json")];
/// The same of a replay.
const REPLAY_STATES: [&str; 1] = [include_str!("states/replay_v0.json")];

fn loaded(text: &str) -> Model {
    serde_json::from_str(text).unwrap()
}

#[test]
fn there_is_a_state_of_every_version() {
    for (states, version) in
        [(STATES.len(), schema().version), (REPLAY_STATES.len(), replay::schema().version)]
    {
        assert_eq!(i64::try_from(states).unwrap(), version + 1);
    }
}

#[test]
fn a_replays_state_loads_whole() {
    let text = REPLAY_STATES[REPLAY_STATES.len() - 1];
    let model: replay::Model = serde_json::from_str(text).unwrap();
    holds(&serde_json::to_value(&model).unwrap(), &serde_json::from_str(text).unwrap(), "state");
    // Every attribute that there is was written: one more needs a version or has to be null in older states.
    let written: Value = serde_json::from_str(text).unwrap();
    let names = |map: &Value| map.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&serde_json::to_value(&model).unwrap()), names(&written));
}

#[test]
fn a_state_of_this_version_loads_whole() {
    let text = STATES[STATES.len() - 1];
    let model = loaded(text);
    let settings = Settings::decode(&model).unwrap();
    assert_eq!((settings.name.as_str(), settings.datasets.len()), ("sensors", 2));
    // What was written is there, number for number; attributes that came later are null.
    let (written, read) = (serde_json::from_str(text).unwrap(), serde_json::to_value(&model).unwrap());
    holds(&read, &written, "state");
    let definition = to_definition(&model);
    assert_eq!(definition["pipeline"]["name"], "sensors");
}

fn holds(read: &Value, written: &Value, at: &str) {
    match (read, written) {
        (Value::Object(read), Value::Object(written)) => {
            for (key, value) in written {
                holds(read.get(key).unwrap_or(&Value::Null), value, &format!("{at}.{key}"));
            }
        }
        // Terraform holds numbers as digits.
        (Value::String(read), Value::Number(written)) => assert_eq!(*read, written.to_string(), "{at}"),
        _ => assert_eq!(read, written, "{at}"),
    }
}
