//! Claims on accepted objects, and what came of them.

use async_trait::async_trait;

use super::{Table, lock};
use crate::failure::PortError;
use crate::files::FileList;
use crate::ports::Curations;
use crate::records::{Claim, Claimed, Curation, ItemKey, Transformed};
use crate::time;

impl Table {
    /// Changes the item if the claim on its rows is ours.
    fn transforming(
        &self,
        id: &ItemKey,
        claim: &Claim,
        change: impl FnOnce(&mut Curation),
    ) -> Result<(), PortError> {
        self.faults.effect(|| {
            let mut state = lock(&self.state);
            let item = state.objects.get_mut(id).ok_or(PortError::ClaimLost)?;
            if item.curation.transform_claimed_by.as_deref() != Some(claim.by.as_str()) {
                return Err(PortError::ClaimLost);
            }
            change(&mut item.curation);
            Ok(())
        })
    }
}

fn end(curation: &mut Curation) {
    curation.transform_claimed_by = None;
    curation.transform_claim_expires_at = None;
}

#[async_trait]
impl Curations for Table {
    async fn claim_transform(&self, id: &ItemKey, claim: &Claim) -> Result<Claimed, PortError> {
        self.faults.effect(|| {
            let mut state = lock(&self.state);
            let Some(item) = state.objects.get_mut(id) else { return Ok(Claimed::Unknown) };
            if item.curation.transformed.is_some() {
                return Ok(Claimed::Decided(Box::new(item.clone())));
            }
            let now = time::epoch_millis(claim.now);
            let claimed = item.curation.transform_claimed_by.is_some();
            if claimed && item.curation.transform_claim_expires_at.is_some_and(|at| at >= now) {
                return Ok(Claimed::Busy);
            }
            item.curation.transform_claimed_by = Some(claim.by.clone());
            item.curation.transform_claim_expires_at = Some(time::epoch_millis(claim.expires_at));
            Ok(Claimed::Mine(Box::new(item.clone())))
        })
    }

    async fn plan_transform(&self, id: &ItemKey, claim: &Claim, files: &FileList) -> Result<(), PortError> {
        self.transforming(id, claim, |curation| curation.curated = Some(files.clone()))
    }

    async fn finish_transform(
        &self,
        id: &ItemKey,
        claim: &Claim,
        files: &FileList,
        transformed: &Transformed,
    ) -> Result<(), PortError> {
        self.transforming(id, claim, |curation| {
            curation.curated = Some(files.clone());
            curation.transformed = Some(transformed.clone());
            end(curation);
        })
    }

    async fn release_transform(&self, id: &ItemKey, claim: &Claim) -> Result<(), PortError> {
        self.transforming(id, claim, end)
    }
}
