//! What every input of the fuzz targets has to satisfy; the corpus beside them is run as a test too.

use std::sync::LazyLock;

use datalake_core::dqdl;
use datalake_core::engine::{CompiledDataset, ObjectFacts, judge};
use datalake_core::verdict::Verdict;
use serde_json::{Value, json};

fn dataset(format: &str, columns: &Value) -> CompiledDataset {
    let spec = serde_json::from_value(json!({
        "format": format, "prefix": "x/", "compression": "none", "columns": columns,
        "quality": {"threshold_percent": 0.0}, "output": {"partition_by": [], "compression": "none"},
    }));
    CompiledDataset::compile("x", &spec.expect("the spec is one")).expect("the spec compiles")
}

fn judged(dataset: &CompiledDataset, key: &str, object: &[u8]) -> Verdict {
    let facts = ObjectFacts { process_id: "p", key, size_bytes: 0 };
    judge(dataset, facts, object).expect("memory takes everything").0
}

/// One line of NDJSON: a good row exactly when serde_json reads an object.
pub fn json(line: &[u8]) {
    // Columns of type json take every value, so that only reading can fail.
    static DATASET: LazyLock<CompiledDataset> =
        LazyLock::new(|| dataset("ndjson", &json!({"a": {"type": "json"}, "n.b": {"type": "json"}})));
    if line.contains(&b'\n') || line.contains(&0) || line.trim_ascii().is_empty() {
        return;
    }
    // A good row first, so that the object is read as lines whatever comes.
    let verdict = judged(&DATASET, "x", &[b"{}\n".as_slice(), line, b"\n"].concat());
    let expected = match serde_json::from_slice::<Value>(line) {
        // A value on the way to a column that is no object is a mistake of its own.
        Ok(Value::Object(row)) => row.get("n").is_none_or(|nested| nested.is_object() || nested.is_null()),
        Ok(_) => false,
        // Where serde_json gives up and the grammar does not.
        Err(error) if ["recursion", "out of range"].iter().any(|word| error.to_string().contains(word)) => {
            return;
        }
        Err(_) => false,
    };
    assert_eq!(verdict.rows.good == 2, expected, "{:?}", String::from_utf8_lossy(line));
}

/// CSV with a header of our own: as many rows as the csv crate reads, and as many ragged ones.
pub fn csv(body: &[u8]) {
    static DATASET: LazyLock<CompiledDataset> =
        LazyLock::new(|| dataset("csv", &json!({"x": {"type": "string"}, "y": {"type": "string"}})));
    if std::str::from_utf8(body).is_err() || body.contains(&0) {
        return;
    }
    let object = [b"x,y\n".as_slice(), body].concat();
    let verdict = judged(&DATASET, "x.csv", &object);
    if verdict.object_reason.as_ref().is_some_and(|reason| reason.code == "malformed_csv") {
        return;
    }
    let mut reader = ::csv::ReaderBuilder::new().flexible(true).from_reader(object.as_slice());
    let records: Vec<usize> = reader.byte_records().flatten().map(|record| record.len()).collect();
    let ragged = records.iter().filter(|fields| **fields != 2).count() as u64;
    let found = verdict.failed_rules.get("row.ragged").copied().unwrap_or(0);
    assert_eq!(
        (verdict.rows.total, found),
        (records.len() as u64, ragged),
        "{:?}",
        String::from_utf8_lossy(body)
    );
}

/// A text of the rule language: refused with a place that is in it, or printed so that it reads as the same tree.
pub fn dqdl(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    match dqdl::parse(text) {
        Ok(ruleset) => assert_eq!(dqdl::parse(&ruleset.to_string()), Ok(ruleset), "{text:?}"),
        Err(errors) => {
            let lines = text.split('\n').count();
            assert!(
                !errors.is_empty() && errors.iter().all(|error| (1..=lines).contains(&error.line)),
                "{errors:?}"
            );
        }
    }
}
