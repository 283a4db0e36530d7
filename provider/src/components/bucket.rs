//! An S3 bucket with everything that is configured on it.
//!
//! AWS surprises: every aspect has its own call; two of them at once may be refused (`OperationAborted`); the lifecycle
//! and notification documents are replaced as a whole, so other people's entries are read and put back; in `us-east-1`
//! creating a bucket one already owns succeeds; a missing configuration is an error like a missing bucket, except for
//! versioning and notifications, which tell whether the bucket is there; a bucket must be empty of versions, delete
//! markers and unfinished uploads before it can be deleted.

mod aspects;
pub(super) mod contents;
mod lifecycle;

use std::collections::BTreeMap;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Tag};
use serde::Serialize;
use serde_json::Value;

use super::{Component, On, Permission, on_itself};
use crate::aws::tags::{self, Tags};
use crate::aws::{AwsError, Calls, Cx, Scope, wait};
use crate::engine::Owner;

/// A bucket as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bucket {
    /// Bucket name.
    pub bucket_name: String,
    /// Whether old versions are kept.
    pub versioning: bool,
    /// KMS key; without one SSE-S3.
    pub kms_key_arn: Option<String>,
    /// Bucket policy in canonical form (TLS only).
    pub policy: Value,
    /// All four blocks of public access.
    pub public_access_blocked: bool,
    /// Days after which objects expire, by the prefix of their keys; what no prefix covers is kept for ever.
    pub expiration_days: BTreeMap<String, u32>,
    /// Days after which old versions expire; 0 keeps them for ever.
    pub noncurrent_expiration_days: u32,
    /// Days after which an unfinished multipart upload is aborted.
    pub abort_incomplete_upload_days: u32,
    /// Whether the bucket sends its events to EventBridge; none where that is not this pipeline's business.
    pub event_bridge: Option<bool>,
    /// All tags, with the owner mark.
    pub tags: Tags,
}

/// The one region that must not be named as a location.
const REGION_WITHOUT_LOCATION: &str = "us-east-1";

impl Component for Bucket {
    const TYPE: &'static str = "aws_s3_bucket";
    const PERMISSIONS: &'static [Permission] = &[
        Permission { action: "s3:AbortMultipartUpload", on: On::Within("/*") },
        on_itself("s3:CreateBucket"),
        on_itself("s3:DeleteBucket"),
        Permission { action: "s3:DeleteObject", on: On::Within("/*") },
        Permission { action: "s3:DeleteObjectVersion", on: On::Within("/*") },
        on_itself("s3:GetBucketNotification"),
        on_itself("s3:GetBucketPolicy"),
        on_itself("s3:GetBucketPublicAccessBlock"),
        on_itself("s3:GetBucketTagging"),
        on_itself("s3:GetBucketVersioning"),
        on_itself("s3:GetEncryptionConfiguration"),
        on_itself("s3:GetLifecycleConfiguration"),
        // No call of ours: without it S3 answers "denied" and not "missing" for an object that is not there.
        on_itself("s3:ListBucket"),
        on_itself("s3:ListBucketMultipartUploads"),
        on_itself("s3:ListBucketVersions"),
        on_itself("s3:PutBucketNotification"),
        on_itself("s3:PutBucketPolicy"),
        on_itself("s3:PutBucketPublicAccessBlock"),
        on_itself("s3:PutBucketTagging"),
        on_itself("s3:PutBucketVersioning"),
        on_itself("s3:PutEncryptionConfiguration"),
        on_itself("s3:PutLifecycleConfiguration"),
        // No call of ours: creating a bucket with tags asks for it.
        on_itself("s3:TagResource"),
    ];
    const HOLDS_DATA: bool = true;

    fn name(&self) -> String {
        self.bucket_name.clone()
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.s3_arn(&self.bucket_name)
    }

    fn owner(&self) -> Owner {
        tags::owner(&self.tags)
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let (versioning, kms_key_arn, policy, public_access_blocked, lifecycle, event_bridge, tags) = futures::try_join!(
            self.versioning(cx),
            self.encryption(cx),
            self.policy(cx),
            self.public_access_blocked(cx),
            self.lifecycle_rules(cx),
            self.managed_event_bridge(cx),
            self.tags(cx),
        )?;
        let (Some(versioning), Some(event_bridge)) = (versioning, event_bridge) else { return Ok(None) };
        let lifecycle::InForce { expiration_days, noncurrent_expiration_days, abort_incomplete_upload_days } =
            lifecycle::in_force(&lifecycle);
        Ok(Some(Self {
            bucket_name: self.bucket_name.clone(),
            versioning,
            kms_key_arn,
            policy,
            public_access_blocked,
            expiration_days,
            noncurrent_expiration_days,
            abort_incomplete_upload_days,
            event_bridge,
            tags,
        }))
    }

    async fn refuse_existing(&self, cx: &Cx) -> Result<(), AwsError> {
        // Here creating a bucket one already owns would succeed.
        if cx.scope.region == REGION_WITHOUT_LOCATION && self.versioning(cx).await?.is_some() {
            return Err(AwsError::exists("s3:CreateBucket", &self.bucket_name));
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        let region = cx.scope.region.as_str();
        let location = (region != REGION_WITHOUT_LOCATION).then(|| BucketLocationConstraint::from(region));
        let configuration = CreateBucketConfiguration::builder()
            .set_location_constraint(location)
            .set_tags(Some(tag_set(&self.tags)?))
            .build();
        let call = cx.clients.s3.create_bucket().bucket(&self.bucket_name);
        let call = call.create_bucket_configuration(configuration);
        // A name that was just deleted is refused for a while.
        wait::while_not_ready(cx, || async { call.clone().send().await.call("s3:CreateBucket").map(drop) }).await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        futures::try_join!(
            self.set_versioning(cx, observed),
            self.set_encryption(cx, observed),
            self.set_policy(cx, observed),
            self.set_public_access_block(cx, observed),
            self.set_lifecycle(cx, observed),
            self.set_event_bridge(cx, observed),
            self.set_tags(cx, observed),
        )
        .map(drop)
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        // Somebody may still be writing: empty it again until it can be deleted.
        wait::while_not_ready(cx, || async {
            futures::try_join!(
                contents::remove(cx, &self.bucket_name, None),
                contents::abort_uploads(cx, &self.bucket_name)
            )?;
            let call = cx.clients.s3.delete_bucket().bucket(&self.bucket_name);
            call.send().await.or_gone("s3:DeleteBucket")
        })
        .await
    }
}

fn tag_set(tags: &Tags) -> Result<Vec<Tag>, AwsError> {
    tags.iter().map(|(key, value)| Ok(Tag::builder().key(key).value(value).build()?)).collect()
}
