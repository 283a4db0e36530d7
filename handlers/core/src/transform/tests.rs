//! Steps and expressions as data: what comes out of a row, what refuses it, and what is refused when it is planned.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{Datum, Keys, Transformation, check};
use crate::check::Step;
use crate::columns::{parse_date, parse_timestamp, type_word};
use crate::spec::DatasetSpec;
use crate::sql::Function;

mod refusals;

/// A dataset with a column of each type, changed at some places.
fn dataset(changes: Json) -> DatasetSpec {
    let of = |column_type: &str| json!({"type": column_type});
    let mut document = json!({
        "format": "ndjson", "prefix": "input/x/", "compression": "auto",
        "columns": {
            "b": of("boolean"), "d": of("date"), "f": of("double"), "j": of("json"), "n": of("bigint"),
            "data.temperature": of("double"), "empty": of("string"),
            "s": {"type": "string", "required": true, "classification": "pii", "enum": ["Ab c", "x"]},
            "t": of("timestamp"),
        },
        "quality": {"threshold_percent": 0}, "output": {"partition_by": [], "compression": "none"},
    });
    for (name, value) in changes.as_object().unwrap() {
        document[name] = value.clone();
    }
    serde_json::from_value(document).unwrap()
}

/// The values of a row of it, by the names in its files.
fn values() -> BTreeMap<&'static str, Datum<'static>> {
    BTreeMap::from([
        ("b", Datum::Boolean(true)),
        ("d", Datum::Date(parse_date("2026-02-28").unwrap())),
        ("data_temperature", Datum::Double(21.5)),
        ("empty", Datum::Null),
        ("f", Datum::Double(-2.5)),
        ("j", Datum::Json(Cow::Borrowed("{\"a\":1}"))),
        ("n", Datum::Bigint(7)),
        ("s", Datum::Text(Cow::Borrowed("Ab c"))),
        ("t", Datum::Timestamp(parse_timestamp("2026-02-28T23:45:59.250Z").unwrap())),
        ("_rescued", Datum::Json(Cow::Borrowed("{\"more\":true}"))),
    ])
}

/// What becomes of the row: its columns as `name type=text`, or `filtered`, or the step, column and reason.
fn outcome(spec: &DatasetSpec, keys: Keys<'_>) -> String {
    let transformation = match Transformation::compile(spec, keys) {
        Ok(found) => found.unwrap(),
        Err(problems) => return format!("refused at plan: {problems:?}"),
    };
    let values = values();
    let mut row: Vec<Datum<'_>> =
        transformation.inputs.iter().map(|input| values[input.name.as_str()].clone()).collect();
    match transformation.run(&mut row) {
        Ok(false) => "filtered".to_owned(),
        Err(refusal) => format!("{} [{}]: {}", refusal.step, refusal.column, refusal.message),
        Ok(true) => {
            let columns = transformation.columns.iter().map(|column| {
                let value = row[column.slot].text().map_or_else(|| "NULL".to_owned(), Cow::into_owned);
                format!("{} {}={value}", column.name, type_word(column.spec.column_type))
            });
            columns.collect::<Vec<_>>().join(", ")
        }
    }
}

/// The outcome of one derived column.
fn derived(expression: &str) -> String {
    let steps = json!([
        {"derive": {"column": "x", "expression": expression}},
        {"drop": {"columns": ["b", "d", "data_temperature", "empty", "f", "j", "n", "s", "t"]}},
    ]);
    outcome(&dataset(json!({"transforms": steps})), Keys::AtPlan)
}

/// The problems as `path: message`.
fn problems(changes: Json) -> Vec<String> {
    let path = |steps: &[Step]| {
        steps.iter().fold(String::new(), |path, step| match step {
            Step::Attribute(name) if path.is_empty() => name.clone(),
            Step::Attribute(name) => format!("{path}.{name}"),
            Step::Key(key) => format!("{path}[{key:?}]"),
            Step::Index(index) => format!("{path}[{index}]"),
        })
    };
    let found = check(&dataset(changes));
    found.iter().map(|problem| format!("{}: {}", path(&problem.path), problem.message)).collect()
}

#[test]
fn expressions() {
    let cases = include_str!("tests/expressions.txt");
    let mut checked = 0;
    for line in cases.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (expression, expected) = line.split_once(" => ").unwrap_or_else(|| panic!("no ` => `: {line}"));
        let expected = match expected.strip_prefix("fault: ") {
            Some(reason) => format!("transforms[0].derive [x]: {reason}"),
            None => format!("x {expected}"),
        };
        assert_eq!(derived(expression.trim()), expected, "{expression}");
        checked += 1;
    }
    assert!(checked >= 90, "{checked}");
}

