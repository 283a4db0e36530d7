//! The schema of `datalake_pipeline`: names, kinds and descriptions, from which the documentation is made too.

pub mod attribute;
mod columns;
mod datasets;
mod outputs;
mod quality;

use attribute::{Members, defaulted, map_of_text, members, object, optional, output, required, schema_of};
use tf_provider::schema::AttributeType::{self, Bool, Number, String};
use tf_provider::schema::{Attribute, Schema};

use super::defaults::{self, CRAWLER_SCHEDULE, FunctionDefaults, RETENTION, TIMEOUTS};

/// Version of the state; raised only with an upgrade.
const VERSION: i64 = 0;

/// The schema.
#[must_use]
pub fn schema() -> Schema {
    let mut attributes = inputs();
    attributes.extend(outputs::outputs());
    let about = "An event-driven, quality-gated data lake: files that arrive in a bucket are validated row by row; good \
                 rows become Parquet that Athena can query, bad rows are kept with their reasons.";
    schema_of(VERSION, attributes, about)
}

/// One dataset as a schema by itself.
#[must_use]
pub fn dataset() -> Schema {
    schema_of(VERSION, datasets::dataset(), "A dataset.")
}

fn inputs() -> Members {
    members([
        (
            "name",
            required(
                String,
                "Name of the pipeline, with which the name of every AWS object begins: 2 to 24 lower-case letters, digits and single hyphens. It is the import id. **A change replaces the pipeline.**",
            ),
        ),
        (
            "datasets",
            required(
                datasets::datasets(),
                "Datasets (1 to 100) by name: the name becomes a table and a folder, so it is made of lower-case letters, digits and `_`.",
            ),
        ),
        (
            "force_destroy",
            defaulted(
                Bool,
                "Whether buckets, metadata table and database may be deleted with everything in them. Without it a plan that would delete them is refused. Default: `false`.",
            ),
        ),
        (
            "kms_key_arn",
            optional(
                String,
                "ARN of the KMS key that encrypts buckets, table, queues, bus, logs and functions; its policy must let those services use it. Without it each service uses a key of its own.",
            ),
        ),
        ("retention", defaulted(retention(), "How long things are kept, in days; `0` is for ever.")),
        (
            "functions",
            defaulted(functions(), "The Lambda functions: their limits, and the names that follow."),
        ),
        (
            "architecture",
            defaulted(String, "Processor of the functions: `x86_64` or `arm64`. Default: `x86_64`."),
        ),
        (
            "crawler_schedule",
            defaulted(
                String,
                &format!(
                    "When the Glue crawler runs, as `cron(…)` in UTC with six fields, at most every five minutes. Default: `{CRAWLER_SCHEDULE}`."
                ),
            ),
        ),
        (
            "permissions_boundary_arn",
            optional(String, "ARN of the IAM policy set as permissions boundary of every role."),
        ),
        (
            "tags",
            optional(
                map_of_text(),
                "Tags of every object of the pipeline, at most 45; they win over the provider's `default_tags`.",
            ),
        ),
        ("timeouts", optional(timeouts(), "How long an operation may take, as `20m` or `1h30m`.")),
    ])
}

fn retention() -> AttributeType {
    let days = |default: i64, about: &str| defaulted(Number, &format!("{about} Default: `{default}`."));
    object([
        (
            "log_days",
            days(
                RETENTION.log,
                "Days to keep the functions' logs: a number CloudWatch takes (1, 3, 5, 7, 14, 30, 60, 90 …; AWS: `retentionInDays`), or `0`.",
            ),
        ),
        ("raw_days", days(0, "Days to keep arrived files.")),
        ("processed_days", days(0, "Days to keep accepted rows.")),
        ("quarantine_days", days(0, "Days to keep refused rows and objects.")),
        (
            "query_result_days",
            days(RETENTION.query_result, "Days to keep the answers to queries made in the Athena workgroup."),
        ),
        (
            "noncurrent_version_days",
            days(
                RETENTION.noncurrent_version,
                "Days to keep replaced and deleted versions of objects in all three buckets (AWS: `NoncurrentDays`).",
            ),
        ),
        (
            "metadata_days",
            days(
                RETENTION.metadata,
                "Days to keep an object's item in the metadata table (by DynamoDB's time to live).",
            ),
        ),
        (
            "dead_letter_days",
            days(
                RETENTION.dead_letter,
                "Days to keep messages in the dead-letter queues, 1 to 14 (AWS: `MessageRetentionPeriod`).",
            ),
        ),
    ])
}

