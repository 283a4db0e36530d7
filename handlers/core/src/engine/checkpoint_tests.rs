//! A pass that stops at any place and goes on comes to the verdict of a pass that did not stop.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::json;

use super::tests::Collected;
use super::*;
use crate::formats::avro::tests::{file_of, long, prefixed};
use crate::formats::columnar::Ranges;
use crate::rules::{Spill, Spilling};
use crate::verdict::Verdict;

fn dataset(format: &str) -> CompiledDataset {
    let spec = serde_json::from_value(json!({
        "format": format, "prefix": "x/", "compression": "auto",
        "columns": {"id": {"type": "string", "required": true}, "n": {"type": "bigint", "maximum": "10"}},
        "quality": {
            "threshold_percent": 10.0,
            "ruleset": "Rules = [ RowCount > 3, Completeness \"n\" > 0.4, Uniqueness \"id\" > 0.2, Entropy \"id\" > 0.1, IsUnique \"n\", Sum \"n\" > 1, Mean \"n\" < 9 ]",
        },
        "output": {"partition_by": [], "compression": "zstd"},
    }));
    CompiledDataset::compile("x", &spec.unwrap()).unwrap()
}

const FACTS: ObjectFacts<'_> = ObjectFacts { process_id: "p", key: "k", size_bytes: 0 };

/// Lines of all quarantine files, in their order.
fn quarantined(files: &Collected) -> String {
    let mut refused: Vec<(&str, &[u8])> = Vec::new();
    for (file, bytes) in &files.0 {
        if let OutputFile::Quarantine(key) = file {
            refused.push((key, bytes));
        }
    }
    // The first file has no number in its name.
    refused.sort_by_key(|(key, _)| (key.len(), *key));
    refused.into_iter().map(|(_, bytes)| std::str::from_utf8(bytes).unwrap()).collect()
}

/// So few keys fit into memory that most of them are parted.
fn keep(_: usize) -> Box<dyn crate::rules::KeyCounts> {
    Box::new(Spilling::new(2, Box::<Parts>::default()))
}

/// Parts of keys in memory.
#[derive(Debug, Default)]
struct Parts(BTreeMap<usize, Vec<u8>>);

impl Spill for Parts {
    fn append(&mut self, part: usize, bytes: &[u8]) -> Result<(), String> {
        self.0.entry(part).or_default().extend_from_slice(bytes);
        Ok(())
    }

    fn read(&mut self, part: usize, take: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        self.0.get(&part).into_iter().for_each(|bytes| take(bytes));
        Ok(())
    }
}

/// The keys of a measure, once, in pieces of an awkward length.
fn keys_of(files: &mut Collected, measure: usize, take: &mut dyn FnMut(&[u8])) -> Result<(), String> {
    let keys = files.0.remove(&OutputFile::Keys(measure)).ok_or("no keys")?;
    keys.chunks(7).for_each(take);
    Ok(())
}

/// The verdict without its files, of which only the rows are the same.
fn comparable(mut verdict: Verdict) -> (Verdict, u64) {
    let rows = verdict.files.iter().map(|file| file.rows).sum();
    verdict.files.clear();
    (verdict, rows)
}

/// Judges in segments: each is pushed in blocks until its end, stopped where that can be, and taken up again.
fn in_segments(
    dataset: &CompiledDataset,
    bytes: &[u8],
    segment: usize,
    block: usize,
) -> (Verdict, Collected, usize) {
    let mut files = Collected::default();
    let mut run = ObjectRun::new(dataset, FACTS).keeping_keys(&mut keep);
    let (mut at, mut stops, mut next_stop) = (0, 0, segment);
    while at < bytes.len() {
        let end = (at + block).min(bytes.len());
        run.push(&bytes[at..end], &mut files).unwrap();
        at = end;
        if at >= next_stop && run.can_stop().is_ok() {
            let checkpoint = run.checkpoint(&mut files).unwrap();
            let written = serde_json::to_string(&checkpoint).unwrap();
            let read: Checkpoint = serde_json::from_str(&written).unwrap();
            let reached = at;
            at = usize::try_from(read.offset()).unwrap();
            run = ObjectRun::resume(dataset, FACTS, read).unwrap();
            run =
                run.taking_keys(&mut keep, &mut |measure, take| keys_of(&mut files, measure, take)).unwrap();
            next_stop = reached.max(next_stop) + segment;
            stops += 1;
        }
    }
    (run.finish(&mut files).unwrap(), files, stops)
}

