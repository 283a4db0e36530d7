//! A pipeline, its world and its queues: messages are delivered until none is left, failed ones again and again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::SqsEvent;
use bytes::Bytes;
use datalake_core::events::{EventKind, HourTotals};
use datalake_handlers::memory::World;
use datalake_handlers::pipeline::{Handler, Pipeline};
use datalake_handlers::ports::Clock;
use datalake_handlers::records::ObjectItem;
use datalake_handlers::service::{Invocation, Service};
use datalake_handlers::time::rfc3339_millis;
use datalake_handlers::validate::Pace;
use serde_json::{Value, json};

pub const RAW: &str = "sensors-raw";
pub const PROCESSED: &str = "sensors-processed";
pub const QUARANTINE: &str = "sensors-quarantine";
const INGEST_QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:sensors-ingest";
const VALIDATE_QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:sensors-validate";

/// One pipeline in one world.
pub struct Lake {
    pub world: World,
    pub document: Value,
    queue: VecDeque<(Handler, String, String)>,
    /// How passes go on; the usual way without.
    pub pace: Option<fn() -> Pace>,
    /// What an invocation may take.
    pub limit: Duration,
    forwarded: usize,
    resent: usize,
    messages: usize,
    /// Deliveries after which messages count as coming back for ever.
    pub patience: usize,
    sequence: u64,
    deaths: u32,
    /// Each event of the pipeline's own is delivered twice.
    pub twice: bool,
    /// What was sent last is delivered first.
    pub last_first: bool,
}

/// What is left when everything is delivered, without what may differ between two ways there: times and revisions.
#[derive(Debug, PartialEq)]
pub struct Snapshot {
    pub processed: BTreeMap<String, Bytes>,
    pub quarantine: BTreeMap<String, Bytes>,
    pub items: Vec<Value>,
    pub pointers: Vec<Value>,
    pub histories: Vec<Value>,
    pub counters: Vec<String>,
    pub events: BTreeSet<String>,
    pub metrics: BTreeSet<String>,
}

pub fn document() -> Value {
    json!({
        "version": 1,
        "name": "sensors",
        "buckets": {"raw": RAW, "processed": PROCESSED, "quarantine": QUARANTINE},
        "metadata_table": "sensors-metadata",
        "event_bus": "sensors-bus",
        "metadata_ttl_days": 90,
        "datasets": {
            "readings": {
                "format": "ndjson",
                "prefix": "input/readings/",
                "compression": "auto",
                "columns": {
                    "device": {"type": "string", "required": true},
                    "day": {"type": "string", "required": true},
                    "value": {"type": "double", "maximum": "100"},
                },
                "quality": {"threshold_percent": 50.0},
                "output": {"partition_by": ["day"], "compression": "zstd"},
            },
        },
    })
}

/// A lake whose readings are held to these rules.
pub fn lake(ruleset: &str) -> Lake {
    let mut lake = Lake::new();
    lake.rules(ruleset);
    lake
}

/// The key of a file of readings.
pub fn key(name: &str) -> String {
    format!("input/readings/{name}")
}

/// Rows of `days` days, the first `bad` of them without a device.
pub fn rows(name: &str, days: usize, bad: usize) -> String {
    let good =
        (0..days).map(|day| format!("{{\"device\":\"{name}\",\"day\":\"d{day:03}\",\"value\":{day}}}\n"));
    let bad = (0..bad).map(|day| format!("{{\"day\":\"d{day:03}\",\"value\":1}}\n"));
    good.chain(bad).collect()
}

impl Lake {
    pub fn new() -> Self {
        Self {
            world: World::new(),
            document: document(),
            queue: VecDeque::new(),
            pace: None,
            limit: Duration::from_secs(900),
            forwarded: 0,
            resent: 0,
            messages: 0,
            patience: 1000,
            sequence: 0,
            deaths: 0,
            twice: false,
            last_first: false,
        }
    }

    pub fn service(&self, handler: Handler) -> Service {
        let pipeline = Pipeline::parse(self.document.to_string().as_bytes()).unwrap();
        let service = Service::new(handler, pipeline, self.world.ports());
        match self.pace {
            Some(pace) => service.paced(pace()),
            None => service,
        }
    }

