//! A Lambda function whose `bootstrap` lies in the shared layer and whose own package is only the pipeline's spec.
//!
//! AWS surprises: the role must be assumable when the function is made, which it is seconds after its own creation; a
//! function cannot be changed while it is Pending or an update is in progress, and code and configuration are two
//! updates; layers are named by version number, which we find by hash; tags come back only to callers that may list them.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Architecture, FunctionCode, LastUpdateStatus, Runtime, State};
use serde::Serialize;

use super::layer;
use super::{Component, On, Permission, on_itself, on_key};
use crate::aws::tags::{self, Tags};
use crate::aws::{AwsError, Calls, Cx, Scope, wait};
use crate::engine::Owner;

mod parts;

/// A function as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Function {
    /// Function name.
    pub function_name: String,
    /// Role it runs under.
    pub role_arn: String,
    /// `_HANDLER`: which handler the bootstrap is to be.
    pub handler: String,
    /// Name of the layer that holds the bootstrap.
    pub layer_name: String,
    /// Hash of the layer version's package (base64), since version numbers cannot be known before.
    pub layer_sha256: String,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// Memory in MB.
    pub memory_mb: u32,
    /// Time limit in seconds.
    pub timeout_seconds: u32,
    /// Size of `/tmp` in MB.
    pub ephemeral_storage_mb: u32,
    /// Reserved concurrency; none uses the account's pool.
    pub reserved_concurrency: Option<u32>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// KMS key of the environment.
    pub kms_key_arn: Option<String>,
    /// Log group it writes to.
    pub log_group_name: String,
    /// Whether X-Ray traces are taken.
    pub tracing: bool,
    /// SHA-256 of the function's own package, base64.
    pub code_sha256: String,
    /// The function's own zip (`pipeline.json`); only needed to deploy.
    #[serde(skip)]
    pub package: Arc<[u8]>,
    /// All tags, with the owner mark.
    pub tags: Tags,
}

/// What is waited for.
const ACTIVE: &str = "the function is Active and its update Successful";

impl Component for Function {
    const TYPE: &'static str = "aws_lambda_function";
    // And lambda:GetLayerVersion on the layer's versions, which the layer lists.
    const PERMISSIONS: &'static [Permission] = &[
        on_itself("lambda:CreateFunction"),
        on_itself("lambda:DeleteFunction"),
        on_itself("lambda:DeleteFunctionConcurrency"),
        on_itself("lambda:GetFunction"),
        Permission {
            action: "lambda:ListLayerVersions",
            on: On::Everything("IAM knows no resource for this list"),
        },
        // No call of ours: GetFunction leaves the tags out without it.
        on_itself("lambda:ListTags"),
        on_itself("lambda:PutFunctionConcurrency"),
        on_itself("lambda:TagResource"),
        on_itself("lambda:UntagResource"),
        on_itself("lambda:UpdateFunctionCode"),
        on_itself("lambda:UpdateFunctionConfiguration"),
        // No calls of ours: Lambda asks for them when the environment is encrypted with a key of the user's.
        on_key("kms:CreateGrant"),
        on_key("kms:Decrypt"),
        on_key("kms:Encrypt"),
    ];

    fn name(&self) -> String {
        self.function_name.clone()
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.arn("lambda", &format!("function:{}", self.function_name))
    }

    fn owner(&self) -> Owner {
        tags::owner(&self.tags)
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let Some(found) = self.get(cx).await? else { return Ok(None) };
        let layers: Vec<&str> = parts::layers(&found).collect();
        let (layer_name, layer_sha256) = match layers[..] {
            [arn] if arn.starts_with(&format!("{}:", layer::arn(&cx.scope, &self.layer_name))) => {
                (self.layer_name.clone(), layer_hash(cx, arn).await?)
            }
            // None, others, or others beside ours: shown as they are, which differs from what we want.
            _ => (layers.join(","), String::new()),
        };
        let function = self.observed(found, layer_name, layer_sha256)?;
        Ok(Some(Self { tags: cx.ignored_tags.left_out_of(function.tags), ..function }))
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        let code = FunctionCode::builder().zip_file(Blob::new(self.package.to_vec())).build();
        let call = cx.clients.lambda.create_function().function_name(&self.function_name).code(code);
        let call = call.runtime(Runtime::Providedal2023).handler(&self.handler).role(&self.role_arn);
        let call = call.architectures(Architecture::from(self.architecture.as_str()));
        let call = call.layers(layer::version_arn(cx, &self.layer_name, &self.layer_sha256).await?);
        let call = call.memory_size(self.memory_mb.cast_signed()).timeout(self.timeout_seconds.cast_signed());
        let call = call.ephemeral_storage(self.ephemeral_storage()?).environment(self.environment());
        let call = call.set_kms_key_arn(self.kms_key_arn.clone());
        let call = call.logging_config(self.logging_config()).tracing_config(self.tracing_config());
        let call = call.set_tags(Some(self.tags.clone().into_iter().collect()));
        wait::while_not_ready(cx, || async {
            call.clone().send().await.call("lambda:CreateFunction").map(drop)
        })
        .await?;
        wait::while_working(cx, "lambda:CreateFunction", ACTIVE).await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        let Some(observed) = observed else {
            // Creation sets all but this, and Lambda has been working on it since.
            wait::until_worked(cx, "lambda:GetFunction", ACTIVE, || self.settlement(cx)).await?;
            return self.set_concurrency(cx, None).await;
        };
        if (&self.code_sha256, &self.architecture) != (&observed.code_sha256, &observed.architecture) {
            self.update_code(cx).await?;
        }
        if self.configuration() != observed.configuration() {
            self.update_configuration(cx).await?;
        }
        futures::try_join!(
            self.set_concurrency(cx, observed.reserved_concurrency),
            self.update_tags(cx, &observed.tags)
        )
        .map(drop)
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.lambda.delete_function().function_name(&self.function_name);
        wait::while_not_ready(cx, || async { call.clone().send().await.or_gone("lambda:DeleteFunction") })
            .await
    }
}

