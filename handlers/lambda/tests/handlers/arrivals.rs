//! Every event a queue may hold, from the fixtures, and what is read from it.

use datalake_core::events::{DataReceived, DataValidated, EventKind, QualityCheckComplete};
use datalake_handlers::failure::Failure;
use datalake_handlers::inbound::{announced, arrivals};
use datalake_handlers::time::rfc3339_millis;

fn fixture(name: &str) -> String {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn keys(name: &str) -> Vec<String> {
    arrivals(&fixture(name)).unwrap().objects.into_iter().map(|object| object.key).collect()
}

#[test]
fn keys_of_eventbridge_events_are_raw_and_those_of_notifications_are_decoded() {
    assert_eq!(keys("eventbridge-object-created"), ["input/readings/a b+c%20ü.ndjson"]);
    assert_eq!(
        keys("s3-notification-two-records"),
        ["input/readings/a b+c%20ü.ndjson", "input/readings/second.csv"]
    );
}

#[test]
fn everything_else_of_an_arrival() {
    let object = &arrivals(&fixture("eventbridge-object-created")).unwrap().objects[0];
    assert_eq!(object.version_id.as_deref(), Some("IYV3p45BT0ac8hjHg1houSdS1a.Mro8e"));
    assert_eq!(object.sequencer.as_deref(), Some("00617F08299329D189"));
    assert_eq!(
        (object.size_bytes, rfc3339_millis(object.at).as_str()),
        (Some(42), "2026-11-24T00:37:06.000Z")
    );
    let object = &arrivals(&fixture("s3-notification-two-records")).unwrap().objects[0];
    assert_eq!(object.version_id.as_deref(), Some("096fKKXTRTtl3on89fVO.nfljtsv6qko"));
    assert_eq!(object.etag.as_deref(), Some("b1946ac92492d2347c6235b4d2611184"));
    let object = &arrivals(&fixture("eventbridge-object-created-unversioned")).unwrap().objects[0];
    assert_eq!(object.version_id, None);
}

#[test]
fn events_of_other_kinds_are_ignored() {
    let cases = [
        ("eventbridge-object-deleted", "Object Deleted"),
        ("s3-test-event", "s3:TestEvent"),
        ("s3-notification-two-records", "ObjectRemoved:Delete"),
    ];
    for (name, expected) in cases {
        assert_eq!(arrivals(&fixture(name)).unwrap().ignored, [expected], "{name}");
    }
}

#[test]
fn a_broken_record_does_not_hide_the_others() {
    let read = arrivals(&fixture("s3-notification-one-broken")).unwrap();
    assert_eq!((read.objects.len(), read.broken.len()), (1, 1));
}

#[test]
fn what_is_no_event_of_s3_is_poison_and_is_not_quoted() {
    for body in ["", "{", "[]", "42", r#"{"secret": 1}"#, &fixture("eventbridge-other-source")] {
        let reasons = match arrivals(body) {
            Ok(read) => read.broken,
            Err(failure) => vec![failure.to_string()],
        };
        assert_eq!(reasons.len(), 1, "{body}");
        assert!(!reasons[0].contains("secret"), "{reasons:?}");
    }
}

#[test]
fn our_own_events() {
    announced::<DataReceived>(&fixture("data-received"), EventKind::DataReceived).unwrap();
    announced::<DataValidated>(&fixture("data-validated"), EventKind::DataValidated).unwrap();
    let complete = fixture("quality-check-complete");
    announced::<QualityCheckComplete>(&complete, EventKind::QualityCheckComplete).unwrap();
}

#[test]
fn other_events_than_the_handlers_own_are_poison() {
    let other_version =
        fixture("data-received").replace("\"schemaVersion\": \"1\"", "\"schemaVersion\": \"2\"");
    for body in [fixture("data-validated"), fixture("s3-test-event"), other_version, "x".to_owned()] {
        let result = announced::<DataReceived>(&body, EventKind::DataReceived);
        assert!(matches!(result, Err(Failure::Poison(_))), "{body}");
    }
}
