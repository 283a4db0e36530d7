//! The reader against what RFC 8259 says, and against serde_json on documents that chance has spoiled.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};

use super::*;
use crate::spec::DatasetSpec;

fn dataset() -> CompiledDataset {
    let spec: DatasetSpec = serde_json::from_value(json!({
        "format": "ndjson", "prefix": "x/", "compression": "auto",
        "columns": {
            "a": {"type": "string"}, "b": {"type": "bigint"}, "c": {"type": "double"}, "d": {"type": "boolean"},
            "j": {"type": "json"}, "n.x": {"type": "string"}, "n.y": {"type": "double"},
        },
        "quality": {"threshold_percent": 0.0}, "output": {"partition_by": [], "compression": "none"},
    }))
    .unwrap();
    CompiledDataset::compile("x", &spec).unwrap()
}

/// Outcome and row as text: values in slot order, then what was rescued.
fn read(reader: &mut JsonReader<'_>, text: &str) -> Result<(Vec<String>, String), Unreadable> {
    let mut row = Row::default().renew(7);
    reader.read(text, &mut row)?;
    Ok((row.values.iter().map(|value| format!("{value:?}")).collect(), format!("{{{}}}", row.rescued)))
}

/// What the slots must hold, by a tree that serde_json has made.
fn expected(tree: &Json) -> Vec<String> {
    let text = |value: &Json| match value {
        Json::Null => "Null".to_owned(),
        Json::String(text) => format!("{:?}", Value::Text(text)),
        _ => "Mistyped".to_owned(),
    };
    let double = |value: &Json| match value {
        Json::Null => "Null".to_owned(),
        Json::Number(number) => format!("{:?}", Value::Double(number.to_string().parse().unwrap())),
        _ => "Mistyped".to_owned(),
    };
    let bigint = match &tree["b"] {
        Json::Null => "Null".to_owned(),
        number => {
            number.as_i64().map_or("Mistyped".to_owned(), |number| format!("{:?}", Value::Bigint(number)))
        }
    };
    let boolean = match &tree["d"] {
        Json::Null => "Null".to_owned(),
        value => {
            value.as_bool().map_or("Mistyped".to_owned(), |value| format!("{:?}", Value::Boolean(value)))
        }
    };
    let nested = |key: &str, typed: &dyn Fn(&Json) -> String| match &tree["n"] {
        Json::Object(_) | Json::Null => typed(&tree["n"][key]),
        _ => "Mistyped".to_owned(),
    };
    vec![text(&tree["a"]), bigint, double(&tree["c"]), boolean, nested("x", &text), nested("y", &double)]
}

/// Compares the reader with serde_json on one text.
fn compare(reader: &mut JsonReader<'_>, text: &str) -> Result<(), TestCaseError> {
    let ours = read(reader, text);
    match serde_json::from_str::<Json>(text) {
        Ok(tree) if tree.is_object() => {
            let (values, rescued) = ours.map_err(|error| TestCaseError::fail(format!("{error:?} {text}")))?;
            let (json_column, others): (Vec<_>, Vec<_>) =
                values.iter().enumerate().partition(|(at, _)| *at == 4);
            let wanted = expected(&tree);
            prop_assert_eq!(others.len(), wanted.len(), "{}", text);
            for ((_, value), wanted) in others.into_iter().zip(&wanted) {
                prop_assert!(same(value, wanted), "{} for {} in {}", value, wanted, text);
            }
            prop_assert_eq!(json_column[0].1 == "Null", tree["j"].is_null(), "{}", text);
            let rescued: Json = serde_json::from_str(&rescued)
                .map_err(|error| TestCaseError::fail(format!("rescued {rescued}: {error}")))?;
            for (key, value) in tree.as_object().into_iter().flatten() {
                if !["a", "b", "c", "d", "j", "n"].contains(&key.as_str()) {
                    prop_assert_eq!(&rescued[key], value, "{}", text);
                }
            }
        }
        Ok(_) => prop_assert_eq!(ours, Err(Unreadable::NotAnObject), "{}", text),
        // The grammar knows no largest number.
        Err(error) if error.to_string().contains("number out of range") => {}
        Err(error) => prop_assert_eq!(ours, Err(Unreadable::Malformed), "{}: {}", error, text),
    }
    Ok(())
}

/// Equal, or doubles that are neighbours: serde_json, as it is built here, may miss the nearest double; ours does not.
fn same(ours: &str, theirs: &str) -> bool {
    let bits = |value: &str| {
        let number: f64 = value.strip_prefix("Double(")?.strip_suffix(')')?.parse().ok()?;
        Some(number.to_bits())
    };
    ours == theirs || bits(ours).zip(bits(theirs)).is_some_and(|(one, other)| one.abs_diff(other) <= 2)
}

