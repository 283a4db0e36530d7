//! Rows judged, stored, read again and transformed: what is in the files in the end.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{
    CompiledDataset, CurateError, CurateRun, CuratedDataset, Curation, ObjectFacts, ObjectRun, OutputFile,
    Sink, SinkError,
};
use crate::events::TransformCounts;
use crate::formats::columnar::{self, Ranges};
use crate::formats::{Place, Record};
use crate::spec::DatasetSpec;
use crate::transform::Keys;

/// Result files by key.
#[derive(Default)]
struct Store(BTreeMap<String, Vec<u8>>);

impl Sink for Store {
    fn write(&mut self, file: &OutputFile, bytes: Vec<u8>, _last: bool) -> Result<(), SinkError> {
        let (OutputFile::Good(key) | OutputFile::Quarantine(key)) = file else {
            return Err(SinkError("a transformation keeps no keys".to_owned()));
        };
        self.0.entry(key.clone()).or_default().extend(bytes);
        Ok(())
    }
}

struct Bytes(Vec<u8>);

impl Ranges for Bytes {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read(&self, offset: u64, length: usize) -> std::io::Result<Vec<u8>> {
        let start = usize::try_from(offset).map_err(std::io::Error::other)?;
        let range = self.0.get(start..start + length);
        range.map(<[u8]>::to_vec).ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
    }
}

fn dataset(partition_by: &[&str], changes: Json) -> DatasetSpec {
    let mut document = json!({
        "format": "ndjson", "prefix": "input/x/", "compression": "auto",
        "columns": {
            "id": {"type": "string", "required": true}, "n": {"type": "bigint", "required": true},
            "day": {"type": "date", "required": true}, "at": {"type": "timestamp"}, "more": {"type": "json"},
            "ok": {"type": "boolean"}, "price": {"type": "double"}, "text": {"type": "string"},
        },
        "quality": {"threshold_percent": 0}, "output": {"partition_by": partition_by, "compression": "zstd"},
    });
    for (name, value) in changes.as_object().unwrap() {
        document[name] = value.clone();
    }
    serde_json::from_value(document).unwrap()
}

/// The rows as they are judged and stored.
fn validated(spec: &DatasetSpec, rows: &str) -> Store {
    let compiled = CompiledDataset::compile("x", spec).unwrap();
    let facts = ObjectFacts { process_id: "p1", key: "input/x/a", size_bytes: rows.len() as u64 };
    let (mut run, mut store) = (ObjectRun::new(&compiled, facts), Store::default());
    run.push(rows.as_bytes(), &mut store).unwrap();
    run.finish(&mut store).unwrap();
    store
}

/// What is made of stored rows.
fn curated(spec: &DatasetSpec, stored: &Store) -> (Curation, Store) {
    let compiled = CuratedDataset::compile("x", spec, Keys::AtPlan).unwrap().unwrap();
    let (mut run, mut store) = (CurateRun::new(&compiled, "p1"), Store::default());
    for (key, bytes) in &stored.0 {
        run.file(key, Bytes(bytes.clone()), &mut store).unwrap();
    }
    (run.finish(&mut store).unwrap(), store)
}

/// The rows of a Parquet file.
fn rows(bytes: &[u8]) -> Vec<Json> {
    let mut rows = Vec::new();
    let mut take = |_: Place, record: Record<'_>| {
        let Record::Json(text) = record else { unreachable!() };
        rows.push(serde_json::from_str(text).unwrap());
        Ok(())
    };
    assert!(columnar::read(Bytes(bytes.to_vec()), 0, &mut || false, &mut take).unwrap().is_none());
    rows
}

const ROWS: &str = r#"{"id":"a","n":1,"day":"2026-01-31","at":"2026-01-31T10:00:00Z","more":[1],"ok":true,"price":2.5,"text":"12"}
{"id":"b","n":2,"day":"2026-01-31","text":"x"}
{"id":"c","n":3,"day":"2026-02-01","text":"13","price":1}
"#;

