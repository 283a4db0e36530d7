//! The configuration of an existing pipeline, from the document it keeps beside its data: for import and data sources.

use serde_json::Value;

use crate::aws::Calls;
use crate::names::Names;
use crate::provider::Configured;
use crate::resources::design::definition_key;
use crate::resources::model::Model;
use crate::resources::settings::from_definition;

/// The inputs of the pipeline called `name`, as they were applied last.
///
/// # Errors
/// Why there are none, in a sentence that says where they were looked for.
pub async fn recover(configured: &Configured, name: &str) -> Result<Model, String> {
    let bucket = Names::new(name, &configured.scope).bucket("processed");
    let key = definition_key();
    read(configured, &bucket, &key).await.map_err(|trouble| {
        format!(
            "The configuration of the pipeline `{name}` was looked for in s3://{bucket}/{key} (region {}, account {}): {trouble}.",
            configured.scope.region, configured.scope.account
        )
    })
}

async fn read(configured: &Configured, bucket: &str, key: &str) -> Result<Model, String> {
    let answer = configured.clients.s3.get_object().bucket(bucket).key(key).send().await;
    let object = answer.optional("s3:GetObject").map_err(|error| error.to_string())?;
    let object = object.ok_or_else(|| "there is no such object".to_owned())?;
    let bytes = object.body.collect().await.map_err(|error| error.to_string())?;
    let document: Value = serde_json::from_slice(&bytes.into_bytes()).map_err(|error| error.to_string())?;
    from_definition(&document)
}