/// A JSON value of a few levels, with the keys that the dataset knows and others.
fn tree() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (-1000i64..1000).prop_map(Json::from),
        any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(Json::from),
        (-100_000i64..100_000).prop_map(|cents| Json::from(cents as f64 / 100.0)),
        "[ -~é✓😀\u{0}-\u{1f}\"\\\\]{0,12}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec(("[abcdjnxyzé\"]{1,2}", inner), 0..6)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// An object, written in one of several ways.
fn document() -> impl Strategy<Value = String> {
    let members = prop::collection::vec(("[abcdjnxyz]|[a-z]{2}|é", tree()), 0..9);
    (members, 0..3u8, any::<bool>()).prop_map(|(members, style, ascii)| {
        let (comma, colon) = [(",", ":"), (", ", ": "), (" ,\t", "\r\n: ")][usize::from(style)];
        let member = |(key, value): &(String, Json)| format!("\"{key}\"{colon}{value}");
        let text = format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(comma));
        if ascii { escaped(&text) } else { text }
    })
}

/// The same document in ASCII.
fn escaped(text: &str) -> String {
    let mut units = [0; 2];
    let unit = |unit: &u16| format!("\\u{unit:04x}");
    text.chars()
        .map(
            |c| {
                if c.is_ascii() {
                    c.to_string()
                } else {
                    c.encode_utf16(&mut units).iter().map(unit).collect()
                }
            },
        )
        .collect()
}

/// One byte of a document replaced, taken out or put in.
fn spoilt(text: &str, edits: &[(usize, u8, char)]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for (at, how, character) in edits {
        let at = at % (characters.len() + 1);
        match how {
            0 if at < characters.len() => characters[at] = *character,
            1 if at < characters.len() => {
                characters.remove(at);
            }
            2 => characters.truncate(at),
            _ => characters.insert(at, *character),
        }
    }
    characters.into_iter().collect()
}

fn edits() -> impl Strategy<Value = Vec<(usize, u8, char)>> {
    let letters =
        prop::sample::select("{}[]:,\"\\/ \n\t\u{1}0123456789-+.eEutrnfalsd✓".chars().collect::<Vec<_>>());
    prop::collection::vec((any::<usize>(), 0..6u8, letters), 0..4)
}

/// Rows for one reader after the other, and so many of them.
fn differential(cases: u32) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let dataset = dataset();
    let rows = prop::collection::vec((document(), edits()), 1..4);
    let compared = TestRunner::new(config).run(&rows, |texts| {
        // One reader for several rows: what it has learnt of one must not change what it reads of the next.
        let mut reader = JsonReader::new(&dataset);
        for (text, edits) in texts {
            compare(&mut reader, &text)?;
            compare(&mut reader, &spoilt(&text, &edits))?;
        }
        Ok(())
    });
    compared.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn the_reader_accepts_and_reads_what_serde_json_does() {
    differential(400);
}

#[test]
#[ignore = "long: minutes"]
fn long_the_reader_accepts_and_reads_what_serde_json_does() {
    differential(400_000);
}

/// Texts that are no rows, each for its own reason.
const REFUSED: &[&str] = &[
    "",
    " ",
    "{",
    "}",
    "{}}",
    "{} {}",
    "{},",
    "nul",
    "tru",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,}",
    "{\"a\" 1}",
    "{a:1}",
    "{'a':1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":[1,]}",
    "{\"a\":[,1]}",
    "{\"a\":[1 2]}",
    "{\"a\":[1}",
    "{\"a\":{]}",
    "{\"a\":01}",
    "{\"a\":-}",
    "{\"a\":-01}",
    "{\"a\":1.}",
    "{\"a\":.5}",
    "{\"a\":+1}",
    "{\"a\":1e}",
    "{\"a\":1e+}",
    "{\"a\":0x10}",
    "{\"a\":1.e5}",
    "{\"a\":NaN}",
    "{\"a\":Infinity}",
    "{\"a\":-Infinity}",
    "{\"b\":1_000}",
    "{\"c\":1.5.5}",
    "{\"a\":\"}",
    "{\"a\":\"\n\"}",
    "{\"a\":\"\t\"}",
    "{\"a\":\"\u{0}\"}",
    "{\"a\":\"\\x\"}",
    "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\u123g\"}",
    "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\\ud800x\"}",
    "{\"a\":\"\\ud800\\n\"}",
    "{\"a\":\"\\ud800\\ud800\"}",
    "{\"a\":\"\\udc00\"}",
    "{\"z\":\"\\udc00\"}",
    "{\"\\ud800\":1}",
    "{\"a\":nullx}",
    "{\"a\":truefalse}",
    "{\"a\":True}",
    "{\"a\":1}x",
    "{\"a\":1}\u{0}",
    "\u{feff}{}",
    "{\"a\":1}//x",
    "/**/{}",
    "{\"a\":\u{a0}1}",
    "{\"n\":{\"x\":1,}}",
    "{\"n\":{}",
    "[1,2",
    "\"a",
    "{\"a\":\"\\\"}",
    "{\"a\":\"\\",
];

