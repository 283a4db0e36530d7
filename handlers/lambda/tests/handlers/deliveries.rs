//! Every event fixture, delivered once, twice and the other way round, each also to a process that dies after its first
//! effect, its second, and so on until there is none: what is left is what one clean delivery leaves, and at no moment is
//! anything visible that a clean delivery does not make, nor announced that is not there.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use datalake_core::events::EventKind;
use datalake_core::layout::{FILE_LISTS, validated_prefix};
use datalake_handlers::memory::Fault;
use datalake_handlers::pipeline::Handler;
use serde_json::{Value, json};

use super::harness::{Lake, PROCESSED, QUARANTINE, RAW, Snapshot, rows};

type Messages = Vec<(Handler, String)>;

/// What arrives.
struct Case {
    name: &'static str,
    /// Prepares the world and says which messages are then delivered.
    messages: fn(&mut Lake) -> Messages,
    /// They are delivered in peace until the pipeline publishes this event, which is then what arrives.
    up_to: Option<EventKind>,
    /// Versions of one key: which of them is judged at all depends on the order, what is visible in the end does not.
    versions: bool,
}

/// How it arrives.
#[derive(Debug, Clone, Copy)]
enum Way {
    Once,
    Twice,
    Reordered,
}

const fn case(name: &'static str, messages: fn(&mut Lake) -> Messages) -> Case {
    Case { name, messages, up_to: None, versions: false }
}

const fn announced(name: &'static str, up_to: EventKind, messages: fn(&mut Lake) -> Messages) -> Case {
    Case { name, messages, up_to: Some(up_to), versions: false }
}

const CASES: [Case; 21] = [
    case("eventbridge-object-created", |lake| {
        let objects = [("/detail/object", "input/readings/a b+c%20ü.ndjson", rows("a", 2, 1))];
        vec![(Handler::Ingest, fixture(lake, "eventbridge-object-created", &objects))]
    }),
    case("eventbridge-object-created-unversioned", |lake| {
        let objects = [("/detail/object", "input/readings/plain.json", rows("a", 1, 1))];
        vec![(Handler::Ingest, fixture(lake, "eventbridge-object-created-unversioned", &objects))]
    }),
    case("eventbridge-object-created, long gone", |lake| {
        vec![(Handler::Ingest, fixture(lake, "eventbridge-object-created", &[]))]
    }),
    case("eventbridge-folder-marker", |lake| {
        let objects = [("/detail/object", "input/readings/", String::new())];
        vec![(Handler::Ingest, fixture(lake, "eventbridge-folder-marker", &objects))]
    }),
    case("eventbridge-object-deleted", |lake| {
        lake.world.objects.arrive(RAW, "input/readings/a.json", rows("a", 1, 0));
        vec![(Handler::Ingest, fixture(lake, "eventbridge-object-deleted", &[]))]
    }),
    case("eventbridge-other-source", |lake| {
        vec![(Handler::Ingest, fixture(lake, "eventbridge-other-source", &[]))]
    }),
    case("s3-notification-two-records", |lake| {
        let objects = [
            ("/Records/0/s3/object", "input/readings/a b+c%20ü.ndjson", rows("a", 2, 1)),
            (
                "/Records/1/s3/object",
                "input/readings/second.csv",
                "device,day,value\nb,d1,1\nc,d2,200\n".to_owned(),
            ),
        ];
        vec![(Handler::Ingest, fixture(lake, "s3-notification-two-records", &objects))]
    }),
    case("s3-notification-one-broken", |lake| {
        let objects = [("/Records/1/s3/object", "input/readings/good.json", rows("a", 1, 0))];
        vec![(Handler::Ingest, fixture(lake, "s3-notification-one-broken", &objects))]
    }),
    case("s3-test-event", |lake| vec![(Handler::Ingest, fixture(lake, "s3-test-event", &[]))]),
    announced("data-received", EventKind::DataReceived, |lake| arrived(lake, rows("a", 2, 1))),
    announced("data-received of an object to be refused", EventKind::DataReceived, |lake| {
        arrived(lake, "no row\n".to_owned())
    }),
    case("data-received of an object nobody registered", |lake| {
        vec![(Handler::Validate, fixture(lake, "data-received", &[]))]
    }),
    announced("data-validated", EventKind::DataValidated, |lake| arrived(lake, rows("a", 2, 1))),
    case("data-validated of an object nobody registered", |lake| {
        vec![(Handler::Quality, fixture(lake, "data-validated", &[]))]
    }),
    case("quality-check-complete, which nobody handles", |lake| {
        let event = fixture(lake, "quality-check-complete", &[]);
        vec![(Handler::Quality, event.clone()), (Handler::Validate, event)]
    }),
    case("data-transformed, which nobody handles", |lake| {
        vec![(Handler::Validate, fixture(lake, "data-transformed", &[]))]
    }),
    case("object-too-large, which nobody handles", |lake| {
        vec![(Handler::Validate, fixture(lake, "object-too-large", &[]))]
    }),
    case("poison", |_| {
        let handlers = [Handler::Ingest, Handler::Validate, Handler::Quality];
        handlers.map(|handler| (handler, "not an event".to_owned())).into()
    }),
    case("objects good, refused, of no dataset, with many files, gone", |lake| {
        let uploads = [
            ("input/readings/good", rows("g", 2, 1)),
            ("input/readings/refused", "{\"day\":\"d\"}\nnot json\n".to_owned()),
            ("elsewhere/a", rows("e", 1, 0)),
            ("input/readings/many", rows("m", 22, 0)),
            ("input/readings/gone", rows("n", 1, 0)),
        ];
        let events = uploads.map(|(key, body)| (Handler::Ingest, lake.upload(key, body)));
        lake.world.objects.vanish(RAW, "input/readings/gone");
        events.into()
    }),
    Case {
        name: "versions of one key",
        messages: |lake| {
            let bodies = [rows("old", 2, 1), rows("middle", 1, 0), rows("new", 3, 1)];
            bodies.map(|body| (Handler::Ingest, lake.upload("input/readings/a", body))).into()
        },
        up_to: None,
        versions: true,
    },
    Case {
        name: "versions of one key, the newest first and refused",
        messages: |lake| {
            let bodies = [rows("old", 2, 0), "no row\n".to_owned()];
            let mut events: Vec<_> =
                bodies.map(|body| (Handler::Ingest, lake.upload("input/readings/a", body))).into();
            events.reverse();
            events
        },
        up_to: None,
        versions: true,
    },
];

