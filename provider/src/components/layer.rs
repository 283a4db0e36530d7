//! The Lambda layer that holds the handlers' `bootstrap`: its newest version is the object.
//!
//! AWS surprises: versions cannot be changed, are numbered by AWS and never re-used, and cannot carry tags; a list says
//! nothing of a version's content, so the description, given in the same call as the content, carries its hash; a
//! function keeps running with a version that was deleted.

use std::sync::Arc;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Architecture, LayerVersionContentInput, LayerVersionsListItem, Runtime};
use aws_smithy_types::retry::RetryConfig;
use serde::Serialize;
use tokio::sync::Semaphore;

use super::{Component, On, Permission, on_itself};
use crate::aws::{AwsError, Calls, Cx, ErrorKind, Scope, wait};
use crate::engine::Owner;

/// A layer as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Layer {
    /// Layer name.
    pub layer_name: String,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// SHA-256 of the package, base64, as AWS gives it.
    pub code_sha256: String,
    /// The zip; only needed to publish.
    #[serde(skip)]
    pub package: Arc<[u8]>,
}

const DESCRIPTION: &str = "datalake handlers ";
/// Packages uploaded at a time, by all pipelines of a configuration: each is in memory several times over while it is on
/// its way, and together they go no faster.
static UPLOADS: Semaphore = Semaphore::const_new(2);

impl Component for Layer {
    const TYPE: &'static str = "aws_lambda_layer_version";
    const PERMISSIONS: &'static [Permission] = &[
        Permission { action: "lambda:DeleteLayerVersion", on: On::Within(":*") },
        // Asked for where a function is given the layer, too.
        Permission { action: "lambda:GetLayerVersion", on: On::Within(":*") },
        Permission {
            action: "lambda:ListLayerVersions",
            on: On::Everything("IAM knows no resource for this list"),
        },
        on_itself("lambda:PublishLayerVersion"),
    ];

    fn name(&self) -> String {
        self.layer_name.clone()
    }

    fn arn(&self, scope: &Scope) -> String {
        arn(scope, &self.layer_name)
    }

    fn owner(&self) -> Owner {
        Owner::Unmarkable
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let versions = listed(cx, &self.layer_name).await?;
        Ok(versions.first().map(|newest| self.observed(newest)))
    }

    async fn refuse_existing(&self, cx: &Cx) -> Result<(), AwsError> {
        // Publishing always makes one more version.
        if !versions(cx, &self.layer_name).await?.is_empty() {
            return Err(AwsError::exists("lambda:PublishLayerVersion", &self.layer_name));
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        self.publish(cx).await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Creation sets every field in its one call.
        let Some(observed) = observed else { return Ok(()) };
        if (&self.code_sha256, &self.architecture) == (&observed.code_sha256, &observed.architecture) {
            return Ok(());
        }
        self.publish(cx).await
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        cx.layer_versions.forget(&version_key(&self.layer_name, &self.code_sha256));
        let versions = versions(cx, &self.layer_name).await?;
        let deletions = versions.iter().map(|version| async {
            let call = cx.clients.lambda.delete_layer_version().layer_name(&self.layer_name);
            call.version_number(version.version).send().await.or_gone("lambda:DeleteLayerVersion")
        });
        futures::future::try_join_all(deletions).await.map(drop)
    }
}

impl Layer {
    async fn publish(&self, cx: &Cx) -> Result<(), AwsError> {
        let _turn = wait::for_turn(cx, "lambda:PublishLayerVersion", &UPLOADS).await?;
        let content = LayerVersionContentInput::builder().zip_file(Blob::new(self.package.to_vec())).build();
        let call = cx.clients.lambda.publish_layer_version().layer_name(&self.layer_name).content(content);
        let call = call.description(format!("{DESCRIPTION}{}", self.code_sha256));
        let call = call.compatible_runtimes(Runtime::Providedal2023);
        let call = call.compatible_architectures(Architecture::from(self.architecture.as_str()));
        // Publishing twice would make two versions: before another try is looked for what the last one made.
        let once = || async {
            let one_try = aws_sdk_lambda::config::Config::builder().retry_config(RetryConfig::disabled());
            let tried = call.clone().customize().config_override(one_try).send().await;
            match tried.call("lambda:PublishLayerVersion") {
                Ok(published) => Ok(published.layer_version_arn),
                Err(error) if matches!(error.kind, ErrorKind::NoAnswer | ErrorKind::Throttled) => {
                    let found = newest(cx, &self.layer_name, &self.code_sha256).await?;
                    found.map(Some).ok_or(AwsError { kind: ErrorKind::NotReady, ..error })
                }
                Err(error) => Err(error),
            }
        };
        // For the functions of this walk: the list may not show the new version for a while.
        if let Some(arn) = wait::while_not_ready(cx, once).await? {
            cx.layer_versions.put(&version_key(&self.layer_name, &self.code_sha256), arn);
        }
        Ok(())
    }

