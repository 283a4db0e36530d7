//! The event source mapping through which Lambda reads a queue for a function.
//!
//! AWS surprises: its id is AWS's, so it is found by function and queue; making, changing and removing it take seconds,
//! in which it cannot be changed; Lambda tries at once whether the function's role may read the queue.

use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionResponseType, ScalingConfig};
use serde::Serialize;

use super::{Component, Condition, On, Permission, on_itself};
use crate::aws::tags::{self, Tags};
use crate::aws::{AwsError, Calls, Cx, Scope, wait};
use crate::engine::Owner;

/// A mapping as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mapping {
    /// Function that is called.
    pub function_name: String,
    /// Queue that is read.
    pub queue_arn: String,
    /// Messages a call at most.
    pub batch_size: u32,
    /// Seconds to wait for a fuller batch.
    pub batching_window_seconds: u32,
    /// Calls at once at most; none for no limit.
    pub maximum_concurrency: Option<u32>,
    /// Whether failed messages are reported one by one (`ReportBatchItemFailures`).
    pub report_item_failures: bool,
    /// Whether it is on.
    pub enabled: bool,
    /// All tags, with the owner mark.
    pub tags: Tags,
    /// AWS's id, in what was read.
    #[serde(skip)]
    pub uuid: Option<String>,
}

/// The actions for which IAM knows whose mapping it is. Not among them is the deletion: the function may be gone before.
const OF_FUNCTION: [&str; 2] = ["lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping"];

impl Component for Mapping {
    const TYPE: &'static str = "aws_lambda_event_source_mapping";
    const PERMISSIONS: &'static [Permission] = &[
        Permission {
            action: "lambda:CreateEventSourceMapping",
            on: On::Everything("IAM knows no resource for what has no id yet"),
        },
        on_itself("lambda:DeleteEventSourceMapping"),
        Permission {
            action: "lambda:ListEventSourceMappings",
            on: On::Everything("IAM knows no resource for this list"),
        },
        on_itself("lambda:ListTags"),
        on_itself("lambda:TagResource"),
        on_itself("lambda:UntagResource"),
        on_itself("lambda:UpdateEventSourceMapping"),
    ];

    fn name(&self) -> String {
        self.function_name.clone()
    }

    /// The id is AWS's and not known before: all mappings.
    fn arn(&self, scope: &Scope) -> String {
        scope.arn("lambda", "event-source-mapping:*")
    }

    /// Its own function: no resource tells one mapping from another.
    fn condition(&self, action: &str, scope: &Scope) -> Option<Condition> {
        let arn = || scope.arn("lambda", &format!("function:{}", self.function_name));
        OF_FUNCTION.contains(&action).then(|| Condition { key: "lambda:FunctionArn", arn: arn() })
    }

    fn owner(&self) -> Owner {
        tags::owner(&self.tags)
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let Some(mapping) = self.find(cx).await?.filter(|mapping| mapping.state() != Some("Deleting")) else {
            return Ok(None);
        };
        let arn = mapping.event_source_mapping_arn().unwrap_or_default();
        if cx.tags_as_wanted(arn, &self.tags).await {
            return Ok(Some(self.observed(&mapping, self.tags.clone())));
        }
        let call = cx.clients.lambda.list_tags().resource(arn);
        let Some(tags) = call.send().await.optional("lambda:ListTags")? else { return Ok(None) };
        Ok(Some(self.observed(&mapping, cx.managed(tags.tags.unwrap_or_default()))))
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.lambda.create_event_source_mapping();
        let call =
            call.function_name(&self.function_name).event_source_arn(&self.queue_arn).enabled(self.enabled);
        let call = call.batch_size(self.batch_size.cast_signed());
        let call = call.maximum_batching_window_in_seconds(self.batching_window_seconds.cast_signed());
        let call = call.set_function_response_types(Some(self.response_types()));
        let call = call.set_scaling_config(self.maximum_concurrency.map(|_| self.scaling()));
        let call = call.set_tags(Some(self.tags.clone().into_iter().collect()));
        let made = wait::while_not_ready(cx, || async {
            call.clone().send().await.call("lambda:CreateEventSourceMapping")
        })
        .await?;
        if is_settled(made.state()) { Ok(()) } else { self.settled(cx).await }
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Creation sets everything in its one call.
        let Some(observed) = observed else { return Ok(()) };
        let wanted = Self { uuid: observed.uuid.clone(), ..self.clone() };
        if wanted == *observed {
            return Ok(());
        }
        let found = wait::until_visible(cx, "lambda:ListEventSourceMappings", "the mapping", || self.find(cx));
        let mapping = found.await?;
        self.update_tags(cx, &mapping, &observed.tags).await?;
        if (Self { tags: observed.tags.clone(), ..wanted }) == *observed {
            return Ok(());
        }
        let call =
            cx.clients.lambda.update_event_source_mapping().set_uuid(mapping.uuid).enabled(self.enabled);
        let call = call.batch_size(self.batch_size.cast_signed());
        let call = call.maximum_batching_window_in_seconds(self.batching_window_seconds.cast_signed());
        // The empty list and the empty object take away what was set.
        let call =
            call.set_function_response_types(Some(self.response_types())).scaling_config(self.scaling());
        wait::while_not_ready(cx, || async {
            call.clone().send().await.call("lambda:UpdateEventSourceMapping")
        })
        .await?;
        self.settled(cx).await
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        if self.uuid.is_some() {
            self.delete_one(cx, self.uuid.clone()).await?;
        }
        // AWS refuses a second mapping of the pair until the first is gone.
        wait::until(cx, "lambda:DeleteEventSourceMapping", "the mapping is gone", || async {
            let Some(mapping) = self.find(cx).await? else { return Ok(Some(())) };
            if mapping.state() != Some("Deleting") {
                self.delete_one(cx, mapping.uuid).await?;
            }
            Ok(None)
        })
        .await
    }
}

