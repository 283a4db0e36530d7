//! An object of several ranged reads, with result files that are multipart uploads.

use std::fmt::Write as _;

use datalake_handlers::memory::Fault;
use datalake_handlers::records::Status;

use super::harness::{Lake, PROCESSED, QUARANTINE};

/// Rows that do not compress: good ones and refused ones, each more than one part.
fn incompressible() -> String {
    let mut text = String::new();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    while text.len() < 30 << 20 {
        let mut device = String::new();
        for _ in 0..64 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let _ = write!(device, "{state:016x}");
        }
        let value = if state.is_multiple_of(2) { 1 } else { 1000 };
        let _ = writeln!(text, "{{\"device\":\"{device}\",\"day\":\"d\",\"value\":{value}}}");
    }
    text
}

#[tokio::test]
async fn uploads_are_completed_only_after_the_verdict() {
    let body = incompressible();
    let mut lake = Lake::new();
    lake.document["datasets"]["readings"]["quality"]["threshold_percent"] = 0.into();
    lake.arrive("input/readings/large", body.clone());
    lake.run().await;
    let item = lake.items().remove(0);
    assert_eq!(item.status, Status::Validated);
    let rows = item.outcome.unwrap().rows;
    assert_eq!(rows.total, body.lines().count() as u64);
    let visible = lake.world.objects.visible(PROCESSED);
    assert!(
        visible.values().any(|body| body.len() > 5 << 20),
        "{:?}",
        visible.values().map(bytes::Bytes::len)
    );
    assert!(lake.world.objects.visible(QUARANTINE).values().any(|body| body.len() > 8 << 20));
    assert_eq!(lake.world.objects.open_uploads(), 0);
}

#[tokio::test]
async fn a_refused_upload_leaves_nothing_open_and_a_redelivery_ends_the_same() {
    let body = incompressible();
    let mut clean = Lake::new();
    clean.document["datasets"]["readings"]["quality"]["threshold_percent"] = 100.into();
    let document = clean.document.clone();
    clean.arrive("input/readings/large", body.clone());
    clean.run().await;
    assert_eq!(clean.items()[0].status, Status::Quarantined);
    assert_eq!(clean.world.objects.open_uploads(), 0);
    assert!(clean.world.objects.visible(PROCESSED).is_empty());
    let mut lake = Lake::new();
    lake.document = document;
    lake.arrive("input/readings/large", body);
    lake.world.faults.plan(Fault::Refuse(clean.world.faults.effects() / 2));
    lake.run().await;
    assert_eq!(lake.snapshot(), clean.snapshot());
}
