//! Publishing on EventBridge, where a call that succeeds may have failed for some of its entries.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use super::error;
use crate::failure::PortError;
use crate::ports::{OutEvent, PublishEvents};

/// Entries a call takes.
const BATCH: usize = 10;
/// How often entries that failed are tried again, each time after twice the wait.
const RETRIES: u32 = 4;
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// Publishes on one bus.
pub struct EventBus {
    client: Client,
    bus: String,
}

impl EventBus {
    pub fn new(client: Client, bus: &str) -> Self {
        Self { client, bus: bus.to_owned() }
    }

    async fn publish_batch(&self, events: &[OutEvent]) -> Result<(), PortError> {
        let mut entries: Vec<_> = events.iter().map(|event| self.entry(event)).collect();
        let mut wait = FIRST_WAIT;
        for attempt in 0..=RETRIES {
            let (failed, code) = self.put(entries).await?;
            if failed.is_empty() {
                return Ok(());
            }
            tracing::warn!(failed = failed.len(), code, attempt, "EventBridge refused entries");
            entries = failed;
            if attempt < RETRIES {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
        }
        let message = format!("{} entries were refused {} times", entries.len(), RETRIES + 1);
        Err(PortError::Unavailable { operation: "PutEvents", message })
    }

    /// The entries that failed, with the code of the first.
    async fn put(
        &self,
        entries: Vec<PutEventsRequestEntry>,
    ) -> Result<(Vec<PutEventsRequestEntry>, Option<String>), PortError> {
        let request = self.client.put_events().set_entries(Some(entries.clone()));
        let answer = request.send().await.map_err(|error| error::unavailable("PutEvents", &error))?;
        if answer.failed_entry_count() == 0 {
            return Ok((Vec::new(), None));
        }
        let results = answer.entries();
        let code = results.iter().find_map(|result| result.error_code().map(str::to_owned));
        // Results come in the order of the entries; one without a result counts as failed.
        let sent = |index: usize| results.get(index).is_some_and(|result| result.event_id().is_some());
        let failed =
            entries.into_iter().enumerate().filter(|(index, _)| !sent(*index)).map(|(_, entry)| entry);
        Ok((failed.collect(), code))
    }

    fn entry(&self, event: &OutEvent) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(event.kind.source())
            .detail_type(event.kind.detail_type())
            .detail(&event.detail)
            .set_trace_header(std::env::var("_X_AMZN_TRACE_ID").ok().filter(|header| !header.is_empty()))
            .build()
    }
}

#[async_trait]
impl PublishEvents for EventBus {
    async fn publish(&self, events: &[OutEvent]) -> Result<(), PortError> {
        for batch in events.chunks(BATCH) {
            self.publish_batch(batch).await?;
        }
        Ok(())
    }
}
