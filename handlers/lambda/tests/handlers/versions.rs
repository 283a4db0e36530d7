//! Several versions of one key: whatever the order of deliveries and wherever they crash, the rows of the newest
//! version are what is visible, and only they.

use std::collections::BTreeMap;

use bytes::Bytes;
use datalake_core::events::EventKind;
use datalake_handlers::memory::Fault;
use datalake_handlers::pipeline::Handler;
use datalake_handlers::records::Status;
use serde_json::json;

use super::harness::{Lake, PROCESSED, rows};

const KEY: &str = "input/readings/a.ndjson";

/// Three versions, delivered in this order; what is visible in the end.
async fn deliver(
    bodies: [String; 3],
    order: [usize; 3],
    fault: Option<Fault>,
) -> (Lake, BTreeMap<String, Bytes>) {
    let mut lake = Lake::new();
    let events = bodies.map(|body| lake.upload(KEY, body));
    for index in order {
        lake.send(Handler::Ingest, &events[index]);
    }
    if let Some(fault) = fault {
        lake.world.faults.plan(fault);
    }
    lake.run().await;
    let visible = lake.world.objects.visible(PROCESSED);
    (lake, visible)
}

fn bodies() -> [String; 3] {
    [rows("old", 25, 1), rows("middle", 2, 0), rows("new", 3, 1)]
}

#[tokio::test]
async fn any_order_leaves_the_newest() {
    let (_, expected) = deliver(bodies(), [0, 1, 2], None).await;
    assert_eq!(expected.len(), 3, "{:?}", expected.keys());
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (lake, visible) = deliver(bodies(), order, None).await;
        assert_eq!(visible, expected, "{order:?}");
        assert!(lake.world.table.pointers()[0].stale.is_empty());
    }
}

#[tokio::test]
async fn any_order_with_any_crash_leaves_the_newest() {
    let (_, expected) = deliver(bodies(), [0, 1, 2], None).await;
    let mut runs = 0;
    for order in [[0, 1, 2], [2, 0, 1], [1, 0, 2]] {
        let (clean, _) = deliver(bodies(), order, None).await;
        for k in 1..=clean.world.faults.effects() {
            for fault in [Fault::KillAfter(k), Fault::LoseAnswer(k)] {
                let (lake, visible) = deliver(bodies(), order, Some(fault)).await;
                let keys: Vec<&String> = visible.keys().collect();
                assert!(visible == expected, "{order:?} {fault:?}: {keys:?}");
                assert!(lake.items().iter().all(|item| item.status.is_final()), "{order:?} {fault:?}");
                runs += 1;
            }
        }
    }
    eprintln!("versions: {runs} faulty runs");
}

#[tokio::test]
async fn a_newer_version_that_is_refused_takes_the_older_rows_away() {
    let mut lake = Lake::new();
    lake.arrive(KEY, rows("a", 2, 0));
    lake.run().await;
    assert_eq!(lake.world.objects.visible(PROCESSED).len(), 2);
    lake.arrive(KEY, "no row at all");
    lake.run().await;
    assert!(lake.world.objects.visible(PROCESSED).is_empty());
}

#[tokio::test]
async fn an_older_version_is_recorded_and_writes_nothing() {
    let mut lake = Lake::new();
    let (old, new) = (lake.upload(KEY, rows("old", 1, 1)), lake.upload(KEY, rows("new", 1, 0)));
    lake.send(Handler::Ingest, &new);
    lake.run().await;
    let before = lake.snapshot();
    lake.send(Handler::Ingest, &old);
    lake.run().await;
    let after = lake.snapshot();
    assert_eq!((before.processed, before.quarantine), (after.processed, after.quarantine));
    assert_eq!(lake.items().iter().filter(|item| item.status == Status::Superseded).count(), 1);
    assert_eq!(lake.events(EventKind::DataValidated).len(), 1);
}

#[tokio::test]
async fn the_same_version_under_new_rules_takes_its_own_place() {
    let mut lake = Lake::new();
    let event = lake.upload(KEY, rows("a", 3, 0));
    lake.send(Handler::Ingest, &event);
    lake.run().await;
    lake.document["datasets"]["readings"]["columns"]["value"]["maximum"] = json!("1");
    lake.send(Handler::Ingest, &event);
    lake.run().await;
    // d002 is refused now, and the rows of the first pass are gone.
    let visible = lake.world.objects.visible(PROCESSED);
    assert_eq!(visible.len(), 2, "{:?}", visible.keys());
    assert_eq!(lake.items().len(), 2);
}

/// The rules change between a crash and the redelivery: files of the first attempt do not outlive it.
#[tokio::test]
async fn rules_that_change_after_a_crash_leave_no_file_of_the_first_attempt() {
    for (k, days) in (1..60).flat_map(|k| [(k, 3), (k, 25)]) {
        let mut lake = Lake::new();
        let event = lake.upload(KEY, rows("a", days, 0));
        lake.send(Handler::Ingest, &event);
        lake.world.faults.plan(Fault::KillAfter(k));
        lake.run_until_death().await;
        lake.document["datasets"]["readings"]["columns"]["value"]["maximum"] = json!("1");
        lake.run().await;
        let visible: Vec<String> = lake.world.objects.visible(PROCESSED).into_keys().collect();
        let current = lake.world.table.pointers().remove(0).current;
        // A crash after the outcome leaves the outcome of the first rules.
        match current.files.files_manifest {
            Some(manifest) => {
                assert!(visible.len() == days + 1 && visible[0] == manifest, "killed after {k}")
            }
            None => assert_eq!(visible, current.files.files, "killed after {k} with {days} files"),
        }
    }
}
