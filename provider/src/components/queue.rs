//! An SQS queue with its policy and dead-letter queue.
//!
//! AWS surprises: AWS asks to look a queue's URL up and not to build it, so what is built is only tried first, to read;
//! a name can be used again only 60 seconds after its deletion; attributes are texts, policies included; new attributes
//! take up to 60 seconds to spread; creating a queue that has these very attributes succeeds.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Component, Permission, on_itself};
use crate::aws::tags::{self, Tags};
use crate::aws::{AwsError, Calls, Clients, Cx, Scope, policy, wait};
use crate::engine::Owner;

/// A queue as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Queue {
    /// Queue name.
    pub queue_name: String,
    /// Seconds a received message stays invisible.
    pub visibility_timeout_seconds: u32,
    /// Seconds a message is kept.
    pub message_retention_seconds: u32,
    /// ARN of the dead-letter queue and the number of receives after which a message goes there.
    pub dead_letter: Option<(String, u32)>,
    /// KMS key; without one the queue is encrypted by SQS's own key.
    pub kms_key_arn: Option<String>,
    /// Access policy in canonical form.
    pub policy: Value,
    /// All tags, with the owner mark.
    pub tags: Tags,
}

const MANAGED: [Name; 6] = [
    Name::VisibilityTimeout,
    Name::MessageRetentionPeriod,
    Name::RedrivePolicy,
    Name::KmsMasterKeyId,
    Name::SqsManagedSseEnabled,
    Name::Policy,
];

impl Component for Queue {
    const TYPE: &'static str = "aws_sqs_queue";
    const PERMISSIONS: &'static [Permission] = &[
        on_itself("sqs:CreateQueue"),
        on_itself("sqs:DeleteQueue"),
        on_itself("sqs:GetQueueAttributes"),
        on_itself("sqs:GetQueueUrl"),
        on_itself("sqs:ListQueueTags"),
        on_itself("sqs:SetQueueAttributes"),
        on_itself("sqs:TagQueue"),
        on_itself("sqs:UntagQueue"),
    ];

    fn name(&self) -> String {
        self.queue_name.clone()
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.arn("sqs", &self.queue_name)
    }

    fn owner(&self) -> Owner {
        tags::owner(&self.tags)
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let usual = usual_url(&cx.scope, &self.queue_name);
        if let Some(found) = self.read_at(cx, &usual).await? {
            return Ok(Some(found));
        }
        // Missing, or somewhere where queues have other URLs.
        match self.url(cx).await? {
            Some(url) if url != usual => self.read_at(cx, &url).await,
            _ => Ok(None),
        }
    }

    async fn refuse_existing(&self, cx: &Cx) -> Result<(), AwsError> {
        // Creating a queue that is there with these attributes would succeed, whoever's it is.
        if self.url(cx).await?.is_some() {
            return Err(AwsError::exists("sqs:CreateQueue", &self.queue_name));
        }
        Ok(())
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.sqs.create_queue().queue_name(&self.queue_name);
        let call = call.set_tags(Some(self.tags.clone().into_iter().collect()));
        // An empty attribute takes a value away; a new queue has none.
        let attributes = self.attributes().into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let call = call.set_attributes(Some(attributes));
        wait::while_not_ready(cx, || async { call.clone().send().await.call("sqs:CreateQueue").map(drop) })
            .await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Creation sets every attribute and tag in its one call.
        let Some(observed) = observed.filter(|observed| *observed != self) else { return Ok(()) };
        let url = wait::until_visible(cx, "sqs:GetQueueUrl", "the queue", || self.url(cx)).await?;
        futures::try_join!(
            self.update_attributes(cx, &url, observed),
            self.update_tags(cx, &url, &observed.tags)
        )
        .map(drop)
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        let usual = usual_url(&cx.scope, &self.queue_name);
        if self.delete_at(cx, &usual).await?.is_some() {
            return Ok(());
        }
        // Missing, or somewhere where queues have other URLs.
        match self.url(cx).await? {
            Some(url) if url != usual => self.delete_at(cx, &url).await.map(drop),
            _ => Ok(()),
        }
    }
}

