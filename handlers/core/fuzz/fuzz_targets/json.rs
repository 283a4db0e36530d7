//! One line of NDJSON: a good row exactly when serde_json reads an object.

#![no_main]

use std::sync::LazyLock;

use datalake_core::engine::{CompiledDataset, ObjectFacts, judge};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

static DATASET: LazyLock<CompiledDataset> = LazyLock::new(|| {
    let spec = serde_json::from_value(json!({
        "format": "ndjson", "prefix": "x/", "compression": "none",
        // Columns of type json take every value, so that only reading can fail.
        "columns": {"a": {"type": "json"}, "n.b": {"type": "json"}},
        "quality": {"threshold_percent": 0.0}, "output": {"partition_by": [], "compression": "none"},
    }));
    CompiledDataset::compile("x", &spec.expect("the spec is one")).expect("the spec compiles")
});

fuzz_target!(|line: &[u8]| {
    // A good row first, so that the object is read as lines whatever comes.
    if line.contains(&b'\n') || line.contains(&0) || line.trim_ascii().is_empty() {
        return;
    }
    let object = [b"{}\n".as_slice(), line, b"\n"].concat();
    let facts = ObjectFacts { process_id: "p", key: "x", size_bytes: 0 };
    let (verdict, _) = judge(&DATASET, facts, &object).expect("memory takes everything");
    let expected = match serde_json::from_slice::<Value>(line) {
        // A value on the way to a column that is no object is a mistake of its own.
        Ok(Value::Object(row)) => row.get("n").is_none_or(|nested| nested.is_object() || nested.is_null()),
        Ok(_) => false,
        // Where serde_json gives up and the grammar does not.
        Err(error) if ["recursion", "out of range"].iter().any(|word| error.to_string().contains(word)) => return,
        Err(_) => false,
    };
    assert_eq!(verdict.rows.good == 2, expected, "{:?}", String::from_utf8_lossy(line));
});
