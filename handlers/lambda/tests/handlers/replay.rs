//! Replay: what is in quarantine is judged again under other rules, once, and nothing is lost or seen twice.

use datalake_core::events::EventKind;
use datalake_handlers::memory::Fault;
use datalake_handlers::pipeline::Handler;
use datalake_handlers::records::{ObjectItem, Status};
use serde_json::{Value, json};

use super::harness::{Lake, PROCESSED, QUARANTINE, RAW, Snapshot, rows};

const KEY: &str = "input/readings/a.ndjson";

/// The largest value that is accepted.
fn maximum(lake: &mut Lake, value: &str) {
    lake.document["datasets"]["readings"]["columns"]["value"]["maximum"] = json!(value);
}

fn threshold(lake: &mut Lake, percent: f64) {
    lake.document["datasets"]["readings"]["quality"]["threshold_percent"] = json!(percent);
}

/// Values 0, 1 and 2, of which the last is refused.
async fn strict() -> Lake {
    let mut lake = Lake::new();
    maximum(&mut lake, "1");
    lake.arrive(KEY, rows("a", 3, 0));
    lake.run().await;
    lake
}

/// The same, refused whole.
async fn refused() -> Lake {
    let mut lake = Lake::new();
    maximum(&mut lake, "1");
    threshold(&mut lake, 100.0);
    lake.arrive(KEY, rows("a", 3, 0));
    lake.run().await;
    threshold(&mut lake, 50.0);
    lake
}

async fn replay(lake: &mut Lake, detail: Value) {
    lake.ask("Replay Requested", detail);
    lake.run().await;
}

async fn replay_all(lake: &mut Lake) {
    replay(lake, json!({"dataset": "readings"})).await;
}

/// The first verdict's item and the one that replaced it.
fn both(lake: &Lake) -> [ObjectItem; 2] {
    let mut items = lake.items();
    items.sort_by_key(|item| item.replay.is_some());
    items.try_into().unwrap()
}

fn counts(lake: &Lake) -> [u64; 6] {
    let totals: Vec<_> = lake.world.table.counters().into_values().collect();
    let sum = |count: fn(&datalake_core::events::HourTotals) -> u64| totals.iter().map(count).sum();
    [
        sum(|hour| hour.objects),
        sum(|hour| hour.passed),
        sum(|hour| hour.rows),
        sum(|hour| hour.quarantined),
        sum(|hour| hour.replayed),
        sum(|hour| hour.recovered),
    ]
}

fn keys(lake: &Lake, bucket: &str) -> Vec<String> {
    lake.world.objects.visible(bucket).into_keys().collect()
}

