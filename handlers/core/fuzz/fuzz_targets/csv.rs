//! CSV with a header of our own: as many rows as the csv crate reads, and as many ragged ones.

#![no_main]

use std::sync::LazyLock;

use datalake_core::engine::{CompiledDataset, ObjectFacts, judge};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

static DATASET: LazyLock<CompiledDataset> = LazyLock::new(|| {
    let spec = serde_json::from_value(json!({
        "format": "csv", "prefix": "x/", "compression": "none",
        "columns": {"x": {"type": "string"}, "y": {"type": "string"}},
        "quality": {"threshold_percent": 0.0}, "output": {"partition_by": [], "compression": "none"},
    }));
    CompiledDataset::compile("x", &spec.expect("the spec is one")).expect("the spec compiles")
});

fuzz_target!(|body: &[u8]| {
    if std::str::from_utf8(body).is_err() || body.contains(&0) {
        return;
    }
    let object = [b"x,y\n".as_slice(), body].concat();
    let facts = ObjectFacts { process_id: "p", key: "x.csv", size_bytes: 0 };
    let (verdict, _) = judge(&DATASET, facts, &object).expect("memory takes everything");
    if verdict.object_reason.as_ref().is_some_and(|reason| reason.code == "malformed_csv") {
        return;
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(object.as_slice());
    let records: Vec<usize> = reader.byte_records().flatten().map(|record| record.len()).collect();
    let ragged = records.iter().filter(|fields| **fields != 2).count() as u64;
    assert_eq!((verdict.rows.total, verdict.failed_rules.get("row.ragged").copied().unwrap_or(0)), (records.len() as u64, ragged));
});
