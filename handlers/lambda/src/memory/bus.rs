//! The event bus, the queues and standard output: lists of what was said.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;

use super::{Faults, lock};
use crate::failure::PortError;
use crate::ports::{DelayRetry, Delivery, EmitMetrics, OutEvent, PublishEvents, SendLater};

/// Events in the order they were published.
#[derive(Default)]
pub struct Bus {
    events: Mutex<Vec<OutEvent>>,
    faults: Faults,
}

/// Delays in the order they were asked for, and messages in the order they were sent.
#[derive(Default)]
pub struct Queue {
    delays: Mutex<Vec<(Delivery, Duration)>>,
    sent: Mutex<Vec<Sent>>,
    faults: Faults,
}

/// A message that was put into a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// ARN of the queue.
    pub queue_arn: String,
    /// The message.
    pub body: String,
    /// After which it is delivered.
    pub delay: Duration,
}

/// Metric lines in the order they were written.
#[derive(Default)]
pub struct Metrics {
    lines: Mutex<Vec<String>>,
    faults: Faults,
}

impl Bus {
    pub(super) fn new(faults: Faults) -> Self {
        Self { events: Mutex::default(), faults }
    }

    /// Everything published so far.
    #[must_use]
    pub fn events(&self) -> Vec<OutEvent> {
        lock(&self.events).clone()
    }
}

impl Queue {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults, ..Self::default() }
    }

    /// Everything delayed so far.
    #[must_use]
    pub fn delays(&self) -> Vec<(Delivery, Duration)> {
        lock(&self.delays).clone()
    }

    /// Everything sent so far.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        lock(&self.sent).clone()
    }
}

impl Metrics {
    pub(super) fn new(faults: Faults) -> Self {
        Self { lines: Mutex::default(), faults }
    }

    /// Everything written so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        lock(&self.lines).clone()
    }
}

#[async_trait]
impl PublishEvents for Bus {
    async fn publish(&self, events: &[OutEvent]) -> Result<(), PortError> {
        self.faults.effect(|| {
            lock(&self.events).extend_from_slice(events);
            Ok(())
        })
    }
}

#[async_trait]
impl DelayRetry for Queue {
    async fn delay(&self, delivery: &Delivery, by: Duration) -> Result<(), PortError> {
        self.faults.effect(|| {
            lock(&self.delays).push((delivery.clone(), by));
            Ok(())
        })
    }
}

#[async_trait]
impl SendLater for Queue {
    async fn send(&self, queue_arn: &str, body: &str, delay: Duration) -> Result<(), PortError> {
        self.faults.effect(|| {
            let sent = Sent { queue_arn: queue_arn.to_owned(), body: body.to_owned(), delay };
            lock(&self.sent).push(sent);
            Ok(())
        })
    }
}

impl EmitMetrics for Metrics {
    fn emit(&self, line: &str) -> Result<(), PortError> {
        self.faults.effect(|| {
            lock(&self.lines).push(line.to_owned());
            Ok(())
        })
    }
}
