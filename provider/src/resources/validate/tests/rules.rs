//! Rules and what follows them: what is refused, and what waits for columns that are not known yet.

use serde_json::{Value, json};

use super::{UNKNOWN, check, found};

const QUALITY: &str = "/datasets/readings/quality";

/// Cases about the attribute of that name in `quality`: a value, and a part of the message.
fn refused(cases: &[(&str, Value, &str, &str)]) {
    for (field, value, path, part) in cases {
        let path = format!("datasets[\"readings\"].quality{path}");
        check(&[(&format!("{QUALITY}/{field}"), value.clone(), &path, part)]);
    }
}

#[test]
fn what_rules_say() {
    let rule = |text: &str| json!({"few": {"rule": text}});
    let about_all = "the rule is about the whole object";
    refused(&[
        ("action", json!("block"), ".action", "unknown value `block`, expected one of `warn`, `drop_row`"),
        (
            "max_quarantined_percent",
            json!("100.5"),
            ".max_quarantined_percent",
            "100.5 is not between 0 and 100",
        ),
        ("max_quarantined_percent", json!(-1), ".max_quarantined_percent", "-1 is not between"),
        ("uniqueness_memory_mb", json!(0), ".uniqueness_memory_mb", "not a whole number from 1 to 10240"),
        ("uniqueness_memory_mb", json!("1.5"), ".uniqueness_memory_mb", "not a whole number"),
        ("uniqueness_memory_mb", json!(1769), ".uniqueness_memory_mb", "do not fit into the 1769 MB"),
        ("rules", json!({"a b": {"rule": "RowCount > 0"}}), ".rules[\"a b\"]", "is not a name of 1 to 64"),
        ("rules", json!({"": {"rule": "RowCount > 0"}}), ".rules[\"\"]", "is not a name"),
        ("rules/few", json!(null), ".rules[\"few\"]", "is null"),
        ("rules/few", json!({}), ".rules[\"few\"].rule", "is required"),
        ("rules", rule("RowCount >"), ".rules[\"few\"].rule", "line 1, column 11"),
        ("rules", rule("IsComplete \"idd\""), ".rules[\"few\"].rule", "did you mean `id`?"),
        ("rules", rule("Rules = [ RowCount > 0 ]"), ".rules[\"few\"].rule", "line 1, column 1"),
        (
            "rules",
            rule("ReferentialIntegrity \"id\" \"other.id\" = 1"),
            ".rules[\"few\"].rule",
            "the pipeline has no dataset `other`",
        ),
        (
            "rules/few",
            json!({"rule": "RowCount > 0", "action": "drop_row"}),
            ".rules[\"few\"].rule",
            about_all,
        ),
        ("rules/few", json!({"rule": "RowCount > 0", "action": "stop"}), ".rules[\"few\"].action", "`stop`"),
        (
            "rules/few",
            json!({"rule": "RowCount > 0", "severity": "bad"}),
            ".rules[\"few\"].severity",
            "`critical`",
        ),
        (
            "rules/few",
            json!({"rule": "RowCount > 0", "weight": -1}),
            ".rules[\"few\"].weight",
            "from 0 to 1000",
        ),
        (
            "ruleset",
            json!("Rules = [ RowCount > 0 labels=[\"datalake.action\"=\"block\"] ]"),
            ".ruleset",
            "the label `datalake.action` cannot be `block`",
        ),
        ("schema_drift/new_columns", json!("evolve"), ".schema_drift.new_columns", "not supported here"),
        ("schema_drift/new_columns", json!("add"), ".schema_drift.new_columns", "unknown value `add`"),
        (
            "schema_drift/missing_columns",
            json!("quarantine_row"),
            ".schema_drift.missing_columns",
            "`required = true`",
        ),
        (
            "schema_drift/mistyped_values",
            json!("evolve"),
            ".schema_drift.mistyped_values",
            "not supported here",
        ),
    ]);
}

