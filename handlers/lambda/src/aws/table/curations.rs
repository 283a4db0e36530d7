//! Claims on accepted objects, and what came of them: attributes of the object's own item.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use super::super::attributes::to_attributes;
use super::super::update::{Change, n, s};
use super::{DynamoTable, Met};
use crate::failure::PortError;
use crate::files::FileList;
use crate::ports::Curations;
use crate::records::{Claim, Claimed, ItemKey, Transformed};
use crate::time;

impl DynamoTable {
    /// An update under a claim of ours.
    async fn transforming(&self, id: &ItemKey, claim: &Claim, change: Change) -> Result<(), PortError> {
        let change = change.only_if("{0} = {1}", "transformClaimedBy", Some(s(&claim.by)));
        match self.update(id, change).await? {
            Met::Held(_) => Ok(()),
            Met::Failed(_) => Err(PortError::ClaimLost),
        }
    }
}

fn end(change: Change) -> Change {
    change.remove("transformClaimedBy").remove("transformClaimExpiresAt")
}

fn map(record: &impl Serialize) -> Result<AttributeValue, PortError> {
    Ok(AttributeValue::M(to_attributes(record)?))
}

#[async_trait]
impl Curations for DynamoTable {
    async fn claim_transform(&self, id: &ItemKey, claim: &Claim) -> Result<Claimed, PortError> {
        let mut change = Change::default()
            .set("transformClaimedBy", s(&claim.by))
            .set("transformClaimExpiresAt", n(time::epoch_millis(claim.expires_at)));
        let now = change.value(n(time::epoch_millis(claim.now)));
        let free = format!("(attribute_not_exists({{0}}) OR #transformClaimExpiresAt < {now})");
        let change = change
            .only_if("attribute_exists({0})", "ProcessId", None)
            .only_if("attribute_not_exists({0})", "transformed", None)
            .only_if(&free, "transformClaimedBy", None);
        let item = match self.claim_by(id, change).await? {
            Ok(claimed) => return Ok(claimed),
            Err(item) => item,
        };
        let decided = item.curation.transformed.is_some();
        Ok(if decided { Claimed::Decided(Box::new(item)) } else { Claimed::Busy })
    }

    async fn plan_transform(&self, id: &ItemKey, claim: &Claim, files: &FileList) -> Result<(), PortError> {
        self.transforming(id, claim, Change::default().set("curated", map(files)?)).await
    }

    async fn finish_transform(
        &self,
        id: &ItemKey,
        claim: &Claim,
        files: &FileList,
        transformed: &Transformed,
    ) -> Result<(), PortError> {
        let change = Change::default().set("curated", map(files)?).set("transformed", map(transformed)?);
        self.transforming(id, claim, end(change)).await
    }

    async fn release_transform(&self, id: &ItemKey, claim: &Claim) -> Result<(), PortError> {
        self.transforming(id, claim, end(Change::default())).await
    }
}
