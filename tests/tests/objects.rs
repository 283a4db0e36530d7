//! Awkward objects through the whole pipeline, each with the verdict it must get.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::collections::BTreeMap;
use std::io::Write;

use datalake_tests::World;
use xtask::error::Result;

const GOOD: &str = r#"{"id":"1","timestamp":"2026-01-15T10:30:00Z"}"#;
const BAD: &str = r#"{"id":"1","email":"nope"}"#;

/// None lands nowhere, none is judged twice, none crashes.
#[test]
fn every_object_gets_its_verdict() -> Result {
    let world = World::new("objects")?;
    world.work.apply(&[])?;
    let names = world.names()?;
    let long = format!("input/readings/{}.json", "k".repeat(1_000 - "input/readings/.json".len()));
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("input/readings/plain.json", GOOD.into(), "VALIDATED"),
        ("input/readings/with space.json", GOOD.into(), "VALIDATED"),
        ("input/readings/a+b.json", GOOD.into(), "VALIDATED"),
        ("input/readings/per%20cent.json", GOOD.into(), "VALIDATED"),
        ("input/readings/größe-日本.json", GOOD.into(), "VALIDATED"),
        (&long, GOOD.into(), "VALIDATED"),
        ("input/readings/UPPER.JSON", GOOD.into(), "VALIDATED"),
        ("input/readings/no-extension", GOOD.into(), "VALIDATED"),
        ("input/readings/bom.json", format!("\u{feff}{GOOD}").into(), "VALIDATED"),
        ("input/readings/array.json", format!("[{GOOD},{GOOD}]").into(), "VALIDATED"),
        ("input/readings/lines.json", format!("{GOOD}\n{GOOD}\n").into(), "VALIDATED"),
        (
            "input/readings/bad-byte.ndjson",
            [format!("{GOOD}\n{GOOD}\n{GOOD}\n").as_bytes(), b"{\"id\":\"\xff\"}\n"].concat(),
            "VALIDATED",
        ),
        (
            "input/readings/megabyte.json",
            format!(r#"{{"id":"{}","timestamp":"2026-01-15T10:30:00Z"}}"#, "x".repeat(1 << 20)).into(),
            "VALIDATED",
        ),
        ("input/readings/bad.json", BAD.into(), "QUARANTINED"),
        ("input/readings/empty.json", Vec::new(), "QUARANTINED"),
        ("input/readings/empty-array.json", b"[]".to_vec(), "QUARANTINED"),
        ("input/readings/scalar.json", b"42".to_vec(), "QUARANTINED"),
        (
            "input/readings/null.json",
            br#"{"id":null,"timestamp":"2026-01-15T10:30:00Z"}"#.to_vec(),
            "QUARANTINED",
        ),
        (
            "input/readings/number.json",
            br#"{"id":7,"timestamp":"2026-01-15T10:30:00Z"}"#.to_vec(),
            "QUARANTINED",
        ),
        ("input/readings/cut.json", GOOD.as_bytes()[..20].to_vec(), "QUARANTINED"),
        ("input/readings/not.json", b"hello".to_vec(), "QUARANTINED"),
        ("input/readings/parquet.json", b"PAR1 and rubbish".to_vec(), "QUARANTINED"),
        ("input/readings/binary.json", b"\0\x01\x02\0".to_vec(), "QUARANTINED"),
        ("input/readings/cut.json.gz", gzip(GOOD.as_bytes())?[..25].to_vec(), "QUARANTINED"),
        ("input/readings/good.json.gz", gzip(GOOD.as_bytes())?, "VALIDATED"),
        ("input/orders/header.csv", b"order_id,order_date,country,amount,note\n".to_vec(), "QUARANTINED"),
        (
            "input/orders/quoted.csv",
            b"order_id,order_date,country,amount,note\n1,2026-01-01,DE,1.5,\"a\nb\"\n".to_vec(),
            "VALIDATED",
        ),
        ("input/orders/no-header.csv", b"1,2026-01-01,DE,1.5,x\n".to_vec(), "QUARANTINED"),
        ("elsewhere/file.json", GOOD.into(), "QUARANTINED"),
        ("input/other/file.json", GOOD.into(), "QUARANTINED"),
    ];
    for (key, bytes, _) in &cases {
        world.put(&names.raw, key, bytes)?;
    }
    let stories = world.wait_for(&names.table, cases.len())?;
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for story in &stories {
        found.entry(story.key()).or_default().push(story.status());
    }
    for (key, _, expected) in &cases {
        assert_eq!(found.get(key).map(Vec::as_slice), Some(&[*expected][..]), "{key}");
    }
    assert_eq!(found.len(), cases.len(), "one story an object");
    let quarantine = world.lake.keys(&names.quarantine, "quarantine/")?;
    let validated = world.lake.keys(&names.processed, "validated/")?;
    for story in &stories {
        let id = story.text("ProcessId");
        let place = if story.status() == "VALIDATED" { &validated } else { &quarantine };
        assert!(place.iter().any(|key| key.contains(id)), "{} lies nowhere", story.key());
    }

    // The same key good, then bad: the good rows go, the bad object is kept.
    world.put(&names.raw, "input/readings/plain.json", BAD.as_bytes())?;
    let stories = world.wait_for(&names.table, cases.len() + 1)?;
    let old =
        stories.iter().find(|story| story.key().ends_with("/plain.json") && story.status() == "VALIDATED");
    let old = old.map(|story| story.text("ProcessId").to_owned()).expect("the first version has its story");
    let gone = !world.lake.keys(&names.processed, "validated/")?.iter().any(|key| key.contains(&old));
    assert!(gone, "rows of a replaced version are still visible");
    world.work.destroy()?;
    world.expect_nothing_left()
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.map_err(|error| xtask::error::Error::new(error.to_string()))
}
