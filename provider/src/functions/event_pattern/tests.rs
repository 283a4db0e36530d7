//! Patterns and events; most are those of EventBridge's own documentation.

use super::*;

fn matches(pattern: &str, event: &str) -> bool {
    let pattern = Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    pattern.matches(&serde_json::from_str(event).unwrap())
}

/// A list of conditions for the field `a`, events' values for it that match, and some that do not.
fn check(cases: &[(&str, &[&str], &[&str])]) {
    for (conditions, right, wrong) in cases {
        let pattern = format!("{{\"a\": {conditions}}}");
        for (values, expected) in [(right, true), (wrong, false)] {
            for value in *values {
                let event = if *value == "absent" { "{}".to_owned() } else { format!("{{\"a\": {value}}}") };
                assert_eq!(matches(&pattern, &event), expected, "{pattern} {event}");
            }
        }
    }
}

#[test]
fn conditions() {
    check(&[
        (
            "[\"x\", 1]",
            &["\"x\"", "1", "1.0", "[\"y\", \"x\"]"],
            &["\"X\"", "\"1\"", "null", "absent", "[]", "{\"x\": 1}"],
        ),
        ("[null, true]", &["null", "true"], &["false", "\"\"", "absent"]),
        ("[{\"prefix\": \"eu-\"}]", &["\"eu-west-1\""], &["\"EU-west-1\"", "\"us\"", "1", "absent"]),
        ("[{\"prefix\": {\"equals-ignore-case\": \"EU-\"}}]", &["\"eu-west\"", "\"Eu-x\""], &["\"us\""]),
        ("[{\"suffix\": \".png\"}]", &["\"a.png\""], &["\"a.PNG\"", "\"png\""]),
        ("[{\"suffix\": {\"equals-ignore-case\": \".Png\"}}]", &["\"a.PNG\""], &["\"a.jpg\""]),
        ("[{\"equals-ignore-case\": \"Alice\"}]", &["\"aLICE\""], &["\"alic\"", "1"]),
        (
            "[{\"wildcard\": \"dir/*/*.png\"}]",
            &["\"dir/a/b.png\"", "\"dir/a/b/c.png\""],
            &["\"dir/a.png\"", "\"dir/a/png\""],
        ),
        ("[{\"wildcard\": \"a*a\"}]", &["\"aa\"", "\"abaa\""], &["\"a\"", "\"ab\""]),
        ("[{\"wildcard\": \"a\\\\*\\\\\\\\\"}]", &["\"a*\\\\\""], &["\"ab\\\\\""]),
        (
            "[{\"anything-but\": \"x\"}]",
            &["\"y\"", "1", "null", "[\"x\", \"y\"]"],
            &["\"x\"", "absent", "[]"],
        ),
        ("[{\"anything-but\": [\"x\", 1]}]", &["\"y\"", "2"], &["\"x\"", "1"]),
        ("[{\"anything-but\": {\"prefix\": \"x\"}}]", &["\"yx\""], &["\"xy\"", "absent"]),
        ("[{\"anything-but\": {\"suffix\": [\".txt\", \".rtf\"]}}]", &["\"a.png\""], &["\"a.rtf\""]),
        ("[{\"anything-but\": {\"equals-ignore-case\": [\"x\"]}}]", &["\"y\""], &["\"X\""]),
        ("[{\"anything-but\": {\"wildcard\": \"*/lib/*\"}}]", &["\"a/b\""], &["\"a/lib/b\""]),
        ("[{\"numeric\": [\"=\", 5]}]", &["5", "5.0"], &["5.1", "\"5\"", "absent"]),
        ("[{\"numeric\": [\">\", 0, \"<=\", 5]}]", &["0.1", "5"], &["0", "5.1"]),
        ("[{\"numeric\": [\"<\", -1]}]", &["-2"], &["-1"]),
        ("[{\"numeric\": [\">=\", 3]}]", &["3"], &["2"]),
        ("[{\"exists\": true}]", &["1", "null", "\"\"", "[1]"], &["absent", "{\"b\": 1}", "[]"]),
        ("[{\"exists\": false}]", &["absent", "{\"b\": 1}", "[]"], &["null", "1"]),
        ("[\"x\", {\"exists\": false}]", &["absent", "\"x\""], &["\"y\""]),
        ("[{\"cidr\": \"10.0.0.0/24\"}]", &["\"10.0.0.255\""], &["\"10.0.1.0\"", "\"::a00:0\"", "\"x\""]),
        ("[{\"cidr\": \"0.0.0.0/0\"}]", &["\"1.2.3.4\""], &["\"::1\""]),
        ("[{\"cidr\": \"2001:db8::/32\"}]", &["\"2001:db8:1::\""], &["\"2001:db9::\""]),
    ]);
}

