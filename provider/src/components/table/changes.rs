//! Changes of a table that exists, one at a time: each makes it busy.

use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    CreateGlobalSecondaryIndexAction, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate,
    PointInTimeRecoverySpecification, StreamSpecification, TimeToLiveSpecification,
};

use super::{Component, Table, form};
use crate::aws::{AwsError, Calls, Cx, tags, wait};

impl Table {
    /// Encryption, stream and indexes, all of which creation sets.
    pub(super) async fn set_definition(&self, cx: &Cx, observed: &Self) -> Result<(), AwsError> {
        if self.kms_key_arn != observed.kms_key_arn {
            let encryption = form::encryption(self.kms_key_arn.as_deref());
            self.change(cx, |call| call.sse_specification(encryption)).await?;
        }
        if self.stream_view != observed.stream_view {
            self.set_stream(cx, !observed.stream_view.is_empty()).await?;
        }
        self.set_indexes(cx, observed).await
    }

    async fn set_stream(&self, cx: &Cx, on: bool) -> Result<(), AwsError> {
        if on {
            let off = StreamSpecification::builder().stream_enabled(false).build()?;
            self.change(cx, |call| call.stream_specification(off)).await?;
        }
        match form::stream(&self.stream_view)? {
            Some(stream) => self.change(cx, |call| call.stream_specification(stream)).await,
            None => Ok(()),
        }
    }

    async fn set_indexes(&self, cx: &Cx, observed: &Self) -> Result<(), AwsError> {
        let stays = |name: &String| self.indexes.get(name) == observed.indexes.get(name);
        for name in observed.indexes.keys().filter(|name| !stays(name)) {
            let delete = DeleteGlobalSecondaryIndexAction::builder().index_name(name).build()?;
            let update = GlobalSecondaryIndexUpdate::builder().delete(delete).build();
            self.change(cx, |call| call.global_secondary_index_updates(update)).await?;
        }
        for (name, keys) in self.indexes.iter().filter(|(name, _)| !stays(name)) {
            let create = CreateGlobalSecondaryIndexAction::builder().index_name(name);
            let create = create.projection(form::everything()).set_key_schema(Some(form::key_schema(keys)?));
            let update = GlobalSecondaryIndexUpdate::builder().create(create.build()?).build();
            let attributes = self.attributes()?;
            let with_attributes = |call: UpdateTableFluentBuilder| {
                call.set_attribute_definitions(Some(attributes)).global_secondary_index_updates(update)
            };
            self.change(cx, with_attributes).await?;
        }
        Ok(())
    }

    /// One change, and until the table takes the next.
    async fn change(
        &self,
        cx: &Cx,
        edit: impl FnOnce(UpdateTableFluentBuilder) -> UpdateTableFluentBuilder,
    ) -> Result<(), AwsError> {
        let call = edit(cx.clients.dynamodb.update_table().table_name(&self.table_name));
        wait::while_not_ready(cx, || async { call.clone().send().await.call("dynamodb:UpdateTable") })
            .await?;
        self.wait_until_active(cx, false).await
    }

    pub(super) async fn set_ttl(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        if observed.is_some_and(|observed| observed.ttl_attribute == self.ttl_attribute) {
            return Ok(());
        }
        // Switching on what is on is an error, so look also right after creation: this may be its second update.
        let current = form::ttl_attribute(self.ttl(cx).await?);
        if current == self.ttl_attribute {
            return Ok(());
        }
        if !current.is_empty() {
            self.switch_ttl(cx, &current, false).await?;
        }
        if self.ttl_attribute.is_empty() {
            Ok(())
        } else {
            self.switch_ttl(cx, &self.ttl_attribute, true).await
        }
    }

    async fn switch_ttl(&self, cx: &Cx, attribute: &str, on: bool) -> Result<(), AwsError> {
        let ttl = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(on).build()?;
        let call = cx.clients.dynamodb.update_time_to_live().table_name(&self.table_name);
        let call = call.time_to_live_specification(ttl);
        wait::while_not_ready(cx, || async {
            call.clone().send().await.call("dynamodb:UpdateTimeToLive").map(drop)
        })
        .await
    }

    pub(super) async fn set_recovery(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // A new table has none.
        if observed.is_some_and(|observed| observed.point_in_time_recovery) == self.point_in_time_recovery {
            return Ok(());
        }
        let recovery = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(self.point_in_time_recovery);
        let call = cx.clients.dynamodb.update_continuous_backups().table_name(&self.table_name);
        let call = call.point_in_time_recovery_specification(recovery.build()?);
        wait::while_not_ready(cx, || async {
            call.clone().send().await.call("dynamodb:UpdateContinuousBackups").map(drop)
        })
        .await
    }

    pub(super) async fn set_tags(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Creation sets the tags.
        let Some(observed) = observed else { return Ok(()) };
        let (dynamodb, arn) = (&cx.clients.dynamodb, self.arn(&cx.scope));
        let (set, remove) = tags::changes(&self.tags, Some(&observed.tags));
        if !set.is_empty() {
            let call = dynamodb.tag_resource().resource_arn(&arn).set_tags(Some(form::tag_list(&set)?));
            wait::while_not_ready(cx, || async {
                call.clone().send().await.call("dynamodb:TagResource").map(drop)
            })
            .await?;
        }
        if !remove.is_empty() {
            let call = dynamodb.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove));
            wait::while_not_ready(cx, || async {
                call.clone().send().await.call("dynamodb:UntagResource").map(drop)
            })
            .await?;
        }
        Ok(())
    }
}
