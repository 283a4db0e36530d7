//! The metadata table, with the conditions the real one has in its expressions.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::SystemTime;

use async_trait::async_trait;
use datalake_core::events::{EventKind, HourTotals};

use super::{Faults, lock};
use crate::failure::PortError;
use crate::history::History;
use crate::ports::{Claims, Counters, Histories, Pointers, Registry};
use crate::records::{
    Claim, Claimed, Count, Counted, Finish, ItemKey, ObjectItem, Plan, Pointer, Registered, Status,
};
use crate::time;

/// One table.
#[derive(Default)]
pub struct Table {
    state: Mutex<State>,
    faults: Faults,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<ItemKey, ObjectItem>,
    pointers: BTreeMap<String, Pointer>,
    histories: BTreeMap<String, History>,
    counters: BTreeMap<(String, String), HourTotals>,
}

impl Table {
    pub(super) fn new(faults: Faults) -> Self {
        Self { state: Mutex::default(), faults }
    }

    /// Every object's item.
    #[must_use]
    pub fn objects(&self) -> Vec<ObjectItem> {
        lock(&self.state).objects.values().cloned().collect()
    }

    /// Every key's pointer.
    #[must_use]
    pub fn pointers(&self) -> Vec<Pointer> {
        lock(&self.state).pointers.values().cloned().collect()
    }

    /// Every dataset's history.
    #[must_use]
    pub fn histories(&self) -> BTreeMap<String, History> {
        lock(&self.state).histories.clone()
    }

    /// Every counter, by dataset and hour.
    #[must_use]
    pub fn counters(&self) -> BTreeMap<(String, String), HourTotals> {
        lock(&self.state).counters.clone()
    }

    /// Changes the item if the claim on it is ours.
    fn claimed(
        &self,
        id: &ItemKey,
        claim: &Claim,
        change: impl FnOnce(&mut ObjectItem),
    ) -> Result<(), PortError> {
        self.faults.effect(|| {
            let mut state = lock(&self.state);
            let item = state.objects.get_mut(id).ok_or(PortError::ClaimLost)?;
            if item.status != Status::Validating || item.claimed_by.as_deref() != Some(claim.by.as_str()) {
                return Err(PortError::ClaimLost);
            }
            change(item);
            Ok(())
        })
    }
}

#[async_trait]
impl Registry for Table {
    async fn register(&self, item: &ObjectItem) -> Result<Registered, PortError> {
        self.faults.effect(|| {
            let mut state = lock(&self.state);
            if let Some(known) = state.objects.get(&item.id()) {
                return Ok(Registered::Known(Box::new(known.clone())));
            }
            state.objects.insert(item.id(), item.clone());
            Ok(Registered::New)
        })
    }

    async fn object(&self, id: &ItemKey) -> Result<Option<ObjectItem>, PortError> {
        self.faults.read()?;
        Ok(lock(&self.state).objects.get(id).cloned())
    }

    async fn find(&self, process_id: &str) -> Result<Option<ObjectItem>, PortError> {
        self.faults.read()?;
        let state = lock(&self.state);
        Ok(state.objects.iter().find(|(id, _)| id.process_id == process_id).map(|(_, item)| item.clone()))
    }

    async fn replaced(&self, id: &ItemKey, by: &str, at: SystemTime) -> Result<(), PortError> {
        self.faults.effect(|| {
            if let Some(item) = lock(&self.state).objects.get_mut(id) {
                item.status = Status::Replayed;
                item.updated_at = time::rfc3339_millis(at);
                item.replaced_by = Some(by.to_owned());
            }
            Ok(())
        })
    }

    async fn mark_sent(&self, id: &ItemKey, kind: EventKind) -> Result<(), PortError> {
        self.faults.effect(|| {
            if let Some(item) = lock(&self.state).objects.get_mut(id) {
                match kind {
                    EventKind::DataReceived => item.received_sent = true,
                    EventKind::DataValidated => item.validated_sent = true,
                    EventKind::QualityCheckComplete => item.quality_sent = true,
                }
            }
            Ok(())
        })
    }
}

