//! What is kept of rows that do not fit the declared columns.

use super::*;

/// A dataset in this format whose drift is treated so; its columns are `a`, a whole number, and `b.c`, a floating point number.
fn dataset(format: &str, drift: &Value) -> Value {
    json!({
        "format": format, "prefix": "input/readings/", "compression": "auto",
        "columns": {"a": {"type": "bigint"}, "b.c": {"type": "double"}},
        "quality": {"threshold_percent": 0.0, "schema_drift": drift},
        "output": {"partition_by": [], "compression": "zstd"},
    })
}

#[test]
fn what_is_rescued_is_kept_as_it_was_written() {
    let (rescue, both) =
        (json!({"mistyped_values": "rescue"}), json!({"mistyped_values": "rescue", "new_columns": "ignore"}));
    let cases: [(&str, &Value, &str, &str); 9] = [
        ("ndjson", &rescue, r#"{"a":1,"b":{"c":2}}"#, "a=1 b_c=2.0 _rescued=null"),
        ("ndjson", &rescue, r#"{"a":"one","b":{"c":2}}"#, r#"a=null b_c=2.0 _rescued="{"a":"one"}""#),
        (
            "ndjson",
            &rescue,
            r#"{"a":1e999,"b":{"c":[1, "\n"]},"d":0}"#,
            r#"a=null b_c=null _rescued="{"d":0,"a":1e999,"b.c":[1, "\n"]}""#,
        ),
        ("ndjson", &both, r#"{"a":"\u0031","d":0}"#, r#"a=null b_c=null _rescued="{"a":"\u0031"}""#),
        ("ndjson", &both, r#"{"a":2,"d":0}"#, "a=2 b_c=null _rescued=null"),
        // Of a key that stands twice the last value counts.
        ("ndjson", &rescue, r#"{"a":"one","a":2}"#, "a=2 b_c=null _rescued=null"),
        ("ndjson", &rescue, r#"{"a":1,"b":"text"}"#, r#"a=1 b_c=null _rescued="{"b":"text"}""#),
        ("csv", &rescue, "a,b.c,d\none,2,x\n", r#"a=null b_c=2.0 _rescued="{"d":"x","a":"one"}""#),
        ("csv", &both, "a,b.c,d\n1,\"x \"\"y\"\"\",x\n", r#"a=1 b_c=null _rescued="{"b.c":"x \"y\""}""#),
    ];
    for (format, drift, text, expected) in cases {
        let (verdict, files) = run(&dataset(format, drift), text.as_bytes());
        assert_eq!(summary(&verdict), "ok 1/0", "{text}");
        assert_eq!(accepted(&files), [format!("validated/readings/p-00000.parquet: {expected}")], "{text}");
    }
}

/// A value that is rescued is no field that is not declared.
#[test]
fn policies_for_values_and_for_fields_are_apart() {
    let drift = json!({"mistyped_values": "rescue", "new_columns": "fail"});
    let (verdict, _) = run(&dataset("ndjson", &drift), br#"{"a":"one"}"#);
    assert_eq!(summary(&verdict), "ok 1/0");
    let (verdict, _) = run(&dataset("ndjson", &drift), br#"{"a":"one","d":1}"#);
    assert_eq!(summary(&verdict), "row_rule_failed 0/1");
}
