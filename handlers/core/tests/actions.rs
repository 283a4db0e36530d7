//! What rules that do not hold bring about: actions, drift of the schema, score, and the result document.

#![cfg(feature = "engine")]
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use datalake_core::engine::{CompiledDataset, ObjectFacts, ObjectRun, OutputFile, Sink, SinkError, judge};
use datalake_core::rules::{Spill, Spilling, Surroundings};
use datalake_core::spec::DatasetSpec;
use datalake_core::verdict::Verdict;
use serde_json::{Value, json};

/// Columns `id` (required) and `n`, and the quality at hand.
fn spec(columns: &Value, quality: &Value) -> DatasetSpec {
    let mut document = json!({
        "format": "ndjson", "prefix": "input/a/", "compression": "auto",
        "columns": {"id": {"type": "string", "required": true}, "n": {"type": "bigint"}},
        "quality": {"threshold_percent": 0.0},
        "output": {"partition_by": [], "compression": "zstd"},
    });
    for (part, change) in [("columns", columns), ("quality", quality)] {
        for (key, value) in change.as_object().unwrap() {
            document[part][key] = value.clone();
        }
    }
    serde_json::from_value(document).unwrap()
}

fn run(columns: &Value, quality: &Value, rows: &[&str]) -> Verdict {
    let dataset = CompiledDataset::compile("a", &spec(columns, quality)).unwrap();
    let text = rows.join("\n");
    let facts = ObjectFacts { process_id: "p", key: "input/a/x", size_bytes: text.len() as u64 };
    judge(&dataset, facts, text.as_bytes()).unwrap().0
}

/// Takes results and keeps nothing.
struct Nothing;

impl Sink for Nothing {
    fn write(&mut self, _: &OutputFile, _: Vec<u8>, _: bool) -> Result<(), SinkError> {
        Ok(())
    }
}

/// `reason good/quarantined/dropped of total, score`.
fn summary(verdict: &Verdict) -> String {
    let reason = verdict.object_reason.as_ref().map_or("ok", |reason| reason.code.as_str());
    let rows = verdict.rows;
    format!(
        "{reason} {}/{}/{} of {}, {}",
        rows.good, rows.quarantined, rows.dropped, rows.total, verdict.score
    )
}

