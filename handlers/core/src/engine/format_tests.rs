//! Objects in every format and dialect, as data: what is accepted, what is refused, and where it stood.

use std::io::Write;

use serde_json::{Value, json};

use super::*;
use crate::spec::DatasetSpec;
use crate::verdict::Verdict;

/// A dataset of two columns; `change` is merged into it.
fn dataset(format: &str, change: &Value) -> CompiledDataset {
    let mut spec = json!({
        "format": format, "prefix": "input/x/", "compression": "auto",
        "columns": {"id": {"type": "string", "required": true}, "n": {"type": "bigint"}},
        "quality": {"threshold_percent": 0.0}, "output": {"partition_by": [], "compression": "zstd"},
    });
    for (name, value) in change.as_object().into_iter().flatten() {
        spec[name] = value.clone();
    }
    let spec: DatasetSpec = serde_json::from_value(spec).unwrap();
    CompiledDataset::compile("x", &spec).unwrap()
}

fn judged(dataset: &CompiledDataset, key: &str, bytes: &[u8]) -> Verdict {
    judge(dataset, ObjectFacts { process_id: "p", key, size_bytes: 0 }, bytes).unwrap().0
}

/// `format compression good/bad`, or the object's reason for them.
fn summary(verdict: &Verdict) -> String {
    let reason = verdict.object_reason.as_ref().map(|reason| format!("{} ", reason.code)).unwrap_or_default();
    let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "-".to_owned());
    let (format, compression) = (word(&verdict.format), word(&verdict.compression));
    format!("{reason}{format} {compression} {}/{}", verdict.rows.good, verdict.rows.quarantined)
}

/// A pass that knows only text comes to the same, in files of no bytes.
fn of_text_is(verdict: &Verdict, dataset: &CompiledDataset, key: &str, content: &str) {
    let facts = ObjectFacts { process_id: "p", key, size_bytes: 0 };
    let (found, files) = ObjectRun::of_text(dataset, facts).judge_whole(content.as_bytes()).unwrap();
    let mut expected = verdict.clone();
    expected.files.iter_mut().for_each(|file| file.bytes = 0);
    assert_eq!(found, expected, "{key} {content:?}");
    assert!(files.iter().all(|(file, bytes)| matches!(file, OutputFile::Quarantine(_)) || bytes.is_empty()));
}

/// What begins like another format and is text cannot be right.
#[test]
fn texts_that_begin_like_something_else() {
    let cases = [
        ("PAR1 is a word\nPAR1", "malformed_parquet parquet none 0/0"),
        ("BZh91AY&SY and so on", "corrupt_bzip2 - bzip2 0/0"),
    ];
    for (content, expected) in cases {
        let dataset = dataset("csv", &json!({}));
        let verdict = judged(&dataset, "a", content.as_bytes());
        assert_eq!(summary(&verdict), expected, "{content:?}");
        of_text_is(&verdict, &dataset, "a", content);
    }
    let dataset = dataset("csv", &json!({}));
    let facts = ObjectFacts { process_id: "p", key: "a", size_bytes: 0 };
    let (verdict, _) = ObjectRun::of_text(&dataset, facts).judge_whole(b"Obj\x01\x04").unwrap();
    assert_eq!(summary(&verdict), "unsupported_format avro none 0/0");
}

/// Declared format, change of the dataset, key, content, summary.
#[test]
fn dialects() {
    let cases = [
        ("csv", json!({}), "a.csv", "id,n\na,1\n", "csv none 1/0"),
        ("tsv", json!({}), "a.tsv", "id\tn\na\t1\n", "tsv none 1/0"),
        ("csv", json!({}), "a", "id\tn\na\t1\n", "tsv none 1/0"),
        ("tsv", json!({}), "a", "id,n\na,1\n", "csv none 1/0"),
        ("json", json!({}), "a", "id\tn\na\t1\n", "tsv none 1/0"),
        ("json", json!({}), "a.TSV.zst", "id\na\n", "tsv none 1/0"),
        ("json", json!({}), "a.csv.bz2", "id\na\n", "csv none 1/0"),
        ("csv", json!({"csv": {"delimiter": ";"}}), "a", "id;n\na;1\nb;x\n", "csv none 1/1"),
        ("csv", json!({"csv": {"delimiter": "|", "quote": "'"}}), "a", "id|n\n'a|b'|1\n", "csv none 1/0"),
        ("csv", json!({"csv": {"quote": ""}}), "a", "id,n\n\"a,1\n", "csv none 1/0"),
        ("csv", json!({"csv": {"escape": "\\"}}), "a", "id,n\n\"a\\\",b\",1\n", "csv none 1/0"),
        ("csv", json!({"csv": {"comment": "#"}}), "a", "#id\nid,n\n#\na,1\n", "csv none 1/0"),
        ("csv", json!({"csv": {"header": false, "columns": ["n", "id"]}}), "a", "1,a\n2,b\n", "csv none 2/0"),
        ("csv", json!({"csv": {"null_text": "NULL"}}), "a", "id,n\na,NULL\nNULL,1\n", "csv none 1/1"),
        ("csv", json!({}), "a", "id,n\na,NULL\n", "all_rows_refused csv none 0/1"),
    ];
    for (format, change, key, content, expected) in cases {
        let verdict = judged(&dataset(format, &change), key, content.as_bytes());
        assert_eq!(summary(&verdict), expected, "{format} {change} {key} {content:?}");
        of_text_is(&verdict, &dataset(format, &change), key, content);
    }
}