#[tokio::test]
async fn rows_that_are_good_now_leave_the_quarantine() {
    let mut lake = strict().await;
    assert_eq!((keys(&lake, PROCESSED).len(), keys(&lake, QUARANTINE).len()), (2, 1));
    maximum(&mut lake, "2");
    replay_all(&mut lake).await;
    assert_eq!((keys(&lake, PROCESSED).len(), keys(&lake, QUARANTINE).len()), (3, 0));
    let [old, new] = both(&lake);
    assert_eq!((old.status, old.replaced_by.as_ref()), (Status::Replayed, Some(&new.process_id)));
    assert_eq!((new.status, new.timestamp, new.source), (Status::Validated, old.timestamp, old.source));
    let origin = new.replay.unwrap();
    assert_eq!(
        (origin.process_id, origin.request_id, origin.accepted_rows),
        (old.process_id, "ask-1".into(), 2)
    );
    assert_eq!(counts(&lake), [1, 1, 3, 1, 1, 1], "what arrived is counted once");
    // Nothing is transformed or too large here.
    let elsewhere = [EventKind::DataTransformed, EventKind::ObjectTooLarge];
    for kind in EventKind::ALL.into_iter().filter(|kind| !elsewhere.contains(kind)) {
        let told: Vec<bool> = lake.events(kind).iter().map(|event| event["replay"].is_object()).collect();
        assert_eq!(told, [false, true], "{kind:?}");
    }
    let metrics: Vec<Value> =
        lake.world.metrics.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&metrics[0]["ProcessedRecords"], &metrics[1]["ProcessedRecords"]), (&json!(3), &Value::Null));
    assert_eq!((&metrics[1]["ReplayedObjects"], &metrics[1]["RecoveredRecords"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn an_object_refused_whole_is_accepted() {
    let mut lake = refused().await;
    assert_eq!(keys(&lake, PROCESSED).len(), 0);
    replay_all(&mut lake).await;
    assert_eq!((keys(&lake, PROCESSED).len(), keys(&lake, QUARANTINE).len()), (2, 1));
    let [old, new] = both(&lake);
    assert!(keys(&lake, QUARANTINE)[0].contains(&new.process_id), "the refused row has its new reasons");
    assert_eq!((old.status, new.status), (Status::Replayed, Status::Validated));
    assert_eq!(counts(&lake), [1, 0, 3, 1, 1, 2]);
}

#[tokio::test]
async fn rows_that_are_still_bad_stay_with_their_new_reasons() {
    let mut lake = strict().await;
    maximum(&mut lake, "0");
    replay_all(&mut lake).await;
    let [_, new] = both(&lake);
    let quarantine = lake.world.objects.visible(QUARANTINE);
    let (key, lines) = quarantine.iter().next().unwrap();
    assert_eq!((quarantine.len(), key.contains(&new.process_id)), (1, true));
    assert_eq!(lines.split(|byte| *byte == b'\n').count(), 3, "two rows");
    assert_eq!(keys(&lake, PROCESSED).len(), 1, "what was accepted is held to the new rules too");
}

/// Nothing about a lake changes, whatever is asked.
async fn nothing_happens(lake: &mut Lake, detail: Value) {
    let before = lake.snapshot();
    replay(lake, detail.clone()).await;
    assert_eq!(lake.snapshot(), before, "{detail}");
}

#[tokio::test]
async fn a_second_replay_does_nothing() {
    for maximum_now in ["1", "2", "0"] {
        let mut lake = strict().await;
        maximum(&mut lake, maximum_now);
        replay_all(&mut lake).await;
        nothing_happens(&mut lake, json!({"dataset": "readings"})).await;
        nothing_happens(&mut lake, json!({"dataset": "readings", "key": KEY})).await;
    }
}

#[tokio::test]
async fn only_what_is_asked_for_is_replayed() {
    let (hour, later) = ("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z");
    let others = [
        json!({"key": "input/readings/b.ndjson"}),
        json!({"rule": "IsComplete \"device\""}),
        json!({"since": later}),
        json!({"until": hour}),
    ];
    for other in others {
        let mut lake = strict().await;
        maximum(&mut lake, "2");
        let mut detail = other;
        detail["dataset"] = json!("readings");
        nothing_happens(&mut lake, detail).await;
    }
    let failed = both_rule(&strict().await);
    let those = [json!({"key": KEY}), json!({"since": hour, "until": later}), json!({"rule": failed})];
    for that in those {
        let mut lake = strict().await;
        maximum(&mut lake, "2");
        let mut detail = that.clone();
        detail["dataset"] = json!("readings");
        replay(&mut lake, detail).await;
        assert_eq!(keys(&lake, PROCESSED).len(), 3, "{that}");
    }
}

/// The rule that failed in the only object.
fn both_rule(lake: &Lake) -> String {
    lake.items()[0].outcome.as_ref().unwrap().failed_rules.keys().next().unwrap().clone()
}

#[tokio::test]
async fn a_request_that_cannot_be_understood_is_kept() {
    let requests = [
        ("Replay Requested", json!({"dataset": "redaings"})),
        ("Replay Requested", json!({"dataset": "readings", "since": "yesterday"})),
        ("Replay Requested", json!({"dataset": "readings", "sinse": "2026-11-24T00:00:00Z"})),
        ("Replay Demanded", json!({"dataset": "readings"})),
        ("Backfill Requested", json!({"dataset": "readings", "prefix": "elsewhere/"})),
        ("Backfill Requested", json!({"dataset": "_unknown"})),
    ];
    for (detail_type, detail) in requests {
        let mut lake = Lake::new();
        lake.ask(detail_type, detail.clone());
        lake.run().await;
        let kept = keys(&lake, QUARANTINE);
        assert!(matches!(&kept[..], [key] if key.contains("/messages/")), "{detail}: {kept:?}");
    }
}

#[tokio::test]
async fn rules_that_come_back_are_other_rules() {
    let mut lake = strict().await;
    for (value, accepted) in [("2", 3), ("1", 3), ("0", 3)] {
        // Without rows in quarantine there is nothing to replay.
        maximum(&mut lake, value);
        replay_all(&mut lake).await;
        assert_eq!(keys(&lake, PROCESSED).len(), accepted, "{value}");
    }
    let mut lake = strict().await;
    for (value, accepted) in [("0", 1), ("1", 2), ("0", 1), ("1", 2), ("2", 3)] {
        maximum(&mut lake, value);
        replay_all(&mut lake).await;
        assert_eq!(keys(&lake, PROCESSED).len(), accepted, "{value}");
        assert_eq!(keys(&lake, QUARANTINE).len(), usize::from(accepted < 3), "{value}");
    }
}

#[tokio::test]
async fn a_version_that_was_replaced_is_left_alone() {
    let mut lake = strict().await;
    lake.arrive(KEY, rows("b", 1, 0));
    lake.run().await;
    maximum(&mut lake, "2");
    nothing_happens(&mut lake, json!({"dataset": "readings"})).await;
}

#[tokio::test]
async fn of_an_original_that_is_gone_the_copy_is_judged() {
    let mut lake = refused().await;
    lake.world.objects.vanish(RAW, KEY);
    replay_all(&mut lake).await;
    let [_, new] = both(&lake);
    assert_eq!((new.status, new.judged_copy.is_some()), (Status::Validated, true));
    assert_eq!((keys(&lake, PROCESSED).len(), keys(&lake, QUARANTINE).len()), (2, 1));
    // Of refused rows alone no object can be made: they stay where they are.
    let mut lake = strict().await;
    lake.world.objects.vanish(RAW, KEY);
    maximum(&mut lake, "2");
    nothing_happens(&mut lake, json!({"dataset": "readings"})).await;
}

#[tokio::test]
async fn a_crash_after_any_effect_changes_nothing_in_the_end() {
    let (mut runs, mut scenarios) = (0, 0);
    for whole in [false, true] {
        for value in ["2", "0"] {
            let (expected, effects) = crash(whole, value, None).await;
            for k in 1..=effects {
                for fault in [Fault::KillAfter(k), Fault::Refuse(k), Fault::LoseAnswer(k)] {
                    let (left, _) = crash(whole, value, Some(fault)).await;
                    assert_eq!(left, expected, "whole {whole}, maximum {value}: {fault:?} of {effects}");
                    runs += 1;
                }
            }
            scenarios += 1;
        }
    }
    eprintln!("replay: {scenarios} scenarios, {runs} faulty runs");
    assert!(runs > 100, "{runs}");
}

/// A replay in which something goes wrong; what is left, and the number of effects.
async fn crash(whole: bool, value: &str, fault: Option<Fault>) -> (Snapshot, u64) {
    let mut lake = if whole { refused().await } else { strict().await };
    maximum(&mut lake, value);
    lake.world.faults.heal();
    if let Some(fault) = fault {
        lake.world.faults.plan(fault);
    }
    replay_all(&mut lake).await;
    assert_eq!(lake.world.objects.open_uploads(), 0);
    (lake.snapshot(), lake.world.faults.effects())
}

#[tokio::test]
async fn a_long_quarantine_is_seen_to_turn_by_turn() {
    turn_by_turn(400).await;
}

/// More than ten thousand entries.
#[tokio::test]
#[ignore = "long: minutes"]
async fn long_a_very_long_quarantine_is_seen_to_turn_by_turn() {
    turn_by_turn(3_500).await;
}

async fn turn_by_turn(objects: usize) {
    let mut lake = Lake::new();
    lake.patience = 100_000;
    for number in 0..objects {
        lake.arrive(&format!("input/readings/{number}.ndjson"), "{\"day\":\"d\",\"value\":1}\nno json\n");
    }
    lake.run().await;
    // Each has its copy, its reason and its refused rows there.
    assert_eq!(keys(&lake, QUARANTINE).len(), 3 * objects);
    lake.document["datasets"]["readings"]["columns"]["device"]["required"] = json!(false);
    threshold(&mut lake, 1.0);
    lake.ask("Replay Requested", json!({"dataset": "readings"}));
    lake.run().await;
    assert!(lake.world.queue.sent().len() >= 2, "{}", lake.world.queue.sent().len());
    assert_eq!((keys(&lake, PROCESSED).len(), keys(&lake, QUARANTINE).len()), (objects, objects));
    let again = lake.items().iter().filter(|item| item.replay.is_some()).count();
    assert_eq!((again, counts(&lake)[4]), (objects, objects as u64));
    for message in lake.world.queue.sent() {
        lake.send(Handler::Ingest, &message.body);
    }
    let before = lake.snapshot();
    lake.run().await;
    assert_eq!(lake.snapshot(), before, "turns that come again");
}