#[async_trait]
impl Claims for Table {
    async fn claim(&self, id: &ItemKey, claim: &Claim) -> Result<Claimed, PortError> {
        self.faults.effect(|| {
            let mut state = lock(&self.state);
            let Some(item) = state.objects.get_mut(id) else { return Ok(Claimed::Unknown) };
            let now = time::epoch_millis(claim.now);
            match item.status {
                Status::Validating if item.claim_expires_at.is_some_and(|at| at >= now) => Ok(Claimed::Busy),
                Status::Received | Status::Validating => {
                    item.status = Status::Validating;
                    item.claimed_by = Some(claim.by.clone());
                    item.claim_expires_at = Some(time::epoch_millis(claim.expires_at));
                    item.updated_at = time::rfc3339_millis(claim.now);
                    Ok(Claimed::Mine(Box::new(item.clone())))
                }
                _ => Ok(Claimed::Decided(Box::new(item.clone()))),
            }
        })
    }

    async fn plan(&self, id: &ItemKey, claim: &Claim, plan: &Plan) -> Result<(), PortError> {
        self.claimed(id, claim, |item| {
            item.files.clone_from(&plan.files);
            if plan.compared.is_some() {
                item.compared.clone_from(&plan.compared);
            }
        })
    }

    async fn finish(&self, id: &ItemKey, claim: &Claim, finish: &Finish) -> Result<(), PortError> {
        self.claimed(id, claim, |item| item.apply(finish))
    }

    async fn release(&self, id: &ItemKey, claim: &Claim) -> Result<(), PortError> {
        self.claimed(id, claim, |item| {
            item.status = Status::Received;
            item.claimed_by = None;
            item.claim_expires_at = None;
        })
    }
}

#[async_trait]
impl Pointers for Table {
    async fn pointer(&self, key_id: &str) -> Result<Option<Pointer>, PortError> {
        self.faults.read()?;
        Ok(lock(&self.state).pointers.get(key_id).cloned())
    }

    async fn swap(&self, key_id: &str, seen: Option<u64>, pointer: &Pointer) -> Result<bool, PortError> {
        self.faults.effect(|| {
            let mut state = lock(&self.state);
            let unchanged = state.pointers.get(key_id).map(|pointer| pointer.revision) == seen;
            if unchanged {
                state.pointers.insert(key_id.to_owned(), pointer.clone());
            }
            Ok(unchanged)
        })
    }
}

#[async_trait]
impl Histories for Table {
    async fn history(&self, dataset: &str) -> Result<Option<History>, PortError> {
        self.faults.read()?;
        Ok(lock(&self.state).histories.get(dataset).cloned())
    }

    async fn rewrite(&self, dataset: &str, seen: Option<u64>, history: &History) -> Result<bool, PortError> {
        self.faults.effect(|| {
            let mut state = lock(&self.state);
            let unchanged = state.histories.get(dataset).map(|history| history.revision) == seen;
            if unchanged {
                state.histories.insert(dataset.to_owned(), history.clone());
            }
            Ok(unchanged)
        })
    }
}

#[async_trait]
impl Counters for Table {
    async fn count(&self, id: &ItemKey, count: &Count) -> Result<Counted, PortError> {
        self.faults.effect(|| {
            let mut state = lock(&self.state);
            let Some(item) = state.objects.get_mut(id) else { return Ok(Counted::Unknown) };
            if item.counted_hour.is_some() {
                return Ok(Counted::Already(Box::new(item.clone())));
            }
            item.counted_hour = Some(count.hour.clone());
            let totals = state.counters.entry((count.dataset.clone(), count.hour.clone())).or_default();
            totals.objects += count.add.objects;
            totals.passed += count.add.passed;
            totals.rows += count.add.rows;
            totals.quarantined += count.add.quarantined;
            totals.score_sum += count.add.score_sum;
            totals.replayed += count.add.replayed;
            totals.recovered += count.add.recovered;
            Ok(Counted::New)
        })
    }

    async fn totals(&self, dataset: &str, hour: &str) -> Result<HourTotals, PortError> {
        self.faults.read()?;
        let key = (dataset.to_owned(), hour.to_owned());
        Ok(lock(&self.state).counters.get(&key).copied().unwrap_or_default())
    }
}
