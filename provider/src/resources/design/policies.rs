//! Access policies: least privilege for each role, TLS only for each bucket and queue.

use datalake_core::layout::{FILE_LISTS, NO_DATASET, QUARANTINE, VALIDATED};
use serde_json::{Value, json};

use crate::aws::Scope;
use crate::aws::policy::canonical;
use crate::names::Names;

const VERSION: &str = "2012-10-17";

/// A policy of these statements, in canonical form.
#[must_use]
pub fn document(statements: Vec<Value>) -> Value {
    canonical(json!({"Version": VERSION, "Statement": statements}))
}

/// A statement that allows these actions on these resources.
#[must_use]
pub fn allow(actions: &[&str], resources: &[String]) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

/// Lets a service assume the role, when given only on behalf of one object.
#[must_use]
pub fn trust(service: &str, source_arn: Option<&str>) -> Value {
    let mut statement =
        json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}});
    if let Some(arn) = source_arn {
        statement["Condition"] = json!({"ArnEquals": {"aws:SourceArn": arn}});
    }
    document(vec![statement])
}

/// Refuses every request to the bucket that is not encrypted on its way.
#[must_use]
pub fn tls_only_bucket(scope: &Scope, bucket: &str) -> Value {
    document(vec![json!({
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [scope.s3_arn(bucket), scope.s3_arn(&format!("{bucket}/*"))],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })])
}

/// Lets these rules send to the queue, and nobody without TLS.
#[must_use]
pub fn queue(queue_arn: &str, rule_arns: &[String]) -> Value {
    document(vec![
        json!({
            "Sid": "Rules",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule_arns}},
        }),
        json!({
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": queue_arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }),
    ])
}

/// What a function may do, and nothing else.
#[must_use]
pub fn function(function: &str, names: &Names, kms_key_arn: Option<&str>) -> Value {
    let scope = &names.scope;
    let s3 = |role: &str, path: &str| scope.s3_arn(&format!("{}{path}", names.bucket(role)));
    let table = scope.arn("dynamodb", &format!("table/{}", names.part("metadata")));
    let bus = scope.arn("events", &format!("event-bus/{}", names.part("bus")));
    let logs = scope.arn("logs", &format!("log-group:{}:*", names.log_group(function)));
    let mut statements = vec![
        allow(
            &[
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                // A message that failed is asked back before its visibility timeout is over.
                "sqs:ChangeMessageVisibility",
            ],
            &[names.queue_arn(function)],
        ),
        allow(&["logs:CreateLogStream", "logs:PutLogEvents"], &[logs]),
        // X-Ray knows no resources.
        allow(&["xray:PutTraceSegments", "xray:PutTelemetryRecords"], &["*".to_owned()]),
        allow(&["events:PutEvents"], &[bus]),
        allow(&["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], &[table]),
        // What cannot be understood at all is kept here rather than lost.
        allow(&["s3:PutObject"], &[s3("quarantine", &format!("/{QUARANTINE}{NO_DATASET}/messages/*"))]),
    ];
    let read_raw = [
        allow(&["s3:GetObject", "s3:GetObjectVersion"], &[s3("raw", "/*")]),
        // Without it S3 says "denied" where it means "missing".
        allow(&["s3:ListBucket", "s3:ListBucketVersions"], &[s3("raw", "")]),
    ];
    match function {
        "ingest" => {
            statements.extend(read_raw);
            statements.extend([
                // A request goes on with itself.
                allow(&["sqs:SendMessage"], &[names.queue_arn(function)]),
                // A replay finds what is in quarantine, and the verdict that put it there.
                allow(&["s3:ListBucket"], &[s3("quarantine", "")]),
                allow(&["s3:GetObject"], &[s3("quarantine", &format!("/{QUARANTINE}*"))]),
                allow(
                    &["dynamodb:Query"],
                    &[scope.arn("dynamodb", &format!("table/{}", names.part("metadata")))],
                ),
            ]);
        }
        "validate" => {
            statements.extend(read_raw);
            statements.push(allow(
                &["s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"],
                &[s3("processed", &format!("/{VALIDATED}*"))],
            ));
            statements.push(allow(
                // A copy takes the object's tags along. A replay reads a copy whose original is gone, and removes what the
                // verdict before it has there.
                &[
                    "s3:GetObject",
                    "s3:GetObjectTagging",
                    "s3:PutObject",
                    "s3:PutObjectTagging",
                    "s3:DeleteObject",
                    "s3:AbortMultipartUpload",
                ],
                &[s3("quarantine", &format!("/{QUARANTINE}*"))],
            ));
            statements.push(allow(&["s3:ListBucket"], &[s3("quarantine", "")]));
            statements
                .push(allow(&["s3:GetObjectTagging", "s3:GetObjectVersionTagging"], &[s3("raw", "/*")]));
            // Lists of files that are too long for an item, and to hear "missing" and not "denied" for one that is gone.
            statements.push(allow(
                &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                &[s3("processed", &format!("/{FILE_LISTS}*"))],
            ));
            statements.push(allow(&["s3:ListBucket"], &[s3("processed", "")]));
        }
        _ => {}
    }
    if let Some(key) = kms_key_arn {
        statements.push(allow(&["kms:Decrypt", "kms:GenerateDataKey"], &[key.to_owned()]));
    }
    document(statements)
}

/// What the crawler may do: read accepted rows, look after the catalogue's partitions, write its log.
#[must_use]
pub fn crawler(names: &Names, kms_key_arn: Option<&str>) -> Value {
    let scope = &names.scope;
    let bucket = names.bucket("processed");
    let database = names.database();
    let catalog = [
        scope.arn("glue", "catalog"),
        scope.arn("glue", &format!("database/{database}")),
        scope.arn("glue", &format!("table/{database}/*")),
    ];
    let mut statements = vec![
        allow(&["s3:GetObject"], &[scope.s3_arn(&format!("{bucket}/{VALIDATED}*"))]),
        allow(&["s3:ListBucket", "s3:GetBucketLocation"], &[scope.s3_arn(&bucket)]),
        allow(
            &[
                "glue:GetDatabase",
                "glue:GetTable",
                "glue:GetTables",
                "glue:UpdateTable",
                "glue:GetPartition",
                "glue:GetPartitions",
                "glue:BatchGetPartition",
                "glue:BatchCreatePartition",
                "glue:CreatePartition",
                "glue:UpdatePartition",
                "glue:BatchUpdatePartition",
            ],
            &catalog,
        ),
        allow(
            &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            &[scope.arn("logs", "log-group:/aws-glue/crawlers*")],
        ),
    ];
    if let Some(key) = kms_key_arn {
        statements.push(allow(&["kms:Decrypt"], &[key.to_owned()]));
    }
    document(statements)
}