/// The fixture, about objects that are there: each by the place in the event, its key and what it holds.
fn fixture(lake: &Lake, name: &str, objects: &[(&str, &str, String)]) -> String {
    let mut event = read(name);
    for (pointer, key, body) in objects {
        let (version, etag) = lake.world.objects.arrive(RAW, key, body.clone());
        let object = event.pointer_mut(pointer).and_then(Value::as_object_mut).unwrap();
        for (name, value) in object.iter_mut() {
            match name.as_str() {
                "version-id" | "versionId" => *value = json!(version),
                "etag" | "eTag" => *value = json!(etag),
                "size" => *value = json!(body.len()),
                _ => {}
            }
        }
    }
    event.to_string()
}

fn read(name: &str) -> Value {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn arrived(lake: &mut Lake, body: String) -> Messages {
    vec![(Handler::Ingest, lake.upload("input/readings/a.ndjson", body))]
}

/// The fixture with the detail that the pipeline itself published, once all before it is done.
async fn published(lake: &mut Lake, messages: Messages, kind: EventKind) -> Messages {
    for (handler, body) in messages {
        lake.send(handler, &body);
    }
    lake.run_until(kind).await;
    lake.drop_waiting();
    let (name, handler) = match kind {
        EventKind::DataReceived => ("data-received", Handler::Validate),
        _ => ("data-validated", Handler::Quality),
    };
    let mut event = read(name);
    event["detail"] = lake.events(kind).remove(0);
    vec![(handler, event.to_string())]
}

/// The world in which the case is about to arrive that way.
async fn arriving(case: &Case, way: Way) -> Lake {
    let mut lake = Lake::new();
    let mut messages = (case.messages)(&mut lake);
    if let Some(kind) = case.up_to {
        messages = published(&mut lake, messages, kind).await;
    }
    let mut messages: Vec<_> = messages.into_iter().enumerate().collect();
    match way {
        Way::Once => {}
        Way::Twice => messages.extend(messages.clone()),
        Way::Reordered => lake.last_first = true,
    }
    lake.twice = matches!(way, Way::Twice);
    for (number, (handler, body)) in messages {
        lake.send_as(handler, &format!("in-{number}"), &body);
    }
    lake
}

/// What may be seen: every object that a clean delivery shows at some moment.
#[derive(Default)]
struct Seen(BTreeSet<(&'static str, String, Bytes)>);

impl Seen {
    fn note(&mut self, lake: &Lake) {
        self.0.extend(visible(lake));
    }

    /// Nothing half-written, nothing that should not be, and everything that was announced.
    fn check(&self, lake: &Lake, case: &Case, what: &str) {
        for (bucket, key, body) in visible(lake) {
            // What such a list says changes while its files do; it never names a file that is not the dataset's.
            if key.starts_with(FILE_LISTS) {
                let listed: Vec<String> = serde_json::from_slice(&body).unwrap();
                assert!(
                    listed.iter().all(|file| file.starts_with(&validated_prefix("readings"))),
                    "{what}: {key}"
                );
                continue;
            }
            assert!(self.0.contains(&(bucket, key.clone(), body)), "{what}: {bucket}/{key} is visible");
        }
        if case.versions {
            return;
        }
        for event in lake.events(EventKind::DataValidated) {
            let id = event["processId"].as_str().unwrap();
            let of_it =
                |bucket: &str| lake.world.objects.visible(bucket).into_keys().filter(|key| key.contains(id));
            let files = of_it(PROCESSED).filter(|key| !key.starts_with(FILE_LISTS)).count();
            assert_eq!(json!(files), event["destinations"]["validatedFiles"], "{what}: announced too early");
            let quarantined: Vec<String> =
                of_it(QUARANTINE).map(|key| format!("s3://{QUARANTINE}/{key}")).collect();
            for name in ["quarantinedRows", "quarantinedObject"] {
                let there = event["destinations"][name]
                    .as_str()
                    .is_none_or(|at| quarantined.iter().any(|key| key == at));
                assert!(there, "{what}: {name} is announced too early");
            }
        }
    }
}

/// The results, without what tells only the time.
fn visible(lake: &Lake) -> impl Iterator<Item = (&'static str, String, Bytes)> {
    [PROCESSED, QUARANTINE].into_iter().flat_map(|bucket| {
        timeless(lake.world.objects.visible(bucket)).into_iter().map(move |(key, body)| (bucket, key, body))
    })
}

fn timeless(objects: BTreeMap<String, Bytes>) -> BTreeMap<String, Bytes> {
    let kept = |(key, body): (String, Bytes)| {
        if !key.contains("/messages/") {
            return (key, body);
        }
        let mut document: Value = serde_json::from_slice(&body).unwrap();
        document.as_object_mut().unwrap().remove("at");
        (key, Bytes::from(document.to_string()))
    };
    objects.into_iter().map(kept).collect()
}

fn final_stores(lake: &Lake) -> Snapshot {
    let snapshot = lake.snapshot();
    Snapshot { quarantine: timeless(snapshot.quarantine.clone()), ..snapshot }
}

/// The stores in which two ends differ, with the difference where it is short.
fn differing(found: &Snapshot, expected: &Snapshot) -> Vec<String> {
    let stores = [
        ("processed", found.processed == expected.processed),
        ("quarantine", found.quarantine == expected.quarantine),
        ("items", found.items == expected.items),
        ("pointers", found.pointers == expected.pointers),
        ("histories", found.histories == expected.histories),
        ("counters", found.counters == expected.counters),
        ("events", found.events == expected.events),
        ("metrics", found.metrics == expected.metrics),
    ];
    let mut named: Vec<String> =
        stores.iter().filter(|(_, same)| !same).map(|(name, _)| (*name).to_owned()).collect();
    if found.counters != expected.counters {
        named.push(format!("{:?} instead of {:?}", found.counters, expected.counters));
    }
    // A store that is added to the snapshot and forgotten here is seen all the same.
    if named.is_empty() && found != expected {
        named.push("something else".to_owned());
    }
    named
}

/// Delivers a case in every way with every death; the number of runs.
async fn sweep(case: &Case) -> u64 {
    let (mut clean, mut seen) = (arriving(case, Way::Once).await, Seen::default());
    seen.note(&clean);
    clean.run_watched(|lake| seen.note(lake)).await;
    let expected = final_stores(&clean);
    if case.versions {
        // A version that came after a newer one is never shown; the other way round it is, until it is replaced.
        arriving(case, Way::Reordered).await.run_watched(|lake| seen.note(lake)).await;
    }
    let mut runs = 1;
    for way in [Way::Once, Way::Twice, Way::Reordered] {
        for k in 1.. {
            let mut lake = arriving(case, way).await;
            lake.world.faults.plan(Fault::KillAfter(k));
            let what = format!("{}, {way:?}, killed after {k}", case.name);
            lake.run_watched(|lake| seen.check(lake, case, &what)).await;
            runs += 1;
            let found = final_stores(&lake);
            if case.versions {
                assert_eq!(found.processed, expected.processed, "{what}");
                assert!(lake.items().iter().all(|item| item.status.is_final()), "{what}");
            } else {
                assert_eq!(differing(&found, &expected), [""; 0], "{what}");
            }
            // The last run was a clean one.
            if lake.world.faults.effects() < k {
                break;
            }
        }
    }
    eprintln!("{}: {runs} runs", case.name);
    runs
}

#[tokio::test]
async fn whatever_way_an_event_comes_the_stores_end_the_same() {
    let mut runs = 0;
    for case in &CASES {
        runs += sweep(case).await;
    }
    eprintln!("{} cases: {runs} runs", CASES.len());
    assert!(runs > 900, "{runs}");
}

/// No fixture is forgotten.
#[test]
fn every_fixture_is_delivered() {
    let files = std::fs::read_dir(format!("{}/fixtures", env!("CARGO_MANIFEST_DIR"))).unwrap();
    for file in files {
        let name = file.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".json");
        assert!(CASES.iter().any(|case| case.name.starts_with(name)), "{name}");
    }
}
