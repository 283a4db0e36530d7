//! What the handlers tell the rules beside the rows: the time, the object as a file, earlier objects.

use std::time::Duration;

use datalake_core::verdict::RuleResult;
use datalake_handlers::memory::Fault;
use datalake_handlers::pipeline::Handler;
use datalake_handlers::ports::Clock;
use datalake_handlers::records::{ObjectItem, Status};

use super::harness::{Lake, PROCESSED, QUARANTINE, key, lake, rows};

const DAY: Duration = Duration::from_secs(86_400);
/// Of one row of the device `a`.
const SHA_256: &str = "5856071aac99a1aa65444c098d325b00583d87f1c392c2b8fec58bade1e3df2d";
const HALF: &str = "RowCount >= 0.5 * avg(last(3))";

/// The item of the only version of that object.
fn item(lake: &Lake, name: &str) -> ObjectItem {
    lake.items().into_iter().find(|item| item.source.key == key(name)).unwrap()
}

/// An object of so many rows arrives a second after the one before it.
fn arrive(lake: &mut Lake, name: &str, count: usize) {
    lake.world.clock.advance(Duration::from_secs(1));
    lake.arrive(&key(name), rows(name, count, 0));
}

async fn judged(lake: &mut Lake, name: &str, count: usize) -> Status {
    arrive(lake, name, count);
    lake.run().await;
    item(lake, name).status
}

#[tokio::test]
async fn now_is_when_the_object_arrived() {
    let mut lake = lake("DataFreshness \"at\" <= 1 hours");
    lake.document["datasets"]["readings"]["columns"]["at"] = serde_json::json!({"type": "timestamp"});
    let row = |at: &str| format!("{{\"device\":\"a\",\"day\":\"d\",\"value\":1,\"at\":\"{at}\"}}\n");
    lake.arrive(&key("a"), row("2026-11-23T23:30:00Z") + &row("2026-11-23T22:30:00Z"));
    // The message waits in its queue for two days.
    lake.world.clock.advance(2 * DAY);
    lake.run().await;
    let rows = item(&lake, "a").outcome.unwrap().rows;
    assert_eq!((rows.good, rows.quarantined), (1, 1));
}

#[tokio::test]
async fn the_object_has_a_time_and_a_size() {
    let mut lake = lake("FileFreshness > (now() - 2 days), FileSize < 1 KB");
    assert_eq!(judged(&mut lake, "undated", 2).await, Status::Validated);
    lake.world.objects.date(lake.world.clock.now() - DAY);
    assert_eq!(judged(&mut lake, "of yesterday", 2).await, Status::Validated);
    lake.world.objects.date(lake.world.clock.now() - 3 * DAY);
    assert_eq!(judged(&mut lake, "replicated late", 2).await, Status::Quarantined);
    let outcome = item(&lake, "replicated late").outcome.unwrap();
    assert_eq!(outcome.object_reason.unwrap().code, "dataset_rule_failed");
}

#[tokio::test]
async fn the_object_has_its_digest() {
    // Of the object as it arrives, packed or not.
    let digest = "8ac39d766146fd7080598083ea268c20";
    let mut lake = lake(&format!("FileMatch not in [\"{digest}\"] with hashAlgorithm = \"MD5\""));
    assert_eq!(judged(&mut lake, "another", 1).await, Status::Validated);
    lake.rules("(FileMatch = \"DIGEST\") or (RowCount > 9)");
    assert_eq!(judged(&mut lake, "not the one", 1).await, Status::Quarantined);
    lake.rules(&format!("(FileMatch = \"{SHA_256}\") and (RowCount = 1)"));
    assert_eq!(judged(&mut lake, "a", 1).await, Status::Validated);
}

/// Far more keys than fit into memory go to the disk, and the rule is still exact.
#[tokio::test]
async fn uniqueness_goes_to_the_disk_when_memory_is_full() {
    let mut lake = lake("IsUnique \"device\", DistinctValuesCount \"value\" = 7");
    lake.document["datasets"]["readings"]["quality"]["uniqueness_memory_mb"] = 1.into();
    let row = |n: u32| format!("{{\"device\":\"{n}\",\"day\":\"d\",\"value\":{}}}\n", n % 7);
    let body: String = (0..20_000).map(row).collect();
    lake.arrive(&key("unique"), body.clone());
    lake.run().await;
    assert_eq!(item(&lake, "unique").status, Status::Validated, "{:?}", item(&lake, "unique").outcome);
    lake.arrive(&key("one twice"), body + &row(3));
    lake.run().await;
    let outcome = item(&lake, "one twice").outcome.unwrap();
    let results: Vec<RuleResult> = outcome.dataset_rules.iter().map(|rule| rule.result).collect();
    assert_eq!(results, [RuleResult::Fail, RuleResult::Pass]);
}

#[tokio::test]
async fn objects_are_compared_with_earlier_ones() {
    let mut lake = lake(HALF);
    for (name, rows, expected) in [
        ("a", 10, Status::Validated),
        ("b", 6, Status::Validated),
        ("c", 3, Status::Quarantined),
        // A refused object was judged, and is remembered like the others.
        ("d", 4, Status::Validated),
        ("e", 2, Status::Quarantined),
    ] {
        assert_eq!(judged(&mut lake, name, rows).await, expected, "{name}");
    }
    let history = lake.world.table.histories().remove("readings").unwrap();
    let counts: Vec<f64> = history.objects.iter().map(|known| known.measures["Dataset.*.RowCount"]).collect();
    assert_eq!(counts, [2.0, 4.0, 3.0, 6.0, 10.0]);
    assert_eq!(item(&lake, "d").outcome.unwrap().measures["Dataset.*.RowCount"], 4.0);
    assert!(lake.items().iter().all(|item| item.compared.is_none()), "kept only while it is needed");
}

