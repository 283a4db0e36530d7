//! The lifecycle rules of ours among whatever rules a bucket has: one for all of the bucket's versions and uploads, and
//! one for each prefix whose objects expire.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration,
    LifecycleRule, LifecycleRuleFilter, NoncurrentVersionExpiration,
};

use super::Bucket;
use super::aspects::change;
use crate::aws::{AwsError, Calls, Cx, ErrorKind, wait};

/// The id of our rule for the whole bucket, and the beginning of the others'; rules with other ids are other people's.
const RULE_ID: &str = "datalake";

/// What our rules do; 0 days is never.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct InForce {
    /// Days until objects expire, by prefix.
    pub expiration_days: BTreeMap<String, u32>,
    /// Days until old versions expire.
    pub noncurrent_expiration_days: u32,
    /// Days until unfinished uploads are aborted.
    pub abort_incomplete_upload_days: u32,
}

impl Bucket {
    pub(super) async fn lifecycle_rules(&self, cx: &Cx) -> Result<Vec<LifecycleRule>, AwsError> {
        let call = cx.clients.s3.get_bucket_lifecycle_configuration().bucket(&self.bucket_name);
        let answer = call.send().await.optional("s3:GetLifecycleConfiguration")?;
        Ok(answer.and_then(|answer| answer.rules).unwrap_or_default())
    }

    pub(super) async fn set_lifecycle(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        if observed.map_or_else(InForce::default, Self::lifecycle) == self.lifecycle() {
            return Ok(());
        }
        // A bucket that was just made has no rules of other people.
        let mut rules = if observed.is_some() { self.lifecycle_rules(cx).await? } else { Vec::new() };
        rules.retain(|rule| !is_ours(rule));
        rules.extend(self.lifecycle().rules()?);
        if rules.is_empty() {
            let call = cx.clients.s3.delete_bucket_lifecycle().bucket(&self.bucket_name);
            return change!(cx, observed, "s3:PutLifecycleConfiguration", call);
        }
        let configuration = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build()?;
        let call = cx.clients.s3.put_bucket_lifecycle_configuration().bucket(&self.bucket_name);
        change!(cx, observed, "s3:PutLifecycleConfiguration", call.lifecycle_configuration(configuration))
    }

    fn lifecycle(&self) -> InForce {
        InForce {
            expiration_days: self.expiration_days.clone(),
            noncurrent_expiration_days: self.noncurrent_expiration_days,
            abort_incomplete_upload_days: self.abort_incomplete_upload_days,
        }
    }
}

fn is_ours(rule: &LifecycleRule) -> bool {
    rule.id().and_then(|id| id.strip_prefix(RULE_ID)).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// What our rules do now; one that is off does nothing.
pub(super) fn in_force(rules: &[LifecycleRule]) -> InForce {
    let days = |days: Option<i32>| days.and_then(|days| u32::try_from(days).ok()).unwrap_or_default();
    let mut found = InForce::default();
    for rule in rules.iter().filter(|rule| is_ours(rule) && *rule.status() == ExpirationStatus::Enabled) {
        let Some(prefix) = prefix(rule) else { continue };
        let expiration = days(rule.expiration().and_then(LifecycleExpiration::days));
        if expiration > 0 {
            found.expiration_days.insert(prefix.to_owned(), expiration);
        }
        if prefix.is_empty() {
            let versions = rule.noncurrent_version_expiration();
            let uploads = rule.abort_incomplete_multipart_upload();
            found.noncurrent_expiration_days +=
                days(versions.and_then(NoncurrentVersionExpiration::noncurrent_days));
            found.abort_incomplete_upload_days +=
                days(uploads.and_then(AbortIncompleteMultipartUpload::days_after_initiation));
        }
    }
    found
}

/// The prefix of the keys a rule is for; none when it looks at more than keys.
fn prefix(rule: &LifecycleRule) -> Option<&str> {
    let Some(filter) = rule.filter() else { return Some("") };
    let prefix = filter.prefix().unwrap_or_default();
    let everything = LifecycleRuleFilter::builder().build();
    (*filter == everything || *filter == keys(prefix)).then_some(prefix)
}

fn keys(prefix: &str) -> LifecycleRuleFilter {
    LifecycleRuleFilter::builder().prefix(prefix).build()
}

impl InForce {
    /// The rules that do it; none that would do nothing, which S3 refuses.
    fn rules(&self) -> Result<Vec<LifecycleRule>, AwsError> {
        let some = |days: u32| (days > 0).then(|| i32::try_from(days).unwrap_or(i32::MAX));
        let rule = |id: String, prefix: &str| {
            LifecycleRule::builder().id(id).status(ExpirationStatus::Enabled).filter(keys(prefix))
        };
        let mut rules = Vec::new();
        for (prefix, days) in &self.expiration_days {
            let expiration = LifecycleExpiration::builder().set_days(some(*days)).build();
            rules.push(rule(format!("{RULE_ID}:{prefix}"), prefix).expiration(expiration).build()?);
        }
        let (versions, uploads) =
            (some(self.noncurrent_expiration_days), some(self.abort_incomplete_upload_days));
        if versions.or(uploads).is_some() {
            let whole = rule(RULE_ID.to_owned(), "")
                .set_noncurrent_version_expiration(
                    versions.map(|days| NoncurrentVersionExpiration::builder().noncurrent_days(days).build()),
                )
                .set_abort_incomplete_multipart_upload(uploads.map(|days| {
                    AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build()
                }));
            rules.push(whole.build()?);
        }
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(expirations: &[(&str, u32)], versions: u32, uploads: u32) -> InForce {
        InForce {
            expiration_days: expirations.iter().map(|(prefix, days)| ((*prefix).to_owned(), *days)).collect(),
            noncurrent_expiration_days: versions,
            abort_incomplete_upload_days: uploads,
        }
    }

    #[test]
    fn rules_read_as_they_were_written() {
        let cases = [
            wanted(&[], 0, 0),
            wanted(&[("", 30)], 0, 7),
            wanted(&[("validated/", 90), ("_athena/", 30)], 90, 7),
            wanted(&[("a/", 1)], 2, 0),
        ];
        for case in cases {
            assert_eq!(in_force(&case.rules().unwrap()), case);
        }
    }

    #[test]
    fn a_rule_that_is_off_or_narrow_or_foreign_does_nothing() {
        let ours = wanted(&[("", 1)], 0, 0).rules().unwrap().remove(0);
        let mut off = ours.clone();
        off.status = ExpirationStatus::Disabled;
        let mut narrow = ours.clone();
        narrow.filter = Some(LifecycleRuleFilter::builder().prefix("").object_size_less_than(1).build());
        let mut theirs = ours;
        theirs.id = Some("datalake2".to_owned());
        for found in [off, narrow, theirs] {
            assert_eq!(in_force(&[found]), InForce::default());
        }
    }
}
