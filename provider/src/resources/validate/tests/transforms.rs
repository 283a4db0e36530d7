//! Steps and statements: what is refused with its path, and what waits for what is not known yet.

use serde_json::{Value, json};

use super::{UNKNOWN, check, found};

const STEPS: &str = "/datasets/readings/transforms";
const ARN: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf";

#[test]
fn steps() {
    let cases = [
        (
            json!({}),
            "[0]",
            "a step is exactly one of rename, cast, derive, drop, filter and mask; this has none",
        ),
        (
            json!({"drop": {"columns": ["n"]}, "filter": {"where": "n > 1"}}),
            "[0]",
            "this has drop and filter",
        ),
        (json!(null), "[0]", "is null; leave the step out"),
        (json!({"rename": {"from": "nn", "to": "x"}}), "[0].rename.from", "did you mean `n`?"),
        (json!({"rename": {"from": "n", "to": "Ab"}}), "[0].rename.to", "write `ab` instead"),
        (json!({"rename": {"from": "n"}}), "[0].rename.to", "is required"),
        (json!({"cast": {"column": "n", "to": "decimal"}}), "[0].cast.to", "unknown value `decimal`"),
        (json!({"cast": {"column": "n", "to": "date"}}), "[0].cast.to", "cannot be cast to a date"),
        (
            json!({"derive": {"column": "x", "expression": "n +"}}),
            "[0].derive.expression",
            "line 1, column 4: expected",
        ),
        (
            json!({"derive": {"column": "x", "expression": "n || m"}}),
            "[0].derive.expression",
            "no column `m`",
        ),
        (json!({"drop": {"columns": ["n", "x"]}}), "[0].drop.columns[1]", "there is no column `x`"),
        (json!({"drop": {"columns": ["n", null]}}), "[0].drop.columns", "an element is null"),
        (json!({"drop": {}}), "[0].drop.columns", "is required"),
        (json!({"filter": {"where": "n"}}), "[0].filter.where", "expected a comparison, found a bigint"),
        (json!({"filter": {}}), "[0].filter.where", "is required"),
        (
            json!({"mask": {"column": "id", "method": "md5"}}),
            "[0].mask.method",
            "unknown value `md5`, expected one of `hash`, `redact`, `partial`, `null`",
        ),
        (
            json!({"mask": {"column": "n", "method": "partial"}}),
            "[0].mask.method",
            "`partial` hides characters of a string",
        ),
        (
            json!({"mask": {"column": "id", "method": "partial", "keep_last": "1.5"}}),
            "[0].mask.keep_last",
            "not a whole number from 0 to 1000",
        ),
        (
            json!({"mask": {"column": "id", "method": "hash", "key_secret_arn": "my-key"}}),
            "[0].mask.key_secret_arn",
            "is not the ARN of a secret",
        ),
        (
            json!({"mask": {"column": "id", "method": "redact", "key_secret_arn": ARN}}),
            "[0].mask.key_secret_arn",
            "is for the method `hash` only",
        ),
    ];
    for (step, path, part) in cases {
        check(&[(STEPS, json!([step]), &format!("datasets[\"readings\"].transforms{path}"), part)]);
    }
    let dropped = json!([{"drop": {"columns": ["n"]}}, {"mask": {"column": "n", "method": "null"}}]);
    let path = "datasets[\"readings\"].transforms[1].mask.column";
    check(&[(STEPS, dropped, path, "there is no column `n` any more: transforms[0].drop drops it")]);
}

#[test]
fn statements_and_folders() {
    let sql = "/datasets/readings/sql";
    let at = |rest: &str| format!("datasets[\"readings\"].{rest}");
    for (text, part) in [
        (
            "SELECT n FROM source JOIN x ON 1 = 1",
            "line 1, column 22: `JOIN` is not supported: rows of two datasets",
        ),
        ("SELECT count(*) AS n FROM source", "the function `count` is not supported"),
        ("SELECT n FROM readings", "the dataset's rows are `source`"),
    ] {
        check(&[(sql, json!(text), &at("sql"), part)]);
    }
    let folder = |columns: Value| {
        [(sql, json!("SELECT * FROM source")), ("/datasets/readings/curated/partition_by", columns)]
    };
    for (columns, path, part) in [
        (json!(["x"]), at("curated.partition_by[0]"), "the transformed rows have no column `x`"),
        (json!([null]), at("curated.partition_by"), "an element is null"),
    ] {
        let problems = found(&folder(columns));
        assert!(
            problems.len() == 1 && problems[0].starts_with(&path) && problems[0].contains(part),
            "{problems:?}"
        );
    }
    let bare = ("/datasets/readings/curated/partition_by", json!(["id"]));
    check(&[(
        bare.0,
        bare.1,
        &at("curated.partition_by"),
        "there are no curated rows without `transforms` or `sql`",
    )]);
    let taken =
        [(sql, json!("SELECT * FROM source")), ("/datasets/readings_curated", json!({"format": "json"}))];
    let problems = found(&taken);
    assert!(
        problems.len() == 1
            && problems[0].starts_with("datasets[\"readings_curated\"]: the transformed rows of"),
        "{problems:?}"
    );
}

#[test]
fn right_ones_pass_and_unknown_ones_wait() {
    let right = json!([
        {"rename": {"from": "id", "to": "word"}},
        {"cast": {"column": "n", "to": "string"}},
        {"derive": {"column": "both", "expression": "word || n"}},
        {"filter": {"where": "both IS NOT NULL"}},
        {"mask": {"column": "word", "method": "hash", "key_secret_arn": ARN}},
        {"drop": {"columns": ["n"]}},
    ]);
    assert_eq!(found(&[(STEPS, right.clone())]), Vec::<String>::new());
    let wrong = json!([{"drop": {"columns": ["x"]}}]);
    let unknown = [
        (STEPS, json!(UNKNOWN)),
        (STEPS, json!([UNKNOWN])),
        (STEPS, json!([{"filter": UNKNOWN}])),
        (STEPS, json!([{"filter": {"where": UNKNOWN}}, {"drop": {"columns": ["x"]}}])),
        (STEPS, json!([{"mask": {"column": "id", "method": "hash", "key_secret_arn": UNKNOWN}}])),
        ("/datasets/readings/sql", json!(UNKNOWN)),
        ("/datasets/readings/curated", json!(UNKNOWN)),
    ];
    for (place, value) in unknown {
        assert_eq!(found(&[(place, value.clone())]), Vec::<String>::new(), "{value}");
    }
    // What cannot be judged before the columns are known is not judged.
    for place in ["/datasets/readings/columns", "/datasets/readings/columns/n/type"] {
        assert_eq!(
            found(&[(place, json!(UNKNOWN)), (STEPS, wrong.clone())]),
            Vec::<String>::new(),
            "{place}"
        );
    }
    // What is wrong with a step by itself is said all the same.
    let both = json!([{}, {"filter": {"where": UNKNOWN}}]);
    assert_eq!(found(&[(STEPS, both)]).len(), 1);
}