impl Function {
    async fn get(&self, cx: &Cx) -> Result<Option<GetFunctionOutput>, AwsError> {
        let call = cx.clients.lambda.get_function().function_name(&self.function_name);
        call.send().await.optional("lambda:GetFunction")
    }

    /// Waits until the function is ready and can be changed again.
    async fn settled(&self, cx: &Cx) -> Result<(), AwsError> {
        wait::until_done(cx, "lambda:GetFunction", ACTIVE, || self.settlement(cx)).await
    }

    /// `None` while Lambda is working on the function.
    async fn settlement(&self, cx: &Cx) -> Result<Option<()>, AwsError> {
        let Some(found) = self.get(cx).await?.and_then(|found| found.configuration) else { return Ok(None) };
        let failed =
            found.state == Some(State::Failed) || found.last_update_status == Some(LastUpdateStatus::Failed);
        if failed {
            let reasons = [found.state_reason(), found.last_update_status_reason()];
            let reasons = reasons.into_iter().flatten().collect::<Vec<_>>().join("; ");
            return Err(AwsError::ours("lambda:GetFunction", "FunctionFailed", reasons));
        }
        let pending = found.state == Some(State::Pending)
            || found.last_update_status == Some(LastUpdateStatus::InProgress);
        Ok((!pending).then_some(()))
    }

    async fn update_code(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.lambda.update_function_code().function_name(&self.function_name);
        let call = call.zip_file(Blob::new(self.package.to_vec()));
        let call = call.architectures(Architecture::from(self.architecture.as_str()));
        wait::while_not_ready(cx, || async { call.clone().send().await.call("lambda:UpdateFunctionCode") })
            .await?;
        self.settled(cx).await
    }

    async fn update_configuration(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.lambda.update_function_configuration().function_name(&self.function_name);
        let call = call.runtime(Runtime::Providedal2023).handler(&self.handler).role(&self.role_arn);
        let call = call.layers(layer::version_arn(cx, &self.layer_name, &self.layer_sha256).await?);
        let call = call.memory_size(self.memory_mb.cast_signed()).timeout(self.timeout_seconds.cast_signed());
        let call = call.ephemeral_storage(self.ephemeral_storage()?).environment(self.environment());
        // The empty text takes a key away.
        let call = call.kms_key_arn(self.kms_key_arn.clone().unwrap_or_default());
        let call = call.logging_config(self.logging_config()).tracing_config(self.tracing_config());
        wait::while_not_ready(cx, || async {
            call.clone().send().await.call("lambda:UpdateFunctionConfiguration")
        })
        .await?;
        self.settled(cx).await
    }

    async fn set_concurrency(&self, cx: &Cx, found: Option<u32>) -> Result<(), AwsError> {
        if self.reserved_concurrency == found {
            return Ok(());
        }
        let (lambda, name) = (&cx.clients.lambda, &self.function_name);
        wait::while_not_ready(cx, || async {
            let Some(reserved) = self.reserved_concurrency else {
                let call = lambda.delete_function_concurrency().function_name(name);
                return call.send().await.call("lambda:DeleteFunctionConcurrency").map(drop);
            };
            let call = lambda.put_function_concurrency().function_name(name);
            let call = call.reserved_concurrent_executions(reserved.cast_signed());
            call.send().await.call("lambda:PutFunctionConcurrency").map(drop)
        })
        .await
    }

    async fn update_tags(&self, cx: &Cx, found: &Tags) -> Result<(), AwsError> {
        let (set, remove) = tags::changes(&self.tags, Some(found));
        let (lambda, arn) = (&cx.clients.lambda, self.arn(&cx.scope));
        if !set.is_empty() {
            let call = lambda.tag_resource().resource(&arn).set_tags(Some(set.into_iter().collect()));
            call.send().await.call("lambda:TagResource")?;
        }
        if !remove.is_empty() {
            let call = lambda.untag_resource().resource(&arn).set_tag_keys(Some(remove));
            call.send().await.call("lambda:UntagResource")?;
        }
        Ok(())
    }
}

/// Hash of a layer version's package; empty when the version was deleted.
async fn layer_hash(cx: &Cx, version_arn: &str) -> Result<String, AwsError> {
    let ask = || async {
        if let Some(listed) = layer::listed_hash(cx, version_arn).await? {
            return Ok(listed);
        }
        let call = cx.clients.lambda.get_layer_version_by_arn().arn(version_arn);
        let found = call.send().await.optional("lambda:GetLayerVersion")?;
        Ok(found.and_then(|found| found.content?.code_sha256).unwrap_or_default())
    };
    cx.layer_hashes.get(version_arn, ask).await
}
