//! The world in memory: what the handlers' tests run against, with the same promises as AWS gives, and with faults.

mod bus;
mod fault;
mod objects;
mod table;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use bus::{Bus, Metrics, Queue, Sent};
pub use fault::{Fault, Faults};
pub use objects::Objects;
pub use table::Table;

use crate::ports::{Clock, Ports};

/// All stores of one world. They outlive the handlers that crash in it.
#[derive(Clone)]
pub struct World {
    /// Buckets.
    pub objects: Arc<Objects>,
    /// The metadata table.
    pub table: Arc<Table>,
    /// The event bus.
    pub bus: Arc<Bus>,
    /// The queues.
    pub queue: Arc<Queue>,
    /// Standard output.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Arc<ManualClock>,
    /// What goes wrong.
    pub faults: Faults,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// An empty world at some time in 2026.
    #[must_use]
    pub fn new() -> Self {
        let faults = Faults::default();
        let clock = ManualClock::default();
        clock.advance(Duration::from_secs(1_795_478_400));
        Self {
            objects: Arc::new(Objects::new(faults.clone())),
            table: Arc::new(Table::new(faults.clone())),
            bus: Arc::new(Bus::new(faults.clone())),
            queue: Arc::new(Queue::new(faults.clone())),
            metrics: Arc::new(Metrics::new(faults.clone())),
            clock: Arc::new(clock),
            faults,
        }
    }

    /// This world as a handler sees it.
    #[must_use]
    pub fn ports(&self) -> Ports {
        Ports {
            reader: self.objects.clone(),
            lister: self.objects.clone(),
            writer: self.objects.clone(),
            table: self.table.clone(),
            bus: self.bus.clone(),
            queue: self.queue.clone(),
            metrics: self.metrics.clone(),
            clock: self.clock.clone(),
        }
    }
}

/// A clock that moves when told.
#[derive(Default)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// Moves it.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// The data behind a lock; a test that panicked while it held it fails anyway.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