#[test]
fn values_of_every_type_come_through() {
    let spec = dataset(&[], json!({"sql": "SELECT * FROM source"}));
    let (curation, store) = curated(&spec, &validated(&spec, ROWS));
    assert_eq!(curation.counts, TransformCounts { total: 3, curated: 3, filtered: 0, quarantined: 0 });
    assert_eq!(store.0.keys().collect::<Vec<_>>(), ["curated/x/p1-00000.parquet"]);
    assert_eq!(curation.files[0].bytes, store.0["curated/x/p1-00000.parquet"].len() as u64);
    let expected: Vec<Json> = ROWS.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    let mut found = rows(&store.0["curated/x/p1-00000.parquet"]);
    found[0]["more"] = serde_json::from_str(found[0]["more"].as_str().unwrap()).unwrap();
    let expected: Vec<Json> = expected
        .into_iter()
        .map(|mut row| {
            if row["price"] == json!(1) {
                row["price"] = json!(1.0);
            }
            row
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn folders_are_read_and_made() {
    let steps = json!([
        {"derive": {"column": "month", "expression": "date_trunc('month', day)"}},
        {"drop": {"columns": ["day", "at", "more", "ok", "price", "text"]}},
    ]);
    let spec = dataset(&["day", "id"], json!({"transforms": steps, "curated": {"partition_by": ["month"]}}));
    let stored = validated(&spec, ROWS);
    assert_eq!(stored.0.len(), 3);
    let (curation, store) = curated(&spec, &stored);
    let keys = ["curated/x/month=2026-01-01/p1-00000.parquet", "curated/x/month=2026-02-01/p1-00001.parquet"];
    assert_eq!(store.0.keys().collect::<Vec<_>>(), keys);
    assert_eq!(rows(&store.0[keys[0]]), [json!({"id": "a", "n": 1}), json!({"id": "b", "n": 2})]);
    assert_eq!(curation.files.iter().map(|file| file.rows).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_row_that_fails_is_kept_with_its_reason() {
    let steps = json!([{"filter": {"where": "n < 3"}}, {"cast": {"column": "text", "to": "bigint"}}]);
    let spec = dataset(&["day"], json!({"transforms": steps}));
    let (curation, store) = curated(&spec, &validated(&spec, ROWS));
    assert_eq!(curation.counts, TransformCounts { total: 3, curated: 1, filtered: 1, quarantined: 1 });
    assert_eq!(curation.failed_steps, BTreeMap::from([("transforms[1].cast".to_owned(), 1)]));
    let line = String::from_utf8(store.0["quarantine/x/transform/p1.ndjson"].clone()).unwrap();
    let kept: Json = serde_json::from_str(&line).unwrap();
    let reason = json!({
        "column": "text", "message": "the text is not a whole number of 64 bits", "rule": "transforms[1].cast",
    });
    assert_eq!(
        (&kept["reasons"], &kept["line"], &kept["processId"]),
        (&json!([reason]), &json!(2), &json!("p1"))
    );
    let original: Json = serde_json::from_str(kept["original"].as_str().unwrap()).unwrap();
    assert_eq!(original, json!({"id": "b", "n": 2, "day": "2026-01-31", "text": "x"}));
}

#[test]
fn rows_stored_under_other_declarations_are_not_lost() {
    let before = dataset(&[], json!({}));
    let mut columns = serde_json::to_value(&before.columns).unwrap();
    columns["n"]["type"] = json!("string");
    columns["later"] = json!({"type": "date"});
    let now = dataset(&[], json!({"columns": columns, "sql": "SELECT n, later FROM source"}));
    let (curation, store) = curated(&now, &validated(&before, ROWS));
    assert_eq!(curation.failed_steps, BTreeMap::from([("validated.type".to_owned(), 3)]));
    assert_eq!(store.0.keys().collect::<Vec<_>>(), ["quarantine/x/transform/p1.ndjson"]);
    let now = dataset(&[], json!({"columns": columns, "sql": "SELECT id, later FROM source"}));
    // A value that nothing asks for is of the wrong type all the same.
    assert_eq!(curated(&now, &validated(&before, ROWS)).0.counts.quarantined, 3);
}

#[test]
fn what_is_no_file_of_ours_is_said() {
    let spec = dataset(&[], json!({"sql": "SELECT * FROM source"}));
    let compiled = CuratedDataset::compile("x", &spec, Keys::AtPlan).unwrap().unwrap();
    for (key, bytes) in [("validated/y/a.parquet", &b"PAR1"[..]), ("validated/x/a.parquet", b"PAR1 rubbish")]
    {
        let mut run = CurateRun::new(&compiled, "p1");
        let error = run.file(key, Bytes(bytes.to_vec()), &mut Store::default()).unwrap_err();
        assert!(matches!(error, CurateError::Unreadable(_)), "{error}");
    }
}

#[test]
fn many_rows_take_several_batches_and_the_same_files_each_time() {
    let spec = dataset(&["day"], json!({"transforms": [{"filter": {"where": "n % 2 = 0"}}]}));
    let rows: String = (0..10_000)
        .map(|n| format!("{{\"id\":\"r{n}\",\"n\":{n},\"day\":\"2026-01-{:02}\"}}\n", n % 28 + 1))
        .collect();
    let stored = validated(&spec, &rows);
    let (first, second) = (curated(&spec, &stored), curated(&spec, &stored));
    assert_eq!(
        first.0.counts,
        TransformCounts { total: 10_000, curated: 5_000, filtered: 5_000, quarantined: 0 }
    );
    assert_eq!((first.0, first.1.0), (second.0, second.1.0));
}