const ROWS: [&str; 4] =
    [r#"{"id":"a","n":1}"#, r#"{"id":"b","n":-1}"#, r#"{"id":"c","n":2}"#, r#"{"id":"d","n":3}"#];
const POSITIVE: &str = "ColumnValues \"n\" > 0";

/// What is changed of the quality, and the summary. A row is held to four checks (readable, id there, id a text, n a number)
/// and the rule: 5 × 4 rows, of which one check fails unless it weighs more.
#[test]
fn actions_of_rules() {
    let rule = |action: &str| json!({"rules": {"positive": {"rule": POSITIVE, "action": action}}});
    let cases = [
        (json!({}), "ok 4/0/0 of 4, 100"),
        (json!({"ruleset": format!("Rules = [ {POSITIVE} ]")}), "ok 3/1/0 of 4, 95"),
        (json!({"ruleset": format!("Rules = [ {POSITIVE} ]"), "action": "warn"}), "ok 4/0/0 of 4, 95"),
        (json!({"ruleset": format!("Rules = [ {POSITIVE} ]"), "action": "drop_row"}), "ok 3/0/1 of 4, 95"),
        (
            json!({"ruleset": format!("Rules = [ {POSITIVE} labels=[\"datalake.action\"=\"drop_row\"] ]")}),
            "ok 3/0/1 of 4, 95",
        ),
        (
            json!({"ruleset": format!("DefaultLabels = [\"datalake.action\"=\"warn\"] Rules = [ {POSITIVE} ]")}),
            "ok 4/0/0 of 4, 95",
        ),
        // A default that does not fit a rule about the object is passed over; an action of its own is refused.
        (
            json!({"ruleset": "DefaultLabels = [\"datalake.action\"=\"drop_row\"] Rules = [ RowCount > 5 ]"}),
            "dataset_rule_failed 4/0/0 of 4, 100",
        ),
        (rule("warn"), "ok 4/0/0 of 4, 95"),
        (rule("drop_row"), "ok 3/0/1 of 4, 95"),
        (rule("quarantine_row"), "ok 3/1/0 of 4, 95"),
        (rule("quarantine_object"), "row_rule_failed 3/1/0 of 4, 95"),
        // The second row fails: the last two are not read.
        (rule("fail"), "row_rule_failed 1/1/0 of 2, 90"),
        (json!({"rules": {"a": {"rule": "RowCount > 5", "action": "warn"}}}), "ok 4/0/0 of 4, 100"),
        (json!({"rules": {"a": {"rule": "RowCount > 5"}}}), "dataset_rule_failed 4/0/0 of 4, 100"),
        (json!({"ruleset": "Rules = [ RowCount > 5 ]", "action": "warn"}), "ok 4/0/0 of 4, 100"),
        (
            json!({"ruleset": "Rules = [ RowCount > 5 ]", "action": "drop_row"}),
            "dataset_rule_failed 4/0/0 of 4, 100",
        ),
        (json!({"max_quarantined_percent": 25.0, "rules": {"p": {"rule": POSITIVE}}}), "ok 3/1/0 of 4, 95"),
        (
            json!({"max_quarantined_percent": 24.9, "rules": {"p": {"rule": POSITIVE}}}),
            "too_many_quarantined 3/1/0 of 4, 95",
        ),
        (
            json!({"max_quarantined_percent": 0.0, "rules": {"p": {"rule": POSITIVE, "action": "drop_row"}}}),
            "ok 3/0/1 of 4, 95",
        ),
        // A rule that weighs 4 of 8: one row of four fails half of its weight.
        (json!({"rules": {"p": {"rule": POSITIVE, "weight": 4, "action": "warn"}}}), "ok 4/0/0 of 4, 87.5"),
        (json!({"rules": {"p": {"rule": POSITIVE, "weight": 0, "action": "warn"}}}), "ok 4/0/0 of 4, 100"),
        (
            json!({"rules": {"p": {"rule": POSITIVE, "weight": 4, "action": "warn"}}, "threshold_percent": 90.0}),
            "score_below_threshold 4/0/0 of 4, 87.5",
        ),
    ];
    for (quality, expected) in cases {
        assert_eq!(summary(&run(&json!({}), &quality, &ROWS)), expected, "{quality}");
    }
}

#[test]
fn actions_of_columns() {
    let column = |action: &str| json!({"n": {"type": "bigint", "minimum": "0", "action": action}});
    for (action, expected) in [
        ("warn", "ok 4/0/0 of 4, 95"),
        ("drop_row", "ok 3/0/1 of 4, 95"),
        ("quarantine_row", "ok 3/1/0 of 4, 95"),
        ("quarantine_object", "row_rule_failed 3/1/0 of 4, 95"),
    ] {
        assert_eq!(summary(&run(&column(action), &json!({}), &ROWS)), expected, "{action}");
    }
    // What is of the wrong type cannot be stored, and is not lost for a mere warning.
    let mistyped = [r#"{"id":"a","n":"x"}"#, r#"{"id":"b","n":1}"#];
    assert_eq!(summary(&run(&column("warn"), &json!({}), &mistyped)), "ok 1/1/0 of 2, 90");
    let weighed = json!({"n": {"type": "bigint", "minimum": "0", "weight": 2}});
    // Readable 1, id 1 + 1, type of n 2, minimum of n 2: one of four rows fails 2 of 7.
    assert_eq!(run(&weighed, &json!({}), &ROWS).score, 92.86);
}

/// Of several rules that a row fails, the sternest decides; the others are counted all the same.
#[test]
fn the_sternest_action_decides() {
    let rules = json!({"rules": {
        "a": {"rule": "ColumnValues \"n\" > 0", "action": "drop_row"},
        "b": {"rule": "ColumnValues \"n\" != -1", "action": "quarantine_row"},
        "c": {"rule": "ColumnValues \"id\" = \"a\"", "action": "warn"},
    }});
    let verdict = run(&json!({}), &rules, &ROWS);
    assert_eq!((verdict.rows.good, verdict.rows.quarantined, verdict.rows.dropped), (3, 1, 0));
    assert_eq!(serde_json::to_value(&verdict.failed_rules).unwrap(), json!({"a": 1, "b": 1, "c": 3}));
}

#[test]
fn drift_of_the_schema() {
    let drift = |field: &str, policy: &str| json!({"schema_drift": {field: policy}});
    let new = [r#"{"id":"a","n":1}"#, r#"{"id":"b","n":2,"m":3}"#];
    let missing = [r#"{"id":"a"}"#, r#"{"id":"b","n":null}"#];
    let mistyped = [r#"{"id":"a","n":1}"#, r#"{"id":"b","n":"two"}"#];
    let cases: [(Value, &[&str], &str); 15] = [
        (json!({}), &new, "ok 2/0/0 of 2, 100"),
        (drift("new_columns", "rescue"), &new, "ok 2/0/0 of 2, 100"),
        (drift("new_columns", "ignore"), &new, "ok 2/0/0 of 2, 100"),
        (drift("new_columns", "quarantine_row"), &new, "ok 1/1/0 of 2, 100"),
        (drift("new_columns", "fail"), &new, "row_rule_failed 1/1/0 of 2, 100"),
        (json!({}), &missing, "ok 2/0/0 of 2, 100"),
        (drift("missing_columns", "ignore"), &missing, "ok 2/0/0 of 2, 100"),
        (drift("missing_columns", "fail"), &missing, "missing_column 2/0/0 of 2, 100"),
        (drift("missing_columns", "fail"), &new, "ok 2/0/0 of 2, 100"),
        (json!({}), &mistyped, "ok 1/1/0 of 2, 87.5"),
        (drift("mistyped_values", "quarantine_row"), &mistyped, "ok 1/1/0 of 2, 87.5"),
        (drift("mistyped_values", "ignore"), &mistyped, "ok 2/0/0 of 2, 87.5"),
        (drift("mistyped_values", "rescue"), &mistyped, "ok 2/0/0 of 2, 87.5"),
        (drift("mistyped_values", "fail"), &mistyped, "row_rule_failed 1/1/0 of 2, 87.5"),
        (drift("mistyped_values", "fail"), &new, "ok 2/0/0 of 2, 100"),
    ];
    for (quality, rows, expected) in cases {
        assert_eq!(summary(&run(&json!({}), &quality, rows)), expected, "{quality}");
    }
}

/// A rule that cannot be evaluated is an error, and an error is not passed.
#[test]
fn more_keys_than_there_is_room_for_are_an_error() {
    let rows: Vec<String> = (0..12_000).map(|n| format!(r#"{{"id":"{n}","n":{}}}"#, n % 10)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let quality = |memory: u32| json!({"ruleset": "Rules = [ IsUnique \"id\", DistinctValuesCount \"n\" = 10 ]", "uniqueness_memory_mb": memory});
    let verdict = run(&json!({}), &quality(4), &rows);
    assert_eq!(summary(&verdict), "ok 12000/0/0 of 12000, 100");
    // One MiB over two measures is room for some six thousand keys each.
    let verdict = run(&json!({}), &quality(1), &rows);
    assert_eq!(summary(&verdict), "dataset_rule_failed 12000/0/0 of 12000, 100");
    let results: Vec<Value> = verdict.result.rule_results.iter().map(|one| json!(one.result)).collect();
    assert_eq!(results, [json!("ERROR"), json!("PASS")]);
    assert!(verdict.result.rule_results[0].evaluation_message.contains("nothing is guessed"));
}

/// Where the handlers give a place outside of memory, more keys than fit are counted exactly.
#[test]
fn more_keys_than_there_is_room_for_can_go_elsewhere() {
    #[derive(Debug, Default)]
    struct Outside(std::collections::BTreeMap<usize, Vec<u8>>);
    impl Spill for Outside {
        fn append(&mut self, part: usize, bytes: &[u8]) -> Result<(), String> {
            self.0.entry(part).or_default().extend_from_slice(bytes);
            Ok(())
        }

        fn read(&mut self, part: usize, take: &mut dyn FnMut(&[u8])) -> Result<(), String> {
            self.0.get(&part).into_iter().for_each(|bytes| take(bytes));
            Ok(())
        }
    }
    let ruleset = "Rules = [ IsUnique \"id\", DistinctValuesCount \"n\" = 10, Uniqueness \"id\" \"n\" = 1 ]";
    let spec = spec(&json!({}), &json!({"ruleset": ruleset, "uniqueness_memory_mb": 1}));
    let dataset = CompiledDataset::compile("a", &spec).unwrap();
    let text: String = (0..20_000).map(|n| format!("{{\"id\":\"{n}\",\"n\":{}}}\n", n % 10)).collect();
    let facts = ObjectFacts { process_id: "p", key: "input/a/x", size_bytes: text.len() as u64 };
    let mut run = ObjectRun::new(&dataset, facts)
        .keeping_keys(&mut |most| Box::new(Spilling::new(most, Box::new(Outside::default()))));
    run.push(text.as_bytes(), &mut Nothing).unwrap();
    let verdict = run.finish(&mut Nothing).unwrap();
    let results: Vec<Value> = verdict.result.rule_results.iter().map(|one| json!(one.result)).collect();
    assert_eq!(results, [json!("PASS"), json!("PASS"), json!("PASS")], "{:?}", verdict.result);
}

/// The time and earlier objects come from the caller, and what was measured is what later objects are compared with.
#[test]
fn the_caller_says_what_is_known() {
    let ruleset =
        "Rules = [ RowCount > 0.5 * avg(last(3)), DataFreshness \"d\" < 1 days ] Analyzers = [ ColumnCount ]";
    let spec = spec(&json!({"d": {"type": "date"}}), &json!({"ruleset": ruleset}));
    let dataset = CompiledDataset::compile("a", &spec).unwrap();
    let run = |now: i64, history: &[f64]| {
        let text = "{\"id\":\"a\",\"d\":\"1970-01-02\"}";
        let facts = ObjectFacts { process_id: "p", key: "input/a/x", size_bytes: 0 };
        let history = history.iter().map(|rows| [("Dataset.*.RowCount".to_owned(), *rows)].into()).collect();
        let known = Surroundings {
            now: Some(now),
            history: Some(history),
            ..Surroundings::of_size(text.len() as u64)
        };
        let mut run = ObjectRun::new(&dataset, facts).surrounded_by(known);
        run.push(text.as_bytes(), &mut Nothing).unwrap();
        run.finish(&mut Nothing).unwrap()
    };
    let day = 86_400_000;
    assert_eq!(summary(&run(day + 1, &[1.0])), "ok 1/0/0 of 1, 100");
    assert_eq!(summary(&run(2 * day, &[1.0])), "all_rows_refused 0/1/0 of 1, 83.33");
    assert_eq!(summary(&run(day + 1, &[1.0, 2.0, 6.0])), "dataset_rule_failed 1/0/0 of 1, 100");
    let metrics = run(day + 1, &[]).result.metrics();
    assert_eq!((metrics["Dataset.*.RowCount"], metrics["Dataset.*.ColumnCount"]), (1.0, 3.0));
}

/// The document has the names of Glue's.
#[test]
fn the_result_document() {
    let ruleset = "DefaultLabels = [\"team\"=\"ops\"]\nRules = [\n IsComplete \"n\",\n RowCount = 4,\n ColumnValues \"n\" > 0 labels=[\"tier\"=\"1\"],\n Completeness \"n\" > 1\n]\nAnalyzers = [ Mean \"n\" ]";
    let verdict =
        run(&json!({}), &json!({"ruleset": ruleset}), &[ROWS[0], ROWS[1], ROWS[2], ROWS[3], "nope"]);
    let expected = json!({
        "Score": 0.0,
        "RuleResults": [
            {"Name": "Rule_1", "EvaluatedRule": "IsComplete \"n\"", "Result": "FAIL",
             "EvaluationMessage": "80.00 % of rows passed the threshold",
             "EvaluatedMetrics": {"Column.n.IsComplete.Compliance": 0.8}, "Labels": {"team": "ops"}},
            {"Name": "Rule_2", "EvaluatedRule": "RowCount = 4", "Result": "FAIL",
             "EvaluationMessage": "Value: 5 does not meet the constraint requirement",
             "EvaluatedMetrics": {"Dataset.*.RowCount": 5.0}, "Labels": {"team": "ops"}},
            {"Name": "Rule_3", "EvaluatedRule": "ColumnValues \"n\" > 0 labels=[\"tier\"=\"1\"]", "Result": "FAIL",
             "EvaluationMessage": "60.00 % of rows passed the threshold",
             "EvaluatedMetrics": {"Column.n.ColumnValues.Compliance": 0.6}, "Labels": {"team": "ops", "tier": "1"}},
            {"Name": "Rule_4", "EvaluatedRule": "Completeness \"n\" > 1", "Result": "FAIL",
             "EvaluationMessage": "Value: 0.8000 does not meet the constraint requirement",
             "EvaluatedMetrics": {"Column.n.Completeness": 0.8}, "Labels": {"team": "ops"}},
        ],
        "AnalyzerResults": [{"Name": "Analyzer_1", "EvaluatedMetrics": {"Column.n.Mean": 1.25}}],
        "AggregatedMetrics": {"TotalRowsProcessed": 5.0, "TotalRowsPassed": 3.0, "TotalRowsFailed": 2.0,
            "TotalRulesProcessed": 4.0, "TotalRulesPassed": 0.0, "TotalRulesFailed": 4.0},
    });
    assert_eq!(serde_json::to_value(&verdict.result).unwrap(), expected);
}

/// Documents written before there were actions read as they did, and are written as they were.
#[test]
fn old_documents_stay_as_they_are() {
    let document = json!({
        "format": "ndjson", "prefix": "input/a/", "compression": "auto",
        "columns": {"id": {"type": "string", "required": true}},
        "quality": {"ruleset": "Rules = [ RowCount > 0 ]", "threshold_percent": 50.0},
        "output": {"partition_by": [], "compression": "zstd"},
    });
    let spec: DatasetSpec = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(serde_json::to_value(&spec).unwrap(), document);
}

/// A quarantined row says of every rule of the language whether it passes, fails or was not held to it, as Glue does.
#[test]
fn quarantined_rows_have_the_outcome_of_every_rule() {
    let ruleset = "Rules = [ ColumnValues \"n\" > 0, RowCount > 0, ColumnLength \"id\" = 1 ]";
    let spec =
        spec(&json!({}), &json!({"ruleset": ruleset, "schema_drift": {"new_columns": "quarantine_row"}}));
    let dataset = CompiledDataset::compile("a", &spec).unwrap();
    let text = b"{\"id\":\"a\",\"n\":-1}\n{\"id\":\"a\",\"n\":1,\"x\":1}\nnot json\n{\"id\":\"b\",\"n\":1}\n";
    let facts = ObjectFacts { process_id: "p", key: "input/a/x", size_bytes: text.len() as u64 };
    let (_, files) = judge(&dataset, facts, text).unwrap();
    let file = files.iter().find(|(file, _)| matches!(file, OutputFile::Quarantine(_))).unwrap().1;
    let lines = std::str::from_utf8(file).unwrap().lines();
    let found: Vec<[Value; 3]> = lines
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| ["Fail", "Pass", "Skip"].map(|word| line[format!("DataQualityRules{word}")].clone()))
        .collect();
    let (positive, rows, length) = ("ColumnValues \"n\" > 0", "RowCount > 0", "ColumnLength \"id\" = 1");
    assert_eq!(
        found,
        [
            [json!([positive]), json!([length]), json!([rows])],
            [json!(["row.undeclared_field"]), json!([positive, length]), json!([rows])],
            [json!(["row.malformed_json"]), json!([]), json!([positive, rows, length])],
        ]
    );
}
