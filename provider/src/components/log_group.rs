//! A CloudWatch log group with its retention.
//!
//! AWS surprises: IAM knows the group with a trailing `:*` for everything but tags; a list is sorted by name, so that
//! the group itself comes first among those its name begins; Lambda makes a missing group itself, kept for ever and
//! without tags, which is why the group comes before the function.

use std::sync::Arc;

use aws_sdk_cloudwatchlogs::types::LogGroup as Found;
use serde::Serialize;

use super::{Component, On, Permission, on_itself};
use crate::aws::tags::{self, Tags};
use crate::aws::{AwsError, Calls, Cx, Scope, wait};
use crate::engine::Owner;

/// Groups that CloudWatch tells at once.
const PAGE: usize = 50;

/// A log group as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogGroup {
    /// Log group name.
    pub log_group_name: String,
    /// Days logs are kept; 0 keeps them for ever.
    pub retention_days: u32,
    /// KMS key; without one CloudWatch's own key.
    pub kms_key_arn: Option<String>,
    /// All tags, with the owner mark.
    pub tags: Tags,
}

const fn on_streams(action: &'static str) -> Permission {
    Permission { action, on: On::Within(":*") }
}

impl Component for LogGroup {
    const TYPE: &'static str = "aws_cloudwatch_log_group";
    const PERMISSIONS: &'static [Permission] = &[
        on_streams("logs:AssociateKmsKey"),
        on_streams("logs:CreateLogGroup"),
        on_streams("logs:DeleteLogGroup"),
        on_streams("logs:DeleteRetentionPolicy"),
        Permission {
            action: "logs:DescribeLogGroups",
            on: On::Everything("it lists, and a list is of all groups"),
        },
        on_streams("logs:DisassociateKmsKey"),
        on_itself("logs:ListTagsForResource"),
        on_streams("logs:PutRetentionPolicy"),
        on_itself("logs:TagResource"),
        on_itself("logs:UntagResource"),
    ];

    fn name(&self) -> String {
        self.log_group_name.clone()
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.arn("logs", &format!("log-group:{}", self.log_group_name))
    }

    fn owner(&self) -> Owner {
        tags::owner(&self.tags)
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let (Some(group), Some(tags)) = futures::try_join!(self.found(cx), self.read_tags(cx))? else {
            return Ok(None);
        };
        Ok(Some(Self {
            log_group_name: self.log_group_name.clone(),
            retention_days: group.retention_in_days.unwrap_or_default().cast_unsigned(),
            kms_key_arn: group.kms_key_id,
            tags,
        }))
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.logs.create_log_group().log_group_name(&self.log_group_name);
        let call = call.set_kms_key_id(self.kms_key_arn.clone());
        let call = call.set_tags(Some(self.tags.clone().into_iter().collect()));
        wait::while_not_ready(cx, || async {
            call.clone().send().await.call("logs:CreateLogGroup").map(drop)
        })
        .await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Creation sets the key and the tags; a new group keeps its logs for ever.
        if self.retention_days != observed.map_or(0, |observed| observed.retention_days) {
            self.set_retention(cx).await?;
        }
        let Some(observed) = observed else { return Ok(()) };
        if self.kms_key_arn != observed.kms_key_arn {
            self.set_key(cx).await?;
        }
        self.update_tags(cx, &observed.tags).await
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.logs.delete_log_group().log_group_name(&self.log_group_name);
        wait::while_not_ready(cx, || async { call.clone().send().await.or_gone("logs:DeleteLogGroup") }).await
    }
}

// One change after the other: CloudWatch Logs aborts concurrent changes of one group.
impl LogGroup {
    /// Among its neighbours, all of which one answer tells; by itself where there are too many of them, or in a walk that
    /// changes them.
    async fn found(&self, cx: &Cx) -> Result<Option<Found>, AwsError> {
        let neighbours = self.log_group_name.rfind('-').filter(|_| cx.only_looks());
        if let Some(end) = neighbours {
            let prefix = &self.log_group_name[..=end];
            let groups = cx.log_groups.get(prefix, || beginning_with(cx, prefix)).await?;
            if groups.len() < PAGE {
                return Ok(self.among(&groups));
            }
        }
        Ok(self.among(&beginning_with(cx, &self.log_group_name).await?))
    }

    fn among(&self, groups: &[Found]) -> Option<Found> {
        groups.iter().find(|group| group.log_group_name() == Some(&self.log_group_name)).cloned()
    }

    /// `None` when there is no group.
    async fn read_tags(&self, cx: &Cx) -> Result<Option<Tags>, AwsError> {
        let arn = self.arn(&cx.scope);
        if cx.tags_as_wanted(&arn, &self.tags).await {
            return Ok(Some(self.tags.clone()));
        }
        let found = cx.clients.logs.list_tags_for_resource().resource_arn(arn).send().await;
        let found = found.optional("logs:ListTagsForResource")?;
        Ok(found.map(|found| cx.managed(found.tags.unwrap_or_default())))
    }

    async fn set_retention(&self, cx: &Cx) -> Result<(), AwsError> {
        let (logs, name) = (&cx.clients.logs, &self.log_group_name);
        wait::while_not_ready(cx, || async {
            if self.retention_days == 0 {
                let call = logs.delete_retention_policy().log_group_name(name);
                return call.send().await.call("logs:DeleteRetentionPolicy").map(drop);
            }
            let call = logs.put_retention_policy().log_group_name(name);
            let call = call.retention_in_days(self.retention_days.cast_signed());
            call.send().await.call("logs:PutRetentionPolicy").map(drop)
        })
        .await
    }

    async fn set_key(&self, cx: &Cx) -> Result<(), AwsError> {
        let (logs, name) = (&cx.clients.logs, &self.log_group_name);
        wait::while_not_ready(cx, || async {
            let Some(key) = &self.kms_key_arn else {
                let call = logs.disassociate_kms_key().log_group_name(name);
                return call.send().await.call("logs:DisassociateKmsKey").map(drop);
            };
            let call = logs.associate_kms_key().log_group_name(name).kms_key_id(key);
            call.send().await.call("logs:AssociateKmsKey").map(drop)
        })
        .await
    }

    async fn update_tags(&self, cx: &Cx, found: &Tags) -> Result<(), AwsError> {
        let (logs, arn) = (&cx.clients.logs, self.arn(&cx.scope));
        let (set, remove) = tags::changes(&self.tags, Some(found));
        if !set.is_empty() {
            let call = logs.tag_resource().resource_arn(&arn).set_tags(Some(set.into_iter().collect()));
            call.send().await.call("logs:TagResource")?;
        }
        if !remove.is_empty() {
            let call = logs.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove));
            call.send().await.call("logs:UntagResource")?;
        }
        Ok(())
    }
}

/// The first page of the groups whose names begin so.
async fn beginning_with(cx: &Cx, prefix: &str) -> Result<Arc<[Found]>, AwsError> {
    let call = cx.clients.logs.describe_log_groups().log_group_name_prefix(prefix);
    let answer = call.send().await.optional("logs:DescribeLogGroups")?;
    Ok(answer.and_then(|answer| answer.log_groups).unwrap_or_default().into())
}
