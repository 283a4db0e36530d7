//! Queues: when a message is delivered again, and messages to come.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;

use super::error;
use crate::failure::PortError;
use crate::ports::{DelayRetry, Delivery, SendLater};

/// The queues of this region.
pub struct Queues {
    client: Client,
}

impl Queues {
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl DelayRetry for Queues {
    async fn delay(&self, delivery: &Delivery, by: Duration) -> Result<(), PortError> {
        let operation = "ChangeMessageVisibility";
        let url = url(&delivery.queue_arn).ok_or_else(|| nameless(operation))?;
        let seconds = i32::try_from(by.as_secs()).unwrap_or(i32::MAX);
        let call = self.client.change_message_visibility().queue_url(url);
        let call = call.receipt_handle(&delivery.receipt).visibility_timeout(seconds);
        call.send().await.map(drop).map_err(|error| error::unavailable(operation, &error))
    }
}

#[async_trait]
impl SendLater for Queues {
    async fn send(&self, queue_arn: &str, body: &str, delay: Duration) -> Result<(), PortError> {
        let operation = "SendMessage";
        let url = url(queue_arn).ok_or_else(|| nameless(operation))?;
        let seconds = i32::try_from(delay.as_secs()).unwrap_or(i32::MAX);
        let call = self.client.send_message().queue_url(url).message_body(body).delay_seconds(seconds);
        call.send().await.map(drop).map_err(|error| error::unavailable(operation, &error))
    }
}

fn nameless(operation: &'static str) -> PortError {
    PortError::Unavailable { operation, message: "the message names no queue".to_owned() }
}

/// The URL of a queue; asking for it would be a call more.
fn url(arn: &str) -> Option<String> {
    let [_, partition, _, region, account, name] = arn.split(':').collect::<Vec<_>>()[..] else {
        return None;
    };
    let suffix = if partition == "aws-cn" { ".cn" } else { "" };
    Some(format!("https://sqs.{region}.amazonaws.com{suffix}/{account}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let cases = [
            (
                "arn:aws:sqs:eu-west-1:123456789012:q",
                Some("https://sqs.eu-west-1.amazonaws.com/123456789012/q"),
            ),
            ("arn:aws-cn:sqs:cn-north-1:1:q", Some("https://sqs.cn-north-1.amazonaws.com.cn/1/q")),
            ("q", None),
        ];
        for (arn, expected) in cases {
            assert_eq!(url(arn).as_deref(), expected);
        }
    }
}