#[test]
fn what_columns_say() {
    let cases = [
        ("id/exclusive_minimum", json!(0), "id", "exclusive_minimum", "this bound is for numbers"),
        ("id/exclusive_maximum", json!(0), "id", "exclusive_maximum", "this bound is for numbers"),
        ("n/exclusive_maximum", json!("1e400"), "n", "exclusive_maximum", "is not a number"),
        ("n/minimum_length", json!(1), "n", "minimum_length", "a length is for texts"),
        ("n/maximum_length", json!(1), "n", "maximum_length", "a length is for texts"),
        ("id/maximum_length", json!("1.5"), "id", "maximum_length", "not a whole number"),
        ("id/minimum_length", json!(-1), "id", "minimum_length", "not a whole number"),
        (
            "id",
            json!({"type": "string", "minimum_length": 3, "maximum_length": 2}),
            "id",
            "minimum_length",
            "3 is above the maximum 2",
        ),
        ("n/action", json!("drop"), "n", "action", "unknown value `drop`"),
        ("n/severity", json!("fatal"), "n", "severity", "unknown value `fatal`"),
        ("n/weight", json!("0.5"), "n", "weight", "0.5 is not a whole number from 0 to 1000"),
    ];
    for (place, value, column, field, part) in cases {
        let path = format!("datasets[\"readings\"].columns[\"{column}\"].{field}");
        check(&[(&format!("/datasets/readings/columns/{place}"), value, &path, part)]);
    }
    let warns = json!({"type": "string", "required": true, "action": "warn"});
    let folders = ("/datasets/readings/output/partition_by", json!(["id"]));
    let found = found(&[("/datasets/readings/columns/id", warns), folders]);
    assert!(found.len() == 1 && found[0].contains("its action is `warn`"), "{found:?}");
}

#[test]
fn right_ones_pass() {
    let rule =
        |rule: &str, action: &str| json!({"rule": rule, "action": action, "severity": "info", "weight": 0});
    let quality = json!({
        "ruleset": "Rules = [ RowCount > 0 ]", "action": "drop_row", "max_quarantined_percent": 0,
        "rules": {
            "unique": rule("IsUnique \"id\"", "quarantine_object"),
            "joined-1.a": rule("(IsComplete \"id\") or (ColumnValues \"n\" > 1)", "warn"),
        },
        "schema_drift": {"new_columns": "fail", "missing_columns": "ignore", "mistyped_values": "quarantine_row"},
        "uniqueness_memory_mb": 1024,
    });
    let id = json!({"type": "string", "minimum_length": 2, "maximum_length": 2, "action": "fail", "severity": "critical"});
    let n = json!({"type": "bigint", "exclusive_minimum": "0.5", "exclusive_maximum": 9, "weight": 1000});
    let changes = [(QUALITY, quality), ("/datasets/readings/columns", json!({"id": id, "n": n}))];
    assert_eq!(found(&changes), Vec::<String>::new());
}

#[test]
fn rules_wait_for_the_types_of_columns() {
    let of_texts =
        || (format!("{QUALITY}/ruleset"), json!("Rules = [ Mean \"n\" > 1, ColumnLength \"m\" > 1 ]"));
    let named =
        || (format!("{QUALITY}/rules"), json!({"few": {"rule": "Mean \"n\" > 1", "action": UNKNOWN}}));
    let places = [
        "/datasets/readings/columns",
        "/datasets/readings/columns/n",
        "/datasets/readings/columns/n/type",
        "/datasets/readings/columns/other",
    ];
    for place in places {
        for rules in [of_texts(), named()] {
            let changes = [(place, json!(UNKNOWN)), (rules.0.as_str(), rules.1)];
            assert_eq!(found(&changes), Vec::<String>::new(), "{place}");
        }
    }
    // What is wrong whatever the columns are is said all the same.
    for (field, value) in
        [("ruleset", json!("Rules = [ Mean ]")), ("rules", json!({"few": {"rule": "Mean"}}))]
    {
        let rules = format!("{QUALITY}/{field}");
        assert_eq!(found(&[(places[2], json!(UNKNOWN)), (&rules, value)]).len(), 1, "{field}");
    }
    // A type that is wrong is one mistake, not two.
    let rules = of_texts();
    assert_eq!(found(&[(places[2], json!("text")), (&rules.0, rules.1)]).len(), 1);
}

#[test]
fn unknowns_pass() {
    let fields = [
        "rules",
        "rules/few",
        "rules/few/rule",
        "action",
        "max_quarantined_percent",
        "schema_drift",
        "schema_drift/new_columns",
        "uniqueness_memory_mb",
    ];
    for field in fields {
        let place = format!("{QUALITY}/{field}");
        assert_eq!(found(&[(&place, json!(UNKNOWN))]), Vec::<String>::new(), "{field}");
    }
    for field in ["exclusive_minimum", "minimum_length", "maximum_length", "action", "severity", "weight"] {
        let place = format!("/datasets/readings/columns/n/{field}");
        assert_eq!(found(&[(&place, json!(UNKNOWN))]), Vec::<String>::new(), "{field}");
    }
}