    fn observed(&self, version: &LayerVersionsListItem) -> Self {
        let architectures: Vec<&str> =
            version.compatible_architectures().iter().map(Architecture::as_str).collect();
        Self {
            layer_name: self.layer_name.clone(),
            architecture: architectures.join(","),
            code_sha256: hash(version).unwrap_or_default().to_owned(),
            package: Arc::from([]),
        }
    }
}

/// The ARN of the newest version of the layer whose package has this hash; asked for once a walk.
///
/// # Errors
/// `LayerMissing` when there is none; the errors of the list.
pub(super) async fn version_arn(cx: &Cx, layer_name: &str, sha256: &str) -> Result<String, AwsError> {
    let ask = || async {
        newest(cx, layer_name, sha256).await?.ok_or_else(|| {
            let message = format!("layer `{layer_name}` has no version of hash {sha256}");
            AwsError::ours("lambda:ListLayerVersions", "LayerMissing", message)
        })
    };
    cx.layer_versions.get(&version_key(layer_name, sha256), ask).await
}

async fn newest(cx: &Cx, layer_name: &str, sha256: &str) -> Result<Option<String>, AwsError> {
    let versions = versions(cx, layer_name).await?;
    let version = versions.into_iter().find(|version| hash(version) == Some(sha256));
    Ok(version.and_then(|version| version.layer_version_arn))
}

fn version_key(layer_name: &str, sha256: &str) -> String {
    format!("{layer_name} {sha256}")
}

/// ARN of the layer; `:` and a number make it that of a version.
pub(super) fn arn(scope: &Scope, layer_name: &str) -> String {
    scope.arn("lambda", &format!("layer:{layer_name}"))
}

/// The hash that a version of ours says of itself, for walks that only look: the list is asked for anyway.
///
/// # Errors
/// The errors of the list.
pub(super) async fn listed_hash(cx: &Cx, version_arn: &str) -> Result<Option<String>, AwsError> {
    let Some(layer_name) = version_arn.split(':').nth(6).filter(|_| cx.only_looks()) else { return Ok(None) };
    let versions = listed(cx, layer_name).await?;
    let version = versions.iter().find(|version| version.layer_version_arn() == Some(version_arn));
    Ok(version.and_then(hash).map(str::to_owned))
}

/// All versions, newest first; in a walk that only looks they are asked for once.
async fn listed(cx: &Cx, layer_name: &str) -> Result<Arc<[LayerVersionsListItem]>, AwsError> {
    let ask = || async { Ok(versions(cx, layer_name).await?.into()) };
    if cx.only_looks() { cx.layer_lists.get(layer_name, ask).await } else { ask().await }
}

/// All versions, newest first.
async fn versions(cx: &Cx, layer_name: &str) -> Result<Vec<LayerVersionsListItem>, AwsError> {
    let mut versions = Vec::new();
    let mut marker = None;
    loop {
        let call = cx.clients.lambda.list_layer_versions().layer_name(layer_name).set_marker(marker);
        let Some(page) = call.send().await.optional("lambda:ListLayerVersions")? else { return Ok(versions) };
        versions.extend(page.layer_versions.unwrap_or_default());
        marker = page.next_marker.filter(|marker| !marker.is_empty());
        if marker.is_none() {
            versions.sort_by_key(|version| std::cmp::Reverse(version.version));
            return Ok(versions);
        }
    }
}

/// The hash of a version's package; none when somebody else published it.
fn hash(version: &LayerVersionsListItem) -> Option<&str> {
    version.description()?.strip_prefix(DESCRIPTION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_says_its_hash_and_architecture() {
        let wanted = |sha: &str, architecture: &str| Layer {
            layer_name: "l".to_owned(),
            architecture: architecture.to_owned(),
            code_sha256: sha.to_owned(),
            package: Arc::from([]),
        };
        for (description, architecture, expected) in [
            (Some("datalake handlers a+/="), Some("arm64"), wanted("a+/=", "arm64")),
            (Some("something else"), Some("x86_64"), wanted("", "x86_64")),
            (None, None, wanted("", "")),
        ] {
            let version = LayerVersionsListItem::builder()
                .set_description(description.map(str::to_owned))
                .set_compatible_architectures(architecture.map(|name| vec![Architecture::from(name)]))
                .build();
            assert_eq!(wanted("", "").observed(&version), expected);
        }
    }
}
