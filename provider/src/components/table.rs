//! A DynamoDB table, paid by request, with its indexes, stream, expiry and backups.
//!
//! AWS surprises: expiry and point-in-time recovery are no part of creation and are refused until the table is active;
//! every change makes the table busy, and only one index may change at a time; a stream's view and the expiry attribute
//! change only by switching them off first, and expiry changes at most once an hour; asking for the tags of a missing
//! table is "denied"; a deleted table blocks its name for a while.

mod changes;
mod form;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    BillingMode, ContinuousBackupsDescription, PointInTimeRecoveryStatus, TableDescription, TableStatus,
    TimeToLiveDescription, TimeToLiveStatus,
};
use serde::Serialize;

use super::{Component, Permission, on_itself, on_key};
use crate::aws::tags::{self, Tags};
use crate::aws::{AwsError, Calls, Cx, Scope, wait};
use crate::engine::Owner;

/// A table as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// Table name.
    pub table_name: String,
    /// Hash and range key, both text.
    pub keys: (String, String),
    /// Global secondary indexes by name: hash and range key, both text, all attributes projected.
    pub indexes: BTreeMap<String, (String, String)>,
    /// KMS key; without one DynamoDB's own key.
    pub kms_key_arn: Option<String>,
    /// Stream view (`NEW_AND_OLD_IMAGES`).
    pub stream_view: String,
    /// Attribute that holds the expiry time.
    pub ttl_attribute: String,
    /// Whether point-in-time recovery is on.
    pub point_in_time_recovery: bool,
    /// All tags, with the owner mark.
    pub tags: Tags,
}

impl Component for Table {
    const TYPE: &'static str = "aws_dynamodb_table";
    const PERMISSIONS: &'static [Permission] = &[
        on_itself("dynamodb:CreateTable"),
        on_itself("dynamodb:DeleteTable"),
        on_itself("dynamodb:DescribeContinuousBackups"),
        on_itself("dynamodb:DescribeTable"),
        on_itself("dynamodb:DescribeTimeToLive"),
        on_itself("dynamodb:ListTagsOfResource"),
        on_itself("dynamodb:TagResource"),
        on_itself("dynamodb:UntagResource"),
        on_itself("dynamodb:UpdateContinuousBackups"),
        on_itself("dynamodb:UpdateTable"),
        on_itself("dynamodb:UpdateTimeToLive"),
        // No calls of ours: DynamoDB asks for them when the table has a key of the user's.
        on_key("kms:CreateGrant"),
        on_key("kms:Decrypt"),
        on_key("kms:DescribeKey"),
        on_key("kms:Encrypt"),
        on_key("kms:GenerateDataKey"),
    ];
    const IMMUTABLE: &'static [&'static str] = &["keys"];
    const HOLDS_DATA: bool = true;

    fn name(&self) -> String {
        self.table_name.clone()
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.arn("dynamodb", &format!("table/{}", self.table_name))
    }

    fn owner(&self) -> Owner {
        tags::owner(&self.tags)
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let (table, ttl, backups) = futures::try_join!(self.describe(cx), self.ttl(cx), self.backups(cx))?;
        let Some(table) = table else { return Ok(None) };
        if table.table_status == Some(TableStatus::Deleting) {
            self.wait_until_gone(cx).await?;
            return Ok(None);
        }
        let tags = self.tags(cx).await?;
        Ok(Some(Self {
            table_name: self.table_name.clone(),
            keys: form::keys(table.key_schema(), table.attribute_definitions()),
            indexes: form::indexes(&table),
            kms_key_arn: form::kms_key(table.sse_description()),
            stream_view: form::stream_view(table.stream_specification()),
            ttl_attribute: form::ttl_attribute(ttl),
            point_in_time_recovery: recovery_enabled(backups),
            tags,
        }))
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.dynamodb.create_table().table_name(&self.table_name);
        let call = call
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(form::key_schema(&self.keys)?))
            .set_attribute_definitions(Some(self.attributes()?))
            .set_global_secondary_indexes(self.index_definitions()?)
            .set_stream_specification(form::stream(&self.stream_view)?)
            .set_sse_specification(self.kms_key_arn.as_deref().map(|key| form::encryption(Some(key))))
            .set_tags(Some(form::tag_list(&self.tags)?));
        wait::while_not_ready(cx, || async {
            call.clone().send().await.call("dynamodb:CreateTable").map(drop)
        })
        .await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        if observed.is_none_or(|observed| !self.same_but_for_tags(observed)) {
            self.wait_until_active(cx, observed.is_none()).await?;
        }
        if let Some(observed) = observed {
            self.set_definition(cx, observed).await?;
        }
        futures::try_join!(
            self.set_ttl(cx, observed),
            self.set_recovery(cx, observed),
            self.set_tags(cx, observed)
        )
        .map(drop)
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.dynamodb.delete_table().table_name(&self.table_name);
        wait::while_not_ready(cx, || async { call.clone().send().await.or_gone("dynamodb:DeleteTable") })
            .await?;
        self.wait_until_gone(cx).await
    }
}

