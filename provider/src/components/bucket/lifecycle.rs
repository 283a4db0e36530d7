//! The one lifecycle rule of ours among whatever rules a bucket has.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration,
    LifecycleRule, LifecycleRuleFilter, NoncurrentVersionExpiration,
};

use super::Bucket;
use super::aspects::change;
use crate::aws::{AwsError, Calls, Cx, wait};

/// The id of our lifecycle rule; rules with other ids are other people's.
const RULE_ID: &str = "datalake";

impl Bucket {
    pub(super) async fn lifecycle_rules(&self, cx: &Cx) -> Result<Vec<LifecycleRule>, AwsError> {
        let call = cx.clients.s3.get_bucket_lifecycle_configuration().bucket(&self.bucket_name);
        let answer = call.send().await.optional("s3:GetLifecycleConfiguration")?;
        Ok(answer.and_then(|answer| answer.rules).unwrap_or_default())
    }

    pub(super) async fn set_lifecycle(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        if observed.map_or((0, 0, 0), Self::days) == self.days() {
            return Ok(());
        }
        let mut rules = self.lifecycle_rules(cx).await?;
        rules.retain(|rule| rule.id() != Some(RULE_ID));
        rules.extend(rule(self.days())?);
        if rules.is_empty() {
            let call = cx.clients.s3.delete_bucket_lifecycle().bucket(&self.bucket_name);
            return change!(cx, "s3:PutLifecycleConfiguration", call);
        }
        let configuration = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build()?;
        let call = cx.clients.s3.put_bucket_lifecycle_configuration().bucket(&self.bucket_name);
        change!(cx, "s3:PutLifecycleConfiguration", call.lifecycle_configuration(configuration))
    }

    fn days(&self) -> Days {
        (self.expiration_days, self.noncurrent_expiration_days, self.abort_incomplete_upload_days)
    }
}

/// Days until objects, old versions and unfinished uploads go; 0 is never.
type Days = (u32, u32, u32);

/// What our lifecycle rule does now: nothing if it is off or only for some of the objects.
pub(super) fn days_in_force(rules: &[LifecycleRule]) -> Days {
    let rule = rules.iter().find(|rule| rule.id() == Some(RULE_ID));
    let Some(rule) = rule.filter(|rule| *rule.status() == ExpirationStatus::Enabled && is_for_all(rule))
    else {
        return (0, 0, 0);
    };
    let days = |days: Option<i32>| days.and_then(|days| u32::try_from(days).ok()).unwrap_or_default();
    (
        days(rule.expiration().and_then(LifecycleExpiration::days)),
        days(rule.noncurrent_version_expiration().and_then(NoncurrentVersionExpiration::noncurrent_days)),
        days(
            rule.abort_incomplete_multipart_upload()
                .and_then(AbortIncompleteMultipartUpload::days_after_initiation),
        ),
    )
}

fn is_for_all(rule: &LifecycleRule) -> bool {
    let everything = LifecycleRuleFilter::builder().build();
    rule.filter().is_none_or(|filter| *filter == everything || *filter == whole_bucket())
}

fn whole_bucket() -> LifecycleRuleFilter {
    LifecycleRuleFilter::builder().prefix("").build()
}

/// Our lifecycle rule; none when it would do nothing, which S3 refuses.
fn rule(days: Days) -> Result<Option<LifecycleRule>, AwsError> {
    if days == (0, 0, 0) {
        return Ok(None);
    }
    let some = |days: u32| (days > 0).then(|| i32::try_from(days).unwrap_or(i32::MAX));
    let (objects, versions, uploads) = (some(days.0), some(days.1), some(days.2));
    let rule = LifecycleRule::builder()
        .id(RULE_ID)
        .status(ExpirationStatus::Enabled)
        .filter(whole_bucket())
        .set_expiration(objects.map(|days| LifecycleExpiration::builder().days(days).build()))
        .set_noncurrent_version_expiration(
            versions.map(|days| NoncurrentVersionExpiration::builder().noncurrent_days(days).build()),
        )
        .set_abort_incomplete_multipart_upload(
            uploads.map(|days| AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build()),
        );
    Ok(Some(rule.build()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifecycle_rule_reads_as_it_was_written() {
        for days in [(0, 0, 0), (30, 0, 7), (0, 90, 7), (1, 2, 3)] {
            let written: Vec<LifecycleRule> = rule(days).unwrap().into_iter().collect();
            assert_eq!(days_in_force(&written), days);
        }
    }

    #[test]
    fn a_rule_that_is_off_or_narrow_does_nothing() {
        let ours = rule((1, 2, 3)).unwrap().unwrap();
        let mut off = ours.clone();
        off.status = ExpirationStatus::Disabled;
        let mut narrow = ours.clone();
        narrow.filter = Some(LifecycleRuleFilter::builder().prefix("tmp/").build());
        let mut theirs = ours;
        theirs.id = Some("theirs".to_owned());
        for found in [off, narrow, theirs] {
            assert_eq!(days_in_force(&[found]), (0, 0, 0));
        }
    }
}
