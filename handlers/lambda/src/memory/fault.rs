//! Faults at the k-th effect. Reads are no effects, but fail as well while the process counts as dead.

use std::sync::{Arc, Mutex};

use super::lock;
use crate::failure::PortError;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process dies right after effect `k` (from 1): nothing more happens until it is [revived](Faults::revive).
    KillAfter(u64),
    /// Effect `k` does not happen, and says so.
    Refuse(u64),
    /// Effect `k` happens, but its answer is lost.
    LoseAnswer(u64),
}

/// The faults of one world.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    effects: u64,
    dead: bool,
}

impl Faults {
    /// Plans a fault and counts effects from 0.
    pub fn plan(&self, fault: Fault) {
        *lock(&self.0) = State { fault: Some(fault), ..State::default() };
    }

    /// Nothing goes wrong any more; effects are counted from 0.
    pub fn heal(&self) {
        *lock(&self.0) = State::default();
    }

    /// Effects since the last [`plan`](Self::plan) or [`heal`](Self::heal).
    #[must_use]
    pub fn effects(&self) -> u64 {
        lock(&self.0).effects
    }

    /// Whether the process has died of its fault.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        lock(&self.0).dead
    }

    /// Another process takes over; its effects are counted on.
    pub fn revive(&self) {
        lock(&self.0).dead = false;
    }

    /// Whether anything can be read.
    pub(super) fn read(&self) -> Result<(), PortError> {
        if lock(&self.0).dead { Err(gone()) } else { Ok(()) }
    }

    /// Does one effect, or not, or does it and fails.
    pub(super) fn effect<T>(&self, act: impl FnOnce() -> Result<T, PortError>) -> Result<T, PortError> {
        let mut state = lock(&self.0);
        if state.dead {
            return Err(gone());
        }
        state.effects += 1;
        let effects = state.effects;
        if state.fault == Some(Fault::Refuse(effects)) {
            return Err(gone());
        }
        let result = act();
        state.dead = state.fault == Some(Fault::KillAfter(effects));
        if state.fault == Some(Fault::LoseAnswer(effects)) { Err(gone()) } else { result }
    }
}

fn gone() -> PortError {
    PortError::Unavailable { operation: "Fault", message: "planned by the test".to_owned() }
}
