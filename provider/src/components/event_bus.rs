//! An EventBridge bus of our own; the account's `default` bus is never managed.
//!
//! AWS surprises: events of AWS services reach the default bus only; a bus that still has rules cannot be deleted, and
//! rules that others put on it are theirs, so that deletion then fails; an update forgets the key it does not name.

use aws_sdk_eventbridge::types::Tag;
use serde::Serialize;

use super::{Component, Permission, on_itself, on_key};
use crate::aws::tags::{self, Tags};
use crate::aws::{AwsError, Calls, Cx, Scope, wait};
use crate::engine::Owner;

/// An event bus as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventBus {
    /// Bus name.
    pub bus_name: String,
    /// Sentence shown in the console.
    pub description: String,
    /// KMS key; without one EventBridge's own key.
    pub kms_key_arn: Option<String>,
    /// All tags, with the owner mark.
    pub tags: Tags,
}

impl Component for EventBus {
    const TYPE: &'static str = "aws_cloudwatch_event_bus";
    const PERMISSIONS: &'static [Permission] = &[
        // No calls of ours: EventBridge asks for them when the bus is encrypted with a key of the user's.
        on_key("kms:Decrypt"),
        on_key("kms:DescribeKey"),
        on_key("kms:GenerateDataKey"),
        on_itself("events:CreateEventBus"),
        on_itself("events:DeleteEventBus"),
        on_itself("events:DescribeEventBus"),
        on_itself("events:ListTagsForResource"),
        on_itself("events:TagResource"),
        on_itself("events:UntagResource"),
        on_itself("events:UpdateEventBus"),
    ];

    fn name(&self) -> String {
        self.bus_name.clone()
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.arn("events", &format!("event-bus/{}", self.bus_name))
    }

    fn owner(&self) -> Owner {
        tags::owner(&self.tags)
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let events = &cx.clients.events;
        let bus = async {
            events.describe_event_bus().name(&self.bus_name).send().await.optional("events:DescribeEventBus")
        };
        let (Some(bus), Some(tags)) = futures::try_join!(bus, read_tags(cx, self.arn(&cx.scope), &self.tags))? else {
            return Ok(None);
        };
        Ok(Some(Self {
            bus_name: self.bus_name.clone(),
            description: bus.description.unwrap_or_default(),
            kms_key_arn: bus.kms_key_identifier.filter(|key| !key.is_empty()),
            tags,
        }))
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.events.create_event_bus().name(&self.bus_name).description(&self.description);
        let call =
            call.set_kms_key_identifier(self.kms_key_arn.clone()).set_tags(Some(tag_list(&self.tags)?));
        wait::while_not_ready(cx, || async {
            call.clone().send().await.call("events:CreateEventBus").map(drop)
        })
        .await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Creation sets everything in its one call.
        let Some(observed) = observed else { return Ok(()) };
        if (&self.description, &self.kms_key_arn) != (&observed.description, &observed.kms_key_arn) {
            let call =
                cx.clients.events.update_event_bus().name(&self.bus_name).description(&self.description);
            // The empty text takes a key away.
            let call = call.kms_key_identifier(self.kms_key_arn.clone().unwrap_or_default());
            wait::while_not_ready(cx, || async { call.clone().send().await.call("events:UpdateEventBus") })
                .await?;
        }
        update_tags(cx, self.arn(&cx.scope), &self.tags, &observed.tags).await
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.events.delete_event_bus().name(&self.bus_name);
        wait::while_not_ready(cx, || async { call.clone().send().await.or_gone("events:DeleteEventBus") })
            .await
    }
}

/// Tags as EventBridge takes them.
pub(super) fn tag_list(tags: &Tags) -> Result<Vec<Tag>, AwsError> {
    tags.iter().map(|(key, value)| Ok(Tag::builder().key(key).value(value).build()?)).collect()
}

/// Tags of a bus or rule; `None` when it is missing.
pub(super) async fn read_tags(cx: &Cx, arn: String, wanted: &Tags) -> Result<Option<Tags>, AwsError> {
    if cx.tags_as_wanted(&arn, wanted).await {
        return Ok(Some(wanted.clone()));
    }
    let call = cx.clients.events.list_tags_for_resource().resource_arn(arn);
    let found = call.send().await.optional("events:ListTagsForResource")?;
    let pairs = |list: Vec<Tag>| cx.managed(list.into_iter().map(|tag| (tag.key, tag.value)));
    Ok(found.map(|found| pairs(found.tags.unwrap_or_default())))
}

/// Brings the tags of a bus or rule in line.
pub(super) async fn update_tags(cx: &Cx, arn: String, wanted: &Tags, found: &Tags) -> Result<(), AwsError> {
    let (set, remove) = tags::changes(wanted, Some(found));
    let events = &cx.clients.events;
    if !set.is_empty() {
        let call = events.tag_resource().resource_arn(&arn).set_tags(Some(tag_list(&set)?));
        wait::while_not_ready(cx, || async { call.clone().send().await.call("events:TagResource") }).await?;
    }
    if !remove.is_empty() {
        let call = events.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove));
        wait::while_not_ready(cx, || async { call.clone().send().await.call("events:UntagResource") })
            .await?;
    }
    Ok(())
}