#[test]
fn any_cut_gives_the_same_verdict() {
    let objects = [
        ("ndjson", "{\"id\":\"a\",\"n\":1}\nnope\n{\"id\":\"a\"}\r\n\n{\"n\":99}\n{\"id\":\"b\",\"n\":3}\n{\"id\":\"é\",\"n\":2}".to_owned()),
        ("csv", "id,n\na,1\n\"b\nb\",2\nragged\n,5\n\nc,11\nd,\n\"e\"\"\",7\n".to_owned()),
        ("tsv", "id\tn\na\t1\nb\tx\nc\t2\nd\t3\n".to_owned()),
        ("json", "[{\"id\":\"a\",\"n\":1},\n {\"id\":\"}]\"},5, {\"id\":\"c\",\"n\":4} ,{\"n\":1},{\"id\":\"d\",\"n\":2}]\n".to_owned()),
        ("json", "\u{feff}{\"id\":\"a\",\"n\":1} {\"id\":\"b\",\"n\":2}\n{\"id\":\"c\",\n\"n\":3}{\"n\":4}{\"id\":\"d\",\"n\":4}".to_owned()),
    ];
    for (format, text) in &objects {
        assert!(every_cut(format, text.as_bytes(), &[1, 5, 64], 1) > 3, "{format}");
    }
}

/// Blocks of one row and of several, one that is damaged and one that is empty. A line end early on: what a small object is
/// shows at its first.
fn avro(codec: &str) -> Vec<u8> {
    let schema = "\n".to_owned()
        + r#"{"type":"record","name":"row","fields":[{"name":"id","type":["null","string"]},{"name":"n","type":"long"}]}"#;
    let row = |id: &str, n: i64| match id {
        "" => [long(0), long(n)].concat(),
        id => [long(1), prefixed(id.as_bytes()), long(n)].concat(),
    };
    let blocks = [
        (2, [row("a", 1), row("b", 99)].concat()),
        (1, row("", 3)),
        (2, [row("é", 2), vec![0xff; 3]].concat()),
        (0, Vec::new()),
        (3, [row("c", 4), row("d", 4), row("a", 11)].concat()),
    ];
    file_of(&schema, codec, &blocks)
}

#[test]
fn any_cut_of_avro_gives_the_same_verdict() {
    for codec in ["null", "deflate", "zstandard"] {
        assert!(every_cut("avro", &avro(codec), &[1, 64], 1) > 3, "{codec}");
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&avro("null")).unwrap();
    let packed = gzip.finish().unwrap();
    every_cut("avro", &packed, &[7], 5);
}

#[derive(Clone)]
struct Held(std::sync::Arc<Vec<u8>>);

impl Ranges for Held {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read(&self, offset: u64, length: usize) -> std::io::Result<Vec<u8>> {
        let range = self.0.get(offset as usize..offset as usize + length);
        range.map(<[u8]>::to_vec).ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
    }
}

/// The rows of an object as Parquet; those that are refused are among them.
fn parquet(rows: usize) -> Held {
    let spec = serde_json::from_value(json!({
        "format": "ndjson", "prefix": "x/", "compression": "auto",
        "columns": {"id": {"type": "string"}, "n": {"type": "bigint"}},
        "quality": {"threshold_percent": 0.0}, "output": {"partition_by": [], "compression": "zstd"},
    }));
    let all = CompiledDataset::compile("all", &spec.unwrap()).unwrap();
    let row = |n: usize| match n % 17 {
        3 => format!("{{\"n\":{n}}}\n"),
        _ => format!("{{\"id\":\"{}\",\"n\":{}}}\n", n * n * 7919 % 50_021, n % 13),
    };
    let text: String = (0..rows).map(row).collect();
    let (_, files) = judge(&all, FACTS, text.as_bytes()).unwrap();
    let (_, file) = files.into_iter().find(|(file, _)| matches!(file, OutputFile::Good(_))).unwrap();
    Held(std::sync::Arc::new(file))
}

