//! What is configured on a bucket: for each aspect how it is read, in our form, and how it is set.

use aws_sdk_s3::types::{
    BucketVersioningStatus, EventBridgeConfiguration, NotificationConfiguration,
    PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tagging, VersioningConfiguration,
};
use serde_json::Value;

use super::{Bucket, tag_set};
use crate::aws::tags::Tags;
use crate::aws::{AwsError, Calls, Cx, ErrorKind, policy, wait};

/// Sends a call that changes an aspect, again while another change of the bucket is under way, or while a bucket that was
/// just made (nothing is observed) is not visible to the call.
macro_rules! change {
    ($cx:expr, $observed:expr, $operation:literal, $call:expr) => {{
        let (call, is_new) = ($call, $observed.is_none());
        wait::until($cx, $operation, "the new bucket is visible", || async {
            let sent = || async { call.clone().send().await.call($operation).map(drop) };
            match wait::while_not_ready($cx, sent).await {
                Err(error) if is_new && error.kind == ErrorKind::Missing => Ok(None),
                result => result.map(Some),
            }
        })
        .await
    }};
}
pub(super) use change;

impl Bucket {
    /// `None` when there is no bucket.
    pub(super) async fn versioning(&self, cx: &Cx) -> Result<Option<bool>, AwsError> {
        let call = cx.clients.s3.get_bucket_versioning().bucket(&self.bucket_name);
        let answer = call.send().await.optional("s3:GetBucketVersioning")?;
        Ok(answer.map(|answer| answer.status == Some(BucketVersioningStatus::Enabled)))
    }

    pub(super) async fn set_versioning(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        if observed.is_some_and(|observed| observed.versioning) == self.versioning {
            return Ok(());
        }
        let status =
            if self.versioning { BucketVersioningStatus::Enabled } else { BucketVersioningStatus::Suspended };
        let configuration = VersioningConfiguration::builder().status(status).build();
        let call = cx.clients.s3.put_bucket_versioning().bucket(&self.bucket_name);
        change!(cx, observed, "s3:PutBucketVersioning", call.versioning_configuration(configuration))
    }

    pub(super) async fn encryption(&self, cx: &Cx) -> Result<Option<String>, AwsError> {
        let call = cx.clients.s3.get_bucket_encryption().bucket(&self.bucket_name);
        let answer = call.send().await.optional("s3:GetEncryptionConfiguration")?;
        let rules = answer.and_then(|answer| answer.server_side_encryption_configuration);
        Ok(rules.and_then(|configuration| configuration.rules.first().and_then(key_in_force)))
    }

    pub(super) async fn set_encryption(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Every new bucket is encrypted with SSE-S3.
        if observed.and_then(|observed| observed.kms_key_arn.as_ref()) == self.kms_key_arn.as_ref() {
            return Ok(());
        }
        let algorithm = match self.kms_key_arn {
            Some(_) => ServerSideEncryption::AwsKms,
            None => ServerSideEncryption::Aes256,
        };
        let default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(algorithm)
            .set_kms_master_key_id(self.kms_key_arn.clone())
            .build()?;
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(default)
            .bucket_key_enabled(self.kms_key_arn.is_some())
            .build();
        let configuration = ServerSideEncryptionConfiguration::builder().rules(rule).build()?;
        let call = cx.clients.s3.put_bucket_encryption().bucket(&self.bucket_name);
        change!(cx, observed, "s3:PutEncryptionConfiguration", call.server_side_encryption_configuration(configuration))
    }

    pub(super) async fn policy(&self, cx: &Cx) -> Result<Value, AwsError> {
        let call = cx.clients.s3.get_bucket_policy().bucket(&self.bucket_name);
        let answer = call.send().await.optional("s3:GetBucketPolicy")?;
        match answer.and_then(|answer| answer.policy) {
            Some(text) => policy::parse("s3:GetBucketPolicy", &text),
            None => Ok(Value::Null),
        }
    }

    pub(super) async fn set_policy(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        if observed.map_or(&Value::Null, |observed| &observed.policy) == &self.policy {
            return Ok(());
        }
        let call =
            cx.clients.s3.put_bucket_policy().bucket(&self.bucket_name).policy(self.policy.to_string());
        change!(cx, observed, "s3:PutBucketPolicy", call)
    }

    pub(super) async fn public_access_blocked(&self, cx: &Cx) -> Result<bool, AwsError> {
        let call = cx.clients.s3.get_public_access_block().bucket(&self.bucket_name);
        let answer = call.send().await.optional("s3:GetBucketPublicAccessBlock")?;
        let found = answer.and_then(|answer| answer.public_access_block_configuration);
        Ok(found.is_some_and(|found| found == public_access_block(true)))
    }

    pub(super) async fn set_public_access_block(
        &self,
        cx: &Cx,
        observed: Option<&Self>,
    ) -> Result<(), AwsError> {
        if observed.is_some_and(|observed| observed.public_access_blocked == self.public_access_blocked) {
            return Ok(());
        }
        let call = cx.clients.s3.put_public_access_block().bucket(&self.bucket_name);
        let call = call.public_access_block_configuration(public_access_block(self.public_access_blocked));
        change!(cx, observed, "s3:PutBucketPublicAccessBlock", call)
    }

