//! Cases of buckets, definitions and tables.

use serde_json::{Value, json};
use terraform_provider_datalake::aws::{Scope, policy};
use terraform_provider_datalake::components::bucket::Bucket;
use terraform_provider_datalake::components::definition::Definition;
use terraform_provider_datalake::components::table::Table;

use crate::case::{Case, case, key, other_tags, tags, text};

/// The bucket before what lies in it.
pub fn cases(scope: &Scope) -> Vec<Case> {
    vec![bucket_case(scope), definition_case(scope), table_case(scope)]
}

fn bucket_case(scope: &Scope) -> Case {
    case(bucket(scope))
        .fixed("bucket_name", "its name")
        .vary(|it| it.versioning = false)
        .vary(|it| it.kms_key_arn = key(scope))
        .vary(|it| it.policy = bucket_policy(scope, &it.bucket_name, "Other"))
        .vary(|it| it.public_access_blocked = false)
        .vary(|it| it.expiration_days.clear())
        .vary(|it| it.expiration_days = [(text("validated/"), 31)].into())
        .vary(|it| it.expiration_days = [(text("validated/"), 30), (text("_athena/"), 7)].into())
        .vary(|it| it.noncurrent_expiration_days = 0)
        .vary(|it| it.noncurrent_expiration_days = 5)
        .vary(|it| it.abort_incomplete_upload_days = 0)
        .vary(|it| it.abort_incomplete_upload_days = 9)
        .vary(|it| it.event_bridge = Some(false))
        .vary(|it| it.tags = other_tags())
        .into()
}

fn definition_case(scope: &Scope) -> Case {
    case(definition(scope))
        .fixed("bucket_name", "where it lies")
        .fixed("key", "its name")
        .vary(|it| it.document = json!({"name": "other"}))
        .into()
}

fn table_case(scope: &Scope) -> Case {
    case(table())
        .fixed("table_name", "its name")
        .vary(|it| it.keys = (text("Other"), text("Timestamp")))
        .vary(|it| it.indexes.clear())
        .vary(|it| it.indexes = [(text("by-day"), (text("Day"), text("At")))].into())
        .vary(|it| it.indexes = [(text("by-status"), (text("Status"), text("At")))].into())
        .vary(|it| it.kms_key_arn = key(scope))
        .vary(|it| it.stream_view.clear())
        .vary(|it| it.stream_view = text("KEYS_ONLY"))
        .vary(|it| it.ttl_attribute.clear())
        .vary(|it| it.ttl_attribute = text("other"))
        .vary(|it| it.point_in_time_recovery = false)
        .vary(|it| it.tags = other_tags())
        .into()
}

/// A bucket that keeps accepted rows.
pub fn bucket(scope: &Scope) -> Bucket {
    let bucket_name = format!("laws-processed-{}-{}", scope.account, scope.region);
    Bucket {
        policy: bucket_policy(scope, &bucket_name, "TlsOnly"),
        bucket_name,
        versioning: true,
        kms_key_arn: None,
        public_access_blocked: true,
        expiration_days: [(text("validated/"), 30)].into(),
        noncurrent_expiration_days: 90,
        abort_incomplete_upload_days: 7,
        event_bridge: Some(true),
        tags: tags(),
    }
}

/// The condition on the account keeps this very policy from locking the test out: the stand-in has no TLS.
fn bucket_policy(scope: &Scope, bucket_name: &str, sid: &str) -> Value {
    policy::canonical(json!({"Version": "2012-10-17", "Statement": [{
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [scope.s3_arn(bucket_name), scope.s3_arn(&format!("{bucket_name}/*"))],
        "Condition": {
            "Bool": {"aws:SecureTransport": "false"},
            "StringEquals": {"aws:PrincipalAccount": "111111111111"},
        },
    }]}))
}

/// A definition in that bucket.
pub fn definition(scope: &Scope) -> Definition {
    Definition {
        bucket_name: bucket(scope).bucket_name,
        key: text("_datalake/pipeline.json"),
        document: json!({"name": "laws", "datasets": {"readings": {"threshold": 0.123_456_789_012_345_68}}}),
    }
}

/// The table of objects and their fates.
pub fn table() -> Table {
    Table {
        table_name: text("laws-metadata"),
        keys: (text("ProcessId"), text("Timestamp")),
        indexes: [(text("by-status"), (text("Status"), text("UpdatedAt")))].into(),
        kms_key_arn: None,
        stream_view: text("NEW_AND_OLD_IMAGES"),
        ttl_attribute: text("expiresAt"),
        point_in_time_recovery: true,
        tags: tags(),
    }
}