#[test]
fn objects_and_choices() {
    let created = r#"{"source": ["aws.s3"], "detail": {"bucket": {"name": ["b"]}, "object": {"key": [{"prefix": "input/"}]}}}"#;
    let event = |key: &str| {
        format!(
            r#"{{"source": "aws.s3", "detail": {{"bucket": {{"name": "b"}}, "object": {{"key": "{key}"}}}}}}"#
        )
    };
    let either =
        r#"{"source": ["s"], "detail": {"$or": [{"c": [{"numeric": [">", 3]}]}, {"d": ["x"], "e": ["y"]}]}}"#;
    let list = r#"{"a": {"b": ["x"], "c": ["y"]}}"#;
    let cases = [
        (created, event("input/a"), true),
        (created, event("output/a"), false),
        (created, r#"{"source": "aws.s3", "detail": "text"}"#.to_owned(), false),
        (either, r#"{"source": "s", "detail": {"c": 4}}"#.to_owned(), true),
        (either, r#"{"source": "s", "detail": {"d": "x", "e": "y"}}"#.to_owned(), true),
        (either, r#"{"source": "s", "detail": {"c": 3, "d": "x"}}"#.to_owned(), false),
        (either, r#"{"source": "t", "detail": {"c": 4}}"#.to_owned(), false),
        // One object of a list has to match all of it.
        (list, r#"{"a": [{"b": "x"}, {"b": "x", "c": "y"}]}"#.to_owned(), true),
        (list, r#"{"a": [{"b": "x"}, {"c": "y"}]}"#.to_owned(), false),
        (r#"{"a": {"b": [{"exists": false}]}}"#, "{}".to_owned(), true),
    ];
    for (pattern, event, expected) in cases {
        assert_eq!(matches(pattern, &event), expected, "{pattern} {event}");
    }
}

#[test]
fn patterns_that_are_not() {
    let cases = [
        ("", "is not JSON"),
        ("[]", "is not an object"),
        ("{}", "the pattern: an empty object"),
        (r#"{"a": {}}"#, "a: an empty object"),
        (r#"{"a": "x"}"#, "a: \"x\" has to stand in a list"),
        (r#"{"a": {"b": []}}"#, "a.b: an empty list"),
        (r#"{"a": [[1]]}"#, "a list within a list"),
        (r#"{"a": [{"prefx": "x"}]}"#, "`prefx` is none of prefix"),
        (r#"{"a": [{"prefix": "x", "suffix": "y"}]}"#, "an object of one member"),
        (r#"{"a": [{"prefix": ""}]}"#, "`prefix` cannot be"),
        (r#"{"a": [{"exists": "x"}]}"#, "`exists` cannot be"),
        (r#"{"a": [{"wildcard": "a**"}]}"#, "two `*` in a row"),
        (r#"{"a": [{"wildcard": "\\a"}]}"#, "a backslash"),
        (r#"{"a": [{"numeric": []}]}"#, "`numeric` is"),
        (r#"{"a": [{"numeric": ["<", 5, ">", 0]}]}"#, "`numeric` is"),
        (r#"{"a": [{"numeric": [">", 5, "<", 0]}]}"#, "`numeric` is"),
        (r#"{"a": [{"numeric": [">", "5"]}]}"#, "`numeric` is"),
        (r#"{"a": [{"cidr": "10.0.0.0/33"}]}"#, "is not a network"),
        (r#"{"a": [{"anything-but": []}]}"#, "needs a value"),
        (r#"{"a": [{"anything-but": [null]}]}"#, "takes texts and numbers"),
        (r#"{"a": [{"anything-but": {"numeric": [">", 0]}}]}"#, "cannot hold `numeric`"),
        (r#"{"$or": [{"a": [1]}]}"#, "$or: needs at least two"),
        (r#"{"$or": [1, 2]}"#, "$or: holds patterns"),
    ];
    for (pattern, part) in cases {
        let error = Pattern::parse(pattern).unwrap_err();
        assert!(error.contains(part), "{pattern}: {error}");
    }
}
