//! Wrong configurations, each with the path and a part of the message; and right ones that must pass.

use serde_json::{Value, json};
use tf_provider::Diagnostics;

use super::super::model::examples::{UNKNOWN, config};
use super::validate;

mod formats;
mod rules;
mod transforms;

/// The diagnostics as `path: message`.
fn found(changes: &[(&str, Value)]) -> Vec<String> {
    let mut diags = Diagnostics::default();
    validate(&config(changes), &mut diags);
    diags.errors.iter().map(|error| format!("{}: {}", error.attribute, error.detail)).collect()
}

/// One change, the path it must be reported at, a part of the message.
fn check(cases: &[(&str, Value, &str, &str)]) {
    for (pointer, value, path, part) in cases {
        let found = found(&[(pointer, value.clone())]);
        let hit =
            found.iter().any(|problem| problem.starts_with(&format!("{path}: ")) && problem.contains(part));
        assert!(hit, "{pointer} = {value}: expected `{path}: …{part}…`, found {found:#?}");
        assert_eq!(found.len(), 1, "{pointer} = {value}: {found:#?}");
    }
}

#[test]
fn names() {
    check(&[
        ("/name", json!("a"), "name", "has 1 characters"),
        ("/name", json!("a234567890123456789012345"), "name", "has 25 characters; a name has 2 to 24"),
        ("/name", json!("Sensors"), "name", "lower-case letters, digits and hyphens"),
        ("/name", json!("sen_sors"), "name", "lower-case letters"),
        ("/name", json!("sensörs"), "name", "lower-case letters"),
        ("/name", json!("1sensors"), "name", "must begin with a letter"),
        ("/name", json!("sensors-"), "name", "end with a letter or digit"),
        ("/name", json!("sen--sors"), "name", "no two hyphens"),
        ("/name", json!("aws-lake"), "name", "`aws-`, which AWS keeps"),
        ("/name", json!("primary"), "name", "AWS makes itself"),
        ("/name", json!(null), "name", "is required"),
        (
            "/datasets/Readings",
            json!({"format": "json"}),
            "datasets[\"Readings\"]",
            "begin with a lower-case letter",
        ),
        ("/datasets/a-b", json!({"format": "json"}), "datasets[\"a-b\"]", "becomes a table"),
        ("/datasets/_unknown", json!({"format": "json"}), "datasets[\"_unknown\"]", "becomes a table"),
        ("/datasets/x", json!(null), "datasets[\"x\"]", "is null"),
        ("/datasets", json!({}), "datasets", "0 datasets are declared"),
        ("/datasets", json!(null), "datasets", "is required"),
    ]);
}