#[tokio::test]
async fn anomalies_are_told_and_the_history_is_bounded() {
    let mut lake = lake("DetectAnomalies \"RowCount\"");
    for number in 0..3 {
        assert_eq!(judged(&mut lake, &format!("{number}"), 3).await, Status::Validated);
    }
    assert_eq!(judged(&mut lake, "anomaly", 9).await, Status::Quarantined);
    lake.rules("RowCount > 0.1 * last(1)");
    for number in 10..30 {
        judged(&mut lake, &format!("{number}"), 1).await;
    }
    assert_eq!(lake.world.table.histories()["readings"].objects.len(), 21);
}

#[tokio::test]
async fn what_was_not_read_to_its_end_is_not_remembered() {
    let mut lake = lake(HALF);
    lake.arrive(&key("cut"), &b"\x1f\x8b\x08\0"[..]);
    lake.arrive("elsewhere/a", rows("a", 1, 0));
    lake.run().await;
    assert!(lake.world.table.histories().is_empty());
}

#[tokio::test]
async fn a_dataset_that_does_not_look_back_has_no_history() {
    let mut lake = lake("RowCount > 0");
    assert_eq!(judged(&mut lake, "a", 2).await, Status::Validated);
    assert!(lake.world.table.histories().is_empty() && item(&lake, "a").outcome.unwrap().measures.is_empty());
}

/// DynamoDB refuses numbers that a float can hold; one of them must not keep an object for ever from its outcome.
#[tokio::test]
async fn a_measure_that_no_item_can_hold_is_left_out() {
    let mut lake = lake("Sum \"big\" > 0, Sum \"big\" > 0.5 * avg(last(2))");
    lake.document["datasets"]["readings"]["columns"]["big"] = serde_json::json!({"type": "double"});
    lake.arrive(&key("a"), "{\"device\":\"a\",\"day\":\"d\",\"value\":1,\"big\":1e300}\n");
    lake.run().await;
    let outcome = item(&lake, "a").outcome.unwrap();
    assert!(outcome.validation_passed && outcome.measures.is_empty());
    assert!(outcome.dataset_rules.iter().all(|rule| rule.evaluated_metrics.is_empty()));
}

#[tokio::test]
async fn the_same_object_under_other_rules_is_remembered_once() {
    let mut lake = lake(HALF);
    let event = lake.upload(&key("a"), rows("a", 4, 0));
    lake.send(Handler::Ingest, &event);
    lake.run().await;
    lake.rules("RowCount >= 2 * last(1)");
    lake.send(Handler::Ingest, &event);
    lake.run().await;
    assert!(lake.items().iter().all(|item| item.status == Status::Validated), "not compared with itself");
    assert_eq!(lake.world.table.histories()["readings"].objects.len(), 1);
}

/// A crash after, or a failure of, every effect leaves what one clean delivery leaves.
#[tokio::test]
async fn a_redelivery_ends_the_same() {
    let scenario = async |count: usize, fault: Option<Fault>| {
        let mut lake = lake(HALF);
        for name in ["a", "b"] {
            judged(&mut lake, name, 10).await;
        }
        lake.world.faults.heal();
        if let Some(fault) = fault {
            lake.world.faults.plan(fault);
        }
        judged(&mut lake, "c", count).await;
        lake
    };
    for count in [9, 2] {
        let clean = scenario(count, None).await;
        let (expected, effects) = (clean.snapshot(), clean.world.faults.effects());
        let faults: [fn(u64) -> Fault; 3] = [Fault::KillAfter, Fault::Refuse, Fault::LoseAnswer];
        for (k, fault) in (1..=effects).flat_map(|k| faults.map(|fault| (k, fault(k)))) {
            let lake = scenario(count, Some(fault)).await;
            assert_eq!(lake.snapshot(), expected, "{count} rows: {fault:?} of {effects}, {k}");
        }
    }
}

/// While an object waits for its redelivery, one that arrived before it is judged: nothing of two verdicts shows.
#[tokio::test]
async fn what_an_object_is_compared_with_does_not_change_once_something_shows() {
    let mut pinned = 0;
    for k in 1..40 {
        let mut lake = lake(HALF);
        judged(&mut lake, "a", 2).await;
        lake.world.clock.advance(Duration::from_secs(1));
        // With what "large" says, "late" is far too small; without, it passes.
        let large = lake.upload(&key("large"), rows("large", 100, 0));
        arrive(&mut lake, "late", 2);
        lake.world.faults.plan(Fault::KillAfter(k));
        lake.run_until_death().await;
        let compared = item_if_any(&lake, "late").is_some_and(|item| item.compared.is_some());
        pinned += u32::from(compared);
        lake.run_alone(Handler::Ingest, &large).await;
        lake.run().await;
        let late = item(&lake, "late");
        let validated = late.status == Status::Validated;
        assert!(!compared || validated, "killed after {k}");
        let of = |bucket: &str, infix: &str| {
            let visible = lake.world.objects.visible(bucket);
            visible.keys().any(|key| key.contains(infix) && key.contains(&late.process_id))
        };
        assert_eq!(
            (of(PROCESSED, "validated/"), of(QUARANTINE, "/objects/")),
            (validated, !validated),
            "killed after {k}"
        );
    }
    assert!(pinned > 3, "{pinned}");
}

fn item_if_any(lake: &Lake, name: &str) -> Option<ObjectItem> {
    lake.items().into_iter().find(|item| item.source.key == key(name))
}
