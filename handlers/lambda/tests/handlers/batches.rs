//! Batches: only failed messages go back, poison is kept, two deliveries at once end as one.

use std::pin::pin;
use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use datalake_core::events::EventKind;
use datalake_handlers::memory::Fault;
use datalake_handlers::pipeline::Handler;
use datalake_handlers::ports::Clock;
use datalake_handlers::records::Status;
use datalake_handlers::service::Invocation;
use futures::future::select;
use serde_json::{Value, json};

use super::harness::{Lake, QUARANTINE, RAW, rows};

fn batch(bodies: &[&str]) -> SqsEvent {
    let records = bodies
        .iter()
        .enumerate()
        .map(|(index, body)| json!({"messageId": format!("id-{index}"), "body": body}));
    serde_json::from_value(json!({"Records": records.collect::<Vec<_>>()})).unwrap()
}

async fn failed(lake: &Lake, handler: Handler, bodies: &[&str]) -> Vec<String> {
    let response = lake.service(handler).batch(batch(bodies), &lake.invocation()).await.unwrap();
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

#[tokio::test]
async fn poison_is_kept_and_done_with() {
    for handler in [Handler::Ingest, Handler::Validate, Handler::Quality] {
        let mut lake = Lake::new();
        let good = lake.upload("input/readings/a", rows("a", 1, 0));
        let bodies = [good.as_str(), "not an event", ""];
        assert!(failed(&lake, handler, &bodies).await.is_empty(), "{handler:?}");
        let kept = lake.world.objects.visible(QUARANTINE);
        let document: Value =
            serde_json::from_slice(&kept["quarantine/_unknown/messages/id-1.json"]).unwrap();
        assert_eq!(document["body"], "not an event");
        assert!(document["reason"].as_str().unwrap().starts_with("malformed"));
        assert!(kept.contains_key("quarantine/_unknown/messages/id-2.json"));
        assert_eq!(lake.items().len(), usize::from(handler == Handler::Ingest));
    }
}

#[tokio::test]
async fn only_the_failed_message_goes_back() {
    let mut lake = Lake::new();
    let events = ["a", "b", "c"].map(|name| lake.upload(&format!("input/readings/{name}"), rows(name, 1, 0)));
    lake.world.faults.plan(Fault::Refuse(4));
    let bodies: Vec<&str> = events.iter().map(String::as_str).collect();
    assert_eq!(failed(&lake, Handler::Ingest, &bodies).await, ["id-1"]);
    lake.world.faults.heal();
    assert!(failed(&lake, Handler::Ingest, &bodies).await.is_empty());
    assert_eq!((lake.items().len(), lake.events(EventKind::DataReceived).len()), (3, 3));
}

#[tokio::test]
async fn a_failed_message_is_asked_back_soon() {
    let mut lake = Lake::new();
    let event = lake.upload("input/readings/a", rows("a", 1, 0));
    lake.world.faults.plan(Fault::Refuse(1));
    let mut event = batch(&[&event]);
    let message = &mut event.records[0];
    message.receipt_handle = Some("receipt".to_owned());
    message.event_source_arn = Some("arn:aws:sqs:eu-west-1:1:q".to_owned());
    message.attributes.insert("ApproximateReceiveCount".to_owned(), "3".to_owned());
    let response = lake.service(Handler::Ingest).batch(event, &lake.invocation()).await.unwrap();
    assert_eq!(response.batch_item_failures.len(), 1);
    let delays = lake.world.queue.delays();
    assert_eq!(delays.len(), 1);
    assert_eq!((delays[0].0.receipt.as_str(), delays[0].1), ("receipt", Duration::from_secs(135)));
}

#[tokio::test]
async fn poison_that_cannot_be_kept_stays_in_its_queue() {
    let lake = Lake::new();
    lake.world.faults.plan(Fault::Refuse(1));
    assert_eq!(failed(&lake, Handler::Ingest, &["nonsense"]).await, ["id-0"]);
}

#[tokio::test]
async fn both_records_of_one_message_are_handled_and_a_broken_one_is_kept() {
    let lake = Lake::new();
    let records: Vec<Value> = ["input/readings/one", "input/readings/two+words"]
        .iter()
        .map(|key| {
            lake.world.objects.arrive(RAW, &key.replace('+', " "), rows("a", 1, 0));
            json!({
                "eventName": "ObjectCreated:Put", "eventTime": "2026-11-24T00:00:00.000Z",
                "s3": {"bucket": {"name": RAW}, "object": {"key": key, "size": 1, "sequencer": "01"}},
            })
        })
        .chain([json!({"eventName": "ObjectCreated:Put"})])
        .collect();
    assert!(failed(&lake, Handler::Ingest, &[&json!({"Records": records}).to_string()]).await.is_empty());
    let keys: Vec<String> = lake.items().into_iter().map(|item| item.source.key).collect();
    assert_eq!(keys.len(), 2);
    assert!(keys.contains(&"input/readings/two words".to_owned()), "{keys:?}");
    assert_eq!(lake.world.objects.visible(QUARANTINE).len(), 1);
}

#[tokio::test]
async fn folder_markers_and_other_events_leave_nothing() {
    let mut lake = Lake::new();
    let marker = lake.upload("input/readings/", "");
    let deleted = marker.replace("Object Created", "Object Deleted");
    assert!(
        failed(&lake, Handler::Ingest, &[&marker, &deleted, r#"{"Event":"s3:TestEvent"}"#]).await.is_empty()
    );
    assert!(lake.items().is_empty() && lake.world.bus.events().is_empty());
    assert!(lake.world.objects.visible(QUARANTINE).is_empty());
}

#[tokio::test]
async fn an_event_of_another_bucket_is_poison() {
    let mut lake = Lake::new();
    let event = lake.upload("input/readings/a", "{}").replace(RAW, "other");
    assert!(failed(&lake, Handler::Ingest, &[&event]).await.is_empty());
    assert_eq!(lake.world.objects.visible(QUARANTINE).len(), 1);
}

#[tokio::test]
async fn an_unversioned_object_that_was_overwritten_is_missing() {
    let mut lake = Lake::new();
    let mut event: Value = serde_json::from_str(&lake.upload("input/readings/a", rows("old", 1, 0))).unwrap();
    event["detail"]["object"].as_object_mut().unwrap().remove("version-id");
    lake.upload("input/readings/a", rows("new", 1, 0));
    assert!(failed(&lake, Handler::Ingest, &[&event.to_string()]).await.is_empty());
    assert_eq!(lake.items()[0].status, Status::ObjectMissing);
}

#[tokio::test]
async fn the_same_event_at_once_is_judged_once() {
    let mut lake = Lake::new();
    let event = lake.upload("input/readings/a", rows("a", 3, 1));
    lake.send(Handler::Ingest, &event);
    lake.run_until(EventKind::DataReceived).await;
    let received = json!({
        "source": "datalake.ingestion", "detail-type": "Data Received", "time": "2026-11-24T00:00:00Z",
        "detail": lake.events(EventKind::DataReceived)[0],
    })
    .to_string();
    let (one, two) = (lake.service(Handler::Validate), lake.service(Handler::Validate));
    let (mut first, mut second) = (lake.invocation(), lake.invocation());
    (first.request_id, second.request_id) = ("first".into(), "second".into());
    let bodies = [received.as_str()];
    let (first, second) = (pin!(one.batch(batch(&bodies), &first)), pin!(two.batch(batch(&bodies), &second)));
    // Whoever claims the object cannot be done with it before the other has come to it.
    let held = lake.world.objects.hold().await;
    let (refused, claimed) = select(first, second).await.factor_first();
    assert_eq!(refused.unwrap().batch_item_failures.len(), 1, "it found the object claimed");
    drop(held);
    assert!(claimed.await.unwrap().batch_item_failures.is_empty());
    assert!(failed(&lake, Handler::Validate, &bodies).await.is_empty());
    assert_eq!(lake.events(EventKind::DataValidated).len(), 1);
}

#[tokio::test]
async fn without_time_nothing_is_begun() {
    let mut lake = Lake::new();
    let event = lake.upload("input/readings/a", rows("a", 1, 0));
    let invocation =
        Invocation { request_id: "r".into(), deadline: lake.world.clock.now() + Duration::from_millis(900) };
    let response = lake.service(Handler::Ingest).batch(batch(&[&event]), &invocation).await.unwrap();
    assert_eq!(response.batch_item_failures.len(), 1);
    assert!(lake.items().is_empty());
}