    /// Uploads an object; the event about it, which is not delivered yet.
    pub fn upload(&mut self, key: &str, body: impl Into<Bytes>) -> String {
        let body = body.into();
        let size = body.len();
        let (version, etag) = self.world.objects.arrive(RAW, key, body);
        self.sequence += 1;
        let object = json!({
            "key": key, "size": size, "etag": etag, "version-id": version,
            "sequencer": format!("0065F0{:08X}", self.sequence),
        });
        json!({
            "source": "aws.s3",
            "detail-type": "Object Created",
            "time": rfc3339_millis(self.world.clock.now()),
            "detail": {"bucket": {"name": RAW}, "object": object},
        })
        .to_string()
    }

    /// Holds the objects of the only dataset to these rules beside its columns.
    pub fn rules(&mut self, ruleset: &str) {
        self.document["datasets"]["readings"]["quality"]["ruleset"] = json!(format!("Rules = [ {ruleset} ]"));
    }

    /// Transforms the accepted rows of the only dataset.
    pub fn transforms(&mut self, steps: Value) {
        self.document["datasets"]["readings"]["transforms"] = steps;
    }

    /// Puts a message into a handler's queue.
    pub fn send(&mut self, handler: Handler, body: &str) {
        self.messages += 1;
        self.send_as(handler, &format!("m-{}", self.messages), body);
    }

    /// The same for a message of this id: a queue may deliver one more than once.
    pub fn send_as(&mut self, handler: Handler, id: &str, body: &str) {
        self.queue.push_back((handler, id.to_owned(), body.to_owned()));
    }

    /// Empties the queues: nothing that waits in them is delivered.
    pub fn drop_waiting(&mut self) {
        self.queue.clear();
    }

    /// Uploads and announces.
    pub fn arrive(&mut self, key: &str, body: impl Into<Bytes>) {
        let event = self.upload(key, body);
        self.send(Handler::Ingest, &event);
    }

    /// Asks for something on the bus.
    pub fn ask(&mut self, detail_type: &str, detail: Value) {
        let event = json!({
            "source": "datalake.operator",
            "detail-type": detail_type,
            "id": "ask-1",
            "time": rfc3339_millis(self.world.clock.now()),
            "detail": detail,
        });
        self.send(Handler::Ingest, &event.to_string());
    }

    /// So many days ago.
    pub fn days_ago(&self, days: u32) -> SystemTime {
        self.world.clock.now() - days * Duration::from_secs(86_400)
    }

    pub fn invocation(&self) -> Invocation {
        Invocation {
            request_id: format!("r-{}", self.messages),
            deadline: self.world.clock.now() + self.limit,
        }
    }

    /// Delivers until nothing is left; a failed message comes again when its claim is over.
    pub async fn run(&mut self) {
        while self.step().await {}
    }

    /// The same, and looks at the world after every delivery.
    pub async fn run_watched(&mut self, mut look: impl FnMut(&Self)) {
        while self.step().await {
            look(self);
        }
    }

    /// Delivers a message and what follows from it, while all others wait.
    pub async fn run_alone(&mut self, handler: Handler, body: &str) {
        let waiting = std::mem::take(&mut self.queue);
        self.send(handler, body);
        self.run().await;
        self.queue = waiting;
    }

    /// Delivers until the process dies of its fault, or nothing is left.
    pub async fn run_until_death(&mut self) {
        let deaths = self.deaths;
        while deaths == self.deaths && self.step().await {}
    }

    /// Delivers until an event of this kind is out.
    pub async fn run_until(&mut self, kind: EventKind) {
        while self.events(kind).is_empty() && self.step().await {}
    }

    /// One delivery; false when there is nothing to deliver.
    pub async fn step(&mut self) -> bool {
        let next = if self.last_first { self.queue.pop_back() } else { self.queue.pop_front() };
        let Some((handler, id, body)) = next else { return false };
        assert!(self.messages < self.patience, "messages come back for ever: {:?}", self.queue);
        self.messages += 1;
        let queue = if handler == Handler::Validate { VALIDATE_QUEUE } else { INGEST_QUEUE };
        let batch: SqsEvent = serde_json::from_value(
            json!({"Records": [{"messageId": id, "body": body, "eventSourceARN": queue}]}),
        )
        .unwrap();
        let response = self.service(handler).batch(batch, &self.invocation()).await.unwrap();
        // A process that died did not say that it was done, even if it was.
        let died = self.world.faults.is_dead();
        if died || !response.batch_item_failures.is_empty() {
            self.world.clock.advance(Duration::from_secs(1000));
            match self.last_first {
                true => self.queue.push_front((handler, id, body)),
                false => self.queue.push_back((handler, id, body)),
            }
        }
        if died {
            self.deaths += 1;
            self.world.faults.revive();
        }
        self.forward();
        true
    }

