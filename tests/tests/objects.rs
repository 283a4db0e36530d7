//! Awkward objects and messages through the whole pipeline, each with the verdict it must get: none lands nowhere, none
//! is judged twice, none crashes.

use std::collections::BTreeMap;
use std::io::Write;

use datalake_tests::World;
use serde_json::json;
use xtask::commands::example::Names;
use xtask::error::{Error, Result};
use xtask::story::Story;

const GOOD: &str = r#"{"id":"1","timestamp":"2026-01-15T10:30:00Z"}"#;
const BAD: &str = r#"{"id":"1","email":"nope"}"#;
const HEADER: &str = "order_id,order_date,country,amount,note";
const ORDER: &str = "1,2026-01-01,DE,1.5,x";

/// What must become of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Verdict {
    /// Accepted with so many good rows, and so many refused ones kept.
    Validated(u64, u64),
    /// Refused as a whole.
    Quarantined,
}
use Verdict::{Quarantined, Validated};

/// Key, content, verdict.
type Case = (String, Vec<u8>, Verdict);

fn case(key: &str, bytes: impl Into<Vec<u8>>, verdict: Verdict) -> Case {
    (key.to_owned(), bytes.into(), verdict)
}

/// Keys that break programs which build or decode them carelessly.
fn keys() -> Vec<Case> {
    let long = format!("input/readings/{}.json", "k".repeat(1_000 - "input/readings/.json".len()));
    let awkward = [
        "input/readings/plain.json",
        "input/readings/with space.json",
        "input/readings/a+b.json",
        "input/readings/per%20cent.json",
        "input/readings/größe-日本.json",
        "input/readings/UPPER.JSON",
        "input/readings/no-extension",
        "input/readings/quote'\"&=?#.json",
        "input/readings/deep/er/and=deeper/file.json",
        "input/readings/wrong-extension.csv",
        &long,
    ];
    awkward.iter().map(|key| case(key, GOOD, Validated(1, 0))).collect()
}

