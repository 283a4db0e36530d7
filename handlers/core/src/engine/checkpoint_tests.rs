//! A pass that stops at any place and goes on comes to the verdict of a pass that did not stop.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::json;

use super::tests::Collected;
use super::*;
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
