//! Samples and what is made of them, written as `name: type` with a `!` where every row has a value.

use super::*;

fn shown(sample: &str) -> String {
    let columns = infer(sample).unwrap_or_else(|error| panic!("{sample}: {error}"));
    let one = |(name, column): (String, Inferred)| {
        format!("{name}: {}{}", column.column_type, if column.required { "!" } else { "" })
    };
    columns.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

#[test]
fn json_samples() {
    let cases = [
        (r#"{"a": 1}"#, "a: bigint!"),
        (r#"[{"a": 1}, {"a": 2.5}]"#, "a: double!"),
        ("{\"a\": true}\n{\"a\": null}\n", "a: boolean"),
        (r#"{"a": "2026-01-31"}{"a": "2026-02-28"}"#, "a: date!"),
        (r#"{"a": "2026-01-31T12:00:00Z"}"#, "a: timestamp!"),
        (r#"[{"a": "2026-01-31"}, {"a": "2026-02-30"}]"#, "a: string!"),
        (r#"[{"a": "2026-01-31"}, {"a": "2026-01-31T12:00:00Z"}]"#, "a: string!"),
        (r#"[{"a": 1}, {"a": "1"}]"#, "a: json!"),
        (r#"[{"a": [1]}, {"b": {}}]"#, "a: json, b: json"),
        (r#"{"a": 18446744073709551615}"#, "a: double!"),
        (r#"{"a": null}"#, "a: string"),
        (r#"[{"a": {"b": 1, "c": {"d": "x"}}}, {"a": {"b": 2}}]"#, "a.b: bigint!, a.c.d: string"),
        (r#"[{"a": {"b": 1}}, {"a": 3}]"#, "a: json"),
        (r#"[{"a": {"b": 1}}, {"a": null}]"#, "a.b: bigint"),
        (r#"[{"a": {"b": 1}}, {"a": {}}]"#, "a.b: bigint"),
        (r#"[{"a": {}}, {"a": 1}]"#, "a: json!"),
        (r#"[{"a": {"b": 1}}, {}]"#, "a.b: bigint"),
    ];
    for (sample, expected) in cases {
        assert_eq!(shown(sample), expected, "{sample}");
    }
}

#[test]
fn csv_samples() {
    let cases = [
        ("a,b\n1,x\n", "a: bigint!, b: string!"),
        ("a,b\r\n1,\r\n2,0.5\r\n", "a: bigint!, b: double"),
        ("a\tb\n1,5\ttrue\n", "a: string!, b: boolean!"),
        ("zip\n01234\n", "zip: string!"),
        ("a\n0\n-0.5\n", "a: double!"),
        ("a\n12345678901234567890\n", "a: string!"),
        ("a\nnan\n", "a: string!"),
        ("a\n1\nx\n", "a: string!"),
        ("a,b\n\"1,5\",\"say \"\"hi\"\"\nthere\"\n", "a: string!, b: string!"),
        ("day,at\n2026-01-31,2026-01-31T00:00:00+01:00", "at: timestamp!, day: date!"),
        ("a,b\n", "a: string, b: string"),
        ("\u{feff}a\n1\n\n", "a: bigint!"),
    ];
    for (sample, expected) in cases {
        assert_eq!(shown(sample), expected, "{sample:?}");
    }
}

#[test]
fn samples_that_are_not() {
    let cases = [
        (" \n", "is empty"),
        ("{}", "no row of the sample has a field"),
        ("[]", "no row"),
        ("{\"a\": }", "not JSON"),
        ("[1]", "row 1 of the sample is not an object"),
        ("{\"a.b\": 1}", "a dot in a name"),
        ("{\"A\": 1, \"a\": 1}", "are both `a`"),
        ("a,b\n1\n", "row 1 of the sample has 1 fields and the header has 2"),
        ("a,a\n", "names `a` twice"),
        ("a\n\"x", "does not end"),
        ("_rescued\n1\n", "`_rescued`"),
    ];
    for (sample, part) in cases {
        let error = infer(sample).unwrap_err();
        assert!(error.contains(part), "{sample:?}: {error}");
    }
    assert!(infer(&"x".repeat(LONGEST + 1)).unwrap_err().contains("at most 1048576"));
}
