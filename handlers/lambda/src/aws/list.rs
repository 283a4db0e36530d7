//! Listing objects of S3.

use async_trait::async_trait;
use aws_sdk_s3::Client;

use super::error;
use crate::failure::PortError;
use crate::ports::{ListObjects, Listed, Listing, Page};
use crate::time;

/// Lists objects of S3.
pub struct S3Lister {
    client: Client,
}

impl S3Lister {
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl ListObjects for S3Lister {
    async fn list(&self, listing: Listing<'_>) -> Result<Page, PortError> {
        let request = self
            .client
            .list_objects_v2()
            .bucket(listing.bucket)
            .prefix(listing.prefix)
            .set_start_after(Some(listing.after.to_owned()).filter(|after| !after.is_empty()))
            .max_keys(i32::try_from(listing.most).unwrap_or(i32::MAX));
        let answer = request.send().await.map_err(|error| error::unavailable("ListObjectsV2", &error))?;
        let more = answer.is_truncated().unwrap_or(false);
        let objects = answer.contents.unwrap_or_default().into_iter();
        let listed = objects.filter_map(|object| {
            let last_modified = object.last_modified().and_then(time::of_smithy);
            Some(Listed { key: object.key?, last_modified })
        });
        Ok(Page { objects: listed.collect(), more })
    }
}
