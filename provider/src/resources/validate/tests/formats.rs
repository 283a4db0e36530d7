//! Dialects of CSV, and columns as a JSON Schema.

use serde_json::{Value, json};

use super::{UNKNOWN, check, found};

const CSV: &str = "/datasets/readings/csv";
const COLUMNS: &str = "/datasets/readings/columns";
const SCHEMA: &str = "/datasets/readings/json_schema";

#[test]
fn dialects() {
    let cases = [
        (json!({"delimiter": ""}), ".delimiter", "one ASCII character"),
        (json!({"delimiter": "||"}), ".delimiter", "one ASCII character"),
        (json!({"quote": "\u{e9}"}), ".quote", "one ASCII character"),
        (json!({"escape": "\n"}), ".escape", "no line end"),
        (json!({"comment": "//"}), ".comment", "one ASCII character"),
        (json!({"delimiter": ";", "quote": ";"}), ".delimiter", "has to differ"),
        (json!({"quote": ","}), ".delimiter", "has to differ"),
        (json!({"header": false}), ".columns", "are needed"),
        (json!({"columns": ["id", "n"]}), ".columns", "say `header = false`"),
        (json!({"header": false, "columns": ["id", null]}), ".columns", "an element is null"),
    ];
    for (csv, path, part) in cases {
        check(&[(CSV, csv, &format!("datasets[\"readings\"].csv{path}"), part)]);
    }
    let right = [
        json!({}),
        json!({"delimiter": "\t", "quote": "", "escape": "", "comment": "#", "null_text": "NULL"}),
        json!({"header": false, "columns": ["n", "id", "m"]}),
        json!(UNKNOWN),
        json!({"delimiter": UNKNOWN, "quote": ","}),
        json!({"header": UNKNOWN, "columns": ["id"]}),
        json!({"header": false, "columns": [UNKNOWN]}),
    ];
    for csv in right {
        let case = csv.to_string();
        assert_eq!(found(&[(CSV, csv)]), Vec::<String>::new(), "{case}");
    }
    // A comma is no delimiter of TSV.
    let format = |format: &str| {
        found(&[("/datasets/readings/format", json!(format)), (CSV, json!({"quote": ","}))]).len()
    };
    assert_eq!((format("tsv"), format(UNKNOWN), format("csv")), (0, 0, 1));
}

#[test]
fn backfills() {
    let at = "/datasets/readings/backfill";
    let cases = [
        (json!({"prefix": "input/orders/"}), ".prefix", "does not begin with `input/readings/`"),
        (json!({"since": "yesterday"}), ".since", "is not an RFC 3339 instant"),
        (json!({"since": "2026-01-31"}), ".since", "is not an RFC 3339 instant"),
        (json!({"objects_per_second": 0}), ".objects_per_second", "from 1 to 500"),
        (json!({"objects_per_second": "0.5"}), ".objects_per_second", "from 1 to 500"),
    ];
    for (backfill, path, part) in cases {
        check(&[(at, backfill, &format!("datasets[\"readings\"].backfill{path}"), part)]);
    }
    let right = [
        json!({}),
        json!({"prefix": "input/readings/2026/", "since": "2026-01-31T00:00:00+01:00", "objects_per_second": 500}),
        json!(UNKNOWN),
        json!({"prefix": UNKNOWN, "since": UNKNOWN, "objects_per_second": UNKNOWN}),
    ];
    for backfill in right {
        let case = backfill.to_string();
        assert_eq!(found(&[(at, backfill)]), Vec::<String>::new(), "{case}");
    }
    assert_eq!(
        found(&[("/datasets/readings/prefix", json!(UNKNOWN)), (at, json!({"prefix": "x"}))]).len(),
        0
    );
}

/// A dataset whose columns are a JSON Schema of these properties.
fn with_schema(properties: Value, further: &[(&str, Value)]) -> Vec<String> {
    let document = json!({"type": "object", "properties": properties}).to_string();
    let mut changes = vec![(COLUMNS, Value::Null), (SCHEMA, Value::from(document))];
    changes.extend_from_slice(further);
    found(&changes)
}

#[test]
fn schemas() {
    let at = "datasets[\"readings\"].json_schema: ";
    let id = || json!({"id": {"type": "string"}});
    let cases = [
        (found(&[(SCHEMA, json!("{}"))]), "stands beside `columns`"),
        (found(&[(COLUMNS, json!(null)), (SCHEMA, json!("{"))]), "the document: is not JSON"),
        (with_schema(json!({}), &[]), "declares no property"),
        (
            with_schema(json!({"id": {"type": "string", "oneOf": []}}), &[]),
            "/properties/id/oneOf: `oneOf` is not supported",
        ),
        (
            with_schema(json!({"a": {"type": "object", "properties": {"b": {}}}}), &[]),
            "/properties/a/properties/b/type: ",
        ),
        (
            with_schema(json!({"n": {"type": "integer", "enum": [1, 1]}}), &[]),
            "the column `n`: `1` stands twice",
        ),
    ];
    for (found, part) in cases {
        assert!(found.len() == 1 && found[0].starts_with(at) && found[0].contains(part), "{part}: {found:?}");
    }
    let ruleset = |text: &str| ("/datasets/readings/quality/ruleset", json!(text));
    assert_eq!(with_schema(id(), &[ruleset("Rules = [ IsComplete \"id\" ]")]), Vec::<String>::new());
    let found = with_schema(id(), &[ruleset("Rules = [ IsComplete \"idd\" ]")]);
    assert!(found.len() == 1 && found[0].contains("did you mean `id`?"), "{found:?}");
    // Of a faulty schema only its faults are told.
    let folders = || ("/datasets/readings/output/partition_by", json!(["id"]));
    let faulty = with_schema(json!({"id": {}}), &[ruleset("Rules = [ IsComplete \"id\" ]"), folders()]);
    assert_eq!(faulty.len(), 1, "{faulty:?}");
}

#[test]
fn schemas_that_are_not_known_pass() {
    let ruleset = || ("/datasets/readings/quality/ruleset", json!("Rules = [ IsComplete \"idd\" ]"));
    let folders = || ("/datasets/readings/output/partition_by", json!(["day"]));
    let unknown = || (SCHEMA, json!(UNKNOWN));
    assert_eq!(found(&[(COLUMNS, json!(null)), unknown(), ruleset(), folders()]), Vec::<String>::new());
    // One of the two may turn out to be null.
    assert_eq!(found(&[unknown()]), Vec::<String>::new());
    assert_eq!(found(&[(COLUMNS, json!(UNKNOWN)), (SCHEMA, json!("{}")), ruleset()]), Vec::<String>::new());
}
