//! Writing objects of S3. Encryption is the bucket's default; tags are neither read nor written.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, TaggingDirective};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};

use super::error;
use super::read::guard;
use crate::failure::PortError;
use crate::ports::{ObjectRef, Part, Place, Upload, WriteObject};

/// `CopyObject` takes no larger object.
const COPY_LIMIT: u64 = 5 << 30;
/// Size of the parts a larger one is copied in; 10,000 of them are more than S3's largest object.
const COPY_PART: u64 = 1 << 30;
/// Parts copied at a time.
const COPIES: usize = 4;

/// The mark of copies: one that is done again is the same.
const COPY_MARK: &str = "copy";
/// Name of the metadata that says which upload an object was.
const MARK: &str = "datalake-upload";

/// Writes objects of S3.
pub struct S3Writer {
    client: Client,
}

impl S3Writer {
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Whether an upload that is not there any more is the object at its key: it was completed before then.
    async fn became(&self, at: &Place, upload: &Upload) -> Result<(), PortError> {
        let request = self.client.head_object().bucket(&at.bucket).key(&at.key);
        let answer = request.send().await.map_err(|error| error::reading("HeadObject", &error))?;
        let mark = answer.metadata().and_then(|metadata| metadata.get(MARK));
        if mark == Some(&upload.mark) { Ok(()) } else { Err(PortError::Missing) }
    }

    async fn copy_whole(&self, from: &ObjectRef, to: &Place) -> Result<(), PortError> {
        let request = self
            .client
            .copy_object()
            .bucket(&to.bucket)
            .key(&to.key)
            .copy_source(copy_source(from))
            .set_copy_source_if_match(guard(from))
            // Copying tags needs permissions to read and write them, only where there are some.
            .tagging_directive(TaggingDirective::Replace);
        request.send().await.map_err(|error| error::reading("CopyObject", &error))?;
        Ok(())
    }

    async fn copy_parts(
        &self,
        from: &ObjectRef,
        size: u64,
        to: &Place,
        upload: &Upload,
    ) -> Result<(), PortError> {
        let parts = (1..).zip((0..size).step_by(COPY_PART as usize));
        let copies = parts.map(|(number, start)| {
            self.copy_part(from, (start, size.min(start + COPY_PART)), to, upload, number)
        });
        let parts: Vec<Part> = stream::iter(copies).buffered(COPIES).try_collect().await?;
        self.complete(to, upload, &parts).await
    }

    async fn copy_part(
        &self,
        from: &ObjectRef,
        (start, end): (u64, u64),
        to: &Place,
        upload: &Upload,
        number: i32,
    ) -> Result<Part, PortError> {
        let request = self
            .client
            .upload_part_copy()
            .bucket(&to.bucket)
            .key(&to.key)
            .upload_id(&upload.id)
            .part_number(number)
            .copy_source(copy_source(from))
            .set_copy_source_if_match(guard(from))
            .copy_source_range(format!("bytes={start}-{}", end - 1));
        let answer = request.send().await.map_err(|error| error::reading("UploadPartCopy", &error))?;
        let etag = answer.copy_part_result().and_then(|result| result.e_tag()).unwrap_or_default();
        Ok(Part { number, etag: etag.to_owned() })
    }
}

#[async_trait]
impl WriteObject for S3Writer {
    async fn put(&self, at: &Place, body: Bytes) -> Result<(), PortError> {
        let request = self.client.put_object().bucket(&at.bucket).key(&at.key).body(body.into());
        request.send().await.map_err(|error| error::unavailable("PutObject", &error))?;
        Ok(())
    }

    async fn begin(&self, at: &Place, mark: &str) -> Result<Upload, PortError> {
        let request =
            self.client.create_multipart_upload().bucket(&at.bucket).key(&at.key).metadata(MARK, mark);
        let answer =
            request.send().await.map_err(|error| error::unavailable("CreateMultipartUpload", &error))?;
        let id = answer.upload_id.ok_or_else(|| PortError::Unavailable {
            operation: "CreateMultipartUpload",
            message: "the answer has no upload id".to_owned(),
        })?;
        Ok(Upload { id, mark: mark.to_owned() })
    }

    async fn part(&self, at: &Place, upload: &Upload, number: i32, body: Bytes) -> Result<Part, PortError> {
        let request = self.client.upload_part().bucket(&at.bucket).key(&at.key);
        let request = request.upload_id(&upload.id).part_number(number).body(body.into());
        let answer = request.send().await.map_err(|error| error::unavailable("UploadPart", &error))?;
        Ok(Part { number, etag: answer.e_tag.unwrap_or_default() })
    }

    async fn complete(&self, at: &Place, upload: &Upload, parts: &[Part]) -> Result<(), PortError> {
        let parts = parts
            .iter()
            .map(|part| CompletedPart::builder().part_number(part.number).e_tag(&part.etag).build());
        let completed = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
        let request = self.client.complete_multipart_upload().bucket(&at.bucket).key(&at.key);
        let request = request.upload_id(&upload.id).multipart_upload(completed);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if error::code(&error) == Some(error::NO_SUCH_UPLOAD) => self.became(at, upload).await,
            Err(error) => Err(error::unavailable("CompleteMultipartUpload", &error)),
        }
    }

    async fn abort(&self, at: &Place, upload: &Upload) -> Result<(), PortError> {
        let request =
            self.client.abort_multipart_upload().bucket(&at.bucket).key(&at.key).upload_id(&upload.id);
        match request.send().await {
            Err(error) if error::code(&error) != Some(error::NO_SUCH_UPLOAD) => {
                Err(error::unavailable("AbortMultipartUpload", &error))
            }
            _ => Ok(()),
        }
    }

    async fn copy(&self, from: &ObjectRef, size_bytes: u64, to: &Place) -> Result<(), PortError> {
        if size_bytes <= COPY_LIMIT {
            return self.copy_whole(from, to).await;
        }
        let upload = self.begin(to, COPY_MARK).await?;
        let copied = self.copy_parts(from, size_bytes, to, &upload).await;
        if copied.is_err() {
            // Best effort; the bucket's lifecycle rule ends what is left.
            let _ = self.abort(to, &upload).await;
        }
        copied
    }

    async fn delete(&self, at: &Place) -> Result<(), PortError> {
        let request = self.client.delete_object().bucket(&at.bucket).key(&at.key);
        request.send().await.map_err(|error| error::unavailable("DeleteObject", &error))?;
        Ok(())
    }
}

/// `bucket/key?versionId=…` with the key percent-encoded: the SDK sends this header as it is given.
fn copy_source(object: &ObjectRef) -> String {
    let mut source = format!("{}/{}", object.bucket, encoded(&object.key));
    if let Some(version) = &object.version_id {
        source.push_str("?versionId=");
        source.push_str(&encoded(version));
    }
    source
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_sources_are_encoded() {
        let object = ObjectRef {
            bucket: "raw".into(),
            key: "input/a b+ü?.json".into(),
            version_id: Some("v.1/+".into()),
            etag: None,
        };
        assert_eq!(copy_source(&object), "raw/input/a%20b%2B%C3%BC%3F.json?versionId=v.1/%2B");
    }
}