#[test]
fn datasets() {
    let columns = "/datasets/readings/columns";
    let at = |rest: &str| format!("{columns}/{rest}");
    let path = |rest: &str| format!("datasets[\"readings\"].columns{rest}");
    let cases = [
        (
            at("id/type"),
            json!("text"),
            path("[\"id\"].type"),
            "unknown value `text`, expected one of `string`, `bigint`",
        ),
        (at("id/type"), json!(null), path("[\"id\"].type"), "is required"),
        (at("id/pattern"), json!("("), path("[\"id\"].pattern"), "does not compile"),
        (at("n/pattern"), json!("x"), path("[\"n\"].pattern"), "a pattern is for texts"),
        (at("id/enum"), json!([]), path("[\"id\"].enum"), "an empty list"),
        (at("id/enum"), json!(["a", null]), path("[\"id\"].enum"), "an element is null"),
        (at("n/enum"), json!(["x"]), path("[\"n\"].enum"), "`x` is not a bigint"),
        (at("id/minimum"), json!(1), path("[\"id\"].minimum"), "a minimum is for numbers"),
        (
            at("n"),
            json!({"type": "bigint", "minimum": 2, "maximum": "1.5"}),
            path("[\"n\"].minimum"),
            "2 is above the maximum 1.5",
        ),
        (at("a..b"), json!({"type": "string"}), path("[\"a..b\"]"), "a dot reaches"),
        (at("ID"), json!({"type": "string"}), path("[\"id\"]"), "are both `id`"),
        (at("x"), json!(null), path("[\"x\"]"), "is null"),
        (at("id/classification"), json!("very secret"), path("[\"id\"].classification"), "not one word"),
    ];
    let cases: Vec<_> = cases
        .iter()
        .map(|(at, value, path, part)| (at.as_str(), value.clone(), path.as_str(), *part))
        .collect();
    check(&cases);
    check(&[
        (
            "/datasets/readings/format",
            json!("xml"),
            "datasets[\"readings\"].format",
            "`json`, `ndjson`, `csv`",
        ),
        ("/datasets/readings/format", json!(null), "datasets[\"readings\"].format", "is required"),
        (
            "/datasets/readings/compression",
            json!("zip"),
            "datasets[\"readings\"].compression",
            "unknown value `zip`",
        ),
        ("/datasets/readings/prefix", json!("input/a"), "datasets[\"readings\"].prefix", "must end in `/`"),
        ("/datasets/readings/prefix", json!(""), "datasets[\"readings\"].prefix", "an empty prefix"),
        (
            "/datasets/x",
            json!({"format": "csv", "prefix": "input/readings/x/"}),
            "datasets[\"x\"].prefix",
            "prefixes must not overlap",
        ),
        (
            "/datasets/readings/output/compression",
            json!("lzo"),
            "datasets[\"readings\"].output.compression",
            "unknown value `lzo`",
        ),
        (
            "/datasets/readings/output/partition_by",
            json!(["m"]),
            "datasets[\"readings\"].output.partition_by[0]",
            "there is no column `m`",
        ),
        (
            "/datasets/readings/output/partition_by",
            json!([UNKNOWN, "m"]),
            "datasets[\"readings\"].output.partition_by[1]",
            "there is no column `m`",
        ),
        (
            "/datasets/readings/quality/threshold_percent",
            json!(101),
            "datasets[\"readings\"].quality.threshold_percent",
            "not between 0 and 100",
        ),
        (
            "/datasets/readings/quality/ruleset",
            json!("Rules = [ RowCount > ]"),
            "datasets[\"readings\"].quality.ruleset",
            "line 1, column",
        ),
        (
            "/datasets/readings/quality/ruleset",
            json!("Rules = [ IsComplete \"idd\" ]"),
            "datasets[\"readings\"].quality.ruleset",
            "`idd`",
        ),
    ]);
}

