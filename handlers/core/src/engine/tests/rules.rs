//! Rules of the language, and the score, through the engine.

use super::*;

/// Rules over `a` (bigint), `b` (string); rows; summary.
#[test]
fn rules_of_the_language() {
    let rows = "{\"a\":1,\"b\":\"x\"}\n{\"a\":2}\n{\"a\":3,\"b\":\"yy\"}\n{\"a\":4,\"b\":\"\"}\n";
    let cases = [
        ("IsComplete \"b\"", "ok 3/1"),
        ("ColumnValues \"a\" between 1 and 4", "ok 2/2"),
        ("ColumnValues \"a\" in [1, 2]", "ok 2/2"),
        ("ColumnValues \"b\" matches \"[xy]+\"", "ok 2/2"),
        ("ColumnLength \"b\" > 0", "ok 2/2"),
        ("(ColumnValues \"b\" = \"x\") or (ColumnValues \"b\" = NULL)", "ok 2/2"),
        ("(IsComplete \"b\") and (ColumnValues \"a\" > 1)", "ok 2/2"),
        ("RowCount = 4", "ok 4/0"),
        ("RowCount > 4", "dataset_rule_failed 4/0"),
        ("Completeness \"b\" >= 0.75", "ok 4/0"),
        ("Completeness \"b\" > 0.75", "dataset_rule_failed 4/0"),
        ("ColumnValues \"a\" > 1 with threshold >= 0.75", "ok 4/0"),
        ("ColumnValues \"a\" > 1 with threshold > 0.75", "dataset_rule_failed 4/0"),
        ("(RowCount > 100) or (IsComplete \"a\")", "ok 4/0"),
        ("(RowCount > 1) and (IsComplete \"b\")", "dataset_rule_failed 4/0"),
    ];
    for (rule, expected) in cases {
        let mut spec = whole("ndjson");
        spec["columns"] = json!({"a": {"type": "bigint"}, "b": {"type": "string"}});
        spec["quality"] = json!({"ruleset": format!("Rules = [ {rule} ]"), "threshold_percent": 0.0});
        let (verdict, _) = run(&spec, rows.as_bytes());
        assert_eq!(summary(&verdict), expected, "{rule}: {verdict:?}");
    }
}

#[test]
fn the_score_counts_rows_and_checks() {
    let mut spec = whole("ndjson");
    spec["columns"] = json!({"a": {"type": "bigint", "required": true}});
    spec["quality"]["threshold_percent"] = json!(60.0);
    // Three checks a row: readable, required, type.
    let cases = [
        ("{\"a\":1}\n{}\n", 83.33, true),
        ("{\"a\":1}\n{\"a\":\"x\"}\n", 83.33, true),
        ("{\"a\":1}\nnope\n", 50.0, false),
    ];
    for (rows, score, passed) in cases {
        let (verdict, _) = run(&spec, rows.as_bytes());
        assert_eq!((verdict.score, verdict.passed), (score, passed), "{rows}");
    }
}
