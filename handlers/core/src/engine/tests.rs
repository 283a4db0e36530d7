//! Objects and their verdicts, as data.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};

use super::*;
use crate::spec::DatasetSpec;
use crate::verdict::Verdict;

mod drift;
mod limits;
mod output;
mod rules;

/// A dataset of readings, like the demo's.
fn readings() -> Value {
    json!({
        "format": "json", "prefix": "input/readings/", "compression": "auto",
        "columns": {
            "id": {"type": "string", "required": true},
            "timestamp": {"type": "timestamp", "required": true},
            "email": {"type": "string", "pattern": "email"},
            "phone": {"type": "string", "pattern": "e164"},
            "data.temperature": {"type": "double", "minimum": "-50", "maximum": "60"},
        },
        "quality": {"threshold_percent": 50.0},
        "output": {"partition_by": [], "compression": "zstd"},
    })
}

/// A dataset without columns.
fn whole(format: &str) -> Value {
    json!({
        "format": format, "prefix": "input/x/", "compression": "auto", "columns": {},
        "quality": {"threshold_percent": 50.0}, "output": {"partition_by": [], "compression": "zstd"},
    })
}

fn compiled(spec: &Value) -> CompiledDataset {
    let spec: DatasetSpec = serde_json::from_value(spec.clone()).unwrap();
    CompiledDataset::compile("readings", &spec).unwrap()
}

const FACTS: ObjectFacts<'_> = ObjectFacts { process_id: "p", key: "input/readings/a.json", size_bytes: 0 };

fn run(spec: &Value, bytes: &[u8]) -> (Verdict, BTreeMap<OutputFile, Vec<u8>>) {
    judge(&compiled(spec), FACTS, bytes).unwrap()
}

/// `ok good/bad`, or the object's reason and the counts.
fn summary(verdict: &Verdict) -> String {
    let word = verdict.object_reason.as_ref().map_or("ok", |reason| reason.code.as_str());
    format!("{word} {}/{}", verdict.rows.good, verdict.rows.quarantined)
}

/// Lines of the quarantine file.
fn quarantined(files: &BTreeMap<OutputFile, Vec<u8>>) -> Vec<Value> {
    let file = files.iter().find(|(file, _)| matches!(file, OutputFile::Quarantine(_)));
    let text = file.map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap()).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Accepted rows read back, in file order, as `column=value` texts.
fn accepted(files: &BTreeMap<OutputFile, Vec<u8>>) -> Vec<String> {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let mut rows = Vec::new();
    for (file, bytes) in files {
        let OutputFile::Good(key) = file else { continue };
        // The reader wants bytes it can share; a file in memory is good enough for tests.
        let path = std::env::temp_dir().join(format!(
            "datalake-core-{}-{}",
            std::process::id(),
            crate::identity::fingerprint(bytes)
        ));
        std::fs::write(&path, bytes).unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        for row in reader.get_row_iter(None).unwrap() {
            let row = row.unwrap();
            let columns: Vec<String> =
                row.get_column_iter().map(|(name, value)| format!("{name}={value}")).collect();
            rows.push(format!("{key}: {}", columns.join(" ")));
        }
        std::fs::remove_file(path).unwrap();
    }
    rows
}

const GOOD: &str = r#"{"id":"1","timestamp":"2026-01-15T10:30:00Z","email":"a@b.co","phone":"+15552345678","data":{"temperature":21.5}}"#;
const BAD: &str = r#"{"id":"2","email":"invalid-email","phone":"invalid-phone","data":{"temperature":20}}"#;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_failure_of_a_row_is_listed() {
    let (verdict, files) = run(&readings(), BAD.as_bytes());
    assert_eq!(summary(&verdict), "all_rows_refused 0/1");
    let lines = quarantined(&files);
    let reasons: Vec<&str> = lines[0]["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason["rule"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["columns.email.pattern", "columns.phone.pattern", "columns.timestamp.required"]);
    assert_eq!(lines[0]["original"], BAD);
    assert_eq!((lines[0]["line"].as_u64(), lines[0]["byteOffset"].as_u64()), (Some(1), Some(0)));
    assert!(!lines[0]["reasons"].to_string().contains("invalid-email"), "reasons hold no values");
}