impl Table {
    async fn describe(&self, cx: &Cx) -> Result<Option<TableDescription>, AwsError> {
        let call = cx.clients.dynamodb.describe_table().table_name(&self.table_name);
        Ok(call.send().await.optional("dynamodb:DescribeTable")?.and_then(|answer| answer.table))
    }

    async fn ttl(&self, cx: &Cx) -> Result<Option<TimeToLiveDescription>, AwsError> {
        let call = cx.clients.dynamodb.describe_time_to_live().table_name(&self.table_name);
        let answer = call.send().await.optional("dynamodb:DescribeTimeToLive")?;
        Ok(answer.and_then(|answer| answer.time_to_live_description))
    }

    async fn backups(&self, cx: &Cx) -> Result<Option<ContinuousBackupsDescription>, AwsError> {
        let call = cx.clients.dynamodb.describe_continuous_backups().table_name(&self.table_name);
        let answer = call.send().await.optional("dynamodb:DescribeContinuousBackups")?;
        Ok(answer.and_then(|answer| answer.continuous_backups_description))
    }

    async fn tags(&self, cx: &Cx) -> Result<Tags, AwsError> {
        if cx.tags_as_wanted(&self.arn(&cx.scope), &self.tags).await {
            return Ok(self.tags.clone());
        }
        let mut tags = Vec::new();
        let mut next = None;
        loop {
            let call = cx.clients.dynamodb.list_tags_of_resource().resource_arn(self.arn(&cx.scope));
            let answer = call.set_next_token(next).send().await.optional("dynamodb:ListTagsOfResource")?;
            let Some(page) = answer else { break };
            tags.extend(page.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
            next = page.next_token;
            if next.is_none() {
                break;
            }
        }
        Ok(cx.managed(tags))
    }

    /// Until the table and all its indexes take changes. A table that vanished is left to the call that follows.
    /// A new one may only not be visible yet.
    async fn wait_until_active(&self, cx: &Cx, is_new: bool) -> Result<(), AwsError> {
        let what = "the table and its indexes are active";
        wait::until(cx, "dynamodb:DescribeTable", what, || async {
            let table = self.describe(cx).await?;
            Ok(table.map_or(!is_new, |table| form::is_active(&table)).then_some(()))
        })
        .await
    }

    async fn wait_until_gone(&self, cx: &Cx) -> Result<(), AwsError> {
        wait::until(cx, "dynamodb:DescribeTable", "the table is gone", || async {
            Ok(self.describe(cx).await?.is_none().then_some(()))
        })
        .await
    }

    fn same_but_for_tags(&self, observed: &Self) -> bool {
        Self { tags: observed.tags.clone(), ..self.clone() } == *observed
    }
}

fn recovery_enabled(backups: Option<ContinuousBackupsDescription>) -> bool {
    let recovery = backups.and_then(|backups| backups.point_in_time_recovery_description);
    recovery.and_then(|recovery| recovery.point_in_time_recovery_status)
        == Some(PointInTimeRecoveryStatus::Enabled)
}

/// Whether expiry is on or being switched on.
fn expires(ttl: &TimeToLiveDescription) -> bool {
    matches!(ttl.time_to_live_status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
}
