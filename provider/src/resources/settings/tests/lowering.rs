//! What the handlers read of everything a dataset can say.

use serde_json::json;

use super::*;

fn lowered(changes: &[(&str, Value)]) -> Value {
    serde_json::to_value(&decoded(changes).datasets["readings"]).unwrap()
}

#[test]
fn everything_arrives() {
    let id = json!({
        "type": "string", "minimum_length": 1, "maximum_length": 9, "action": "drop_row", "severity": "warning", "weight": 2,
    });
    let n = json!({"type": "double", "required": true, "exclusive_minimum": "0.1", "exclusive_maximum": 9});
    let rules =
        json!({"few": {"rule": "RowCount < 9", "action": "warn", "severity": "critical", "weight": 3}});
    let drift = json!({"new_columns": "ignore", "missing_columns": "fail", "mistyped_values": "fail"});
    let csv = json!({
        "delimiter": ";", "quote": "'", "escape": "\\", "comment": "#", "header": false, "columns": ["n", "id"],
        "null_text": "NULL",
    });
    let lowered = lowered(&[
        ("/datasets/readings/format", json!("tsv")),
        ("/datasets/readings/compression", json!("bzip2")),
        ("/datasets/readings/csv", csv.clone()),
        ("/datasets/readings/spark_threshold_mb", json!(2048)),
        ("/datasets/readings/columns", json!({"id": id, "n": n})),
        (
            "/datasets/readings/quality",
            json!({
                "ruleset": "Rules = [ RowCount > 0 ]", "rules": rules, "action": "quarantine_object", "threshold_percent": 5,
                "max_quarantined_percent": "2.5", "schema_drift": drift, "uniqueness_memory_mb": 64,
            }),
        ),
    ]);
    let n = json!({"type": "double", "required": true, "exclusive_minimum": "0.1", "exclusive_maximum": "9"});
    let expected = json!({
        "format": "tsv", "prefix": "input/readings/", "compression": "bzip2", "csv": csv, "columns": {"id": id, "n": n},
        "quality": {
            "ruleset": "Rules = [ RowCount > 0 ]", "rules": rules, "action": "quarantine_object", "threshold_percent": 5.0,
            "max_quarantined_percent": 2.5, "schema_drift": drift, "uniqueness_memory_mb": 64,
        },
        "output": {"partition_by": [], "compression": "zstd"}, "spark_threshold_mb": 2048,
    });
    assert_eq!(lowered, expected);
}

/// Otherwise a new version of the provider, or a default spelt out, would judge every object anew.
#[test]
fn a_default_that_is_spelt_out_changes_nothing() {
    let bare = decoded(&[("/datasets/readings/format", json!("csv"))]);
    let filled = plan_inputs(&config(&[("/datasets/readings/format", json!("csv"))]), None);
    let quality =
        filled.datasets.known().and_then(|all| all["readings"].known()?.quality.known().cloned()).unwrap();
    assert!(quality.schema_drift.is_known() && quality.uniqueness_memory_mb.is_known());
    assert_eq!(Settings::decode(&filled).unwrap(), bare);
    for csv in [json!({}), json!({"quote": "\"", "header": true, "escape": "", "comment": "", "columns": []})]
    {
        let changes = [("/datasets/readings/format", json!("csv")), ("/datasets/readings/csv", csv)];
        assert_eq!(decoded(&changes), bare);
    }
}

#[test]
fn a_json_schema_is_its_columns() {
    let document = json!({
        "type": "object", "required": ["id"],
        "properties": {
            "id": {"type": "string", "maxLength": 9},
            "place": {"type": "object", "properties": {"height": {"type": "number", "exclusiveMinimum": 0}}},
        },
    });
    let columns = json!({
        "id": {"type": "string", "required": true, "maximum_length": 9},
        "place.height": {"type": "double", "exclusive_minimum": 0},
    });
    let schema = [
        ("/datasets/readings/columns", Value::Null),
        ("/datasets/readings/json_schema", Value::from(document.to_string())),
    ];
    assert_eq!(decoded(&schema), decoded(&[("/datasets/readings/columns", columns)]));
}
