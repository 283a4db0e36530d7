//! Emptying: versions, delete markers and unfinished uploads, page by page.

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use tokio::time::Instant;

use crate::aws::{AwsError, Calls, Cx};

/// Removes every version and delete marker in a bucket, or only those of one key. A missing bucket is empty.
///
/// # Errors
/// The first that S3 names; or when time is up or a stop is asked for.
pub async fn remove(cx: &Cx, bucket: &str, key: Option<&str>) -> Result<(), AwsError> {
    loop {
        let call = cx.clients.s3.list_object_versions().bucket(bucket).set_prefix(key.map(str::to_owned));
        // What a page lists is removed, so the next page is the first one again.
        let Some(page) = call.send().await.optional("s3:ListBucketVersions")? else { return Ok(()) };
        let is_last = page.is_truncated != Some(true);
        let objects = versions(page, key)?;
        if objects.is_empty() {
            return Ok(());
        }
        still_wanted(cx)?;
        remove_page(cx, bucket, objects).await?;
        if is_last {
            return Ok(());
        }
    }
}

/// Aborts every unfinished upload in a bucket.
///
/// # Errors
/// As those of [`remove`].
pub async fn abort_uploads(cx: &Cx, bucket: &str) -> Result<(), AwsError> {
    let s3 = &cx.clients.s3;
    loop {
        let answer = s3.list_multipart_uploads().bucket(bucket).send().await;
        let page = answer.optional("s3:ListBucketMultipartUploads")?;
        let uploads = page.and_then(|page| page.uploads).unwrap_or_default();
        if uploads.is_empty() {
            return Ok(());
        }
        still_wanted(cx)?;
        for upload in uploads {
            let call = s3
                .abort_multipart_upload()
                .bucket(bucket)
                .set_key(upload.key)
                .set_upload_id(upload.upload_id);
            call.send().await.or_gone("s3:AbortMultipartUpload")?;
        }
    }
}

/// What a page lists; with a key only that key's, since a prefix finds longer keys too.
fn versions(page: ListObjectVersionsOutput, key: Option<&str>) -> Result<Vec<ObjectIdentifier>, AwsError> {
    let versions = page.versions.unwrap_or_default().into_iter().map(|found| (found.key, found.version_id));
    let markers =
        page.delete_markers.unwrap_or_default().into_iter().map(|found| (found.key, found.version_id));
    versions
        .chain(markers)
        .filter(|(found, _)| key.is_none() || found.as_deref() == key)
        .map(|(key, version)| Ok(ObjectIdentifier::builder().set_key(key).set_version_id(version).build()?))
        .collect()
}

async fn remove_page(cx: &Cx, bucket: &str, objects: Vec<ObjectIdentifier>) -> Result<(), AwsError> {
    let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build()?;
    let call = cx.clients.s3.delete_objects().bucket(bucket).delete(delete);
    let Some(answer) = call.send().await.optional("s3:DeleteObjectVersion")? else { return Ok(()) };
    match answer.errors().first() {
        Some(error) => Err(AwsError::listed("s3:DeleteObjectVersion", error.code(), error.message())),
        None => Ok(()),
    }
}

/// A bucket can hold billions of objects: stop between two pages when asked to.
fn still_wanted(cx: &Cx) -> Result<(), AwsError> {
    let reason = match () {
        () if cx.stop.is_cancelled() => "Stopped",
        () if Instant::now() >= cx.deadline => "TimedOut",
        () => return Ok(()),
    };
    Err(AwsError::ours("s3:DeleteObjectVersion", reason, "the bucket was not empty yet"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::types::{DeleteMarkerEntry, ObjectVersion};

    #[test]
    fn a_prefix_finds_longer_keys_that_must_stay() {
        let version = |key: &str| ObjectVersion::builder().key(key).version_id("1").build();
        let marker = |key: &str| DeleteMarkerEntry::builder().key(key).version_id("2").build();
        let page = ListObjectVersionsOutput::builder()
            .set_versions(Some(vec![version("a"), version("a.old")]))
            .set_delete_markers(Some(vec![marker("a"), marker("a/b")]))
            .build();
        let keys = |key: Option<&str>| -> Vec<String> {
            versions(page.clone(), key).unwrap().into_iter().map(|found| found.key).collect()
        };
        assert_eq!(keys(Some("a")), ["a", "a"]);
        assert_eq!(keys(None), ["a", "a.old", "a", "a/b"]);
    }
}
