//! Accepted rows transformed: once, twice, killed after every effect, in any order of versions.

use std::collections::BTreeMap;

use bytes::Bytes;
use datalake_core::events::EventKind;
use datalake_handlers::memory::Fault;
use datalake_handlers::pipeline::Handler;
use serde_json::{Value, json};

use super::crashes::sweep;
use super::harness::{Lake, PROCESSED, QUARANTINE, rows};

const KEY: &str = "input/readings/a.ndjson";

/// Drops days before d001, and cannot make a number of what is none.
fn steps() -> Value {
    json!([
        {"filter": {"where": "day >= 'd001'"}},
        {"derive": {"column": "double", "expression": "value * 2"}},
        {"derive": {"column": "number", "expression": "CAST(nullif(device, 'a') AS bigint)"}},
        {"mask": {"column": "device", "method": "partial", "keep_first": 1}},
    ])
}

fn lake() -> Lake {
    let mut lake = Lake::new();
    lake.transforms(steps());
    lake
}

/// Keys under a prefix in a bucket.
fn keys(lake: &Lake, bucket: &str, prefix: &str) -> Vec<String> {
    lake.world.objects.visible(bucket).into_keys().filter(|key| key.starts_with(prefix)).collect()
}

#[tokio::test]
async fn rows_are_filtered_transformed_and_told() {
    let mut lake = lake();
    lake.arrive(KEY, rows("a", 3, 1));
    lake.run().await;
    let id = lake.items()[0].process_id.clone();
    let curated = keys(&lake, PROCESSED, "curated/");
    let expected = ["d001", "d002"].iter().enumerate();
    let expected: Vec<String> =
        expected.map(|(at, day)| format!("curated/readings/day={day}/{id}-{at:05}.parquet")).collect();
    assert_eq!(curated, expected);
    let events = lake.events(EventKind::DataTransformed);
    assert_eq!(events.len(), 1);
    let counts = json!({"total": 3, "curated": 2, "filtered": 1, "quarantined": 0});
    assert_eq!((&events[0]["rows"], &events[0]["failedSteps"]), (&counts, &json!({})));
    assert_eq!(
        events[0]["destinations"],
        json!({"curated": "s3://sensors-processed/curated/readings/", "curatedFiles": 2})
    );
    let item = lake.items().remove(0);
    assert!(item.curation.transformed_sent && item.curation.transform_claimed_by.is_none());
    let metrics = lake.world.metrics.lines();
    let line = metrics.iter().find(|line| line.contains("DataLake/Transform")).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["CuratedRecords"], &line["FilteredRecords"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn a_row_that_cannot_be_transformed_is_kept_with_its_reason() {
    let mut lake = lake();
    lake.arrive(KEY, format!("{}{}", rows("7", 2, 0), rows("x", 2, 0)));
    lake.run().await;
    let event = lake.events(EventKind::DataTransformed).remove(0);
    let counts = json!({"total": 4, "curated": 1, "filtered": 2, "quarantined": 1});
    assert_eq!((&event["rows"], &event["failedSteps"]), (&counts, &json!({"transforms[2].derive": 1})));
    let kept = keys(&lake, QUARANTINE, "quarantine/readings/transform/");
    assert_eq!(event["destinations"]["quarantinedRows"], json!(format!("s3://{QUARANTINE}/{}", kept[0])));
    let line: Value = serde_json::from_slice(&lake.world.objects.visible(QUARANTINE)[&kept[0]]).unwrap();
    assert_eq!(line["reasons"][0]["message"], "the text is not a whole number of 64 bits");
    let original: Value = serde_json::from_str(line["original"].as_str().unwrap()).unwrap();
    assert_eq!(original, json!({"day": "d001", "device": "x", "value": 1.0}));
}

#[tokio::test]
async fn any_crash_leaves_what_one_clean_delivery_leaves() {
    let runs = sweep("transformed", |lake| {
        lake.transforms(steps());
        lake.arrive(KEY, format!("{}{}", rows("7", 3, 1), rows("x", 2, 0)));
    })
    .await;
    assert!(runs > 60, "{runs}");
    sweep("transformed to many files", |lake| {
        lake.transforms(json!([{"drop": {"columns": ["device"]}}]));
        lake.arrive(KEY, rows("a", 21, 0));
    })
    .await;
    sweep("all rows filtered", |lake| {
        lake.transforms(json!([{"filter": {"where": "value > 1000"}}]));
        lake.arrive(KEY, rows("a", 2, 0));
    })
    .await;
    sweep("refused, so there is nothing to transform", |lake| {
        lake.transforms(steps());
        lake.arrive(KEY, "not json\n");
    })
    .await;
}

#[tokio::test]
async fn the_same_event_again_changes_nothing() {
    let mut lake = lake();
    lake.arrive(KEY, rows("a", 3, 0));
    lake.run().await;
    let (before, events) = (lake.snapshot(), lake.events(EventKind::DataTransformed).len());
    let detail = lake.events(EventKind::DataValidated).remove(0);
    let body = json!({
        "source": "datalake.validation", "detail-type": "Data Validated", "time": "2026-11-24T00:00:00Z", "detail": detail,
    });
    lake.send(Handler::Transform, &body.to_string());
    lake.send(Handler::Transform, &body.to_string());
    lake.run().await;
    assert_eq!(lake.snapshot(), before);
    assert_eq!(lake.events(EventKind::DataTransformed).len(), events);
}

/// Three versions of a key, delivered in this order; what is curated in the end.
async fn deliver(order: [usize; 3], last: &str, fault: Option<Fault>) -> (Lake, BTreeMap<String, Bytes>) {
    let mut lake = lake();
    let bodies = [rows("1", 5, 0), rows("2", 3, 1), last.to_owned()];
    let events = bodies.map(|body| lake.upload(KEY, body));
    for index in order {
        lake.send(Handler::Ingest, &events[index]);
    }
    if let Some(fault) = fault {
        lake.world.faults.plan(fault);
    }
    lake.run().await;
    let mut visible = lake.world.objects.visible(PROCESSED);
    visible.retain(|key, _| !key.starts_with("validated/"));
    (lake, visible)
}

#[tokio::test]
async fn the_newest_version_is_what_is_curated_in_any_order_and_after_any_crash() {
    let newest = rows("3", 4, 0);
    let (_, expected) = deliver([0, 1, 2], &newest, None).await;
    assert_eq!(expected.len(), 3, "{:?}", expected.keys());
    let mut runs = 0;
    for order in [[0, 1, 2], [2, 0, 1]] {
        let (clean, visible) = deliver(order, &newest, None).await;
        assert_eq!(visible, expected, "{order:?}");
        for k in 1..=clean.world.faults.effects() {
            for fault in [Fault::KillAfter(k), Fault::LoseAnswer(k)] {
                let (_, visible) = deliver(order, &newest, Some(fault)).await;
                let keys: Vec<&String> = visible.keys().collect();
                assert!(visible == expected, "{order:?} {fault:?}: {keys:?}");
                runs += 1;
            }
        }
    }
    eprintln!("curated versions: {runs} faulty runs");
}

#[tokio::test]
async fn a_newer_version_that_is_refused_takes_the_curated_rows_away() {
    let (lake, visible) = deliver([0, 1, 2], "no row at all", None).await;
    assert!(visible.is_empty(), "{:?}", visible.keys());
    assert!(lake.world.table.pointers().iter().all(|pointer| pointer.stale.is_empty()));
    // A late event of a version whose rows are gone is done with.
    let mut lake = self::lake();
    lake.arrive(KEY, rows("1", 2, 0));
    lake.run_until(EventKind::DataValidated).await;
    let event = lake.upload(KEY, rows("2", 3, 0));
    lake.run_alone(Handler::Ingest, &event).await;
    let curated = keys(&lake, PROCESSED, "curated/");
    lake.run().await;
    assert_eq!(keys(&lake, PROCESSED, "curated/"), curated);
    assert_eq!(lake.events(EventKind::DataTransformed).len(), 1);
}

#[tokio::test]
async fn steps_that_change_take_the_place_of_the_rows_before() {
    let mut lake = lake();
    let event = lake.upload(KEY, rows("1", 3, 0));
    lake.send(Handler::Ingest, &event);
    lake.run().await;
    assert_eq!(keys(&lake, PROCESSED, "curated/").len(), 2);
    lake.transforms(json!([{"filter": {"where": "day = 'd000'"}}]));
    lake.send(Handler::Ingest, &event);
    lake.run().await;
    let visible = keys(&lake, PROCESSED, "curated/");
    assert!(visible.len() == 1 && visible[0].contains("day=d000"), "{visible:?}");
    // Between a crash and the redelivery too.
    for k in 1..40 {
        let mut lake = self::lake();
        lake.arrive(KEY, rows("1", 3, 0));
        lake.world.faults.plan(Fault::KillAfter(k));
        lake.run_until_death().await;
        lake.transforms(json!([{"filter": {"where": "day = 'd000'"}}]));
        lake.run().await;
        let visible = keys(&lake, PROCESSED, "curated/");
        let pointers = lake.world.table.pointers();
        let current = pointers.iter().map(|pointer| &pointer.current.files.files);
        let known = current.filter(|files| files.iter().all(|key| key.starts_with("curated/")));
        assert!(known.into_iter().any(|files| *files == visible), "killed after {k}: {visible:?}");
    }
}

#[tokio::test]
async fn keys_of_hashes_are_read_from_their_secrets() {
    let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf";
    let mut lake = Lake::new();
    lake.transforms(json!([{"mask": {"column": "device", "method": "hash", "key_secret_arn": arn}}]));
    lake.arrive(KEY, rows("a", 1, 0));
    lake.run_until(EventKind::QualityCheckComplete).await;
    lake.world.secrets.set(arn, b"one");
    lake.run().await;
    let first = lake.world.objects.visible(PROCESSED);
    lake.world.secrets.set(arn, b"two");
    lake.arrive(KEY, rows("a", 1, 0));
    lake.run().await;
    assert_ne!(first, lake.world.objects.visible(PROCESSED));
    assert_eq!(keys(&lake, PROCESSED, "curated/").len(), 1);
}

#[tokio::test]
async fn messages_of_others() {
    let mut lake = lake();
    lake.send(Handler::Transform, "not an event");
    let mut event: Value = serde_json::from_str(include_str!("../../fixtures/data-validated.json")).unwrap();
    lake.send(Handler::Transform, &event.to_string());
    event["detail"]["pipeline"] = json!("other");
    lake.send(Handler::Transform, &event.to_string());
    lake.run().await;
    let kept = lake.world.objects.visible(QUARANTINE);
    let mut reasons: Vec<String> = kept
        .values()
        .map(|body| serde_json::from_slice::<Value>(body).unwrap()["reason"].as_str().unwrap().to_owned())
        .collect();
    reasons.sort();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(reasons[0].starts_with("malformed event") && reasons[1].contains("another pipeline"));
    assert!(reasons[2].contains("never registered"), "{reasons:?}");
    // Of a dataset that is not transformed any more there is nothing to do.
    let mut lake = Lake::new();
    lake.arrive(KEY, rows("a", 1, 0));
    lake.run().await;
    let before = lake.snapshot();
    let detail = lake.events(EventKind::DataValidated).remove(0);
    let body = json!({
        "source": "datalake.validation", "detail-type": "Data Validated", "time": "2026-11-24T00:00:00Z", "detail": detail,
    });
    lake.send(Handler::Transform, &body.to_string());
    lake.run().await;
    assert_eq!(lake.snapshot(), before);
}

#[tokio::test]
async fn rows_that_a_replay_accepts_are_transformed_too() {
    let mut lake = Lake::new();
    lake.transforms(json!([{"drop": {"columns": ["device"]}}]));
    lake.document["datasets"]["readings"]["columns"]["value"]["maximum"] = json!("1");
    lake.arrive(KEY, rows("a", 3, 0));
    lake.run().await;
    lake.document["datasets"]["readings"]["columns"]["value"]["maximum"] = json!("2");
    lake.ask("Replay Requested", json!({"dataset": "readings"}));
    lake.run().await;
    let totals: Vec<Value> =
        lake.events(EventKind::DataTransformed).iter().map(|event| event["rows"]["total"].clone()).collect();
    assert_eq!(totals, [json!(2), json!(3)]);
    let new = lake.items().into_iter().find(|item| item.replay.is_some()).unwrap().process_id;
    let curated = keys(&lake, PROCESSED, "curated/");
    assert!(curated.len() == 3 && curated.iter().all(|key| key.contains(&new)), "{curated:?}");
}
