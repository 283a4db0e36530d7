//! What is done while faults happen: the table of scenarios.

use serde_json::{Value, json};

use crate::place::OURS;

/// How things are before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// There is nothing.
    Nothing,
    /// A creation was killed half way, and nothing was saved.
    Leftovers,
    /// The first configuration is applied.
    Made,
    /// The same, and then the metadata table was made again with other keys.
    MadeWithOtherKeys,
    /// Others' objects bear some of our names.
    Strangers,
}

/// What is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// `terraform apply` of these inputs.
    Apply(Value),
    /// `terraform destroy`.
    Destroy,
    /// `terraform import`, after the state was lost.
    Import,
}

/// One scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// How things are before.
    pub start: Start,
    /// What is done.
    pub act: Act,
}

impl Scenario {
    /// The inputs that hold at the end.
    pub fn goal(&self) -> Value {
        match &self.act {
            Act::Apply(inputs) => inputs.clone(),
            Act::Destroy | Act::Import => first(),
        }
    }
}

/// The first configuration: the smallest with every kind.
pub fn first() -> Value {
    json!({
        "name": OURS,
        "datasets": {"readings": {"format": "json", "columns": {"id": {"type": "string", "required": true}}}},
        "force_destroy": true,
        "tags": {"team": "lake"},
    })
}

/// Its name, where its value goes, the value.
type Change = (&'static str, &'static [&'static str], fn() -> Value);

/// What an update changes.
const CHANGES: [Change; 14] = [
    (
        "datasets-added",
        &["datasets", "orders"],
        || json!({"format": "csv", "columns": {"id": {"type": "bigint"}, "day": {"type": "date", "required": true}}, "output": {"partition_by": ["day"]}}),
    ),
    ("datasets-renamed", &["datasets"], || json!({"events": {"format": "json"}})),
    ("columns", &["datasets", "readings", "columns", "note"], || json!({"type": "string"})),
    ("quality", &["datasets", "readings", "quality"], || json!({"ruleset": "Rules = [ RowCount > 1 ]"})),
    ("prefix", &["datasets", "readings", "prefix"], || json!("elsewhere/")),
    ("force-destroy", &["force_destroy"], || json!(false)),
    ("kms-key", &["kms_key_arn"], || {
        json!("arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555")
    }),
    (
        "retention",
        &["retention"],
        || json!({"log_days": 7, "raw_days": 9, "quarantine_days": 5, "dead_letter_days": 3}),
    ),
    ("metadata-days", &["retention"], || json!({"metadata_days": 0, "noncurrent_version_days": 2})),
    (
        "functions",
        &["functions"],
        || json!({"validate": {"memory_mb": 512, "timeout_seconds": 60, "reserved_concurrency": 3}, "ingest": {"batch_size": 5, "maximum_concurrency": 4}}),
    ),
    ("crawler-schedule", &["crawler_schedule"], || json!("cron(0 3 * * ? *)")),
    ("boundary", &["permissions_boundary_arn"], || json!("arn:aws:iam::aws:policy/AdministratorAccess")),
    ("tags", &["tags"], || json!({"cost": "a"})),
    ("timeouts", &["timeouts"], || json!({"create": "5m", "update": "6m", "delete": "7m"})),
];

/// The first configuration with everything changed that can be changed there and back.
pub fn changed() -> Value {
    let not_back = ["datasets-renamed", "force-destroy", "metadata-days"];
    let mut inputs = first();
    for (_, path, value) in CHANGES.iter().filter(|(name, ..)| !not_back.contains(name)) {
        *place(&mut inputs, path) = value();
    }
    // What it takes for calls that no other change makes.
    *place(&mut inputs, &["retention", "log_days"]) = json!(0);
    *place(&mut inputs, &["datasets", "readings", "backfill"]) = json!({});
    inputs
}

fn place<'a>(inputs: &'a mut Value, path: &[&str]) -> &'a mut Value {
    path.iter().fold(inputs, |at, step| &mut at[*step])
}

/// Every scenario.
pub fn all() -> Vec<Scenario> {
    let scenario = |name: &str, start, act| Scenario { name: name.to_owned(), start, act };
    let mut list = vec![
        scenario("create", Start::Nothing, Act::Apply(first())),
        scenario("create-over-leftovers", Start::Leftovers, Act::Apply(first())),
        scenario("create-among-strangers", Start::Strangers, Act::Apply(first())),
        scenario("no-op", Start::Made, Act::Apply(first())),
        scenario("replace", Start::MadeWithOtherKeys, Act::Apply(first())),
        scenario("import", Start::Made, Act::Import),
        scenario("destroy", Start::Made, Act::Destroy),
    ];
    for (name, path, value) in CHANGES {
        let mut inputs = first();
        *place(&mut inputs, path) = value();
        list.push(scenario(&format!("update-{name}"), Start::Made, Act::Apply(inputs)));
    }
    list
}
