//! Backfill: what lies in the raw bucket and was never judged for its dataset is judged, once, at a bounded rate.

use std::time::Duration;

use datalake_core::events::EventKind;
use datalake_handlers::memory::Fault;
use datalake_handlers::pipeline::Handler;
use datalake_handlers::records::Status;
use serde_json::{Value, json};

use super::harness::{Lake, PROCESSED, QUARANTINE, RAW, Snapshot, key, rows};

/// Objects of which no event tells.
fn silent(lake: &Lake, count: usize) {
    for number in 0..count {
        lake.world.objects.arrive(RAW, &key(&format!("{number:03}")), rows("a", 1, 0));
    }
}

async fn backfill(lake: &mut Lake, mut detail: Value) {
    detail["dataset"] = json!("readings");
    lake.ask("Backfill Requested", detail);
    lake.run().await;
}

fn visible(lake: &Lake, bucket: &str) -> usize {
    lake.world.objects.visible(bucket).len()
}

fn objects_counted(lake: &Lake, dataset: &str) -> u64 {
    let counters = lake.world.table.counters();
    counters.iter().filter(|((of, _), _)| of == dataset).map(|(_, totals)| totals.objects).sum()
}

#[tokio::test]
async fn what_was_there_is_judged_once() {
    let mut lake = Lake::new();
    silent(&lake, 3);
    lake.world.objects.arrive(RAW, "elsewhere/x", rows("a", 1, 0));
    lake.world.objects.arrive(RAW, &key("folder/"), "");
    backfill(&mut lake, json!({})).await;
    assert_eq!((visible(&lake, PROCESSED), objects_counted(&lake, "readings")), (3, 3));
    assert!(lake.items().iter().all(|item| item.status == Status::Validated && item.replay.is_none()));
    let before = lake.snapshot();
    backfill(&mut lake, json!({})).await;
    assert_eq!(lake.snapshot(), before);
}

#[tokio::test]
async fn what_came_before_its_dataset_leaves_the_quarantine() {
    let mut lake = Lake::new();
    let dataset = lake.document["datasets"]["readings"].take();
    lake.document["datasets"] = json!({});
    lake.arrive(&key("a"), rows("a", 2, 0));
    lake.run().await;
    assert_eq!((visible(&lake, PROCESSED), visible(&lake, QUARANTINE)), (0, 2));
    lake.document["datasets"] = json!({"readings": dataset});
    backfill(&mut lake, json!({})).await;
    assert_eq!((visible(&lake, PROCESSED), visible(&lake, QUARANTINE)), (2, 0));
    assert_eq!((objects_counted(&lake, "_unknown"), objects_counted(&lake, "readings")), (1, 1));
    let before = lake.snapshot();
    backfill(&mut lake, json!({})).await;
    assert_eq!(lake.snapshot(), before);
}

#[tokio::test]
async fn what_was_judged_is_not_judged_again() {
    let mut lake = Lake::new();
    lake.arrive(&key("a"), rows("a", 1, 1));
    lake.run().await;
    lake.document["datasets"]["readings"]["columns"]["device"]["required"] = json!(false);
    let before = lake.snapshot();
    backfill(&mut lake, json!({})).await;
    assert_eq!(lake.snapshot(), before, "for other rules there is the replay");
}

#[tokio::test]
async fn an_event_that_comes_after_all_counts_nothing_twice() {
    let mut lake = Lake::new();
    let event = lake.upload(&key("a"), rows("a", 1, 0));
    backfill(&mut lake, json!({})).await;
    lake.send(Handler::Ingest, &event);
    lake.run().await;
    assert_eq!((lake.items().len(), objects_counted(&lake, "readings")), (1, 1));
    // The other way round, with a time that is another second's.
    let mut lake = Lake::new();
    let event = lake.upload(&key("a"), rows("a", 1, 0));
    lake.send(Handler::Ingest, &event);
    lake.run_until(EventKind::DataReceived).await;
    lake.world.clock.advance(Duration::from_secs(2));
    backfill(&mut lake, json!({})).await;
    assert_eq!((lake.items().len(), objects_counted(&lake, "readings")), (1, 1));
}

#[tokio::test]
async fn only_what_is_asked_for_is_judged() {
    let mut lake = Lake::new();
    for (name, days) in [("old", 3), ("new", 1)] {
        lake.world.objects.date(lake.days_ago(days));
        lake.world.objects.arrive(RAW, &key(name), rows(name, 1, 0));
    }
    let cases = [
        (json!({"prefix": key("n"), "until": "2000-01-01T00:00:00Z"}), 0),
        (json!({"prefix": key("x")}), 0),
        (json!({"since": "2026-11-22T00:00:00Z"}), 1),
        (json!({"prefix": key("old")}), 2),
    ];
    for (detail, expected) in cases {
        backfill(&mut lake, detail.clone()).await;
        assert_eq!(visible(&lake, PROCESSED), expected, "{detail}");
    }
}

#[tokio::test]
async fn the_rate_is_bounded() {
    let mut lake = Lake::new();
    silent(&lake, 25);
    backfill(&mut lake, json!({"objectsPerSecond": 1})).await;
    assert_eq!(visible(&lake, PROCESSED), 25);
    let waits: Vec<u64> = lake.world.queue.sent().iter().map(|message| message.delay.as_secs()).collect();
    assert_eq!(waits, [10, 10], "ten objects a turn, and a second for each");
}

#[tokio::test]
async fn a_crash_after_any_effect_changes_nothing_in_the_end() {
    let (expected, effects) = crash(None).await;
    for k in 1..=effects {
        for fault in [Fault::KillAfter(k), Fault::Refuse(k), Fault::LoseAnswer(k)] {
            assert_eq!(crash(Some(fault)).await.0, expected, "{fault:?} of {effects}");
        }
    }
    eprintln!("backfill: {effects} effects, {} faulty runs", effects * 3);
}

async fn crash(fault: Option<Fault>) -> (Snapshot, u64) {
    let mut lake = Lake::new();
    // The first and the last of twelve are wanted: one in each of two turns.
    for (number, days) in (0..12).map(|number| (number, if number % 11 == 0 { 1 } else { 9 })) {
        lake.world.objects.date(lake.days_ago(days));
        lake.world.objects.arrive(RAW, &key(&format!("{number:03}")), rows("a", 1, 0));
    }
    if let Some(fault) = fault {
        lake.world.faults.plan(fault);
    }
    backfill(&mut lake, json!({"objectsPerSecond": 1, "since": "2026-11-20T00:00:00Z"})).await;
    assert_eq!(lake.items().len(), 2);
    (lake.snapshot(), lake.world.faults.effects())
}