fn packed(how: &str, bytes: &[u8]) -> Vec<u8> {
    match how {
        "zstd" => zstd::encode_all(bytes, 3).unwrap(),
        "bzip2" => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        _ => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
    }
}

#[test]
fn packed_objects_are_known_by_their_content() {
    let rows = b"{\"id\":\"a\"}\nnope\n{\"id\":\"b\",\"n\":1}\n";
    for how in ["gzip", "zstd", "bzip2"] {
        let bytes = packed(how, rows);
        for declared in ["auto", "none", "gzip", "zstd"] {
            let dataset = dataset("ndjson", &json!({"compression": declared}));
            assert_eq!(summary(&judged(&dataset, "a", &bytes)), format!("ndjson {how} 2/1"));
            let cut = summary(&judged(&dataset, "a", &bytes[..bytes.len() / 2]));
            assert!(cut.starts_with(&format!("truncated_{how} ")), "{declared}: {cut}");
        }
    }
    let twice = packed("zstd", &packed("bzip2", rows));
    let verdict = judged(&dataset("ndjson", &json!({})), "a", &twice);
    assert_eq!(summary(&verdict), "unsupported_format - zstd 0/0");
}

/// Rows until the limit are judged and kept; then the object is refused.
#[test]
fn an_object_of_too_many_rows_is_refused() {
    let facts = ObjectFacts { process_id: "p", key: "a", size_bytes: 0 };
    for (format, text) in
        [("ndjson", "{\"id\":\"a\"}\n".repeat(11)), ("csv", format!("id,n\n{}", "a,1\n".repeat(11)))]
    {
        for (most, expected) in
            [(11, format!("{format} none 11/0")), (10, format!("too_many_rows {format} none 10/0"))]
        {
            let dataset = dataset(format, &json!({}));
            let mut run = ObjectRun::new(&dataset, facts).limit(most, FILE_BYTES);
            run.push(text.as_bytes(), &mut Nowhere).unwrap();
            assert_eq!(summary(&run.finish(&mut Nowhere).unwrap()), expected);
        }
    }
}

/// Files end at their size and go on under the next number, each partition by itself.
#[test]
fn files_have_a_size() {
    let mut state = 7u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("{state:x}").repeat(8)
    };
    let rows: String =
        (0..60_000).map(|row| format!("{{\"id\":\"{}\",\"n\":{}}}\n", noise(), row % 2)).collect();
    let facts = ObjectFacts { process_id: "p", key: "a", size_bytes: 0 };
    let dataset = dataset("ndjson", &json!({"output": {"partition_by": ["n"], "compression": "none"}}));
    let mut run = ObjectRun::new(&dataset, facts).limit(MOST_ROWS, 1);
    run.push(rows.as_bytes(), &mut Nowhere).unwrap();
    let verdict = run.finish(&mut Nowhere).unwrap();
    assert!(verdict.files.len() > 2, "{:?}", verdict.files);
    assert_eq!(verdict.files.iter().map(|file| file.rows).sum::<u64>(), 60_000);
    let mut keys: Vec<&str> = verdict.files.iter().map(|file| file.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), verdict.files.len());
    assert!(keys[0].starts_with("validated/x/n=0/p-00000"), "{keys:?}");
}

struct Nowhere;

impl Sink for Nowhere {
    fn write(&mut self, _: &OutputFile, _: Vec<u8>, _: bool) -> Result<(), SinkError> {
        Ok(())
    }
}

struct Held(Vec<u8>);

impl crate::formats::columnar::Ranges for Held {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read(&self, offset: u64, length: usize) -> std::io::Result<Vec<u8>> {
        Ok(self.0[offset as usize..offset as usize + length].to_vec())
    }
}

/// What was written as Parquet is judged again, whole and by ranges, and comes to the same rows.
#[test]
fn what_was_written_can_be_read_again() {
    let dataset = dataset("ndjson", &json!({}));
    let facts = ObjectFacts { process_id: "p", key: "a", size_bytes: 0 };
    let rows = "{\"id\":\"a\",\"n\":1,\"x\":2}\n{\"id\":\"é\"}\n";
    let (_, files) = judge(&dataset, facts, rows.as_bytes()).unwrap();
    let parquet = files.values().next().unwrap();
    let whole = judge(&dataset, facts, parquet).unwrap();
    assert_eq!(summary(&whole.0), "parquet none 2/0");
    let mut run = ObjectRun::new(&dataset, facts).without_files();
    assert!(!run.read_ranges(Held(parquet.clone()), &mut || true, &mut Nowhere).unwrap());
    assert_eq!(summary(&run.finish(&mut Nowhere).unwrap()), "parquet none 2/0");
    let bad = dataset_of_numbers();
    assert_eq!(summary(&judged(&bad, "a", parquet)), "all_rows_refused parquet none 0/2");
}

/// The same columns with other types.
fn dataset_of_numbers() -> CompiledDataset {
    dataset("parquet", &json!({"columns": {"id": {"type": "bigint"}, "n": {"type": "string"}}}))
}
