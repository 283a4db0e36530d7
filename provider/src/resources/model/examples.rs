//! For tests: models written as JSON, where the text `(unknown)` stands for a value that is not known yet.

use datalake_host::Val;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserialize, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Value, json};

use super::Model;

/// How an unknown is written.
pub const UNKNOWN: &str = "(unknown)";

/// The model of a document; what it leaves out is null.
pub fn model(document: Value) -> Model {
    Model::deserialize(Document(document)).unwrap()
}

/// The same, if the document has the right types.
pub fn try_model(document: Value) -> Option<Model> {
    Model::deserialize(Document(document)).ok()
}

/// A small right configuration, changed at some places (by JSON pointer; the parents are made).
pub fn config(changes: &[(&str, Value)]) -> Model {
    model(document(changes))
}

/// Its document.
pub fn document(changes: &[(&str, Value)]) -> Value {
    let columns =
        json!({"id": {"type": "string", "required": true}, "n": {"type": "bigint", "required": true}});
    let mut document =
        json!({"name": "sensors", "datasets": {"readings": {"format": "json", "columns": columns}}});
    for (pointer, value) in changes {
        *place(&mut document, pointer) = value.clone();
    }
    document
}

fn place<'a>(document: &'a mut Value, pointer: &str) -> &'a mut Value {
    pointer.split('/').skip(1).fold(document, |at, step| &mut at[step.replace("~1", "/")])
}

/// A model with every attribute set.
pub fn full() -> Model {
    let queue = json!({"name": "n", "arn": "a", "dead_letter_name": "d", "dead_letter_arn": "da"});
    let rule = json!({"name": "n", "arn": "a", "bus_name": "default"});
    let named = json!({"name": "n", "arn": "a"});
    let function = json!({
        "memory_mb": 256, "timeout_seconds": 30, "reserved_concurrency": 9, "maximum_concurrency": 5, "batch_size": 10,
        "name": "n", "arn": "a", "role_arn": "r", "log_group_name": "l",
    });
    let column = json!({
        "type": "double", "required": true, "pattern": "p", "enum": ["1", "0.5"], "minimum": "0.1", "maximum": 3,
        "exclusive_minimum": 0, "exclusive_maximum": "3.5", "minimum_length": 1, "maximum_length": 9,
        "classification": "pii", "action": "warn", "severity": "info", "weight": 2,
    });
    let quality = json!({
        "ruleset": "Rules = [ RowCount > 0 ]",
        "rules": {"few": {"rule": "RowCount < 9", "action": "fail", "severity": "critical", "weight": 3}},
        "action": "quarantine_object", "threshold_percent": "72.5", "max_quarantined_percent": "0.5",
        "schema_drift": {"new_columns": "fail", "missing_columns": "fail", "mistyped_values": "fail"},
        "uniqueness_memory_mb": 64,
    });
    let csv = json!({
        "delimiter": ";", "quote": "'", "escape": "\\", "comment": "#", "header": false, "columns": ["t"], "null_text": "NULL",
    });
    model(json!({
        "name": "sensors",
        "datasets": {"readings": {
            "format": "csv", "prefix": "input/readings/", "compression": "gzip", "csv": csv,
            "columns": {"t": column}, "json_schema": "{}", "quality": quality,
            "output": {"partition_by": ["t"], "compression": "snappy"},
            "backfill": {"prefix": "input/readings/2026/", "since": "2026-01-01T00:00:00Z", "objects_per_second": 5},
        }},
        "force_destroy": true,
        "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/k",
        "retention": {
            "log_days": 7, "raw_days": 1, "processed_days": 2, "quarantine_days": 3, "query_result_days": 8,
            "noncurrent_version_days": 4,
            "metadata_days": 5, "dead_letter_days": 6,
        },
        "functions": {"ingest": function, "validate": function, "quality": function},
        "architecture": "arm64",
        "crawler_schedule": "cron(0 1 * * ? *)",
        "permissions_boundary_arn": "arn:aws:iam::123456789012:policy/b",
        "tags": {"team": "a"},
        "timeouts": {"create": "5m", "update": "6m", "delete": "7m"},
        "buckets": {"raw": named, "processed": named, "quarantine": named},
        "metadata_table": {"name": "n", "arn": "a", "index_name": "i"},
        "layer": {"name": "n", "arn": "a", "sha256": "s"},
        "queues": {"ingest": queue, "validate": queue, "quality": queue},
        "event_bus": named,
        "rules": {"raw": rule, "ingest": rule, "validate": rule, "quality": rule},
        "glue": {"database_name": "d", "crawler_name": "c", "table_names": {"readings": "readings"}},
        "athena": {"workgroup_name": "w", "result_location": "s3://b/", "example_queries": {"readings": "SELECT 1"}},
        "tags_all": {"team": "a"},
        "resources": {"bucket.raw": {"type": "aws_s3_bucket", "name": "n", "arn": "a", "hash": "h"}},
        "apply_policy_json": "{}",
        "spec_hash": "h",
    }))
}

#[derive(Clone)]
struct Document(Value);

impl<'de> Deserializer<'de> for Document {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::String(text) if text == UNKNOWN => visitor.visit_newtype_struct(Document(json!([0, []]))),
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Document))),
            Value::Object(members) => visitor.visit_map(MapDeserializer::new(
                members.into_iter().map(|(key, value)| (key, Document(value))),
            )),
            leaf => leaf.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, serde_json::Error> for Document {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[test]
fn an_unknown_anywhere_in_the_inputs_is_seen() {
    assert!(full().inputs_known());
    let unknown = Value::from(UNKNOWN);
    let places = [
        "/name",
        "/datasets",
        "/datasets/readings",
        "/datasets/readings/columns",
        "/datasets/readings/columns/n/minimum",
        "/datasets/readings/quality/ruleset",
        "/datasets/readings/quality/rules/few/rule",
        "/datasets/readings/quality/schema_drift/new_columns",
        "/datasets/readings/csv/quote",
        "/datasets/readings/json_schema",
        "/tags",
        "/tags/a",
        "/retention/raw_days",
        "/functions/validate/memory_mb",
        "/timeouts/create",
        "/kms_key_arn",
    ];
    for pointer in places {
        assert!(!config(&[(pointer, unknown.clone())]).inputs_known(), "{pointer}");
    }
    let element = json!(["a", UNKNOWN]);
    assert!(!config(&[("/datasets/readings/columns/id/enum", element)]).inputs_known());
    // Outputs do not count.
    assert!(config(&[("/spec_hash", unknown.clone()), ("/functions/ingest/arn", unknown)]).inputs_known());
}

#[test]
fn outputs_can_be_taken_over_and_forgotten() {
    let bare = full().with_outputs_of(None);
    assert!(bare.spec_hash.is_null() && bare.resources.is_null() && bare.name.is_known());
    let function =
        |model: &Model| model.functions.known().and_then(|all| all.ingest.known().cloned()).unwrap();
    assert_eq!((function(&bare).arn, function(&bare).memory_mb), (Val::Null, function(&full()).memory_mb));
    assert_eq!(bare.with_outputs_of(Some(&full())), full());
}