    /// Whether the dataset of an event is transformed, as the rule before the function has it.
    fn is_transformed(&self, body: &Value) -> bool {
        let name = body["detail"]["dataset"].as_str().unwrap();
        let dataset = &self.document["datasets"][name];
        dataset["transforms"].is_array() || dataset["sql"].is_string()
    }

    /// What the bus's rules do, and the queue with what the handlers put there.
    fn forward(&mut self) {
        let sent = self.world.queue.sent();
        for message in &sent[self.resent..] {
            match message.queue_arn.as_str() {
                INGEST_QUEUE => self.send(Handler::Ingest, &message.body),
                VALIDATE_QUEUE => self.send(Handler::Validate, &message.body),
                other => panic!("a message to {other}"),
            }
        }
        self.resent = sent.len();
        let events = self.world.bus.events();
        for event in &events[self.forwarded..] {
            let body = json!({
                "source": event.kind.source(),
                "detail-type": event.kind.detail_type(),
                "time": rfc3339_millis(self.world.clock.now()),
                "detail": serde_json::from_str::<Value>(&event.detail).unwrap(),
            });
            let handlers: &[Handler] = match event.kind {
                EventKind::DataReceived => &[Handler::Validate],
                EventKind::DataValidated if self.is_transformed(&body) => {
                    &[Handler::Quality, Handler::Transform]
                }
                EventKind::DataValidated => &[Handler::Quality],
                EventKind::DataTransformed | EventKind::QualityCheckComplete | EventKind::ObjectTooLarge => {
                    continue;
                }
            };
            for handler in handlers {
                self.send(*handler, &body.to_string());
                if self.twice {
                    let again = format!("m-{}", self.messages);
                    self.send_as(*handler, &again, &body.to_string());
                }
            }
        }
        self.forwarded = events.len();
    }

    /// Removes what attempts left that died before anybody knew of it, as the bucket's lifecycle rule does.
    pub fn forget_orphans(&self) {
        for key in self.world.objects.visible(PROCESSED).into_keys() {
            if key.starts_with(datalake_core::layout::CHECKPOINTS) {
                self.world.objects.vanish(PROCESSED, &key);
            }
        }
    }

    pub fn items(&self) -> Vec<ObjectItem> {
        self.world.table.objects()
    }

    pub fn events(&self, kind: EventKind) -> Vec<Value> {
        let events = self.world.bus.events();
        let ours = events.iter().filter(|event| event.kind == kind);
        ours.map(|event| serde_json::from_str(&event.detail).unwrap()).collect()
    }

    pub fn snapshot(&self) -> Snapshot {
        let world = &self.world;
        let events = world.bus.events();
        Snapshot {
            processed: world.objects.visible(PROCESSED),
            quarantine: world.objects.visible(QUARANTINE),
            items: world
                .table
                .objects()
                .iter()
                .map(|item| without(item, &["UpdatedAt", "countedHour", "expiresAt"]))
                .map(|mut item| {
                    if let Some(transformed) = item["transformed"].as_object_mut() {
                        transformed.remove("at");
                    }
                    item
                })
                .collect(),
            pointers: world.table.pointers().iter().map(|pointer| without(pointer, &["revision"])).collect(),
            histories: world
                .table
                .histories()
                .values()
                .map(|history| without(history, &["revision"]))
                .collect(),
            counters: world
                .table
                .counters()
                .iter()
                .map(|((name, _), totals)| {
                    // The real table adds decimals, whose sum is the same in any order.
                    let score_sum = (totals.score_sum * 100.0).round() / 100.0;
                    format!("{name} {:?}", HourTotals { score_sum, ..*totals })
                })
                .collect(),
            events: events
                .iter()
                .map(|event| serde_json::from_str::<Value>(&event.detail).unwrap())
                .map(|detail| without(&detail, &["hour", "totals"]).to_string())
                .collect(),
            metrics: world
                .metrics
                .lines()
                .iter()
                .map(|line| without(&serde_json::from_str::<Value>(line).unwrap(), &["_aws"]).to_string())
                .collect(),
        }
    }
}

fn without(record: &impl serde::Serialize, fields: &[&str]) -> Value {
    let mut value = serde_json::to_value(record).unwrap();
    for field in fields {
        value.as_object_mut().unwrap().remove(*field);
    }
    value
}