#[test]
fn limits_and_words() {
    let tags = |count: usize| -> Value { (0..count).map(|n| (format!("k{n}"), json!("v"))).collect() };
    check(&[
        (
            "/functions/ingest/memory_mb",
            json!(127),
            "functions.ingest.memory_mb",
            "127 is not a whole number from 128 to 10240",
        ),
        (
            "/functions/validate/memory_mb",
            json!("256.5"),
            "functions.validate.memory_mb",
            "not a whole number",
        ),
        (
            "/functions/quality/timeout_seconds",
            json!(901),
            "functions.quality.timeout_seconds",
            "from 1 to 900",
        ),
        (
            "/functions/quality/timeout_seconds",
            json!(0),
            "functions.quality.timeout_seconds",
            "from 1 to 900",
        ),
        ("/functions/validate/batch_size", json!(11), "functions.validate.batch_size", "from 1 to 10"),
        (
            "/functions/validate/reserved_concurrency",
            json!(-1),
            "functions.validate.reserved_concurrency",
            "from 0",
        ),
        (
            "/functions/validate/maximum_concurrency",
            json!(1),
            "functions.validate.maximum_concurrency",
            "from 2 to 1000",
        ),
        (
            "/functions/validate",
            json!({"reserved_concurrency": 4, "maximum_concurrency": 5}),
            "functions.validate.maximum_concurrency",
            "above reserved_concurrency (4)",
        ),
        ("/retention/log_days", json!(31), "retention.log_days", "none of the days CloudWatch takes"),
        ("/retention/raw_days", json!(-1), "retention.raw_days", "from 0 to 36500"),
        ("/retention/dead_letter_days", json!(15), "retention.dead_letter_days", "from 1 to 14"),
        ("/retention/dead_letter_days", json!(0), "retention.dead_letter_days", "from 1 to 14"),
        ("/architecture", json!("riscv"), "architecture", "none of `x86_64`, `arm64`"),
        ("/crawler_schedule", json!("rate(6 hours)"), "crawler_schedule", "no `rate(…)`"),
        ("/crawler_schedule", json!("cron(0 6 * * *)"), "crawler_schedule", "has 5 fields"),
        ("/kms_key_arn", json!("alias/lake"), "kms_key_arn", "not the ARN of a KMS key"),
        (
            "/kms_key_arn",
            json!("arn:aws:kms:eu-west-1:123456789012:alias/lake"),
            "kms_key_arn",
            "is an alias",
        ),
        (
            "/kms_key_arn",
            json!("arn:aws:kms:eu-west-1:12345:key/k"),
            "kms_key_arn",
            "not the ARN of a KMS key",
        ),
        (
            "/permissions_boundary_arn",
            json!("arn:aws:iam::123456789012:role/b"),
            "permissions_boundary_arn",
            "not the ARN of an IAM policy",
        ),
        ("/timeouts/create", json!("20"), "timeouts.create", "is not a duration"),
        ("/timeouts/delete", json!("0s"), "timeouts.delete", "leaves no time"),
        ("/tags", tags(46), "tags", "at most 45"),
        ("/tags/AWS:x", json!("v"), "tags[\"AWS:x\"]", "which AWS keeps"),
        ("/tags/datalake:pipeline", json!("v"), "tags[\"datalake:pipeline\"]", "knows its own objects"),
        ("/tags/a", json!("v".repeat(257)), "tags[\"a\"]", "at most 256 characters"),
        ("/tags/a", json!("<b>"), "tags[\"a\"]", "cannot hold '<'"),
        (
            &format!("/tags/{}", "k".repeat(129)),
            json!("v"),
            &format!("tags[\"{}\"]", "k".repeat(129)),
            "not 129",
        ),
    ]);
}

#[test]
fn too_much() {
    let many: Value = (0..101).map(|n| (format!("d{n}x"), json!({"format": "json"}))).collect();
    check(&[("/datasets", many, "datasets", "101 datasets are declared")]);
    let columns: Value =
        (0..900).map(|n| (format!("{}{n}", "c".repeat(250)), json!({"type": "string"}))).collect();
    let wide: Value =
        (0..6).map(|n| (format!("d{n}x"), json!({"format": "json", "columns": columns}))).collect();
    check(&[("/datasets", wide, "datasets", "the handlers read at most")]);
}

#[test]
fn all_at_once_not_one_by_one() {
    let found = found(&[
        ("/name", json!("A")),
        ("/architecture", json!("x")),
        ("/datasets/readings/format", json!("x")),
    ]);
    assert_eq!(found.len(), 3, "{found:#?}");
}

#[test]
fn right_ones_pass() {
    let cases: &[&[(&str, Value)]] = &[
        &[],
        &[("/name", json!("a1"))],
        &[("/name", json!("a23456789012345678901234"))],
        &[("/retention", json!({"log_days": 0, "noncurrent_version_days": 0, "metadata_days": 0}))],
        &[("/functions/validate", json!({"reserved_concurrency": 0, "maximum_concurrency": 5}))],
        &[("/functions/validate", json!({"reserved_concurrency": 5, "maximum_concurrency": 5}))],
        &[("/kms_key_arn", json!("arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1"))],
        &[("/permissions_boundary_arn", json!("arn:aws:iam::aws:policy/PowerUserAccess"))],
        &[("/tags", json!({"Kosten stelle": "äöü 1_.:/=+-@", "empty": ""}))],
        &[
            ("/datasets/readings/output/partition_by", json!(["n"])),
            ("/datasets/readings/columns/data.x", json!({"type": "json"})),
        ],
        &[("/datasets/other", json!({"format": "csv", "quality": {"ruleset": "Rules = [ RowCount > 0 ]"}}))],
    ];
    for changes in cases {
        assert_eq!(found(changes), Vec::<String>::new(), "{changes:?}");
    }
}