/// Texts that are rows.
const ACCEPTED: &[&str] = &[
    "{}",
    " {} ",
    "\t\r\n{\n}\n",
    "{\"a\":\"\"}",
    "{\"a\":\"\u{7f}\"}",
    "{\"a\":\"\\u0000\"}",
    "{\"a\":\"\\ud83d\\ude00\"}",
    "{\"b\":-0}",
    "{\"b\":0}",
    "{\"c\":0.0}",
    "{\"c\":1e5}",
    "{\"c\":1E+5}",
    "{\"c\":-1.5e-10}",
    "{\"c\":1e400}",
    "{\"z\":1e400}",
    "{\"b\":9223372036854775807}",
    "{\"b\":9223372036854775808}",
    "{\"b\":123456789012345678901234567890}",
    "{\"\":1}",
    "{\"a\":1,\"a\":\"x\"}",
    "{\"a\":[[[[]]]],\"z\":{\"z\":{}}}",
    "{\"n\":null}",
    "{\"n\":5}",
    "{\"n\":{\"x\":\"y\"}}",
    "{\"\\u0061\":\"x\"}",
    "{ \"a\" : \"x\" , \"b\" : 1 }",
];

#[test]
fn the_grammar_is_kept_to_the_letter() {
    let dataset = dataset();
    let mut reader = JsonReader::new(&dataset);
    for text in REFUSED {
        assert_eq!(read(&mut reader, text), Err(Unreadable::Malformed), "{text:?}");
    }
    for text in ACCEPTED {
        assert!(read(&mut reader, text).is_ok(), "{text:?}");
    }
    for text in ["1", "\"x\"", "null", "true", "[]", "[{}]", " -1.5 "] {
        assert_eq!(read(&mut reader, text), Err(Unreadable::NotAnObject), "{text:?}");
    }
}

#[test]
fn numbers_are_the_nearest_doubles() {
    let dataset = dataset();
    let mut reader = JsonReader::new(&dataset);
    for number in [
        "0.1",
        "1.7976931348623157e308",
        "5e-324",
        "9007199254740993",
        "0.30000000000000004",
        "123456789.123456789",
    ] {
        let (values, _) = read(&mut reader, &format!("{{\"c\":{number}}}")).unwrap();
        assert_eq!(values[2], format!("{:?}", Value::Double(number.parse().unwrap())));
    }
    let cases = [
        ("{\"b\":-0}", 1, "Bigint(0)"),
        ("{\"c\":-0}", 2, "Double(-0.0)"),
        ("{\"b\":1.0}", 1, "Mistyped"),
        ("{\"b\":9223372036854775808}", 1, "Mistyped"),
        ("{\"b\":-9223372036854775808}", 1, "Bigint(-9223372036854775808)"),
        ("{\"c\":1e400}", 2, "Mistyped"),
        ("{\"j\": [1, {}] }", 4, "Json(\"[1, {}]\")"),
        ("{\"j\":null}", 4, "Null"),
        ("{\"n\":{\"x\":\"\\n\"},\"n\":{}}", 5, "Null"),
        ("{\"a\":\"\\n\",\"a\":\"x\"}", 0, "Text(\"x\")"),
    ];
    for (text, slot, expected) in cases {
        assert_eq!(read(&mut reader, text).unwrap().0[slot], expected, "{text}");
    }
}

#[test]
fn the_depth_of_a_field_is_bounded() {
    let dataset = dataset();
    let mut reader = JsonReader::new(&dataset);
    let nested = |levels: usize| format!("{{\"z\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    assert!(read(&mut reader, &nested(DEEPEST)).is_ok());
    assert_eq!(read(&mut reader, &nested(DEEPEST + 1)), Err(Unreadable::TooDeep));
    assert_eq!(read(&mut reader, &"[".repeat(1_000_000)), Err(Unreadable::TooDeep));
}