/// Contents a JSON dataset gets.
fn json_contents() -> Vec<Case> {
    let at = |name: &str| format!("input/readings/{name}");
    let row = |id: &str| format!(r#"{{"id":{id},"timestamp":"2026-01-15T10:30:00Z"}}"#);
    let good = |name: &str, bytes: Vec<u8>, rows| (at(name), bytes, Validated(rows, 0));
    let mixed = |name: &str, bytes: Vec<u8>, rows, bad| (at(name), bytes, Validated(rows, bad));
    let refused = |name: &str, bytes: Vec<u8>| (at(name), bytes, Quarantined);
    let lines = format!("{GOOD}\n{GOOD}\n{GOOD}\n");
    vec![
        good("bom.json", format!("\u{feff}{GOOD}").into(), 1),
        good("array.json", format!("[{GOOD},{GOOD}]").into(), 2),
        good("lines.json", format!("{GOOD}\n{GOOD}\n").into(), 2),
        good("no-last-newline.ndjson", format!("{GOOD}\r\n\r\n{GOOD}").into(), 2),
        good("spaces.json", format!("\n\n  {GOOD}  \n\n").into(), 1),
        good("megabyte.json", row(&format!("\"{}\"", "x".repeat(1 << 20))).into(), 1),
        good("escapes.json", row(r#""\u0041\ud83d\ude00\n\"""#).into(), 1),
        mixed("bad-byte.ndjson", [lines.as_bytes(), b"{\"id\":\"\xff\"}\n"].concat(), 3, 1),
        mixed("cut-line.ndjson", format!("{lines}{{\"id\":").into(), 3, 1),
        mixed("null.ndjson", format!("{lines}{}\n", row("null")).into(), 3, 1),
        mixed("number.ndjson", format!("{lines}{}\n", row("7")).into(), 3, 1),
        refused("bad.json", BAD.into()),
        refused("empty.json", Vec::new()),
        refused("spaces-only.json", b" \n\t ".to_vec()),
        refused("empty-array.json", b"[]".to_vec()),
        refused("scalar.json", b"42".to_vec()),
        refused("null.json", row("null").into()),
        refused("number.json", row("7").into()),
        refused("cut.json", GOOD.as_bytes()[..20].to_vec()),
        refused("not.json", b"hello".to_vec()),
        refused("parquet.json", b"PAR1 and rubbish".to_vec()),
        refused("binary.json", b"\0\x01\x02\0".to_vec()),
        refused("deep.json", "[".repeat(100_000).into_bytes()),
    ]
}

/// Contents a CSV dataset gets, and packed ones.
fn csv_and_packed() -> Result<Vec<Case>> {
    let at = |name: &str| format!("input/orders/{name}");
    let table = |rows: &[&str]| [&[HEADER], rows].concat().join("\n").into_bytes();
    let three = [ORDER, ORDER, ORDER];
    let long = [ORDER, ORDER, ORDER, "1,2026-01-01,DE,1.5,x,more"];
    let short = [ORDER, ORDER, ORDER, "1,2026-01-01"];
    let days: Vec<String> = (1..=25).map(|day| format!("1,2026-01-{day:02},DE,1.5,x")).collect();
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    let packed = gzip(GOOD.as_bytes())?;
    Ok(vec![
        case(&at("header.csv"), table(&[]), Quarantined),
        case(&at("no-header.csv"), "1,2026-01-01,DE,1.5,x\n", Quarantined),
        case(&at("quoted.csv"), table(&["1,2026-01-01,DE,1.5,\"a\n\"\"b\"\"\""]), Validated(1, 0)),
        case(&at("long-row.csv"), table(&long), Validated(3, 1)),
        case(&at("short-row.csv"), table(&short), Validated(3, 1)),
        case(&at("many-files.csv"), table(&days), Validated(25, 0)),
        case(&at("crlf.csv"), table(&three).replace_newlines(), Validated(3, 0)),
        case(&at("packed.csv.gz"), gzip(&table(&three))?, Validated(3, 0)),
        case("input/readings/good.json.gz", packed.clone(), Validated(1, 0)),
        case("input/readings/packed-without-saying.json", packed.clone(), Validated(1, 0)),
        case(
            "input/readings/two-members.json.gz",
            [packed.clone(), packed.clone()].concat(),
            Validated(2, 0),
        ),
        case("input/readings/cut.json.gz", &packed[..25], Quarantined),
        case("input/readings/said-to-be-packed.json.gz", GOOD, Validated(1, 0)),
        case("elsewhere/file.json", GOOD, Quarantined),
        case("input/other/file.json", GOOD, Quarantined),
    ])
}

trait ReplaceNewlines {
    /// The text with Windows' line ends.
    fn replace_newlines(self) -> Self;
}

impl ReplaceNewlines for Vec<u8> {
    fn replace_newlines(self) -> Self {
        self.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..])
    }
}

#[test]
fn every_object_gets_its_verdict() -> Result {
    let world = World::new("objects")?;
    // Days as folders: an object with many of them has more files than its item can list.
    world.edit("partition_by = [\"country\"]", "partition_by = [\"country\", \"order_date\"]")?;
    world.work.apply(&[])?;
    let names = world.names()?;
    let cases: Vec<Case> = [keys(), json_contents(), csv_and_packed()?].concat();
    world.put_all(&names.raw, cases.iter().map(|(key, bytes, _)| (key.as_str(), bytes.as_slice())))?;
    let stories = world.wait_for(&names.table, cases.len())?;
    for (key, _, expected) in &cases {
        let found: Vec<&Story> = stories.iter().filter(|story| story.key() == key).collect();
        let [story] = found[..] else {
            return Err(Error::new(format!("{key} has {} stories", found.len())));
        };
        let verdict = match story.status() {
            "VALIDATED" => Validated(story.rows("good"), story.rows("quarantined")),
            "QUARANTINED" => Quarantined,
            other => return Err(Error::new(format!("{key} is {other}"))),
        };
        assert_eq!(verdict, *expected, "{key}: {}", story.describe());
    }
    lie_where_they_must(&world, &names, &stories)?;
    replaced(&world, &names, cases.len())?;
    let finished = cases.len() + 2;
    messages(&world, &names, finished)?;
    world.expect_quiet_queues()?;
    world.work.destroy()?;
    world.expect_nothing_left()
}

/// Accepted rows lie in one place, refused rows and objects in the other.
fn lie_where_they_must(world: &World, names: &Names, stories: &[Story]) -> Result {
    let quarantine = world.lake.keys(&names.quarantine, "quarantine/")?;
    let validated = world.lake.keys(&names.processed, "validated/")?;
    for story in stories {
        let id = story.text("ProcessId");
        let holds =
            |keys: &[String], what: &str| keys.iter().any(|key| key.contains(id) && key.contains(what));
        let accepted = story.status() == "VALIDATED";
        assert_eq!(holds(&validated, "validated/"), accepted, "accepted rows of {}", story.key());
        assert_eq!(holds(&quarantine, "/objects/"), !accepted, "the refused object {}", story.key());
        if story.rows("quarantined") > 0 {
            assert!(holds(&quarantine, "/rows/"), "refused rows of {}", story.key());
        }
    }
    Ok(())
}

/// The same key good, then bad: the good rows go, the bad object is kept.
fn replaced(world: &World, names: &Names, finished: usize) -> Result {
    let replaced = ["input/readings/plain.json", "input/orders/many-files.csv"];
    world.put_all(&names.raw, replaced.iter().map(|key| (*key, BAD.as_bytes())))?;
    let stories = world.wait_for(&names.table, finished + replaced.len())?;
    let visible = world.lake.keys(&names.processed, "")?;
    for key in replaced {
        let old = stories.iter().find(|story| story.key() == key && story.status() == "VALIDATED");
        let old = old.ok_or_else(|| Error::new(format!("the first version of {key} has no story")))?;
        let left: Vec<&String> = visible.iter().filter(|key| key.contains(old.text("ProcessId"))).collect();
        assert!(
            left.iter().all(|key| !key.starts_with("validated/")),
            "rows of a replaced version: {left:?}"
        );
    }
    Ok(())
}

/// Messages as S3 and people send them, while no event comes by itself: two records in one, one twice, a test, an object
/// that is gone, and what is no event at all.
fn messages(world: &World, names: &Names, finished: usize) -> Result {
    world.python("client('events').disable_rule(Name='sensors-raw')")?;
    let raw = &names.raw;
    let keys = ["pair/one.json", "pair/two words.json", "twice.json", "gone.json"];
    let keys = keys.map(|key| format!("input/readings/{key}"));
    world.put_all(raw, keys.iter().map(|key| (key.as_str(), GOOD.as_bytes())))?;
    world.python(&format!(
        "s3 = client('s3')\nfor v in s3.list_object_versions(Bucket='{raw}', Prefix='input/readings/gone.json')['Versions']: \
         s3.delete_object(Bucket='{raw}', Key=v['Key'], VersionId=v['VersionId'])"
    ))?;
    let record = |key: &str, sequencer: &str| {
        json!({"eventName": "ObjectCreated:Put", "eventTime": "2026-11-24T00:00:00.000Z", "s3": {
            "bucket": {"name": raw}, "object": {"key": key, "size": GOOD.len(), "sequencer": sequencer},
        }})
    };
    let event = |key: &str| {
        json!({"source": "aws.s3", "detail-type": "Object Created", "time": "2026-11-24T00:00:00Z", "detail": {
            "bucket": {"name": raw}, "object": {"key": key, "size": GOOD.len(), "sequencer": "0055"},
        }})
    };
    let bodies = [
        json!({"Records": [record("input/readings/pair/one.json", "01"), record("input/readings/pair/two+words.json", "02")]}),
        event("input/readings/twice.json"),
        event("input/readings/twice.json"),
        event("input/readings/gone.json"),
        json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": raw}),
        json!("not an event"),
    ];
    for body in &bodies {
        world.send("sensors-ingest", &body.to_string())?;
    }
    let stories = world.wait_for(&names.table, finished + 4)?;
    world.expect_quiet_queues()?;
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for story in &stories {
        found.entry(story.key()).or_default().push(story.status());
    }
    for (key, status) in [
        ("input/readings/pair/one.json", "VALIDATED"),
        ("input/readings/pair/two words.json", "VALIDATED"),
        ("input/readings/twice.json", "VALIDATED"),
        ("input/readings/gone.json", "OBJECT_MISSING"),
    ] {
        assert_eq!(found.get(key).map(Vec::as_slice), Some(&[status][..]), "{key}");
    }
    assert_eq!(stories.len(), finished + 4, "the test event has no story");
    let kept = world.lake.keys(&names.quarantine, "quarantine/_unknown/messages/")?;
    assert_eq!(kept.len(), 1, "what is no event is kept: {kept:?}");
    Ok(())
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.map_err(|error| Error::new(error.to_string()))
}