#[test]
fn unknowns_pass() {
    let readings = |field: &str, value: Value| (format!("/datasets/readings/{field}"), value);
    let unknown = || json!(UNKNOWN);
    let rules = || readings("quality/ruleset", json!("Rules = [ IsComplete \"idd\" ]"));
    let cases = [
        vec![("/name".to_owned(), unknown())],
        vec![("/datasets".to_owned(), unknown())],
        vec![("/datasets/x".to_owned(), unknown())],
        vec![
            ("/retention".to_owned(), unknown()),
            ("/functions".to_owned(), unknown()),
            ("/timeouts".to_owned(), unknown()),
        ],
        vec![
            ("/functions/ingest".to_owned(), unknown()),
            ("/tags".to_owned(), unknown()),
            ("/architecture".to_owned(), unknown()),
        ],
        vec![
            ("/tags/a".to_owned(), unknown()),
            ("/kms_key_arn".to_owned(), unknown()),
            ("/retention/log_days".to_owned(), unknown()),
        ],
        vec![
            readings("format", unknown()),
            readings("prefix", unknown()),
            readings("compression", unknown()),
        ],
        // The other dataset might lie within the unknown prefix, or not.
        vec![
            readings("prefix", unknown()),
            ("/datasets/x".to_owned(), json!({"format": "csv", "prefix": "input/readings/"})),
        ],
        // Rules and folders may name columns that are not known yet.
        vec![readings("columns", unknown()), rules(), readings("output/partition_by", json!(["whatever"]))],
        // Checks may fit the type.
        vec![
            readings("columns/n", json!({"type": UNKNOWN, "required": true, "pattern": "x", "minimum": 1})),
            readings("output/partition_by", json!(["n"])),
        ],
        vec![readings("columns/n", unknown()), readings("output/partition_by", json!(["n"]))],
        vec![readings("columns/n/required", unknown()), readings("output/partition_by", json!(["n"]))],
        vec![readings("columns/id/enum", json!([UNKNOWN])), readings("columns/n/minimum", unknown())],
        vec![readings("output", unknown()), readings("quality", unknown())],
        vec![readings("output/partition_by", json!([UNKNOWN, UNKNOWN, "n"]))],
    ];
    for case in cases {
        let changes: Vec<(&str, Value)> =
            case.iter().map(|(pointer, value)| (pointer.as_str(), value.clone())).collect();
        assert_eq!(found(&changes), Vec::<String>::new(), "{case:?}");
    }
}

#[test]
fn known_neighbours_of_an_unknown_are_checked() {
    let both = |unknown: &'static str, pointer: &'static str, value: Value| {
        found(&[(unknown, json!(UNKNOWN)), (pointer, value)]).len()
    };
    assert_eq!(both("/name", "/architecture", json!("x")), 1);
    assert_eq!(both("/datasets/readings/prefix", "/datasets/readings/columns/id/pattern", json!("(")), 1);
    assert_eq!(
        both(
            "/datasets/readings/columns",
            "/datasets/readings/quality/ruleset",
            json!("Rules = [ RowCount > ]")
        ),
        1
    );
    assert_eq!(both("/functions/ingest", "/functions/quality/memory_mb", json!(1)), 1);
    assert_eq!(found(&[("/datasets/readings/columns/n/enum", json!([UNKNOWN, "x"]))]).len(), 1);
}