    /// The switch where it is ours to manage; `None` when there is no bucket.
    pub(super) async fn managed_event_bridge(&self, cx: &Cx) -> Result<Option<Option<bool>>, AwsError> {
        if self.event_bridge.is_none() {
            return Ok(Some(None));
        }
        let notifications = self.notifications(cx).await?;
        Ok(notifications.map(|found| Some(found.event_bridge_configuration.is_some())))
    }

    pub(super) async fn set_event_bridge(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        let Some(wanted) = self.event_bridge else { return Ok(()) };
        if observed.is_some_and(|observed| observed.event_bridge == Some(true)) == wanted {
            return Ok(());
        }
        let mut notifications = match observed {
            // A bucket that was just made has no entries of other people.
            None => NotificationConfiguration::builder().build(),
            Some(_) => {
                let look = || self.notifications(cx);
                wait::until_visible(cx, "s3:GetBucketNotification", "the bucket", look).await?
            }
        };
        notifications.event_bridge_configuration =
            wanted.then(|| EventBridgeConfiguration::builder().build());
        let call = cx.clients.s3.put_bucket_notification_configuration().bucket(&self.bucket_name);
        // Other people's entries go back as they are, also one whose queue is gone; and nobody gets a test message.
        let call = call.skip_destination_validation(true).notification_configuration(notifications);
        change!(cx, observed, "s3:PutBucketNotification", call)
    }

    async fn notifications(&self, cx: &Cx) -> Result<Option<NotificationConfiguration>, AwsError> {
        let call = cx.clients.s3.get_bucket_notification_configuration().bucket(&self.bucket_name);
        let answer = call.send().await.optional("s3:GetBucketNotification")?;
        Ok(answer.map(|answer| {
            NotificationConfiguration::builder()
                .set_topic_configurations(answer.topic_configurations)
                .set_queue_configurations(answer.queue_configurations)
                .set_lambda_function_configurations(answer.lambda_function_configurations)
                .set_event_bridge_configuration(answer.event_bridge_configuration)
                .build()
        }))
    }

    pub(super) async fn tags(&self, cx: &Cx) -> Result<Tags, AwsError> {
        if cx.tags_as_wanted(&cx.scope.s3_arn(&self.bucket_name), &self.tags).await {
            return Ok(self.tags.clone());
        }
        let call = cx.clients.s3.get_bucket_tagging().bucket(&self.bucket_name);
        let answer = call.send().await.optional("s3:GetBucketTagging")?;
        let tags = answer.map(|answer| answer.tag_set).unwrap_or_default();
        Ok(cx.managed(tags.into_iter().map(|tag| (tag.key, tag.value))))
    }

    /// Tags of somebody else's, which S3 would drop: it takes all tags at once.
    async fn strange_tags(&self, cx: &Cx) -> Result<Tags, AwsError> {
        if cx.ignored_tags.is_empty() {
            return Ok(Tags::new());
        }
        let call = cx.clients.s3.get_bucket_tagging().bucket(&self.bucket_name);
        let answer = call.send().await.optional("s3:GetBucketTagging")?;
        let tags = answer.map(|answer| answer.tag_set).unwrap_or_default().into_iter();
        Ok(tags.map(|tag| (tag.key, tag.value)).filter(|(key, _)| cx.ignored_tags.covers(key)).collect())
    }

    pub(super) async fn set_tags(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Creation sets the tags.
        if observed.is_none_or(|observed| observed.tags == self.tags) {
            return Ok(());
        }
        let mut tags = self.strange_tags(cx).await?;
        tags.extend(self.tags.clone());
        let tagging = Tagging::builder().set_tag_set(Some(tag_set(&tags)?)).build()?;
        let call = cx.clients.s3.put_bucket_tagging().bucket(&self.bucket_name).tagging(tagging);
        change!(cx, observed, "s3:PutBucketTagging", call)
    }
}

/// The KMS key that encrypts; none for SSE-S3. What we never set reads as a key that nobody wants, and is mended.
fn key_in_force(rule: &ServerSideEncryptionRule) -> Option<String> {
    let default = rule.apply_server_side_encryption_by_default()?;
    let key = default.kms_master_key_id().unwrap_or("alias/aws/s3");
    match default.sse_algorithm() {
        ServerSideEncryption::Aes256 => None,
        ServerSideEncryption::AwsKms if rule.bucket_key_enabled() == Some(true) => Some(key.to_owned()),
        algorithm => Some(format!("{key} ({algorithm}, no bucket key)")),
    }
}

fn public_access_block(blocked: bool) -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration::builder()
        .block_public_acls(blocked)
        .block_public_policy(blocked)
        .ignore_public_acls(blocked)
        .restrict_public_buckets(blocked)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_force() {
        let found = |algorithm: ServerSideEncryption, key: Option<&str>, bucket_key: bool| {
            let default = ServerSideEncryptionByDefault::builder()
                .sse_algorithm(algorithm)
                .set_kms_master_key_id(key.map(str::to_owned));
            let rule = ServerSideEncryptionRule::builder().bucket_key_enabled(bucket_key);
            key_in_force(&rule.apply_server_side_encryption_by_default(default.build().unwrap()).build())
        };
        use ServerSideEncryption::{Aes256, AwsKms, AwsKmsDsse};
        assert_eq!(found(Aes256, None, false), None);
        assert_eq!(found(AwsKms, Some("k"), true).as_deref(), Some("k"));
        for other in
            [found(AwsKms, Some("k"), false), found(AwsKms, None, true), found(AwsKmsDsse, Some("k"), false)]
        {
            assert!(other.is_some_and(|other| other != "k"));
        }
    }
}