#[test]
fn every_line_of_the_guide_holds() {
    let guide = include_str!("../../../../docs/guides/transforms.md");
    let table = guide.split("| expression | value |").nth(1).unwrap().split("\n\n").next().unwrap();
    let mut words = Vec::new();
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let line = line.replace("\\|", "\u{1}");
        let cells: Vec<String> = line.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect();
        let expression = cells[1].trim_matches('`');
        assert_eq!(derived(expression), format!("x {}", cells[2]), "{expression}");
        words.push(expression.to_lowercase());
    }
    let explained = |word: &str| words.iter().any(|line| line.contains(&format!("{word}(")));
    let aliases = ["char_length", "substring", "ceiling"];
    let functions = Function::OF_RULES.iter().chain(&Function::OF_VALUES).map(|(word, ..)| *word);
    let missing: Vec<&str> = functions.filter(|word| !aliases.contains(word) && !explained(word)).collect();
    assert!(missing.is_empty(), "the guide does not explain {missing:?}");
}

#[test]
fn expressions_that_are_refused_at_plan() {
    let cases = include_str!("tests/refused.txt");
    let mut checked = 0;
    for line in cases.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (expression, expected) = line.split_once(" => ").unwrap_or_else(|| panic!("no ` => `: {line}"));
        let steps = json!([{"derive": {"column": "x", "expression": expression.trim()}}]);
        let found = check(&dataset(json!({"transforms": steps})));
        assert_eq!(found.len(), 1, "{expression}: {found:?}");
        assert!(found[0].message.contains(expected), "{expression}: {}", found[0].message);
        checked += 1;
    }
    assert!(checked >= 45, "{checked}");
}

#[test]
fn steps() {
    let keep = |columns: &[&str]| {
        let all = ["b", "d", "data_temperature", "empty", "f", "j", "n", "s", "t"];
        let dropped: Vec<&&str> = all.iter().filter(|column| !columns.contains(column)).collect();
        json!({"drop": {"columns": dropped}})
    };
    let mask = |mask: Json| json!([keep(&["s", "n"]), {"mask": mask}]);
    let cases = [
        (json!([keep(&["n"])]), "n bigint=7"),
        (json!([keep(&["n"]), {"rename": {"from": "n", "to": "count"}}]), "count bigint=7"),
        (
            json!([keep(&["data_temperature"]), {"rename": {"from": "data.temperature", "to": "celsius"}}]),
            "celsius double=21.5",
        ),
        (json!([keep(&["n"]), {"cast": {"column": "n", "to": "string"}}]), "n string=7"),
        (json!([keep(&["t"]), {"cast": {"column": "t", "to": "date"}}]), "t date=2026-02-28"),
        (
            json!([keep(&["s"]), {"cast": {"column": "s", "to": "bigint"}}]),
            "transforms[1].cast [s]: the text is not a whole number of 64 bits",
        ),
        (
            json!([keep(&["n"]), {"derive": {"column": "n", "expression": "n * 2"}}, {"derive": {"column": "m", "expression": "n + 1"}}]),
            "n bigint=14, m bigint=15",
        ),
        (json!([keep(&["n"]), {"filter": {"where": "n > 6"}}]), "n bigint=7"),
        (json!([keep(&["n"]), {"filter": {"where": "n > 7"}}]), "filtered"),
        (json!([keep(&["empty"]), {"filter": {"where": "empty = 'x'"}}]), "filtered"),
        (
            json!([{"filter": {"where": "n / 0 > 1"}}]),
            "transforms[0].filter []: the divisor is nought; nullif(x, 0) makes null of it",
        ),
        (
            json!([{"drop": {"columns": ["n"]}}, {"derive": {"column": "n", "expression": "_rescued"}}, keep(&["n"])]),
            "n json={\"more\":true}",
        ),
        (mask(json!({"column": "s", "method": "redact"})), "n bigint=7, s string=***"),
        (mask(json!({"column": "s", "method": "redact", "replacement": ""})), "n bigint=7, s string="),
        (mask(json!({"column": "n", "method": "redact", "replacement": "0"})), "n string=0, s string=Ab c"),
        (
            mask(json!({"column": "s", "method": "partial", "keep_first": 1, "keep_last": 1})),
            "n bigint=7, s string=A**c",
        ),
        (mask(json!({"column": "s", "method": "null"})), "n bigint=7, s string=NULL"),
        (mask(json!({"column": "n", "method": "null"})), "n bigint=NULL, s string=Ab c"),
        (
            mask(json!({"column": "n", "method": "hash"})),
            "n string=7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451, s string=Ab c",
        ),
    ];
    for (transforms, expected) in cases {
        let spec = dataset(json!({"transforms": transforms}));
        assert_eq!(outcome(&spec, Keys::AtPlan), expected, "{transforms}");
    }
}

