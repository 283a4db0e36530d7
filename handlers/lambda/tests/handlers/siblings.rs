//! Rules about the uniqueness of files: a file is held against the accepted files of its dataset, as they are now.

use std::time::Duration;

use datalake_handlers::pipeline::Handler;
use datalake_handlers::records::Status;
use serde_json::json;

use super::crashes::sweep;
use super::harness::{Lake, PROCESSED, key, lake, rows};

const MARKS: &str = "_datalake/files/digests/readings/";

fn marks(lake: &Lake) -> usize {
    lake.world.objects.visible(PROCESSED).keys().filter(|key| key.starts_with(MARKS)).count()
}

/// What becomes of files that arrive one after the other: of each its key, its content and whether it is accepted.
async fn check(ruleset: &str, files: &[(&str, &str, bool)]) -> Lake {
    let mut lake = lake(ruleset);
    for (at, (name, content, accepted)) in files.iter().enumerate() {
        lake.world.clock.advance(Duration::from_secs(1));
        let known = lake.items().len();
        lake.arrive(&key(name), rows(content, 1, 0));
        lake.run().await;
        let items = lake.items();
        assert_eq!(items.len(), known + 1);
        let newest = items.iter().max_by_key(|item| item.timestamp.clone()).unwrap();
        let expected = if *accepted { Status::Validated } else { Status::Quarantined };
        assert_eq!(newest.status, expected, "{ruleset}: file {at}, {name}: {:?}", newest.outcome);
    }
    lake
}

#[tokio::test]
async fn a_file_is_held_against_the_accepted_files() {
    let lake = check(
        "FileUniqueness = 1",
        &[
            ("a", "one", true),
            ("b", "two", true),
            ("c", "one", false),
            // A file that was refused is none of the dataset's.
            ("d", "three", true),
            // A new version takes the place of the one before it, whatever is in it.
            ("a", "one", true),
            ("a", "four", true),
            ("e", "one", true),
            // The version that is refused takes the one before it away all the same.
            ("b", "four", false),
            ("f", "two", true),
        ],
    )
    .await;
    assert_eq!(marks(&lake), 4);
    let outcome = lake.items().into_iter().find(|item| item.source.key == key("f")).unwrap().outcome.unwrap();
    let metrics = &outcome.dataset_rules[0].evaluated_metrics;
    assert_eq!((metrics["Dataset.*.FileCount"], metrics["Dataset.*.FileUniquenessRatio"]), (4.0, 1.0));
    assert_eq!(outcome.destinations.validated_files, 1, "a mark is no file of rows");
}

#[tokio::test]
async fn a_share_counts_every_file_that_is_there_twice() {
    check("FileUniqueness >= 0.5", &[("a", "one", true), ("b", "two", true), ("c", "one", false)]).await;
    let four = [("a", "one", true), ("b", "two", true), ("c", "three", true), ("d", "one", true)];
    check("FileUniqueness >= 0.5", &four).await;
}

#[tokio::test]
async fn the_newest_files_alone_may_be_looked_at() {
    let files = [("a", "one", true), ("b", "two", true), ("c", "one", true), ("d", "one", false)];
    check("FileUniqueness = 1 with recentFiles = 2", &files).await;
}

#[tokio::test]
async fn names_may_count_too() {
    let files = [("x/a", "one", true), ("y/a", "two", false), ("y/b", "two", true), ("z/c", "two", false)];
    check("FileUniqueness = 1 with matchFileName = \"true\"", &files).await;
    check("FileUniqueness = 1", &[("x/a", "one", true), ("y/a", "two", true)]).await;
}

/// More files than one page of a listing holds.
#[tokio::test]
async fn every_page_is_listed() {
    let mut lake = check("FileUniqueness = 1", &[("a", "one", true)]).await;
    let place = |number: u32| format!("{MARKS}{number:015}-k{number}-c{number}-n-p");
    for number in 0..2_500 {
        lake.world.objects.arrive(PROCESSED, &place(number), "");
    }
    lake.world.clock.advance(Duration::from_secs(1));
    lake.arrive(&key("twin"), rows("one", 1, 0));
    lake.run().await;
    let item = lake.items().into_iter().find(|item| item.source.key == key("twin")).unwrap();
    assert_eq!(item.status, Status::Quarantined);
    assert_eq!(item.outcome.unwrap().dataset_rules[0].evaluated_metrics["Dataset.*.FileCount"], 2_502.0);
}

/// Judged again under other rules, an object is not held against itself; and its mark outlives that of the verdict before.
#[tokio::test]
async fn an_object_is_not_held_against_itself() {
    let mut lake = lake("FileUniqueness = 1");
    let event = lake.upload(&key("a"), rows("one", 1, 0));
    for most in ["100", "99"] {
        lake.document["datasets"]["readings"]["columns"]["value"]["maximum"] = most.into();
        lake.send(Handler::Ingest, &event);
        lake.run().await;
        assert_eq!(marks(&lake), 1, "{most}");
    }
    assert!(lake.items().iter().all(|item| item.status == Status::Validated), "{:?}", lake.items());
}

/// The mark is one of the object's files, but none of rows.
#[tokio::test]
async fn rows_of_a_file_with_a_mark_are_transformed() {
    let mut lake = lake("FileUniqueness = 1");
    lake.transforms(json!([{"filter": {"where": "value > 0"}}]));
    lake.arrive(&key("a"), rows("one", 3, 0));
    lake.run().await;
    let result = lake.items().remove(0).curation.transformed.unwrap().result.unwrap();
    assert_eq!((result.rows.total, result.rows.curated), (3, 2));
}

#[tokio::test]
async fn crashes_change_nothing() {
    sweep("a file with a mark", |lake| {
        lake.rules("FileUniqueness = 1");
        lake.arrive(&key("a"), rows("one", 2, 1));
    })
    .await;
    sweep("a file that is refused", |lake| {
        lake.rules("FileUniqueness = 1, RowCount > 1");
        lake.arrive(&key("a"), rows("one", 1, 0));
    })
    .await;
}
