//! For every effect k of a clean delivery: the process dies after it, or the effect is refused, or its answer is lost;
//! then everything is delivered again. What is left is what one clean delivery leaves.

use datalake_core::events::EventKind;
use datalake_handlers::memory::Fault;
use datalake_handlers::pipeline::Handler;
use datalake_handlers::records::Status;

use super::harness::{Lake, rows};

const KEY: &str = "input/readings/a.ndjson";

/// Runs `scenario` clean, and then once per effect and fault; the number of faulty runs.
async fn sweep(name: &str, scenario: impl Fn(&mut Lake)) -> u64 {
    let mut clean = Lake::new();
    scenario(&mut clean);
    clean.run().await;
    let (expected, effects) = (clean.snapshot(), clean.world.faults.effects());
    assert_eq!(clean.world.objects.open_uploads(), 0, "{name}");
    let faults: [fn(u64) -> Fault; 3] = [Fault::KillAfter, Fault::Refuse, Fault::LoseAnswer];
    for k in 1..=effects {
        for fault in faults {
            let mut lake = Lake::new();
            scenario(&mut lake);
            lake.world.faults.plan(fault(k));
            lake.run().await;
            assert_eq!(lake.snapshot(), expected, "{name}: {:?} of {effects}", fault(k));
        }
    }
    eprintln!("{name}: {effects} effects, {} faulty runs", effects * 3);
    effects * 3
}

#[tokio::test]
async fn good_and_refused_rows_in_several_files() {
    assert!(sweep("rows", |lake| lake.arrive(KEY, rows("a", 3, 1))).await > 30);
}

#[tokio::test]
async fn an_object_refused_whole() {
    sweep("below the threshold", |lake| lake.arrive(KEY, "{\"day\":\"d\"}\nnot json\n".repeat(4))).await;
    sweep("binary", |lake| lake.arrive(KEY, &b"PAR1 or so"[..])).await;
    sweep("empty", |lake| lake.arrive(KEY, "")).await;
}

#[tokio::test]
async fn an_object_of_no_dataset() {
    sweep("no dataset", |lake| lake.arrive("elsewhere/a.ndjson", rows("a", 1, 0))).await;
}

#[tokio::test]
async fn more_files_than_an_item_lists() {
    sweep("many files", |lake| lake.arrive(KEY, rows("a", 25, 0))).await;
}

#[tokio::test]
async fn an_object_that_is_gone() {
    sweep("gone before ingest", |lake| {
        lake.arrive(KEY, rows("a", 1, 0));
        lake.world.objects.vanish(super::harness::RAW, KEY);
    })
    .await;
}

#[tokio::test]
async fn the_same_event_twice() {
    sweep("twice", |lake| {
        let event = lake.upload(KEY, rows("a", 2, 1));
        lake.send(Handler::Ingest, &event);
        lake.send(Handler::Ingest, &event);
    })
    .await;
}

#[tokio::test]
async fn two_objects() {
    sweep("two objects", |lake| {
        lake.arrive(KEY, rows("a", 2, 0));
        lake.arrive("input/readings/b.ndjson", rows("b", 1, 1));
    })
    .await;
}

#[tokio::test]
async fn an_object_that_is_left_to_spark() {
    let scenario = |size: usize| {
        move |lake: &mut Lake| {
            lake.document["datasets"]["readings"]["spark_threshold_mb"] = 1.into();
            lake.arrive(KEY, rows("a", 1, 0) + &" ".repeat(size - rows("a", 1, 0).len()));
        }
    };
    sweep("routed", scenario((1 << 20) + 1)).await;
    for (size, status) in [(1 << 20, Status::Validated), ((1 << 20) + 1, Status::Routed)] {
        let mut lake = Lake::new();
        scenario(size)(&mut lake);
        lake.run().await;
        let item = lake.items().remove(0);
        assert_eq!((item.status, item.outcome.is_some()), (status, status == Status::Validated), "{size}");
        assert_eq!(lake.events(EventKind::ObjectTooLarge).len(), usize::from(status == Status::Routed));
    }
}
