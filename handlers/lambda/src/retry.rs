//! When a message that failed comes back: soon at first, then ever later. Without it the queue's visibility timeout
//! decides, which has to be several times as long as the longest pass over an object.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;

use crate::ports::{Delivery, Queues};

const FIRST_DELAY: Duration = Duration::from_secs(15);
const LONGEST_DELAY: Duration = Duration::from_secs(900);
/// Each delay is so many times the one before.
const GROWTH: u32 = 3;

/// Asks the queue to deliver the message again after a while.
///
/// Best effort: a queue that does not listen delivers it when its visibility timeout is over.
pub async fn later(queue: &dyn Queues, message: &SqsMessage) {
    let (Some(queue_arn), Some(receipt)) = (&message.event_source_arn, &message.receipt_handle) else {
        return;
    };
    let receives = message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
    let delivery = Delivery { queue_arn: queue_arn.clone(), receipt: receipt.clone() };
    if let Err(error) = queue.delay(&delivery, delay(receives.unwrap_or(1))).await {
        tracing::warn!(%error, "the message comes back only when its visibility timeout is over");
    }
}

/// The delay after so many receives, from 1.
fn delay(receives: u32) -> Duration {
    let factor = GROWTH.saturating_pow(receives.saturating_sub(1));
    FIRST_DELAY.saturating_mul(factor).min(LONGEST_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_a_limit() {
        let cases = [(0, 15), (1, 15), (2, 45), (3, 135), (4, 405), (5, 900), (1000, 900)];
        for (receives, seconds) in cases {
            assert_eq!(delay(receives).as_secs(), seconds, "{receives}");
        }
    }
}