#[test]
fn good_rows_are_stored_with_their_types() {
    let text = r#"{"id":"é\"1","timestamp":"2026-01-15T10:30:00+01:00","data":{"temperature":5,"unit":"C"},"x":[1, 2]}"#;
    let (verdict, files) = run(&readings(), text.as_bytes());
    assert_eq!(summary(&verdict), "ok 1/0");
    assert_eq!(verdict.score, 100.0);
    assert_eq!(
        accepted(&files),
        [
            r#"validated/readings/p-00000.parquet: data_temperature=5.0 email=null id="é"1" phone=null timestamp=2026-01-15 09:30:00.000 +00:00 _rescued="{"data.unit":"C","x":[1, 2]}""#
        ]
    );
    assert_eq!(verdict.files[0].rows, 1);
    assert_eq!(verdict.files[0].bytes as usize, files.values().next().unwrap().len());
}

/// Content, declared format, summary.
#[test]
fn awkward_inputs() {
    let two = format!("{GOOD}\n{GOOD}\n");
    let csv = "id,timestamp,email\n1,2026-01-15T10:30:00Z,a@b.co\n";
    let cases: Vec<(&str, Vec<u8>, &str, &str)> = vec![
        ("one document", GOOD.into(), "json", "ok 1/0"),
        (
            "pretty printed",
            serde_json::to_string_pretty(&serde_json::from_str::<Value>(GOOD).unwrap()).unwrap().into(),
            "json",
            "ok 1/0",
        ),
        (
            "pretty printed, declared as lines",
            serde_json::to_string_pretty(&serde_json::from_str::<Value>(GOOD).unwrap()).unwrap().into(),
            "ndjson",
            "ok 1/0",
        ),
        ("array", format!("[{GOOD},\n {BAD}]").into(), "json", "ok 1/1"),
        ("array, declared as lines", format!("[{GOOD}]").into(), "ndjson", "ok 1/0"),
        ("lines, declared as document", two.clone().into(), "json", "ok 2/0"),
        ("lines", two.clone().into(), "ndjson", "ok 2/0"),
        ("lines without the last end", format!("{GOOD}\n{GOOD}").into(), "ndjson", "ok 2/0"),
        ("lines with CRLF and blanks", format!("{GOOD}\r\n\r\n  \n{GOOD}\r\n").into(), "ndjson", "ok 2/0"),
        ("objects without lines", format!("{GOOD}{GOOD} {GOOD}").into(), "json", "ok 3/0"),
        ("BOM", format!("\u{feff}{GOOD}").into(), "json", "ok 1/0"),
        ("BOM and CSV", format!("\u{feff}{csv}").into(), "csv", "ok 1/0"),
        ("empty", vec![], "json", "empty_object 0/0"),
        ("blanks", b" \n\n ".to_vec(), "json", "empty_object 0/0"),
        ("empty array", b"[]".to_vec(), "json", "no_rows 0/0"),
        ("empty object", b"{}".to_vec(), "json", "all_rows_refused 0/1"),
        ("scalar", b"42".to_vec(), "json", "not_an_object 0/0"),
        ("text scalar", b"\"x\"".to_vec(), "json", "not_an_object 0/0"),
        ("array of scalars", b"[1, \"a\", null, true]".to_vec(), "json", "all_rows_refused 0/4"),
        ("array with one scalar", format!("[{GOOD}, 5, {GOOD}]").into(), "json", "ok 2/1"),
        ("nested array", format!("[[{GOOD}], {GOOD}]").into(), "json", "ok 1/1"),
        ("broken element", format!("[{GOOD}, {{\"id\": nope}}, {GOOD}]").into(), "json", "ok 2/1"),
        ("array never closed", format!("[{GOOD}, {GOOD}").into(), "json", "malformed_json 2/0"),
        ("cut in a row", format!("[{GOOD}, {}", &GOOD[..20]).into(), "json", "malformed_json 1/1"),
        ("cut document", GOOD.as_bytes()[..40].to_vec(), "json", "malformed_json 0/1"),
        ("missing comma", format!("[{GOOD} {GOOD}]").into(), "json", "malformed_json 1/0"),
        ("double comma", format!("[{GOOD},,{GOOD}]").into(), "json", "malformed_json 1/0"),
        ("something after the array", format!("[{GOOD}] x").into(), "json", "malformed_json 1/0"),
        ("not JSON", b"hello world".to_vec(), "json", "not_an_object 0/0"),
        ("not JSON in lines", format!("not json\n{GOOD}\n").into(), "ndjson", "ok 1/1"),
        ("broken first line", format!("{{\"id\": \n{GOOD}\n{GOOD}\n").into(), "ndjson", "ok 2/1"),
        ("an array in a line", format!("{GOOD}\n[1]\n").into(), "ndjson", "ok 1/1"),
        ("a bad byte in one line", [GOOD.as_bytes(), b"\n{\"id\":\"\xff\"}\n"].concat(), "ndjson", "ok 1/1"),
        (
            "a bad byte in one CSV row",
            [csv.as_bytes(), b"\xff,2026-01-15T10:30:00Z,a@b.co\n"].concat(),
            "csv",
            "ok 1/1",
        ),
        (
            "null where a text is due",
            br#"{"id":null,"timestamp":"2026-01-15T10:30:00Z"}"#.to_vec(),
            "json",
            "all_rows_refused 0/1",
        ),
        (
            "number where a text is due",
            br#"{"id":5,"timestamp":"2026-01-15T10:30:00Z"}"#.to_vec(),
            "json",
            "all_rows_refused 0/1",
        ),
        (
            "object where a number is due",
            br#"{"id":"1","timestamp":"2026-01-15T10:30:00Z","data":{"temperature":{}}}"#.to_vec(),
            "json",
            "all_rows_refused 0/1",
        ),
        (
            "text where an object is due",
            br#"{"id":"1","timestamp":"2026-01-15T10:30:00Z","data":"x"}"#.to_vec(),
            "json",
            "all_rows_refused 0/1",
        ),
        (
            "null where an object is due",
            br#"{"id":"1","timestamp":"2026-01-15T10:30:00Z","data":null}"#.to_vec(),
            "json",
            "ok 1/0",
        ),
        (
            "a key twice",
            br#"{"id":5,"id":"1","timestamp":"2026-01-15T10:30:00Z"}"#.to_vec(),
            "json",
            "ok 1/0",
        ),
        (
            "a million bytes in one field",
            format!(r#"{{"id":"{}","timestamp":"2026-01-15T10:30:00Z"}}"#, "x".repeat(1_000_000)).into(),
            "json",
            "ok 1/0",
        ),
        (
            "deep beside the columns",
            format!(
                r#"{{"id":"1","timestamp":"2026-01-15T10:30:00Z","x":{}{}}}"#,
                "[".repeat(200),
                "]".repeat(200)
            )
            .into(),
            "json",
            "ok 1/0",
        ),
        ("gzip", gzip(two.as_bytes()), "ndjson", "ok 2/0"),
        ("two gzip members", [gzip(two.as_bytes()), gzip(two.as_bytes())].concat(), "ndjson", "ok 4/0"),
        ("gzip of nothing", gzip(b""), "json", "empty_object 0/0"),
        ("cut gzip", gzip(two.as_bytes())[..30].to_vec(), "ndjson", "truncated_gzip 0/0"),
        ("gzip of gzip", gzip(&gzip(b"{}")), "json", "unsupported_format 0/0"),
        ("only gzip's mark", b"\x1f\x8b".to_vec(), "json", "truncated_gzip 0/0"),
        ("Parquet's mark and rubbish", b"PAR1 rubbish".to_vec(), "json", "malformed_parquet 0/0"),
        ("binary", b"a\0b\0".to_vec(), "json", "unsupported_format 0/0"),
        ("CSV", csv.into(), "csv", "ok 1/0"),
        ("CSV declared as JSON", csv.into(), "json", "ok 1/0"),
        ("JSON declared as CSV", GOOD.into(), "csv", "ok 1/0"),
        ("header only", b"id,timestamp,email\n".to_vec(), "csv", "no_rows 0/0"),
        (
            "ragged",
            format!("{csv}2,2026-01-15T10:30:00Z\n3,2026-01-15T10:30:00Z,a@b.co,x\n").into(),
            "csv",
            "ok 1/2",
        ),
        ("quoted line end", b"id,timestamp\n\"a\nb\",2026-01-15T10:30:00Z\n".to_vec(), "csv", "ok 1/0"),
        (
            "quoted quotes and commas",
            b"id,timestamp\n\"a \"\"b\"\", c\",2026-01-15T10:30:00Z\n".to_vec(),
            "csv",
            "ok 1/0",
        ),
        (
            "quote never closed",
            format!("{csv}\"2,2026-01-15T10:30:00Z,x\n3,4,5\n").into(),
            "csv",
            "malformed_csv 1/1",
        ),
        ("header twice", b"id,id\n1,2\n".to_vec(), "csv", "bad_header 0/0"),
        ("no header", b"1,2026-01-15T10:30:00Z\n".to_vec(), "csv", "bad_header 0/0"),
        (
            "CSV with CRLF and blank lines",
            b"id,timestamp\r\n\r\n1,2026-01-15T10:30:00Z\r\n\r\n".to_vec(),
            "csv",
            "ok 1/0",
        ),
        (
            "empty required field",
            b"id,timestamp\n,2026-01-15T10:30:00Z\n".to_vec(),
            "csv",
            "all_rows_refused 0/1",
        ),
    ];
    for (name, bytes, format, expected) in &cases {
        let mut spec = readings();
        spec["format"] = (*format).into();
        spec["quality"]["threshold_percent"] = json!(0.0);
        let (verdict, files) = run(&spec, bytes);
        assert_eq!(summary(&verdict), *expected, "{name}: {verdict:?}");
        assert_eq!(
            quarantined(&files).len() as u64,
            verdict.rows.quarantined,
            "{name}: every refused row is kept"
        );
        assert_eq!(accepted(&files).len() as u64, verdict.rows.good, "{name}: every good row is stored");
        assert_eq!(verdict.rows.good + verdict.rows.quarantined, verdict.rows.total, "{name}");
    }
}

/// The verdict does not depend on how the object arrives.
#[test]
fn any_split_gives_the_same_verdict() {
    let csv = "id,timestamp,email\n1,2026-01-15T10:30:00Z,\"a\"\"@b.co\"\n\n2,x\n\"3\n\",2026-01-15T10:30:00Z,c@d.ef\n";
    let objects: Vec<(&str, Vec<u8>)> = vec![
        ("json", format!("[{GOOD}, {BAD},\n{{\"id\": \"\\\"]}}\"}}, 5]").into()),
        ("ndjson", format!("{GOOD}\nnope\n{BAD}\r\n\n{GOOD}").into()),
        ("csv", csv.into()),
        ("ndjson", gzip(format!("{GOOD}\n{BAD}\n").as_bytes())),
        ("json", format!("\u{feff}{GOOD}").into()),
    ];
    for (format, bytes) in objects {
        let mut spec = readings();
        spec["format"] = format.into();
        let dataset = compiled(&spec);
        let expected = judge(&dataset, FACTS, &bytes).unwrap();
        for size in (1..8).chain([16, 64, 100]) {
            let mut files = Collected::default();
            let mut run = ObjectRun::new(&dataset, FACTS);
            for block in bytes.chunks(size) {
                run.push(block, &mut files).unwrap();
            }
            let verdict = run.finish(&mut files).unwrap();
            assert_eq!((&verdict, &files.0), (&expected.0, &expected.1), "{format} in blocks of {size}");
        }
    }
}

/// Result files in memory.
#[derive(Default)]
pub(super) struct Collected(pub BTreeMap<OutputFile, Vec<u8>>);

impl Sink for Collected {
    fn write(&mut self, file: &OutputFile, bytes: Vec<u8>, _last: bool) -> Result<(), SinkError> {
        self.0.entry(file.clone()).or_default().extend(bytes);
        Ok(())
    }
}

#[test]
fn places_are_where_rows_begin() {
    let cases = [
        ("ndjson", format!("{GOOD}\n\nnope\n"), 3, GOOD.len() as u64 + 2),
        ("json", format!("[{GOOD},\n\n  5]"), 3, GOOD.len() as u64 + 6),
        ("csv", "id,timestamp\n1,2026-01-15T10:30:00Z\n\"a\nb\",x\n".to_owned(), 3, 36),
    ];
    for (format, text, line, offset) in cases {
        let mut spec = readings();
        spec["format"] = format.into();
        let (_, files) = run(&spec, text.as_bytes());
        let lines = quarantined(&files);
        assert_eq!(
            (lines[0]["line"].as_u64(), lines[0]["byteOffset"].as_u64()),
            (Some(line), Some(offset)),
            "{format}"
        );
    }
}