impl Mapping {
    async fn find(&self, cx: &Cx) -> Result<Option<EventSourceMappingConfiguration>, AwsError> {
        // AWS allows one mapping of a pair.
        let call = cx.clients.lambda.list_event_source_mappings().function_name(&self.function_name);
        let found =
            call.event_source_arn(&self.queue_arn).send().await.optional("lambda:ListEventSourceMappings")?;
        Ok(found.and_then(|found| found.event_source_mappings?.into_iter().next()))
    }

    async fn delete_one(&self, cx: &Cx, uuid: Option<String>) -> Result<(), AwsError> {
        let call = cx.clients.lambda.delete_event_source_mapping().set_uuid(uuid);
        wait::while_not_ready(cx, || async {
            call.clone().send().await.or_gone("lambda:DeleteEventSourceMapping")
        })
        .await
    }

    /// Waits until the mapping can be changed again.
    async fn settled(&self, cx: &Cx) -> Result<(), AwsError> {
        wait::until(cx, "lambda:ListEventSourceMappings", "the mapping is Enabled or Disabled", || async {
            let found = self.find(cx).await?;
            let state = found.as_ref().and_then(EventSourceMappingConfiguration::state);
            Ok(is_settled(state).then_some(()))
        })
        .await
    }

    fn response_types(&self) -> Vec<FunctionResponseType> {
        self.report_item_failures
            .then_some(FunctionResponseType::ReportBatchItemFailures)
            .into_iter()
            .collect()
    }

    fn scaling(&self) -> ScalingConfig {
        let maximum = self.maximum_concurrency.map(u32::cast_signed);
        ScalingConfig::builder().set_maximum_concurrency(maximum).build()
    }

    fn observed(&self, mapping: &EventSourceMappingConfiguration, tags: Tags) -> Self {
        let maximum = mapping.scaling_config().and_then(ScalingConfig::maximum_concurrency);
        Self {
            function_name: self.function_name.clone(),
            queue_arn: self.queue_arn.clone(),
            batch_size: mapping.batch_size.unwrap_or_default().cast_unsigned(),
            batching_window_seconds: mapping
                .maximum_batching_window_in_seconds
                .unwrap_or_default()
                .cast_unsigned(),
            maximum_concurrency: maximum.map(i32::cast_unsigned),
            report_item_failures: mapping
                .function_response_types()
                .contains(&FunctionResponseType::ReportBatchItemFailures),
            enabled: !matches!(mapping.state(), Some("Disabled" | "Disabling")),
            tags,
            uuid: mapping.uuid.clone(),
        }
    }

    async fn update_tags(
        &self,
        cx: &Cx,
        mapping: &EventSourceMappingConfiguration,
        found: &Tags,
    ) -> Result<(), AwsError> {
        let (set, remove) = tags::changes(&self.tags, Some(found));
        let (lambda, arn) = (&cx.clients.lambda, &mapping.event_source_mapping_arn);
        if !set.is_empty() {
            let call =
                lambda.tag_resource().set_resource(arn.clone()).set_tags(Some(set.into_iter().collect()));
            call.send().await.call("lambda:TagResource")?;
        }
        if !remove.is_empty() {
            let call = lambda.untag_resource().set_resource(arn.clone()).set_tag_keys(Some(remove));
            call.send().await.call("lambda:UntagResource")?;
        }
        Ok(())
    }
}

/// Whether a mapping in this state can be changed.
fn is_settled(state: Option<&str>) -> bool {
    matches!(state, Some("Enabled" | "Disabled"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Mapping {
        Mapping {
            function_name: "f".to_owned(),
            queue_arn: "q".to_owned(),
            batch_size: 10,
            batching_window_seconds: 0,
            maximum_concurrency: None,
            report_item_failures: false,
            enabled: true,
            tags: Tags::new(),
            uuid: None,
        }
    }

    #[test]
    fn what_aws_leaves_out_is_what_is_not_wanted() {
        let plain = EventSourceMappingConfiguration::builder().batch_size(10);
        let cases = [
            (plain.clone().state("Enabled"), wanted()),
            (plain.clone().state("Creating"), wanted()),
            (plain.clone().scaling_config(ScalingConfig::builder().build()), wanted()),
            (plain.clone().state("Disabling"), Mapping { enabled: false, ..wanted() }),
            (
                plain
                    .function_response_types(FunctionResponseType::ReportBatchItemFailures)
                    .scaling_config(ScalingConfig::builder().maximum_concurrency(5).build()),
                Mapping { report_item_failures: true, maximum_concurrency: Some(5), ..wanted() },
            ),
        ];
        for (found, expected) in cases {
            assert_eq!(wanted().observed(&found.build(), Tags::new()), expected);
        }
    }
}
