//! The outputs of `datalake_pipeline`: names and ARNs of everything, so that other resources can compose with it.

use tf_provider::schema::{Attribute, AttributeType};

use super::super::design::FUNCTIONS;
use super::attribute::{Members, computed, map_of, map_of_text, members, object, output};

/// The computed attributes.
pub fn outputs() -> Members {
    members([
        (
            "buckets",
            computed(
                object(
                    ["raw", "processed", "quarantine"].map(|role| {
                        (role, computed(object(named("bucket")), &format!("The bucket `{role}`.")))
                    }),
                ),
                "The S3 buckets by role: `raw` (files arrive), `processed` (accepted rows, as Parquet), `quarantine` (refused rows and objects with their reasons).",
            ),
        ),
        (
            "metadata_table",
            computed(metadata_table(), "The DynamoDB table that holds an item for each object processed."),
        ),
        ("layer", computed(layer(), "The Lambda layer that holds the handlers' program.")),
        (
            "queues",
            computed(
                queues(),
                "The SQS queues by function (`ingest`, `validate`, `quality`, and `transform` where rows are transformed), each with its dead-letter queue.",
            ),
        ),
        (
            "event_bus",
            computed(
                object(named("event bus")),
                "The pipeline's own EventBridge bus, on which its events are announced.",
            ),
        ),
        (
            "rules",
            computed(
                rules(),
                "The EventBridge rules: `raw` brings S3's events over from the default bus, the others (`ingest`, `validate`, `quality`, and `transform` where rows are transformed) feed the functions' queues.",
            ),
        ),
        ("glue", computed(glue(), "What the pipeline has in the Glue Data Catalog.")),
        ("athena", computed(athena(), "What is needed to query the accepted rows with Athena.")),
        (
            "tags_all",
            computed(
                map_of_text(),
                "All tags of the pipeline's objects: `tags` over the provider's `default_tags`. The provider's own mark (`datalake:pipeline`) is not among them.",
            ),
        ),
        (
            "resources",
            computed(
                resources(),
                "Every AWS object of the pipeline by logical name, such as `queue.ingest`. Known at plan: an entry that appears, changes its `hash` or goes is an object that will be created, changed or deleted.",
            ),
        ),
        (
            "apply_policy_json",
            output(
                "The least IAM policy that lets somebody apply, refresh and destroy this pipeline, as JSON.",
            ),
        ),
        (
            "spec_hash",
            output(
                "Hash of the rules the handlers run by; it is part of every object's processing identity.",
            ),
        ),
    ])
}

fn named(what: &str) -> [(&'static str, Attribute); 2] {
    [("name", output(&format!("Name of the {what}."))), ("arn", output(&format!("ARN of the {what}.")))]
}

fn metadata_table() -> AttributeType {
    object([
        ("name", output("Name of the table.")),
        ("arn", output("ARN of the table.")),
        ("index_name", output("Name of the global secondary index that answers \"recent by status\".")),
    ])
}

fn layer() -> AttributeType {
    object([
        ("name", output("Name of the layer.")),
        ("arn", output("ARN of the layer.")),
        ("sha256", output("SHA-256 of its package in base64, as Lambda gives it (AWS: `CodeSha256`).")),
    ])
}

fn queues() -> AttributeType {
    let queue = || {
        object([
            ("name", output("Name of the queue.")),
            ("arn", output("ARN of the queue.")),
            ("dead_letter_name", output("Name of its dead-letter queue.")),
            ("dead_letter_arn", output("ARN of its dead-letter queue.")),
        ])
    };
    object(FUNCTIONS.map(|function| (function, computed(queue(), &format!("The queue of `{function}`.")))))
}

fn rules() -> AttributeType {
    let rule = || {
        object([
            ("name", output("Name of the rule.")),
            ("arn", output("ARN of the rule.")),
            ("bus_name", output("Name of the bus it listens to.")),
        ])
    };
    let rules = ["raw", "ingest", "validate", "transform", "quality"];
    object(rules.map(|name| (name, computed(rule(), &format!("The rule `{name}`.")))))
}

fn glue() -> AttributeType {
    object([
        ("database_name", output("Name of the database.")),
        ("crawler_name", output("Name of the crawler.")),
        ("table_names", computed(map_of_text(), "Name of each dataset's table, by dataset.")),
        (
            "curated_table_names",
            computed(
                map_of_text(),
                "Name of the table of transformed rows, by dataset; of those that have one.",
            ),
        ),
    ])
}

fn athena() -> AttributeType {
    object([
        ("workgroup_name", output("Name of the workgroup.")),
        ("result_location", output("Where the workgroup writes its results, an `s3://` address.")),
        ("example_queries", computed(map_of_text(), "A first SQL query for each dataset, by dataset.")),
    ])
}

fn resources() -> AttributeType {
    map_of([
        ("type", output("Its type, named as in the AWS provider, such as `aws_sqs_queue`.")),
        ("name", output("Its name at AWS.")),
        ("arn", output("Its ARN.")),
        ("hash", output("Hash of everything the pipeline manages about it.")),
    ])
}