#[test]
fn a_keyed_hash_needs_its_key() {
    let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf";
    let mask = json!({"column": "s", "method": "hash", "key_secret_arn": arn});
    let spec = dataset(
        json!({"transforms": [{"derive": {"column": "s", "expression": "'Hi There'"}}, {"mask": mask}], "sql": "SELECT s FROM source"}),
    );
    assert_eq!(super::secrets(&spec).into_iter().collect::<Vec<_>>(), [arn]);
    let keys = BTreeMap::from([(arn.to_owned(), vec![0x0b; 20])]);
    assert_eq!(
        outcome(&spec, Keys::Known(&keys)),
        "s string=b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    );
    assert!(
        outcome(&spec, Keys::Known(&BTreeMap::new())).contains("the value of this secret is not at hand")
    );
}

#[test]
fn statements() {
    let cases = [
        ("SELECT n FROM source", "n bigint=7"),
        (
            "SELECT upper(s) AS loud, n AS count, data.temperature FROM source WHERE n > 1",
            "loud string=AB C, count bigint=7, data_temperature double=21.5",
        ),
        ("select n from SOURCE where b and n < 7", "filtered"),
        (
            "SELECT n, CAST(s AS bigint) AS m FROM source",
            "sql [m]: the text is not a whole number of 64 bits",
        ),
    ];
    for (sql, expected) in cases {
        assert_eq!(outcome(&dataset(json!({"sql": sql})), Keys::AtPlan), expected, "{sql}");
    }
    // The statement reads what the steps leave.
    let both = json!({
        "transforms": [{"rename": {"from": "n", "to": "m"}}, {"drop": {"columns": ["b", "d", "f", "j", "s", "t", "empty"]}}],
        "sql": "SELECT *, m + 1 AS next FROM source",
    });
    assert_eq!(
        outcome(&dataset(both), Keys::AtPlan),
        "data_temperature double=21.5, m bigint=7, next bigint=8"
    );
}

#[test]
fn folders_of_the_result() {
    let output = json!({"partition_by": ["s"], "compression": "none"});
    let rename = json!([{"rename": {"from": "s", "to": "word"}}]);
    let by = |columns: Json| json!({"partition_by": columns});
    let day = json!([{"derive": {"column": "day", "expression": "CAST(t AS date)"}}]);
    let refused = [
        (
            json!({"output": output, "transforms": rename}),
            "curated.partition_by: the transformed rows have no column `s`; it is a folder of the accepted rows",
        ),
        (
            json!({"transforms": rename, "curated": by(json!(["word", "x"]))}),
            "curated.partition_by[1]: the transformed rows have no column `x`",
        ),
        (
            json!({"transforms": rename, "curated": by(json!(["word", "word"]))}),
            "curated.partition_by[1]: `word` stands twice",
        ),
        (
            json!({"transforms": rename, "curated": by(json!(["t"]))}),
            "curated.partition_by[0]: `t` is a timestamp; folders are made of",
        ),
        (
            json!({"transforms": rename, "curated": by(json!(["word", "b", "d", "n", "empty"]))}),
            "curated.partition_by: at most 4",
        ),
        (
            json!({"sql": "SELECT n FROM source", "curated": by(json!(["n"]))}),
            "curated.partition_by: at least one column must stay",
        ),
        (json!({"curated": by(json!(["n"]))}), "curated.partition_by: there are no curated rows without"),
    ];
    for (changes, expected) in refused {
        let found = problems(changes.clone());
        assert!(found.len() == 1 && found[0].starts_with(expected), "{changes}: {found:?}");
    }
    let folders = |changes: Json| {
        let found = Transformation::compile(&dataset(changes), Keys::AtPlan).unwrap().unwrap();
        let names = found.partition_by.iter().map(|at| found.columns[*at].name.clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(folders(json!({"output": output, "transforms": day})), ["s"]);
    assert_eq!(folders(json!({"output": output, "transforms": day, "curated": by(json!(["day"]))})), ["day"]);
    assert!(folders(json!({"output": output, "transforms": rename, "curated": by(json!([]))})).is_empty());
    // A row without a value for a folder lies where no query looks, so it is refused.
    let empty = json!({"sql": "SELECT n, empty FROM source", "curated": by(json!(["empty"]))});
    assert_eq!(
        outcome(&dataset(empty), Keys::AtPlan),
        "curated.partition_by [empty]: there is no value for a column that becomes a folder"
    );
}

#[test]
fn what_is_known_of_a_columns_values() {
    let of = |transforms: Json| {
        let found =
            Transformation::compile(&dataset(json!({"transforms": transforms})), Keys::AtPlan).unwrap();
        let columns = found.unwrap().columns;
        let column = columns.into_iter().find(|column| column.name == "word").unwrap();
        (column.spec.allowed.is_some(), column.spec.required, column.spec.classification)
    };
    let rename = json!({"rename": {"from": "s", "to": "word"}});
    let pii = || Some("pii".to_owned());
    assert_eq!(of(json!([rename])), (true, true, pii()));
    assert_eq!(of(json!([rename, {"mask": {"column": "word", "method": "redact"}}])), (false, false, pii()));
    assert_eq!(of(json!([{"derive": {"column": "word", "expression": "s"}}])), (false, false, None));
}
