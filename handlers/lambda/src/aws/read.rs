//! Reading objects of S3. A version id names one version for ever; without one, the ETag must still be the same.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::{ByteStream, ByteStreamError};
use bytes::{Buf, Bytes, BytesMut};

use super::error;
use crate::failure::PortError;
use crate::ports::{Head, ObjectRef, ReadObject};
use crate::time;

/// The SDK retries a request until its answer begins; an answer that breaks off is retried here.
const BODY_ATTEMPTS: usize = 3;
/// Memory taken at once for an answer; one that grows to its size takes twice as much.
const MOST_AT_ONCE: usize = 16 << 20;

/// Reads objects of S3.
pub struct S3Reader {
    client: Client,
}

impl S3Reader {
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// One ranged read; none when the range begins after the object's end.
    async fn get(
        &self,
        object: &ObjectRef,
        start: u64,
        end: u64,
    ) -> Result<Option<(GetObjectOutput, Bytes)>, PortError> {
        for _ in 0..BODY_ATTEMPTS {
            let request = self
                .client
                .get_object()
                .bucket(&object.bucket)
                .key(&object.key)
                .set_version_id(object.version_id.clone())
                .set_if_match(guard(object))
                .range(format!("bytes={start}-{end}"));
            let mut answer = match request.send().await {
                Ok(answer) => answer,
                Err(error) if error::code(&error) == Some(error::INVALID_RANGE) => return Ok(None),
                Err(error) => return Err(error::reading("GetObject", &error)),
            };
            // HTTP lets a server answer a range with the whole object; one stand-in for AWS does.
            let skip = if answer.content_range().is_some() { 0 } else { start };
            match take(&mut answer.body, skip, end - start + 1).await {
                Ok(body) => return Ok(Some((answer, body))),
                Err(_) => tracing::warn!(start, "an answer of S3 broke off"),
            }
        }
        Err(unavailable("the answers broke off"))
    }

    async fn head_of_empty(&self, object: &ObjectRef) -> Result<Head, PortError> {
        let request = self
            .client
            .head_object()
            .bucket(&object.bucket)
            .key(&object.key)
            .set_version_id(object.version_id.clone())
            .set_if_match(guard(object));
        let answer = request.send().await.map_err(|error| error::reading("HeadObject", &error))?;
        Ok(Head {
            size_bytes: 0,
            etag: unquoted(answer.e_tag()),
            last_modified: answer.last_modified().and_then(time::of_smithy),
            version_id: answer.version_id().map(str::to_owned),
            first: Bytes::new(),
        })
    }
}

#[async_trait]
impl ReadObject for S3Reader {
    async fn head(&self, object: &ObjectRef, bytes: u64) -> Result<Head, PortError> {
        let Some((answer, first)) = self.get(object, 0, bytes.saturating_sub(1)).await? else {
            return self.head_of_empty(object).await;
        };
        let whole = || answer.content_length().and_then(|length| u64::try_from(length).ok());
        let size_bytes = answer.content_range().and_then(total).or_else(whole).unwrap_or(first.len() as u64);
        let last_modified = answer.last_modified().and_then(time::of_smithy);
        let version_id = answer.version_id().map(str::to_owned);
        Ok(Head { size_bytes, etag: unquoted(answer.e_tag()), last_modified, version_id, first })
    }

    async fn range(&self, object: &ObjectRef, start: u64, length: u64) -> Result<Bytes, PortError> {
        let Some((_, body)) = self.get(object, start, start + length - 1).await? else {
            return Err(unavailable("the object is shorter than it was"));
        };
        if body.len() as u64 == length { Ok(body) } else { Err(unavailable("the answer is too short")) }
    }
}

/// The `length` bytes after `skip`, or as many as there are; the rest is not waited for.
async fn take(body: &mut ByteStream, skip: u64, length: u64) -> Result<Bytes, ByteStreamError> {
    let (mut skip, length) = (skip, usize::try_from(length).unwrap_or(usize::MAX));
    let mut taken = BytesMut::with_capacity(length.min(MOST_AT_ONCE));
    while taken.len() < length {
        let Some(mut chunk) = body.try_next().await? else { break };
        let skipped = chunk.len().min(usize::try_from(skip).unwrap_or(usize::MAX));
        skip -= skipped as u64;
        chunk.advance(skipped);
        chunk.truncate(length - taken.len());
        taken.extend_from_slice(&chunk);
    }
    Ok(taken.freeze())
}

/// The ETag that must still be there, quoted as HTTP has it.
pub(super) fn guard(object: &ObjectRef) -> Option<String> {
    object.etag.as_ref().filter(|_| object.version_id.is_none()).map(|etag| format!("\"{etag}\""))
}

/// The size in `bytes 0-4095/1234567`.
fn total(content_range: &str) -> Option<u64> {
    content_range.rsplit_once('/')?.1.parse().ok()
}

fn unquoted(etag: Option<&str>) -> String {
    etag.unwrap_or_default().trim_matches('"').to_owned()
}

fn unavailable(message: &str) -> PortError {
    PortError::Unavailable { operation: "GetObject", message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_range_is_cut_from_a_whole_object() {
        for (skip, length, expected) in [(0, 3, "abc"), (2, 3, "cde"), (4, 9, "ef"), (9, 1, "")] {
            let mut body = ByteStream::from_static(b"abcdef");
            assert_eq!(take(&mut body, skip, length).await.unwrap(), expected);
        }
    }

    #[test]
    fn sizes_and_guards() {
        assert_eq!(total("bytes 0-4095/1234567"), Some(1_234_567));
        assert_eq!(total("bytes */*"), None);
        assert_eq!(unquoted(Some("\"abc\"")), "abc");
        let object = |version_id: Option<&str>| ObjectRef {
            bucket: "b".into(),
            key: "k".into(),
            version_id: version_id.map(str::to_owned),
            etag: Some("e".into()),
        };
        assert_eq!(guard(&object(None)).as_deref(), Some("\"e\""));
        assert_eq!(guard(&object(Some("v"))), None);
    }
}
