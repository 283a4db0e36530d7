//! What of transforms is refused at plan, and where.

use super::*;

#[test]
fn steps_that_are_refused_at_plan() {
    let mask = |mask: Json| json!([{"mask": mask}]);
    let cases = [
        (
            json!([{"rename": {"from": "nn", "to": "x"}}]),
            "transforms[0].rename.from: there is no column `nn`; did you mean `n`?",
        ),
        (
            json!([{"rename": {"from": "n", "to": "s"}}]),
            "transforms[0].rename.to: there is a column `s` already; drop it first",
        ),
        (
            json!([{"rename": {"from": "n", "to": "N.x"}}]),
            "transforms[0].rename.to: the catalogue has lower-case names without dots: write `n_x`",
        ),
        (
            json!([{"rename": {"from": "n", "to": ""}}]),
            "transforms[0].rename.to: a column name has 1 to 255 bytes",
        ),
        (json!([{"rename": {"from": "n", "to": "_rescued"}}]), "is kept for the engine's own column"),
        (
            json!([{"rename": {"from": "_rescued", "to": "x"}}]),
            "transforms[0].rename.from: there is no column `_rescued`",
        ),
        (
            json!([{"cast": {"column": "b", "to": "date"}}]),
            "transforms[0].cast.to: a boolean cannot be cast to a date",
        ),
        (
            json!([{"cast": {"column": "n", "to": "timestamp"}}]),
            "a number does not say in which unit it counts",
        ),
        (json!([{"cast": {"column": "j", "to": "double"}}]), "cast it to string first"),
        (
            json!([{"derive": {"column": "a b;", "expression": "n"}}]),
            "transforms[0].derive.column: a column name has no control characters",
        ),
        (
            json!([{"derive": {"column": "x", "expression": "n +"}}]),
            "transforms[0].derive.expression: line 1, column 4: expected",
        ),
        (
            json!([{"derive": {"column": "x", "expression": "null"}}]),
            "transforms[0].derive.expression: NULL alone has no type",
        ),
        (json!([{"drop": {"columns": []}}]), "transforms[0].drop.columns: an empty list"),
        (json!([{"drop": {"columns": ["n", "m"]}}]), "transforms[0].drop.columns[1]: there is no column `m`"),
        (
            json!([{"drop": {"columns": ["n", "n"]}}]),
            "transforms[0].drop.columns[1]: there is no column `n` any more: transforms[0].drop drops it",
        ),
        (
            json!([{"drop": {"columns": ["n"]}}, {"filter": {"where": "n > 1"}}]),
            "transforms[1].filter.where: line 1, column 1: there is no column `n` any more: transforms[0].drop drops it",
        ),
        (
            json!([{"rename": {"from": "n", "to": "m"}}, {"cast": {"column": "n", "to": "string"}}]),
            "transforms[1].cast.column: there is no column `n` any more: transforms[0].rename calls it `m`",
        ),
        (
            json!([{"filter": {"where": "n"}}]),
            "transforms[0].filter.where: line 1, column 1: expected a comparison, found a bigint",
        ),
        (
            json!([{"filter": {"where": "b and\n  n = 'x'"}}]),
            "transforms[0].filter.where: line 2, column 3: a bigint does not compare with a string",
        ),
        (mask(json!({"column": "x", "method": "hash"})), "transforms[0].mask.column: there is no column `x`"),
        (
            mask(json!({"column": "n", "method": "partial"})),
            "transforms[0].mask.method: `partial` hides characters of a string; this is a bigint",
        ),
        (
            mask(json!({"column": "s", "method": "hash", "keep_last": 2})),
            "transforms[0].mask.keep_last: is for the method `partial` only",
        ),
        (
            mask(json!({"column": "s", "method": "hash", "replacement": "x"})),
            "transforms[0].mask.replacement: is for the method `redact` only",
        ),
        (
            mask(json!({"column": "s", "method": "null", "key_secret_arn": "arn"})),
            "transforms[0].mask.key_secret_arn: is for the method `hash` only",
        ),
        (
            json!([{"drop": {"columns": ["b", "d", "f", "j", "n", "s", "t", "data.temperature", "empty"]}}]),
            "transforms: no column is left",
        ),
    ];
    for (transforms, expected) in cases {
        let found = problems(json!({"transforms": transforms}));
        assert!(found.len() == 1 && found[0].contains(expected), "{transforms}: {found:?}");
    }
    // Steps that leave the columns as they are do not hide what is wrong with later ones.
    let both = json!([{"filter": {"where": "n >"}}, {"drop": {"columns": ["x"]}}]);
    assert_eq!(problems(json!({"transforms": both})).len(), 2);
    let many: Vec<Json> = (0..101).map(|_| json!({"filter": {"where": "b"}})).collect();
    assert!(problems(json!({"transforms": many}))[0].contains("101 steps are declared; at most 100"));
    let none = problems(json!({"columns": {}, "transforms": [{"filter": {"where": "b"}}]}));
    assert_eq!(none, ["transforms: the dataset declares no columns, so there is nothing to transform"]);
}

#[test]
fn statements_that_are_refused_at_plan() {
    let cases = [
        ("SELECT", "line 1, column 7: expected a column"),
        ("SELECT n", "expected `from`"),
        ("SELECT n FROM other", "column 15: there is no table `other` here: the dataset's rows are `source`"),
        ("SELECT n + 1 FROM source", "expected `AS` and a name"),
        ("SELECT n, n FROM source", "`n` is selected twice"),
        ("SELECT x FROM source", "there is no column `x`"),
        ("SELECT n AS B.c FROM source", "write `b_c` instead"),
        (
            "SELECT n FROM source JOIN other ON 1 = 1",
            "`JOIN` is not supported: rows of two datasets cannot be joined",
        ),
        ("SELECT n FROM source, other", "several tables are not supported"),
        ("SELECT n FROM source GROUP BY n", "`GROUP` is not supported: rows are not grouped"),
        (
            "SELECT n FROM source WHERE n > 1 ORDER BY n",
            "`ORDER` is not supported: rows of a table have no order",
        ),
        ("SELECT n FROM source LIMIT 5", "`LIMIT` is not supported"),
        ("SELECT DISTINCT n FROM source", "`DISTINCT` is not supported"),
        ("SELECT n FROM source UNION SELECT n FROM source", "`UNION` is not supported"),
        ("WITH a AS (SELECT 1) SELECT n FROM a", "`WITH` is not supported"),
        ("SELECT count(n) AS c FROM source", "the function `count` is not supported"),
        ("SELECT n FROM source WHERE n IN (SELECT n FROM source)", "a query within a query"),
        ("DELETE FROM source", "expected `select`"),
        ("SELECT n FROM source s", "expected `WHERE` or the end"),
        ("SELECT NULL AS x FROM source", "NULL alone has no type"),
    ];
    for (sql, expected) in cases {
        let found = problems(json!({"sql": sql}));
        assert!(
            found.len() == 1 && found[0].starts_with("sql: ") && found[0].contains(expected),
            "{sql}: {found:?}"
        );
    }
}
