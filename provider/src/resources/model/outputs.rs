//! Objects that only the provider fills.

use super::Map;

object! {
    /// An object with a name and an ARN.
    NamedArn {
        /// Name.
        name: String,
        /// ARN.
        arn: String,
    }
}

object! {
    /// The buckets by role.
    Buckets {
        /// Files arrive there.
        raw: NamedArn,
        /// Accepted rows.
        processed: NamedArn,
        /// Refused rows and objects.
        quarantine: NamedArn,
    }
}

object! {
    /// The queues by function.
    Queues {
        /// Of `ingest`.
        ingest: Queue,
        /// Of `validate`.
        validate: Queue,
        /// Of `transform`.
        transform: Queue,
        /// Of `quality`.
        quality: Queue,
    }
}

object! {
    /// The EventBridge rules.
    Rules {
        /// Brings S3's events over from the default bus.
        raw: Rule,
        /// Feeds `ingest`.
        ingest: Rule,
        /// Feeds `validate`.
        validate: Rule,
        /// Feeds `transform`.
        transform: Rule,
        /// Feeds `quality`.
        quality: Rule,
    }
}

object! {
    /// The metadata table.
    MetadataTable {
        /// Name.
        name: String,
        /// ARN.
        arn: String,
        /// Index that answers "what happened lately".
        index_name: String,
    }
}

object! {
    /// The layer.
    Layer {
        /// Name.
        name: String,
        /// ARN of the version in use.
        arn: String,
        /// Hash of its package, base64.
        sha256: String,
    }
}

object! {
    /// A queue and its dead-letter queue.
    Queue {
        /// Name.
        name: String,
        /// ARN.
        arn: String,
        /// Name of the dead-letter queue.
        dead_letter_name: String,
        /// ARN of the dead-letter queue.
        dead_letter_arn: String,
    }
}

object! {
    /// An EventBridge rule.
    Rule {
        /// Name.
        name: String,
        /// ARN.
        arn: String,
        /// Bus it listens to.
        bus_name: String,
    }
}

object! {
    /// Glue's objects.
    Glue {
        /// Database.
        database_name: String,
        /// Crawler.
        crawler_name: String,
        /// Tables by dataset.
        table_names: Map<String>,
        /// Tables of transformed rows by dataset.
        curated_table_names: Map<String>,
    }
}

object! {
    /// Athena's objects.
    Athena {
        /// Workgroup.
        workgroup_name: String,
        /// Where results go.
        result_location: String,
        /// A first query by dataset.
        example_queries: Map<String>,
    }
}

object! {
    /// One AWS object as the plan shows it.
    ResourceEntry {
        /// Terraform-style type, such as `aws_sqs_queue`.
        #[serde(rename = "type")]
        type_name: String,
        /// AWS name.
        name: String,
        /// ARN.
        arn: String,
        /// Hash of what is desired or found.
        hash: String,
    }
}
