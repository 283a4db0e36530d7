//! The events as others see them: every one the handlers publish, and every fixture, is what its schema says.

use datalake_core::events::EventKind;
use serde_json::{Value, json};

use super::harness::{Lake, rows};
use super::schema::problems;

fn read(path: &str) -> Value {
    let path = format!("{}/{path}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::DataReceived => "data-received",
        EventKind::DataValidated => "data-validated",
        EventKind::QualityCheckComplete => "quality-check-complete",
        EventKind::ObjectTooLarge => "object-too-large",
    }
}

#[tokio::test]
async fn published_events_are_what_their_schemas_say() {
    let mut lake = Lake::new();
    lake.rules("RowCount > 9 labels=[\"datalake.action\"=\"warn\"]");
    lake.arrive("input/readings/good", rows("a", 2, 1));
    lake.arrive("input/readings/bad", "no rows");
    lake.arrive("elsewhere/x", "{}");
    lake.run().await;
    lake.document["datasets"]["readings"]["spark_threshold_mb"] = json!(1);
    lake.arrive("input/readings/large", " ".repeat((1 << 20) + 1));
    lake.run().await;
    for (kind, count) in EventKind::ALL.into_iter().zip([4, 3, 3, 1]) {
        let schema = read(&format!("schemas/{}", name(kind)));
        let events = lake.events(kind);
        assert_eq!(events.len(), count);
        for event in events {
            assert_eq!(problems(&schema, &event, ""), Vec::<String>::new());
        }
    }
}

#[test]
fn fixtures_are_what_their_schemas_say() {
    for kind in EventKind::ALL {
        let (schema, fixture) =
            (read(&format!("schemas/{}", name(kind))), read(&format!("fixtures/{}", name(kind))));
        assert_eq!(
            (&fixture["source"], &fixture["detail-type"]),
            (&json!(kind.source()), &json!(kind.detail_type()))
        );
        assert_eq!(problems(&schema, &fixture["detail"], ""), Vec::<String>::new());
    }
}

#[test]
fn the_check_finds_what_is_wrong() {
    let failures = json!({"type": "array", "items": {"required": ["result"], "properties": {"result": {"enum": ["FAIL"]}}}});
    let schema = read("schemas/data-received");
    let mut event = read("fixtures/data-received")["detail"].clone();
    event["processId"] = json!("x");
    event["source"]["sizeBytes"] = json!(-1);
    event["row"] = json!("a value");
    assert_eq!(problems(&failures, &json!([{"result": "PASS"}, {}, {"result": "FAIL"}]), "").len(), 2);
    event.as_object_mut().unwrap().remove("dataType");
    assert_eq!(problems(&schema, &event, "").len(), 4);
}
