//! What becomes of one object: status, files, documents, events, metrics.

use datalake_core::events::EventKind;
use datalake_handlers::pipeline::Handler;
use datalake_handlers::records::{ObjectItem, Status};
use serde_json::{Value, json};

use super::harness::{Lake, PROCESSED, QUARANTINE, rows};

async fn judged(key: &str, body: impl Into<bytes::Bytes>) -> (Lake, ObjectItem) {
    let mut lake = Lake::new();
    lake.arrive(key, body);
    lake.run().await;
    let item = lake.items().remove(0);
    (lake, item)
}

#[tokio::test]
async fn a_good_object() {
    let (lake, item) = judged("input/readings/a b+c%20ü.ndjson", rows("a", 2, 1)).await;
    assert_eq!(item.status, Status::Validated);
    let id = &item.process_id;
    let files = ["d000", "d001"].map(|day| format!("validated/readings/day={day}/{id}-"));
    let visible = lake.world.objects.visible(PROCESSED);
    assert_eq!(visible.len(), 2);
    assert!(
        visible
            .iter()
            .zip(&files)
            .all(|((key, body), start)| key.starts_with(start) && body.starts_with(b"PAR1"))
    );
    assert_eq!(item.files.files, visible.into_keys().collect::<Vec<_>>());
    let rows_key = format!("quarantine/readings/rows/{id}.ndjson");
    assert_eq!(
        lake.world.objects.visible(QUARANTINE).into_keys().collect::<Vec<_>>(),
        std::slice::from_ref(&rows_key)
    );
    let event = &lake.events(EventKind::DataValidated)[0];
    assert_eq!(event["rows"], json!({"total": 3, "good": 2, "quarantined": 1}));
    assert_eq!(event["destinations"]["validated"], format!("s3://{PROCESSED}/validated/readings/"));
    assert_eq!(event["destinations"]["quarantinedRows"], format!("s3://{QUARANTINE}/{rows_key}"));
    assert_eq!(event["validationPassed"], true);
    assert!(item.received_sent && item.validated_sent && item.quality_sent);
    assert_eq!(item.expires_at, Some(1_795_478_400 + 90 * 86_400));
}

#[tokio::test]
async fn a_refused_object_is_kept_with_its_reason() {
    let body = "{\"day\":\"d\"}\n".repeat(4);
    let (lake, item) = judged("input/readings/bad.ndjson", body.clone()).await;
    assert_eq!(item.status, Status::Quarantined);
    assert!(lake.world.objects.visible(PROCESSED).is_empty());
    let kept = lake.world.objects.visible(QUARANTINE);
    let folder = format!("quarantine/readings/objects/{}", item.process_id);
    assert_eq!(kept[&format!("{folder}/bad.ndjson")], body);
    let reason: Value = serde_json::from_slice(&kept[&format!("{folder}.reason.json")]).unwrap();
    assert_eq!(reason["processId"], item.process_id);
    assert_eq!(reason["source"]["key"], "input/readings/bad.ndjson");
    let code = &item.outcome.unwrap().object_reason.unwrap().code;
    assert_eq!(reason["reason"]["code"], *code);
    let event = &lake.events(EventKind::DataValidated)[0];
    assert_eq!((&event["validationPassed"], &event["objectReason"]), (&json!(false), &json!(code)));
}

#[tokio::test]
async fn no_content_is_lost() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "empty"),
        (b"\xff\xfe{\0", "UTF-16"),
        (b"PAR1", "Parquet"),
        (b"\x1f\x8b\x08\0", "cut gzip"),
        (b"[[", "no rows"),
        (b"null", "a scalar"),
        (b"\0\0\0\0", "binary"),
    ];
    for (body, name) in cases {
        let (lake, item) = judged("input/readings/x", *body).await;
        assert_eq!(item.status, Status::Quarantined, "{name}");
        let kept = lake.world.objects.visible(QUARANTINE);
        assert!(kept.iter().any(|(key, kept)| key.ends_with("/x") && kept == body), "{name}");
    }
}