impl Queue {
    async fn url(&self, cx: &Cx) -> Result<Option<String>, AwsError> {
        let answer = cx.clients.sqs.get_queue_url().queue_name(&self.queue_name).send().await;
        Ok(answer.optional("sqs:GetQueueUrl")?.and_then(|found| found.queue_url))
    }

    /// `None` when there is no queue.
    async fn delete_at(&self, cx: &Cx, url: &str) -> Result<Option<()>, AwsError> {
        let answer = cx.clients.sqs.delete_queue().queue_url(url).send().await;
        Ok(answer.optional("sqs:DeleteQueue")?.map(drop))
    }

    async fn read_at(&self, cx: &Cx, url: &str) -> Result<Option<Self>, AwsError> {
        let sqs = &cx.clients.sqs;
        let attributes = async {
            let call = sqs.get_queue_attributes().queue_url(url).set_attribute_names(Some(MANAGED.to_vec()));
            call.send().await.optional("sqs:GetQueueAttributes")
        };
        let (Some(attributes), Some(tags)) = futures::try_join!(attributes, self.tags_at(cx, url))? else {
            return Ok(None);
        };
        self.observed(&attributes.attributes.unwrap_or_default(), tags).map(Some)
    }

    /// `None` when there is no queue.
    async fn tags_at(&self, cx: &Cx, url: &str) -> Result<Option<Tags>, AwsError> {
        if cx.tags_as_wanted(&self.arn(&cx.scope), &self.tags).await {
            return Ok(Some(self.tags.clone()));
        }
        let found = cx.clients.sqs.list_queue_tags().queue_url(url).send().await;
        let found = found.optional("sqs:ListQueueTags")?;
        Ok(found.map(|found| cx.managed(found.tags.unwrap_or_default())))
    }

    async fn update_attributes(&self, cx: &Cx, url: &str, observed: &Self) -> Result<(), AwsError> {
        if self.attributes() == observed.attributes() {
            return Ok(());
        }
        let call =
            cx.clients.sqs.set_queue_attributes().queue_url(url).set_attributes(Some(self.attributes()));
        call.send().await.call("sqs:SetQueueAttributes").map(drop)
    }

    async fn update_tags(&self, cx: &Cx, url: &str, found: &Tags) -> Result<(), AwsError> {
        let (set, remove) = tags::changes(&self.tags, Some(found));
        if !set.is_empty() {
            let call = cx.clients.sqs.tag_queue().queue_url(url).set_tags(Some(set.into_iter().collect()));
            call.send().await.call("sqs:TagQueue")?;
        }
        if !remove.is_empty() {
            let call = cx.clients.sqs.untag_queue().queue_url(url).set_tag_keys(Some(remove));
            call.send().await.call("sqs:UntagQueue")?;
        }
        Ok(())
    }

    /// All attributes; the empty text where there is to be none.
    fn attributes(&self) -> HashMap<Name, String> {
        let redrive = self.dead_letter.as_ref().map(|(arn, receives)| {
            json!({"deadLetterTargetArn": arn, "maxReceiveCount": receives}).to_string()
        });
        let policy = if self.policy.is_null() { String::new() } else { self.policy.to_string() };
        HashMap::from([
            (Name::VisibilityTimeout, self.visibility_timeout_seconds.to_string()),
            (Name::MessageRetentionPeriod, self.message_retention_seconds.to_string()),
            (Name::RedrivePolicy, redrive.unwrap_or_default()),
            (Name::Policy, policy),
            // One encryption at a time: AWS wants to hear of both in one call.
            (Name::KmsMasterKeyId, self.kms_key_arn.clone().unwrap_or_default()),
            (Name::SqsManagedSseEnabled, self.kms_key_arn.is_none().to_string()),
        ])
    }

