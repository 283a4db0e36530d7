//! Verdicts on texts, and what is refused.

use serde_json::{Value, json};

use super::*;

fn judged(dataset: Value, content: &str, at: Option<&str>) -> Result<Value, String> {
    let spec = dataset_spec(serde_json::from_value(dataset).unwrap())?;
    let at = moment(at)?;
    let found = evaluate(&compiled(&spec, at)?, &spec, content, at)?;
    Ok(serde_json::to_value(found).unwrap())
}

fn orders() -> Value {
    json!({
        "format": "csv",
        "columns": {
            "id": {"type": "bigint", "required": true},
            "email": {"type": "string", "pattern": "email"},
        },
        "quality": {"ruleset": "Rules = [ RowCount > 1, ColumnValues \"id\" > 0 ]"},
    })
}

#[test]
fn every_part_of_a_verdict_is_told() {
    let found = judged(orders(), "id,email\n1,a@example.com\n-2,b@example.com\n3,nobody\n", None).unwrap();
    let rule = "ColumnValues \"id\" > 0";
    assert_eq!((&found["passed"], &found["verdict"]), (&json!(true), &json!("passed")));
    assert_eq!(found["message"], Value::Null);
    assert_eq!(found["rows"], json!({"total": 3, "good": 1, "quarantined": 2, "dropped": 0}));
    assert_eq!(found["failed_rules"], json!({"columns.email.pattern": 1, rule: 1}));
    assert_eq!(
        (&found["object_rules"][0]["name"], &found["object_rules"][0]["result"]),
        (&json!("Rule_1"), &json!("PASS"))
    );
    let reasons = found["reasons"].as_array().unwrap();
    let places: Vec<_> =
        reasons.iter().map(|reason| (&reason["line"], &reason["column"], &reason["rule"])).collect();
    assert_eq!(places[0], (&json!(3), &json!("id"), &json!(rule)));
    assert_eq!(places[1], (&json!(4), &json!("email"), &json!("columns.email.pattern")));
    assert_eq!(places.len(), 2);
}

#[test]
fn verdicts() {
    let with = |pointer: &str, value: Value| {
        let mut dataset = orders();
        *dataset.pointer_mut(pointer).unwrap() = value;
        dataset
    };
    let all = "id,email\n1,a@example.com\n2,b@example.com\n";
    let cases = [
        (orders(), all, "passed"),
        (orders(), "id,email\n1,a@example.com\n", "dataset_rule_failed"),
        (orders(), "", "empty_object"),
        (orders(), "id,email\n0,x\n0,x\n1,x\n", "all_rows_refused"),
        (with("/quality", json!({"threshold_percent": 99})), "id\nx\n2\n", "score_below_threshold"),
        (with("/format", json!("ndjson")), "{\"id\": 1}\n{\"id\": 2}\n", "passed"),
        // The first file of its dataset has nothing to be compared with.
        (with("/quality/ruleset", json!("Rules = [ RowCount >= avg(last(3)) ]")), all, "passed"),
    ];
    for (dataset, content, verdict) in cases {
        let found = judged(dataset, content, None).unwrap();
        assert_eq!(found["verdict"], verdict, "{content:?}: {found}");
        assert_eq!(found["passed"], json!(verdict == "passed"));
    }
}

#[test]
fn a_rule_about_the_time_needs_one() {
    let mut dataset = orders();
    dataset["columns"]["day"] = json!({"type": "date"});
    dataset["quality"]["ruleset"] = json!("Rules = [ DataFreshness \"day\" <= 3 days ]");
    let content = "id,day\n1,2026-01-30\n2,2026-01-20\n";
    let error = judged(dataset.clone(), content, None).unwrap_err();
    assert!(error.contains("a third argument"), "{error}");
    let found = judged(dataset.clone(), content, Some("2026-01-31T12:00:00Z")).unwrap();
    assert_eq!((&found["rows"]["good"], &found["rows"]["quarantined"]), (&json!(1), &json!(1)));
    assert!(judged(dataset, content, Some("today")).unwrap_err().contains("`today`"));
}

#[test]
fn what_a_pipeline_refuses_is_refused_with_its_path() {
    let cases = [
        (json!({"format": "cvs"}), "format: unknown value `cvs`"),
        (json!({}), "format: is required"),
        (json!({"format": "csv", "columns": {"a": {}}}), "columns[\"a\"].type: is required"),
        (json!({"format": "csv", "quality": {"ruleset": "Rules = ["}}), "quality.ruleset: "),
    ];
    for (dataset, part) in cases {
        let error = judged(dataset.clone(), "a\n1\n", None).unwrap_err();
        assert!(error.contains(part), "{dataset}: {error}");
    }
    let error = judged(orders(), &"x".repeat(LONGEST + 1), None).unwrap_err();
    assert!(error.contains("1048577 bytes"), "{error}");
}

/// Terraform refuses a value that is not of the declared type.
#[test]
fn the_value_is_of_the_declared_type() {
    let found = judged(orders(), "id,email\n1,nobody\n", None).unwrap();
    fits(&Evaluation::schema(), &found, "result");
}

fn fits(schema: &Type, value: &Value, at: &str) {
    match (schema, value) {
        (_, Value::Null)
        | (Type::String, Value::String(_))
        | (Type::Number, Value::Number(_))
        | (Type::Bool, Value::Bool(_)) => {}
        (Type::List(element), Value::Array(items)) => {
            assert!(!items.is_empty(), "{at} shows nothing");
            items.iter().for_each(|item| fits(element, item, at));
        }
        (Type::Map(element), Value::Object(members)) => {
            members.values().for_each(|item| fits(element, item, at))
        }
        (Type::Object(wanted), Value::Object(members)) => {
            let mut names: Vec<_> = wanted.keys().collect();
            names.sort();
            assert_eq!(names, members.keys().collect::<Vec<_>>(), "{at}");
            wanted.iter().for_each(|(name, member)| fits(member, &members[name], name));
        }
        _ => panic!("{at}: {value}"),
    }
}
