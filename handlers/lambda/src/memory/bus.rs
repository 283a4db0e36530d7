//! The event bus and standard output: lists of what was said.

use std::sync::Mutex;

use async_trait::async_trait;

use super::{Faults, lock};
use crate::failure::PortError;
use crate::ports::{EmitMetrics, OutEvent, PublishEvents};

/// Events in the order they were published.
#[derive(Default)]
pub struct Bus {
    events: Mutex<Vec<OutEvent>>,
    faults: Faults,
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

impl EmitMetrics for Metrics {
    fn emit(&self, line: &str) -> Result<(), PortError> {
        self.faults.effect(|| {
            lock(&self.lines).push(line.to_owned());
            Ok(())
        })
    }
}