#[test]
fn any_pause_of_parquet_gives_the_same_verdict() {
    let dataset = dataset("parquet");
    let object = parquet(7_000);
    // So often it is asked before it pauses.
    let in_segments = |patience: usize| {
        let mut files = Collected::default();
        let mut run = ObjectRun::new(&dataset, FACTS).keeping_keys(&mut keep);
        let (mut stops, mut reached) = (0, 0);
        loop {
            let mut asked = 0;
            let mut pause = || {
                asked += 1;
                asked > patience
            };
            if !run.read_ranges(object.clone(), &mut pause, &mut files).unwrap() {
                return (run.finish(&mut files).unwrap(), files, stops);
            }
            assert!(run.can_stop().unwrap() > reached);
            let checkpoint = run.checkpoint(&mut files).unwrap();
            reached = checkpoint.judged_bytes();
            let written = serde_json::to_string(&checkpoint).unwrap();
            run = ObjectRun::resume(&dataset, FACTS, serde_json::from_str(&written).unwrap()).unwrap();
            run =
                run.taking_keys(&mut keep, &mut |measure, take| keys_of(&mut files, measure, take)).unwrap();
            stops += 1;
        }
    };
    let whole = in_segments(usize::MAX);
    assert_eq!((whole.0.rows.total, whole.2), (7_000, 0));
    assert!(whole.0.rows.quarantined > 1_000, "{:?}", whole.0.rows);
    let expected = (comparable(whole.0), quarantined(&whole.1));
    for (patience, expected_stops) in [(0, 6), (1, 3), (2, 2), (5, 1), (6, 0)] {
        let (verdict, files, stops) = in_segments(patience);
        assert_eq!((comparable(verdict), quarantined(&files)), expected, "{patience}");
        assert_eq!(stops, expected_stops, "{patience}");
    }
}

#[test]
fn any_cut_of_a_packed_object_gives_the_same_verdict() {
    let row = |n: usize| format!("{{\"id\":\"{}\",\"n\":{}}}\n", n * n * 7919 % 50_021, n % 13);
    let text: String = (0..600).map(row).collect();
    let text = text.as_bytes();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text).unwrap();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(text).unwrap();
    // Several parts, as packers make them that work in parallel.
    let zstd: Vec<u8> = text.chunks(1_000).flat_map(|part| zstd::encode_all(part, 1).unwrap()).collect();
    for (packed, least) in [(zstd, 3), (gzip.finish().unwrap(), 2), (bzip2.finish().unwrap(), 1)] {
        assert!(every_cut("ndjson", &packed, &[97], packed.len() / 12) >= least);
    }
}

/// Stops after every `stride` bytes more, which come in blocks of these sizes; the most stops of a pass.
fn every_cut(format: &str, bytes: &[u8], blocks: &[usize], stride: usize) -> usize {
    let dataset = dataset(format);
    let whole = in_segments(&dataset, bytes, usize::MAX / 2, 7);
    let expected = (comparable(whole.0), quarantined(&whole.1));
    let mut most = 0;
    for segment in (1..bytes.len()).step_by(stride) {
        for block in blocks {
            let (verdict, files, stops) = in_segments(&dataset, bytes, segment, *block);
            assert_eq!((comparable(verdict), quarantined(&files)), expected, "{format}: {segment}, {block}");
            most = most.max(stops);
        }
    }
    most
}

#[test]
fn where_a_pass_cannot_stop() {
    let dataset = dataset("ndjson");
    let mut files = Collected::default();
    let fresh = ObjectRun::new(&dataset, FACTS);
    assert_eq!(fresh.can_stop(), Err(CheckpointError::NotBetweenRows));
    let mut whole = ObjectRun::new(&dataset, FACTS);
    whole.push(&[b"PAR1".as_slice(), &[0; 1 << 17]].concat(), &mut files).unwrap();
    assert_eq!(whole.can_stop(), Err(CheckpointError::NoPlaces));
    let mut run = ObjectRun::new(&dataset, FACTS);
    run.push(b"{\"id\":\"a\",\"n\":1}\n{\"id\"", &mut files).unwrap();
    let checkpoint = run.checkpoint(&mut files).unwrap();
    assert_eq!(checkpoint.offset(), 17);
    let other = self::dataset("csv");
    assert_eq!(ObjectRun::resume(&other, FACTS, checkpoint).err(), Some(CheckpointError::Foreign));
}
