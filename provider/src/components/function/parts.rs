//! The pure part: a function's fields as AWS takes them and as AWS gives them.

use std::sync::Arc;

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::{
    Architecture, Environment, EnvironmentResponse, EphemeralStorage, FunctionConfiguration,
    LastUpdateStatus, LogFormat, LoggingConfig, State, TracingConfig, TracingMode,
};
use serde_json::{Value, json};

use super::Function;
use crate::aws::{AwsError, tags};

/// ARNs of the layer versions a function has.
pub(super) fn layers(found: &GetFunctionOutput) -> impl Iterator<Item = &str> {
    let layers = found.configuration.iter().flat_map(|configuration| configuration.layers());
    layers.filter_map(|layer| layer.arn())
}

impl Function {
    /// All that one call of `UpdateFunctionConfiguration` sets.
    pub(super) fn configuration(&self) -> Value {
        json!([
            self.role_arn,
            self.handler,
            [&self.layer_name, &self.layer_sha256],
            [self.memory_mb, self.timeout_seconds, self.ephemeral_storage_mb],
            self.environment,
            self.kms_key_arn,
            self.log_group_name,
            self.tracing,
        ])
    }

    pub(super) fn environment(&self) -> Environment {
        Environment::builder().set_variables(Some(self.environment.clone().into_iter().collect())).build()
    }

    pub(super) fn ephemeral_storage(&self) -> Result<EphemeralStorage, AwsError> {
        Ok(EphemeralStorage::builder().size(self.ephemeral_storage_mb.cast_signed()).build()?)
    }

    /// Text: the handlers write JSON lines themselves, and Lambda's JSON format would drop those below its own level.
    pub(super) fn logging_config(&self) -> LoggingConfig {
        LoggingConfig::builder().log_format(LogFormat::Text).log_group(&self.log_group_name).build()
    }

    pub(super) fn tracing_config(&self) -> TracingConfig {
        let mode = if self.tracing { TracingMode::Active } else { TracingMode::PassThrough };
        TracingConfig::builder().mode(mode).build()
    }

    /// The function as AWS describes it.
    pub(super) fn observed(
        &self,
        found: GetFunctionOutput,
        layer_name: String,
        layer_sha256: String,
    ) -> Result<Self, AwsError> {
        if let Some(error) = &found.tags_error {
            return Err(AwsError::listed("lambda:ListTags", Some(error.error_code()), Some(error.message())));
        }
        let configuration = found.configuration.unwrap_or_else(|| FunctionConfiguration::builder().build());
        let environment = configuration.environment.unwrap_or_else(|| EnvironmentResponse::builder().build());
        if let Some(error) = &environment.error {
            // Without its values nothing can be said of the environment.
            return Err(AwsError::listed("lambda:GetFunction", error.error_code(), error.message()));
        }
        let failed = configuration.state == Some(State::Failed)
            || configuration.last_update_status == Some(LastUpdateStatus::Failed);
        let log_group = configuration.logging_config.and_then(|config| config.log_group);
        let architecture =
            configuration.architectures.as_deref().and_then(<[_]>::first).map(Architecture::as_str);
        Ok(Self {
            function_name: self.function_name.clone(),
            role_arn: configuration.role.unwrap_or_default(),
            handler: configuration.handler.unwrap_or_default(),
            layer_name,
            layer_sha256,
            architecture: architecture.unwrap_or("x86_64").to_owned(),
            memory_mb: configuration.memory_size.unwrap_or_default().cast_unsigned(),
            timeout_seconds: configuration.timeout.unwrap_or_default().cast_unsigned(),
            ephemeral_storage_mb: configuration
                .ephemeral_storage
                .map_or(512, |storage| storage.size.cast_unsigned()),
            reserved_concurrency: found
                .concurrency
                .and_then(|found| found.reserved_concurrent_executions)
                .map(i32::cast_unsigned),
            environment: environment.variables.unwrap_or_default().into_iter().collect(),
            kms_key_arn: configuration.kms_key_arn.filter(|key| !key.is_empty()),
            log_group_name: log_group.unwrap_or_else(|| format!("/aws/lambda/{}", self.function_name)),
            tracing: configuration.tracing_config.and_then(|config| config.mode) == Some(TracingMode::Active),
            // What AWS gave up on counts as not deployed: the next update deploys it again.
            code_sha256: configuration.code_sha256.filter(|_| !failed).unwrap_or_default(),
            package: Arc::from([]),
            tags: tags::managed(found.tags.unwrap_or_default()),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_sdk_lambda::types::{Concurrency, TracingConfigResponse};

    use super::*;

    fn wanted() -> Function {
        let text = |text: &str| text.to_owned();
        Function {
            function_name: text("f"),
            role_arn: text("arn:role"),
            handler: text("ingest"),
            layer_name: text("l"),
            layer_sha256: text("hash"),
            architecture: text("x86_64"),
            memory_mb: 256,
            timeout_seconds: 60,
            ephemeral_storage_mb: 512,
            reserved_concurrency: None,
            environment: BTreeMap::new(),
            kms_key_arn: None,
            log_group_name: text("/aws/lambda/f"),
            tracing: false,
            code_sha256: text("code"),
            package: Arc::from([]),
            tags: BTreeMap::new(),
        }
    }

    #[test]
    fn what_aws_leaves_out_is_its_default() {
        let least = FunctionConfiguration::builder()
            .role("arn:role")
            .handler("ingest")
            .memory_size(256)
            .timeout(60)
            .kms_key_arn("")
            .code_sha256("code");
        let cases = [
            (least.clone(), None, wanted()),
            (least.clone().state(State::Failed), None, Function { code_sha256: String::new(), ..wanted() }),
            (
                least.clone().architectures(Architecture::Arm64),
                Some(0),
                Function { architecture: "arm64".to_owned(), reserved_concurrency: Some(0), ..wanted() },
            ),
            (
                least.tracing_config(TracingConfigResponse::builder().mode(TracingMode::Active).build()),
                None,
                Function { tracing: true, ..wanted() },
            ),
        ];
        for (configuration, reserved, expected) in cases {
            let concurrency =
                reserved.map(|number| Concurrency::builder().reserved_concurrent_executions(number).build());
            let found = GetFunctionOutput::builder()
                .configuration(configuration.build())
                .set_concurrency(concurrency);
            assert_eq!(
                wanted().observed(found.build(), "l".to_owned(), "hash".to_owned()).unwrap(),
                expected
            );
        }
    }
}
