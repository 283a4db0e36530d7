//! Passes that take longer than an invocation: wherever they stop and are gone on with, and whatever dies on the way, what is
//! left is what one uninterrupted pass leaves.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use datalake_handlers::memory::Fault;
use datalake_handlers::pipeline::Handler;
use datalake_handlers::records::Status;
use datalake_handlers::validate::Pace;
use serde_json::{Value, json};

use super::harness::{Lake, PROCESSED, QUARANTINE, Snapshot};
use super::parquet::rows_of;

/// Rules of every kind that keeps state over rows.
const RULES: &str = "RowCount > 2, Completeness \"device\" > 0.1, IsUnique \"device\", Uniqueness \"day\" < 1.0, \
     Entropy \"device\" > 0.1, Mean \"value\" < 1000, StandardDeviation \"value\" < 1000, ColumnLength \"device\" > 0, \
     RowCount > 0.1 * avg(last(3)), DistinctValuesCount \"value\" > 1";

/// Seconds, which are bytes, that an invocation may take: the object of the corpus needs several.
const LIMIT: u64 = 90;

/// A format, and an object of it.
type Case = (&'static str, Vec<u8>);

fn corpus() -> Vec<Case> {
    let ndjson = "{\"device\":\"a\",\"day\":\"d1\",\"value\":1.5}\nnope\n{\"device\":\"b\",\"day\":\"d2\",\"value\":0.1}\r\n\n\
        {\"day\":\"d1\",\"value\":7}\n{\"device\":\"é\",\"day\":\"d2\",\"value\":999}\n{\"device\":\"b\",\"day\":\"d1\",\"value\":0.2}\n\
        {\"device\":\"c\",\"day\":\"d1\",\"value\":0.3}";
    let csv =
        "device,day,value\na,d1,1.5\n\"b\nb\",d2,0.1\nragged\n,d1,5\n\nc,d1,999\nd,d2,\n\"e\"\"\",d1,7\n";
    let json = "[{\"device\":\"a\",\"day\":\"d1\",\"value\":1},\n {\"device\":\"}]\",\"day\":\"d2\"},5, {\"device\":\"c\",\"day\":\"d1\",\"value\":4} ,\
        {\"value\":1},{\"device\":\"d\",\"day\":\"d1\",\"value\":0.7}]\n";
    vec![
        ("ndjson", ndjson.into()),
        ("csv", csv.into()),
        ("json", json.into()),
        ("ndjson", gzip_lines(ndjson)),
        ("avro", avro().concat()),
    ]
}

/// An Avro file: its header, and blocks of rows.
fn avro() -> [Vec<u8>; 2] {
    // All numbers are small: at most two bytes.
    let long = |number: usize| match 2 * number {
        small @ 0..0x80 => vec![small as u8],
        large => vec![large as u8 | 0x80, (large >> 7) as u8],
    };
    let prefixed = |bytes: &[u8]| [long(bytes.len()), bytes.to_vec()].concat();
    let sync = [7; 16];
    let fields = r#"{"name":"device","type":["null","string"]},{"name":"day","type":"string"},{"name":"value","type":"double"}"#;
    // What a small object is shows at its first line end.
    let schema = format!("\n{}", format_args!(r#"{{"type":"record","name":"r","fields":[{fields}]}}"#));
    let header = [prefixed(b"avro.schema"), prefixed(schema.as_bytes()), long(0), sync.to_vec()].concat();
    let row = |device: Option<&str>, day: &str, value: f64| {
        let device = device.map_or(long(0), |device| [long(1), prefixed(device.as_bytes())].concat());
        [device, prefixed(day.as_bytes()), value.to_le_bytes().to_vec()].concat()
    };
    let blocks = [
        vec![row(Some("a"), "d1", 1.5), row(Some("b"), "d2", 0.1)],
        vec![row(None, "d1", 7.0)],
        vec![row(Some("é"), "d2", 999.0), row(Some("b"), "d1", 0.2), vec![0xff]],
        vec![row(Some("c"), "d1", 0.3)],
    ];
    let block = |rows: &Vec<Vec<u8>>| [long(rows.len()), prefixed(&rows.concat()), sync.to_vec()].concat();
    [[b"Obj\x01".to_vec(), long(1), header].concat(), blocks.iter().flat_map(block).collect()]
}

/// Each line a part of its own, so that some come out before the last byte went in.
fn gzip_lines(text: &str) -> Vec<u8> {
    let part = |line: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(line.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    text.split_inclusive('\n').flat_map(part).collect()
}

/// A lake with an object of before, and then a long one that is not delivered yet. It reads byte by byte; each looks at the
/// clock, which moves by a second: so the limit says after how many bytes a pass stops.
async fn lake((format, body): &Case, limit_seconds: Option<u64>) -> Lake {
    let mut lake = Lake::new();
    let dataset = &mut lake.document["datasets"]["readings"];
    dataset["format"] = json!(format);
    dataset["quality"] = json!({"threshold_percent": 10.0, "action": "warn"});
    lake.rules(RULES);
    lake.arrive("input/readings/earlier", "{\"device\":\"a\",\"day\":\"d\",\"value\":1}\n".repeat(4));
    lake.run().await;
    lake.arrive("input/readings/long", body.clone());
    if let Some(seconds) = limit_seconds {
        lake.pace = Some(|| Pace::of(16, 1));
        lake.limit = Duration::from_secs(seconds);
        lake.world.clock.tick(Duration::from_secs(1));
    }
    lake.world.faults.heal();
    lake
}

async fn judged(case: &Case, limit_seconds: Option<u64>) -> Lake {
    let mut lake = lake(case, limit_seconds).await;
    lake.run().await;
    lake
}

fn segments(lake: &Lake) -> u32 {
    lake.items().iter().map(|item| item.progress.as_ref().map_or(0, |progress| progress.segment)).sum()
}

/// A snapshot without what may differ: how the rows are spread over files, and how often the pass stopped.
fn comparable(lake: &Lake) -> (Snapshot, BTreeMap<String, Vec<String>>, String) {
    let mut snapshot = lake.snapshot();
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut manifests = 0;
    for (key, body) in std::mem::take(&mut snapshot.processed) {
        if key.starts_with("validated/") {
            let folder = key.rsplit_once('/').unwrap().0.to_owned();
            rows.entry(folder).or_default().extend(rows_of(body));
        } else {
            manifests += 1;
        }
    }
    assert_eq!(manifests, 0, "what segments leave to each other is gone in the end");
    let mut quarantined = String::new();
    let (refused, whole): (BTreeMap<_, _>, BTreeMap<_, _>) =
        std::mem::take(&mut snapshot.quarantine).into_iter().partition(|(key, _)| key.contains("/rows/"));
    // The first file has no number in its name.
    let mut refused: Vec<_> = refused.into_iter().collect();
    refused.sort_by_key(|(key, _)| (key.len(), key.clone()));
    refused.iter().for_each(|(_, body)| quarantined.push_str(std::str::from_utf8(body).unwrap()));
    snapshot.quarantine = whole;
    for item in &mut snapshot.items {
        forget_files(item);
        let item = item.as_object_mut().unwrap();
        for name in ["segment", "checkpoint", "judgedBytes", "handedOn"] {
            item.remove(name);
        }
    }
    for pointer in &mut snapshot.pointers {
        forget_files(&mut pointer["current"]);
    }
    let events = std::mem::take(&mut snapshot.events).into_iter().map(|event| {
        let mut event: Value = serde_json::from_str(&event).unwrap();
        forget_files(&mut event);
        event.to_string()
    });
    snapshot.events = events.collect();
    (snapshot, rows, quarantined)
}

fn forget_files(record: &mut Value) {
    record.as_object_mut().unwrap().remove("files");
    if let Some(destinations) = record["destinations"].as_object_mut() {
        destinations.remove("validatedFiles");
    }
}

#[tokio::test]
async fn wherever_a_pass_stops_the_verdict_is_the_same() {
    for case in corpus() {
        let whole = judged(&case, None).await;
        assert_eq!(segments(&whole), 0);
        assert!(whole.items().iter().all(|item| item.status == Status::Validated), "{:?}", whole.items());
        let expected = comparable(&whole);
        let mut counts = std::collections::BTreeSet::new();
        let ticks = case.1.len() as u64 * 17 / 16;
        // From a stop after nearly every row to none: each limit stops after one byte more. What is packed is read again each
        // time, and in one invocation at last. The header of an Avro file is read at once.
        let least = match case.1.first_chunk::<3>() {
            Some([0x1f, 0x8b, _]) => ticks + 14,
            Some(b"Obj") => avro()[0].len() as u64 * 17 / 16 + 80,
            _ => 80,
        };
        for seconds in least..ticks + 40 {
            let lake = judged(&case, Some(seconds)).await;
            assert_eq!(comparable(&lake), expected, "{} {seconds}", case.0);
            assert_eq!(lake.world.objects.open_uploads(), 0);
            counts.insert(segments(&lake));
        }
        assert!(counts.contains(&0) && counts.len() > 1, "{} stops {counts:?} times", case.0);
    }
}

/// For every effect: the process dies after it, or the effect is refused, or its answer is lost; then everything is delivered
/// again.
#[tokio::test]
async fn a_crash_after_any_effect_ends_the_same() {
    let case = corpus().remove(0);
    let limit = Some(LIMIT);
    let clean = judged(&case, limit).await;
    let (expected, effects) = (comparable(&clean), clean.world.faults.effects());
    assert!(segments(&clean) >= 2, "{} stops", segments(&clean));
    let faults: [fn(u64) -> Fault; 3] = [Fault::KillAfter, Fault::Refuse, Fault::LoseAnswer];
    for (k, fault) in (1..=effects).flat_map(|k| faults.map(|fault| (k, fault(k)))) {
        let mut lake = lake(&case, limit).await;
        lake.world.faults.plan(fault);
        lake.run().await;
        lake.forget_orphans();
        assert_eq!(comparable(&lake), expected, "{fault:?} of {effects}, {k}");
    }
    eprintln!("{effects} effects, {} faulty runs", effects * 3);
}

/// Messages come twice, and late: a stale segment does nothing.
#[tokio::test]
async fn messages_that_come_again_change_nothing() {
    let case = corpus().remove(0);
    let mut lake = judged(&case, Some(LIMIT)).await;
    let expected = comparable(&lake);
    let sent = lake.world.queue.sent();
    assert!(sent.len() >= 2);
    for message in &sent {
        lake.send(Handler::Validate, &message.body);
    }
    lake.run().await;
    assert_eq!(comparable(&lake), expected);
    assert_eq!(lake.world.queue.sent().len(), sent.len(), "nothing is handed on again");
}

/// While a pass is between two segments nothing of it shows.
#[tokio::test]
async fn nothing_shows_before_the_last_segment() {
    let case = corpus().remove(0);
    let mut lake = lake(&case, Some(LIMIT)).await;
    let id = |lake: &Lake| lake.items().into_iter().find(|item| item.source.key.ends_with("long"));
    let mut between = 0;
    loop {
        let more = lake.step().await;
        if let Some(item) = id(&lake).filter(|item| item.progress.is_some() && !item.status.is_final()) {
            between += 1;
            let shows = |bucket: &str| {
                let visible = lake.world.objects.visible(bucket);
                visible.keys().any(|key| key.contains(&item.process_id) && !key.starts_with("_datalake/"))
            };
            assert!(!shows(PROCESSED) && !shows(QUARANTINE));
            assert_eq!(item.status, Status::Validating);
        }
        if !more {
            break;
        }
    }
    assert!(between >= 2, "{between}");
}

/// Rules that change in the middle judge the object from its beginning.
#[tokio::test]
async fn other_rules_in_the_middle_begin_again() {
    let case = corpus().remove(0);
    let mut expected = lake(&case, None).await;
    expected.rules("RowCount > 5");
    expected.run().await;
    let mut lake = lake(&case, Some(LIMIT)).await;
    while lake.world.queue.sent().is_empty() && lake.step().await {}
    lake.rules("RowCount > 5");
    lake.run().await;
    let rows = |lake: &Lake| {
        let item = lake.items().into_iter().find(|item| item.source.key.ends_with("long")).unwrap();
        let outcome = item.outcome.unwrap();
        (item.status, outcome.rows, outcome.quality_score, outcome.dataset_rules.len())
    };
    assert_eq!(rows(&lake), rows(&expected));
    assert_eq!(lake.world.objects.open_uploads(), 0);
}

/// A bucket's lifecycle rule has taken the uploads of earlier segments: the pass begins again.
#[tokio::test]
async fn uploads_that_expired_begin_again() {
    let case = corpus().remove(0);
    let clean = judged(&case, None).await;
    let mut lake = lake(&case, Some(LIMIT)).await;
    while lake.world.queue.sent().is_empty() && lake.step().await {}
    lake.world.objects.expire_uploads();
    lake.limit = Duration::from_secs(900);
    lake.run().await;
    let (found, expected) = (comparable(&lake), comparable(&clean));
    assert_eq!((found.1, found.2), (expected.1, expected.2));
}

/// A newer version of the key, judged while the older one is between two segments.
#[tokio::test]
async fn a_newer_version_in_between_supersedes() {
    let case = corpus().remove(0);
    let mut lake = lake(&case, Some(LIMIT)).await;
    while lake.world.queue.sent().is_empty() && lake.step().await {}
    lake.limit = Duration::from_secs(900);
    let newer =
        lake.upload("input/readings/long", "{\"device\":\"new\",\"day\":\"d\",\"value\":1}\n".repeat(4));
    lake.run_alone(Handler::Ingest, &newer).await;
    lake.run().await;
    let mut statuses: Vec<Status> = lake
        .items()
        .into_iter()
        .filter(|item| item.source.key.ends_with("long"))
        .map(|item| item.status)
        .collect();
    statuses.sort_by_key(|status| format!("{status:?}"));
    assert_eq!(statuses, [Status::Superseded, Status::Validated]);
    assert_eq!(lake.world.objects.open_uploads(), 0);
    assert!(lake.world.objects.visible(PROCESSED).keys().all(|key| key.starts_with("validated/")));
}

/// Far more keys than fit into memory go from segment to segment, and the rule is exact.
#[tokio::test]
async fn keys_outlive_a_segment() {
    let mut body = String::new();
    for number in 0..30_000 {
        let _ =
            writeln!(body, "{{\"device\":\"{}\",\"day\":\"d\",\"value\":{}}}", number % 29_999, number % 7);
    }
    let judge = async |limit: Option<u64>| {
        let mut lake = Lake::new();
        lake.rules("IsUnique \"device\", DistinctValuesCount \"value\" = 7, Entropy \"device\" > 9");
        lake.document["datasets"]["readings"]["quality"]["uniqueness_memory_mb"] = 1.into();
        if let Some(seconds) = limit {
            lake.pace = Some(|| Pace::of(1 << 18, 1 << 16));
            lake.limit = Duration::from_secs(seconds);
            lake.world.clock.tick(Duration::from_secs(1));
        }
        lake.arrive("input/readings/unique", body.clone());
        lake.run().await;
        lake
    };
    let (whole, stopped) = (judge(None).await, judge(Some(12)).await);
    assert!(segments(&stopped) >= 2, "{} stops", segments(&stopped));
    let outcome = |lake: &Lake| {
        let mut outcome = lake.items().remove(0).outcome.unwrap();
        outcome.destinations.validated_files = 0;
        outcome
    };
    assert_eq!(outcome(&stopped), outcome(&whole));
    assert!(stopped.world.objects.visible(PROCESSED).keys().all(|key| key.starts_with("validated/")));
}