fn functions() -> AttributeType {
    let one = |name: &str, about: &str| defaulted(function(defaults::function(name)), about);
    object([
        ("ingest", one("ingest", "Looks at the head of each new object and announces it.")),
        ("validate", one("validate", "Judges every row of an object and stores the outcome.")),
        ("quality", one("quality", "Keeps counters and publishes metrics.")),
    ])
}

fn function(defaults: FunctionDefaults) -> AttributeType {
    let limit = |default: i64, about: &str| defaulted(Number, &format!("{about} Default: `{default}`."));
    object([
        (
            "memory_mb",
            limit(
                defaults.memory_mb,
                "Memory in MB, 128 to 10240; the share of the processor follows it, 1769 being a whole one (AWS: `MemorySize`).",
            ),
        ),
        (
            "timeout_seconds",
            limit(defaults.timeout_seconds, "Longest call in seconds, 1 to 900 (AWS: `Timeout`)."),
        ),
        ("batch_size", limit(defaults.batch_size, "Messages a call at most, 1 to 10 (AWS: `BatchSize`).")),
        (
            "reserved_concurrency",
            optional(
                Number,
                "Calls at once set aside for this function, of the account's; `0` stops it (AWS: `ReservedConcurrentExecutions`). Not set: it shares what is free.",
            ),
        ),
        (
            "maximum_concurrency",
            optional(
                Number,
                "Calls at once on behalf of its queue, 2 to 1000, not above `reserved_concurrency` (AWS: `MaximumConcurrency`). Not set: no limit.",
            ),
        ),
        ("name", output("Name of the function.")),
        ("arn", output("ARN of the function.")),
        ("role_arn", output("ARN of the role it runs under.")),
        ("log_group_name", output("Name of its log group.")),
    ])
}

fn timeouts() -> AttributeType {
    let [create, update, delete] = TIMEOUTS;
    let one = |word: &str, default: &str| -> Attribute {
        optional(String, &format!("How long {word} may take. Without it: `{default}`."))
    };
    object([
        ("create", one("creating", create)),
        ("update", one("updating", update)),
        ("delete", one("deleting", delete)),
    ])
}

#[cfg(test)]
mod tests {
    use datalake_host::{check_shape, schema_keys};
    use tf_provider::schema::{Attribute, AttributeType as T};

    use super::super::model::examples::full;
    use super::*;

    #[test]
    fn the_state_has_the_schemas_attributes() {
        assert_eq!(check_shape(&schema(), &full()), Vec::<std::string::String>::new());
    }

    #[test]
    fn every_attribute_is_described() {
        let mut bare = Vec::new();
        for (name, attribute) in &schema().block.attributes {
            undescribed(name, attribute, &mut bare);
        }
        assert!(bare.is_empty() && schema_keys(&schema()).len() > 90, "{bare:?}");
    }

    fn undescribed(at: &str, attribute: &Attribute, bare: &mut Vec<std::string::String>) {
        if !attribute.description.content.ends_with(['.', '*']) {
            bare.push(at.to_owned());
        }
        if let T::AttributeSingle(members) | T::AttributeMap(members) = &attribute.attr_type {
            members.iter().for_each(|(name, member)| undescribed(&format!("{at}.{name}"), member, bare));
        }
    }
}
