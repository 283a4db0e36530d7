//! A request to judge what lies in the raw bucket already: a message to the ingest queue, and the S3 object that
//! remembers that it was sent.
//!
//! AWS surprises: a rule that was made a moment ago may not deliver yet, and what the function announces meanwhile would
//! be lost, so the message waits. Deleting the memory takes back nothing that was asked.

use aws_sdk_s3::primitives::ByteStream;
use datalake_core::requests::{BACKFILL, SOURCE};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bucket::contents;
use super::{Component, On, Permission, on_itself, on_key, queue};
use crate::aws::{AwsError, Calls, Cx, Scope};
use crate::engine::Owner;

/// Seconds the message waits: EventBridge promises new rules within a minute.
const DELAY_SECONDS: i32 = 60;

/// A request as we want it or as it was sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backfill {
    /// Bucket of its memory.
    pub bucket_name: String,
    /// Key of its memory.
    pub key: String,
    /// The queue it goes to.
    pub queue_name: String,
    /// The detail of the request.
    pub request: Value,
    /// Whether it was sent.
    pub sent: bool,
}

/// What the object in the bucket says.
#[derive(Serialize, Deserialize)]
struct Memory {
    request: Value,
    sent: bool,
}

impl Component for Backfill {
    const TYPE: &'static str = "aws_s3_object";
    // The lists of its bucket stand in the bucket's own table.
    const PERMISSIONS: &'static [Permission] = &[
        on_itself("s3:DeleteObject"),
        on_itself("s3:DeleteObjectVersion"),
        on_itself("s3:GetObject"),
        on_itself("s3:PutObject"),
        Permission { action: "sqs:SendMessage", on: On::Path },
        // No calls of ours: S3 and SQS ask for them where bucket and queue have a key of the user's.
        on_key("kms:Decrypt"),
        on_key("kms:GenerateDataKey"),
    ];

    fn name(&self) -> String {
        format!("{}/{}", self.bucket_name, self.key)
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.s3_arn(&self.name())
    }

    /// The queue, on which sending is allowed.
    fn path(&self, scope: &Scope) -> Vec<String> {
        vec![scope.arn("sqs", &self.queue_name)]
    }

    fn owner(&self) -> Owner {
        // It lies in a bucket that is marked.
        Owner::Unmarkable
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let call = cx.clients.s3.get_object().bucket(&self.bucket_name).key(&self.key);
        let Some(answer) = call.send().await.optional("s3:GetObject")? else { return Ok(None) };
        let body = answer.body.collect().await;
        let body = body.map_err(|error| AwsError::ours("s3:GetObject", "BrokenBody", error.to_string()))?;
        Ok(Some(self.remembered(&body.into_bytes())))
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        self.remember(cx, false, Some("*")).await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        if observed == Some(self) {
            return Ok(());
        }
        // Sent twice it does the same; forgotten, nothing.
        self.send(cx).await?;
        self.remember(cx, true, None).await
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        contents::remove(cx, &self.bucket_name, Some(&self.key)).await
    }
}

impl Backfill {
    /// Writes the memory; with `if_none_match`, only where there is none.
    async fn remember(&self, cx: &Cx, sent: bool, if_none_match: Option<&str>) -> Result<(), AwsError> {
        let text = json!({"request": self.request, "sent": sent}).to_string();
        let call = cx.clients.s3.put_object().bucket(&self.bucket_name).key(&self.key);
        let call = call.content_type("application/json").body(ByteStream::from(text.into_bytes()));
        call.set_if_none_match(if_none_match.map(str::to_owned)).send().await.call("s3:PutObject").map(drop)
    }

    async fn send(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.sqs.send_message().queue_url(queue::usual_url(&cx.scope, &self.queue_name));
        let call = call.message_body(self.message()).delay_seconds(DELAY_SECONDS);
        call.send().await.call("sqs:SendMessage").map(drop)
    }

    /// The event as the bus would deliver it.
    fn message(&self) -> String {
        // The handlers only need a time; that of the request is nowhere used, and a fixed one needs no clock.
        let time = "1970-01-01T00:00:00Z";
        json!({"source": SOURCE, "detail-type": BACKFILL, "time": time, "detail": self.request}).to_string()
    }

    /// What is remembered; what cannot be read reads as a request that was never sent.
    fn remembered(&self, body: &[u8]) -> Self {
        let memory: Option<Memory> = serde_json::from_slice(body).ok();
        let Memory { request, sent } = memory.unwrap_or(Memory { request: Value::Null, sent: false });
        Self { request, sent, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datalake_core::requests::Ask;

    fn wanted() -> Backfill {
        Backfill {
            bucket_name: "b".to_owned(),
            key: "k".to_owned(),
            queue_name: "q".to_owned(),
            request: json!({"dataset": "readings", "objectsPerSecond": 5}),
            sent: true,
        }
    }

    #[test]
    fn what_is_remembered() {
        let cases: [(&[u8], Value, bool); 3] = [
            (br#"{"request":{"dataset":"r"},"sent":true}"#, json!({"dataset": "r"}), true),
            (br#"{"request":{"dataset":"r"},"sent":false}"#, json!({"dataset": "r"}), false),
            (b"<html>", Value::Null, false),
        ];
        for (body, request, sent) in cases {
            assert_eq!(wanted().remembered(body), Backfill { request, sent, ..wanted() });
        }
    }

    #[test]
    fn the_handlers_understand_the_message() {
        let message: Value = serde_json::from_str(&wanted().message()).unwrap();
        let ask = Ask::read(message["detail-type"].as_str().unwrap(), message["detail"].clone()).unwrap();
        assert_eq!((ask.dataset(), ask.per_second()), ("readings", 5));
        assert_eq!(message["source"], SOURCE);
    }
}