    fn observed(&self, attributes: &HashMap<Name, String>, tags: Tags) -> Result<Self, AwsError> {
        let text = |name: Name| attributes.get(&name).map(String::as_str).filter(|value| !value.is_empty());
        let number = |name: Name| text(name).and_then(|value| value.parse().ok()).unwrap_or_default();
        let redrive = text(Name::RedrivePolicy).and_then(|value| serde_json::from_str::<Value>(value).ok());
        // A queue that was left without any encryption shows as one with a nameless key, which nobody wants.
        let bare = text(Name::SqsManagedSseEnabled) == Some("false");
        Ok(Self {
            queue_name: self.queue_name.clone(),
            visibility_timeout_seconds: number(Name::VisibilityTimeout),
            message_retention_seconds: number(Name::MessageRetentionPeriod),
            dead_letter: redrive.and_then(|redrive| dead_letter(&redrive)),
            kms_key_arn: text(Name::KmsMasterKeyId).or(bare.then_some("")).map(str::to_owned),
            policy: match text(Name::Policy) {
                Some(text) => policy::parse("sqs:GetQueueAttributes", text)?,
                None => Value::Null,
            },
            tags,
        })
    }
}

/// Puts a message into a pipeline's queue, to be delivered after a while.
///
/// # Errors
/// Any of `sqs:SendMessage`.
pub async fn send(
    clients: &Clients,
    scope: &Scope,
    queue_name: &str,
    body: &str,
    delay_seconds: i32,
) -> Result<(), AwsError> {
    let call = clients.sqs.send_message().queue_url(usual_url(scope, queue_name)).message_body(body);
    call.delay_seconds(delay_seconds).send().await.call("sqs:SendMessage").map(drop)
}

/// The URL AWS gives the queue; stand-ins take the account and the name from it and do not mind the host.
fn usual_url(scope: &Scope, queue_name: &str) -> String {
    let domain = if scope.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("https://sqs.{}.{domain}/{}/{queue_name}", scope.region, scope.account)
}

/// The redrive policy's parts; AWS gives the number as a number or as a text.
fn dead_letter(redrive: &Value) -> Option<(String, u32)> {
    let arn = redrive.get("deadLetterTargetArn")?.as_str()?.to_owned();
    let receives = redrive.get("maxReceiveCount")?;
    let receives = receives.as_u64().or_else(|| receives.as_str()?.parse().ok())?;
    Some((arn, u32::try_from(receives).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Queue {
        Queue {
            queue_name: "q".to_owned(),
            visibility_timeout_seconds: 360,
            message_retention_seconds: 86_400,
            dead_letter: None,
            kms_key_arn: None,
            policy: Value::Null,
            tags: Tags::new(),
        }
    }

    #[test]
    fn a_queue_is_read_as_it_is_written() {
        let cases = [
            wanted(),
            Queue { kms_key_arn: Some("arn:key".to_owned()), ..wanted() },
            Queue { dead_letter: Some(("arn:dlq".to_owned(), 3)), ..wanted() },
            Queue { policy: json!({"Statement": {"Action": "sqs:SendMessage"}}), ..wanted() },
        ];
        for queue in cases {
            assert_eq!(wanted().observed(&queue.attributes(), Tags::new()).unwrap(), queue);
        }
    }

    #[test]
    fn what_aws_words_otherwise_is_the_same() {
        let mut attributes = wanted().attributes();
        attributes.insert(
            Name::RedrivePolicy,
            r#"{"maxReceiveCount":"3", "deadLetterTargetArn":"arn:dlq"}"#.to_owned(),
        );
        attributes.insert(Name::Policy, r#"{"Statement":[{"Action":["sqs:SendMessage"]}]}"#.to_owned());
        let found = wanted().observed(&attributes, Tags::new()).unwrap();
        assert_eq!(found.dead_letter, Some(("arn:dlq".to_owned(), 3)));
        assert_eq!(found.policy, json!({"Statement": {"Action": "sqs:SendMessage"}}));
    }

    #[test]
    fn a_queue_without_encryption_is_not_what_anybody_wants() {
        let mut attributes = wanted().attributes();
        attributes.insert(Name::SqsManagedSseEnabled, "false".to_owned());
        assert_ne!(wanted().observed(&attributes, Tags::new()).unwrap(), wanted());
    }
}
