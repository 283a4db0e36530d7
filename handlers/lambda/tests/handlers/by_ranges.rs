//! A Parquet object that is too large to be held in memory is read by its ranges, and a range that cannot be had is no fault of
//! the object's.

use std::sync::Arc;
use std::time::Duration;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datalake_core::formats::columnar::MOST_SPOOLED;
use datalake_handlers::records::Status;

use super::harness::Lake;

const ROWS: i64 = 70_000;

/// A file above the limit: texts that do not pack.
fn large() -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut device = || {
        let mut text = String::new();
        for _ in 0..64 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.push_str(&format!("{state:016x}"));
        }
        text
    };
    let devices: Vec<String> = (0..ROWS).map(|_| device()).collect();
    let batch = RecordBatch::try_from_iter([
        ("device", Arc::new(StringArray::from(devices)) as ArrayRef),
        ("day", Arc::new(StringArray::from_iter_values((0..ROWS).map(|_| "d")))),
        ("value", Arc::new(Int64Array::from_iter_values((0..ROWS).map(|number| number % 102)))),
    ])
    .unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// At once, and in segments: each look at the clock moves it by a second, and the time is over after some of them.
#[tokio::test]
async fn a_large_parquet_object_is_judged_by_its_ranges() {
    let body = large();
    assert!(body.len() > MOST_SPOOLED, "{}", body.len());
    let mut outcomes = Vec::new();
    for (limit_seconds, segments) in [(None, 0..1), (Some(60), 1..8)] {
        let mut lake = Lake::new();
        lake.document["datasets"]["readings"]["format"] = "parquet".into();
        lake.rules("IsUnique \"device\", Mean \"value\" between 49 and 52");
        lake.arrive("input/readings/large.parquet", body.clone());
        if let Some(seconds) = limit_seconds {
            lake.limit = Duration::from_secs(seconds);
            lake.world.clock.tick(Duration::from_secs(1));
        }
        lake.run().await;
        let item = lake.items().remove(0);
        assert!(segments.contains(&item.progress.map_or(0, |progress| progress.segment)));
        let mut outcome = item.outcome.unwrap();
        assert_eq!((item.status, &outcome.object_reason), (Status::Validated, &None));
        // Of 102 values one is above the largest that is allowed.
        let refused = (0..ROWS).filter(|number| number % 102 > 100).count() as u64;
        assert_eq!((outcome.rows.total, outcome.rows.quarantined), (ROWS as u64, refused));
        assert_eq!(lake.world.objects.open_uploads(), 0);
        // Each segment has files of its own.
        outcome.destinations.validated_files = 0;
        outcomes.push(outcome);
    }
    assert_eq!(outcomes[0], outcomes[1]);
}