#[tokio::test]
async fn an_object_of_no_dataset_lands_in_unknown() {
    let (lake, item) = judged("elsewhere/a.ndjson", rows("a", 1, 0)).await;
    assert_eq!((item.status, item.dataset.as_str()), (Status::Quarantined, "_unknown"));
    let kept = lake.world.objects.visible(QUARANTINE);
    assert!(kept.contains_key(&format!("quarantine/_unknown/objects/{}/a.ndjson", item.process_id)));
    assert_eq!(item.outcome.unwrap().object_reason.unwrap().code, "no_dataset");
}

#[tokio::test]
async fn an_object_deleted_between_ingest_and_validate() {
    let mut lake = Lake::new();
    let event = lake.upload("input/readings/a", rows("a", 1, 0));
    lake.send(Handler::Ingest, &event);
    lake.run_until(EventKind::DataReceived).await;
    lake.world.objects.vanish(super::harness::RAW, "input/readings/a");
    lake.run().await;
    assert_eq!(lake.items()[0].status, Status::ObjectMissing);
    assert!(lake.events(EventKind::DataValidated).is_empty());
}

#[tokio::test]
async fn verdicts_are_counted_per_dataset_and_hour() {
    let mut lake = Lake::new();
    lake.arrive("input/readings/a", rows("a", 2, 1));
    lake.arrive("input/readings/b", "{}\n");
    lake.run().await;
    let counters = lake.world.table.counters();
    let totals = counters.values().next().unwrap();
    assert_eq!((counters.len(), totals.objects, totals.passed, totals.rows), (1, 2, 1, 4));
    let last = lake.events(EventKind::QualityCheckComplete).pop().unwrap();
    assert_eq!(last["hour"], "2026-11-24T00:00:00Z");
    assert_eq!(last["totals"]["objects"], 2);
    let lines = lake.world.metrics.lines();
    let line: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(
        line["_aws"]["CloudWatchMetrics"][0]["Dimensions"],
        json!([["Pipeline"], ["Pipeline", "Dataset"]])
    );
    assert_eq!((&line["ValidationSuccessRate"], &line["ProcessedRecords"]), (&json!(100), &json!(3)));
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| !line.contains('\n')));
}

/// A rule that only warns refuses nothing, and is told all the same: in the item, in both events and in the metrics.
#[tokio::test]
async fn rules_that_do_not_hold_are_told_with_what_they_bring_about() {
    let mut lake = Lake::new();
    let warn = "labels=[\"datalake.action\"=\"warn\", \"datalake.severity\"=\"critical\"]";
    lake.rules(&format!("RowCount > 9 {warn}, ColumnValues \"value\" > 0"));
    lake.arrive("input/readings/a", rows("a", 3, 1));
    lake.run().await;
    let item = lake.items().remove(0);
    assert_eq!(item.status, Status::Validated);
    let expected = json!([
        {"name": "Rule_1", "rule": format!("RowCount > 9 {warn}"), "result": "FAIL", "severity": "critical", "action": "warn"},
        {"name": "columns.device.required", "rule": "columns.device.required", "result": "FAIL", "severity": "error",
            "action": "quarantine_row", "rows": 1},
        {"name": "Rule_2", "rule": "ColumnValues \"value\" > 0", "result": "FAIL", "severity": "error",
            "action": "quarantine_row", "rows": 1},
    ]);
    assert_eq!(json!(item.outcome.unwrap().rule_failures), expected);
    for kind in [EventKind::DataValidated, EventKind::QualityCheckComplete] {
        assert_eq!(lake.events(kind)[0]["ruleFailures"], expected);
    }
    let line: Value = serde_json::from_str(&lake.world.metrics.lines()[0]).unwrap();
    assert_eq!((&line["FailedRules"], &line["ruleFailures"][0]["name"]), (&json!(3), &json!("Rule_1")));
}
