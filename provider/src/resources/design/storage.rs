//! Buckets, the metadata table and the definition document.

use std::collections::BTreeMap;

use datalake_core::layout::{CHECKPOINTS, DIGESTS, INTERNAL, QUERY_RESULTS, VALIDATED};

use super::{Draft, node, policies};
use crate::components::bucket::Bucket;
use crate::components::definition::Definition;
use crate::components::table::Table;

/// Days after which an upload that was never finished is thrown away.
const ABORT_INCOMPLETE_UPLOAD_DAYS: u32 = 7;

/// Name of the index that answers "what happened lately".
pub const STATUS_INDEX: &str = "recent-by-status";

/// Adds the three buckets and the metadata table.
pub fn add(draft: &mut Draft<'_>) {
    let retention = draft.settings().retention;
    // In the processed bucket the pipeline's own documents stay: an import reads them.
    let days: [(&str, &[(&str, u32)]); 3] = [
        ("raw", &[("", retention.raw_days)]),
        (
            "processed",
            &[
                (VALIDATED, retention.processed_days),
                // What tells an accepted file from others goes with its rows.
                (DIGESTS, retention.processed_days),
                (QUERY_RESULTS, retention.query_result_days),
                // A checkpoint names uploads: it is worth nothing without them.
                (CHECKPOINTS, ABORT_INCOMPLETE_UPLOAD_DAYS),
            ],
        ),
        ("quarantine", &[("", retention.quarantine_days)]),
    ];
    for (role, expirations) in days {
        let kept = expirations.iter().filter(|(_, days)| *days > 0);
        let expiration_days = kept.map(|(prefix, days)| ((*prefix).to_owned(), *days)).collect();
        let bucket_name = draft.names.bucket(role);
        let bucket = Bucket {
            policy: policies::tls_only_bucket(draft.scope(), &bucket_name),
            bucket_name,
            versioning: true,
            kms_key_arn: draft.settings().kms_key_arn.clone(),
            public_access_blocked: true,
            expiration_days,
            noncurrent_expiration_days: draft.settings().retention.noncurrent_version_days,
            abort_incomplete_upload_days: ABORT_INCOMPLETE_UPLOAD_DAYS,
            // Elsewhere the switch is the owner's, who may have consumers of their own.
            event_bridge: (role == "raw").then_some(true),
            tags: draft.tags.clone(),
        };
        draft.add(format!("bucket.{role}"), bucket, &[]);
    }
    let text = |name: &str| name.to_owned();
    let table = Table {
        table_name: draft.names.part("metadata"),
        keys: (text("ProcessId"), text("Timestamp")),
        indexes: BTreeMap::from([(text(STATUS_INDEX), (text("Status"), text("UpdatedAt")))]),
        kms_key_arn: draft.settings().kms_key_arn.clone(),
        stream_view: text("NEW_AND_OLD_IMAGES"),
        ttl_attribute: text("expiresAt"),
        point_in_time_recovery: true,
        tags: draft.tags.clone(),
    };
    draft.add("table.metadata", table, &[]);
}

/// Adds the configuration's own document, last of all, so that it speaks of what has been applied.
pub fn add_definition(draft: &mut Draft<'_>) {
    let definition = Definition {
        bucket_name: draft.names.bucket("processed"),
        key: definition_key(),
        document: draft.plan.definition.clone(),
    };
    let needs: Vec<_> =
        draft.nodes.iter().map(|node| (node.key.clone(), "it says what has been applied")).collect();
    // It is only the last that is made: the bucket takes along what is in it.
    draft.nodes.push(node("definition.pipeline", definition, &needs).goes_alone());
}

/// Where the definition lies in the processed bucket.
#[must_use]
pub fn definition_key() -> String {
    format!("{INTERNAL}pipeline.json")
}
