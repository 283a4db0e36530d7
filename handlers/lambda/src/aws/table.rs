//! The metadata table on DynamoDB. Every write has a condition, and a condition that fails brings the item along.

mod curations;

use std::time::SystemTime;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, TransactWriteItem, Update};
use datalake_core::events::{EventKind, HourTotals};

use super::attributes::{Attributes, from_attributes, to_attributes};
use super::error;
use super::update::{Change, n, s};
use crate::failure::PortError;
use crate::files::FileList;
use crate::history::History;
use crate::ports::{Claims, Counters, Histories, Pointers, Registry};
use crate::records::{
    Claim, Claimed, Count, Counted, Finish, ItemKey, ObjectItem, Plan, Pointer, Progress, Registered, Status,
};
use crate::time;

/// One table.
pub struct DynamoTable {
    client: Client,
    table: String,
}

/// What a conditional write met.
enum Met {
    /// The condition held; the item as it is now, where it was asked for.
    Held(Option<Attributes>),
    /// It did not; the item as it was, if there was one.
    Failed(Option<Attributes>),
}

impl DynamoTable {
    pub fn new(client: Client, table: &str) -> Self {
        Self { client, table: table.to_owned() }
    }

    async fn get(&self, key: Attributes) -> Result<Option<Attributes>, PortError> {
        let request = self.client.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true);
        let answer = request.send().await.map_err(|error| error::unavailable("GetItem", &error))?;
        Ok(answer.item)
    }

    async fn put(&self, item: Attributes, condition: Change) -> Result<Met, PortError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .set_condition_expression(condition.condition())
            .set_expression_attribute_names(Some(condition.names))
            .set_expression_attribute_values(Some(condition.values).filter(|values| !values.is_empty()))
            .return_values_on_condition_check_failure(AllOld);
        match request.send().await {
            Ok(_) => Ok(Met::Held(None)),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(Met::Failed(failed.item.clone()))
                }
                _ => Err(error::unavailable("PutItem", &error)),
            },
        }
    }

    async fn update(&self, id: &ItemKey, change: Change) -> Result<Met, PortError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_of(id)))
            .update_expression(change.update())
            .set_condition_expression(change.condition())
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values).filter(|values| !values.is_empty()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(AllOld);
        match request.send().await {
            Ok(answer) => Ok(Met::Held(answer.attributes)),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(Met::Failed(failed.item.clone()))
                }
                _ => Err(error::unavailable("UpdateItem", &error)),
            },
        }
    }

    /// Writes an item that has revisions, if it still has the one that was `seen`; says whether it had.
    async fn replace(
        &self,
        key: Attributes,
        mut item: Attributes,
        seen: Option<u64>,
    ) -> Result<bool, PortError> {
        item.extend(key);
        let condition = match seen {
            Some(revision) => Change::default().only_if("{0} = {1}", "revision", Some(n(revision))),
            None => Change::default().only_if("attribute_not_exists({0})", "ProcessId", None),
        };
        Ok(matches!(self.put(item, condition).await?, Met::Held(_)))
    }

    /// An update under a claim of ours.
    async fn claimed(&self, id: &ItemKey, claim: &Claim, change: Change) -> Result<(), PortError> {
        let change = change.only_if("{0} = {1}", "Status", Some(status(Status::Validating))).only_if(
            "{0} = {1}",
            "claimedBy",
            Some(s(&claim.by)),
        );
        match self.update(id, change).await? {
            Met::Held(_) => Ok(()),
            Met::Failed(_) => Err(PortError::ClaimLost),
        }
    }
}

#[async_trait]
impl Registry for DynamoTable {
    async fn register(&self, item: &ObjectItem) -> Result<Registered, PortError> {
        let new = Change::default().only_if("attribute_not_exists({0})", "ProcessId", None);
        match self.put(to_attributes(item)?, new).await? {
            Met::Held(_) => Ok(Registered::New),
            Met::Failed(Some(known)) => Ok(Registered::Known(Box::new(from_attributes(&known)?))),
            Met::Failed(None) => match self.object(&item.id()).await? {
                Some(known) => Ok(Registered::Known(Box::new(known))),
                None => Err(conflict("PutItem")),
            },
        }
    }

    async fn object(&self, id: &ItemKey) -> Result<Option<ObjectItem>, PortError> {
        self.get(key_of(id)).await?.as_ref().map(from_attributes).transpose()
    }

    async fn find(&self, process_id: &str) -> Result<Option<ObjectItem>, PortError> {
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("ProcessId = :id")
            .expression_attribute_values(":id", s(process_id))
            .consistent_read(true)
            .limit(1);
        let answer = request.send().await.map_err(|error| error::unavailable("Query", &error))?;
        answer.items().first().map(from_attributes).transpose()
    }

    async fn replaced(&self, id: &ItemKey, by: &str, at: SystemTime) -> Result<(), PortError> {
        let change = Change::default()
            .set("Status", status(Status::Replayed))
            .set("UpdatedAt", s(&time::rfc3339_millis(at)))
            .set("replacedBy", s(by));
        // An item that expired meanwhile must not come back as a stump.
        let change = change.only_if("attribute_exists({0})", "ProcessId", None);
        self.update(id, change).await.map(|_| ())
    }

    async fn mark_sent(&self, id: &ItemKey, kind: EventKind) -> Result<(), PortError> {
        let name = match kind {
            EventKind::DataReceived => "receivedSent",
            EventKind::DataValidated => "validatedSent",
            EventKind::DataTransformed => "transformedSent",
            EventKind::QualityCheckComplete => "qualitySent",
            EventKind::ObjectTooLarge => "routedSent",
        };
        // An item that expired meanwhile must not come back as a stump.
        let change = Change::default().set(name, AttributeValue::Bool(true)).only_if(
            "attribute_exists({0})",
            "ProcessId",
            None,
        );
        self.update(id, change).await.map(|_| ())
    }
}

#[async_trait]
impl Claims for DynamoTable {
    async fn claim(&self, id: &ItemKey, claim: &Claim) -> Result<Claimed, PortError> {
        let mut change = Change::default()
            .set("Status", status(Status::Validating))
            .set("UpdatedAt", s(&time::rfc3339_millis(claim.now)))
            .set("claimedBy", s(&claim.by))
            .set("claimExpiresAt", n(time::epoch_millis(claim.expires_at)));
        let (received, validating) =
            (change.value(status(Status::Received)), change.value(status(Status::Validating)));
        let now = n(time::epoch_millis(claim.now));
        let free = format!("(#Status = {received} OR (#Status = {validating} AND {{0}} < {{1}}))");
        let change = change.only_if(&free, "claimExpiresAt", Some(now)).only_if(
            "(attribute_not_exists({0}) OR {0} <= {1})",
            "segment",
            Some(n(claim.segment)),
        );
        let item = match self.claim_by(id, change).await? {
            Ok(claimed) => return Ok(claimed),
            Err(item) => item,
        };
        Ok(match item.status.is_final() {
            true => Claimed::Decided(Box::new(item)),
            false if item.segment() > claim.segment => Claimed::Further(Box::new(item)),
            false => Claimed::Busy,
        })
    }

    async fn plan(&self, id: &ItemKey, claim: &Claim, plan: &Plan) -> Result<(), PortError> {
        let mut attributes = to_attributes(plan)?;
        attributes.retain(|name, _| name == "compared");
        self.claimed(id, claim, with_files(Change::default().set_all(attributes), &plan.files)?).await
    }

    async fn finish(&self, id: &ItemKey, claim: &Claim, finish: &Finish) -> Result<(), PortError> {
        let mut attributes = to_attributes(finish)?;
        attributes.retain(|name, _| name != "files" && name != "filesManifest");
        let change = Change::default().set_all(attributes).remove("claimedBy").remove("claimExpiresAt");
        let change = change.remove("compared");
        self.claimed(id, claim, with_files(change, &finish.files)?).await
    }

    async fn hand_on(&self, id: &ItemKey, claim: &Claim, progress: &Progress) -> Result<(), PortError> {
        let change = Change::default().set_all(to_attributes(progress)?).set("claimExpiresAt", n(0));
        let change = change.remove("claimedBy");
        let change = if progress.checkpoint.is_none() { change.remove("checkpoint") } else { change };
        self.claimed(id, claim, change).await
    }

    async fn mark_handed_on(&self, id: &ItemKey, segment: u32) -> Result<(), PortError> {
        let change = Change::default().set("handedOn", AttributeValue::Bool(true));
        self.update(id, change.only_if("{0} = {1}", "segment", Some(n(segment)))).await.map(drop)
    }

    async fn release(&self, id: &ItemKey, claim: &Claim) -> Result<(), PortError> {
        let change = Change::default().set("Status", status(Status::Received));
        self.claimed(id, claim, change.remove("claimedBy").remove("claimExpiresAt")).await
    }
}

#[async_trait]
impl Pointers for DynamoTable {
    async fn pointer(&self, key_id: &str) -> Result<Option<Pointer>, PortError> {
        self.get(pointer_key(key_id)).await?.as_ref().map(from_attributes).transpose()
    }

    async fn swap(&self, key_id: &str, seen: Option<u64>, pointer: &Pointer) -> Result<bool, PortError> {
        self.replace(pointer_key(key_id), to_attributes(pointer)?, seen).await
    }
}

#[async_trait]
impl Histories for DynamoTable {
    async fn history(&self, dataset: &str) -> Result<Option<History>, PortError> {
        self.get(history_key(dataset)).await?.as_ref().map(from_attributes).transpose()
    }

    async fn rewrite(&self, dataset: &str, seen: Option<u64>, history: &History) -> Result<bool, PortError> {
        self.replace(history_key(dataset), to_attributes(history)?, seen).await
    }
}

#[async_trait]
impl Counters for DynamoTable {
    async fn count(&self, id: &ItemKey, count: &Count) -> Result<Counted, PortError> {
        let mut counters = Change::default()
            .add("objects", count.add.objects)
            .add("passed", count.add.passed)
            .add("rows", count.add.rows)
            .add("quarantined", count.add.quarantined)
            .add("scoreSum", count.add.score_sum);
        // Only where there is something to add: most hours see no replay.
        if count.add.replayed > 0 {
            counters = counters.add("replayed", count.add.replayed).add("recovered", count.add.recovered);
        }
        if let Some(expires_at) = count.expires_at {
            counters = counters.set_new("expiresAt", n(expires_at));
        }
        let mark = Change::default()
            .set("countedHour", s(&count.hour))
            .only_if("attribute_exists({0})", "ProcessId", None)
            .only_if("attribute_not_exists({0})", "countedHour", None);
        let writes = [
            self.transacted(counter_key(&count.dataset, &count.hour), counters)?,
            self.transacted(key_of(id), mark)?,
        ];
        let request = self.client.transact_write_items().set_transact_items(Some(writes.into()));
        let Err(error) = request.send().await else { return Ok(Counted::New) };
        // Told by the code alone, so that a conflict with another transaction is not taken for "counted before".
        let cancelled =
            error.as_service_error().is_some_and(|error| error.is_transaction_canceled_exception());
        match (cancelled, self.object(id).await?) {
            (true, None) => Ok(Counted::Unknown),
            (true, Some(item)) if item.counted_hour.is_some() => Ok(Counted::Already(Box::new(item))),
            _ => Err(error::unavailable("TransactWriteItems", &error)),
        }
    }

    async fn totals(&self, dataset: &str, hour: &str) -> Result<HourTotals, PortError> {
        let item = self.get(counter_key(dataset, hour)).await?;
        item.map_or_else(|| Ok(HourTotals::default()), |item| from_attributes(&item))
    }
}

impl DynamoTable {
    /// Claims an object by this change: the claim, or the item as it is when its condition does not hold.
    async fn claim_by(&self, id: &ItemKey, change: Change) -> Result<Result<Claimed, ObjectItem>, PortError> {
        match self.update(id, change).await? {
            Met::Held(Some(item)) => Ok(Ok(Claimed::Mine(Box::new(from_attributes(&item)?)))),
            Met::Held(None) => Err(conflict("UpdateItem")),
            Met::Failed(Some(item)) => Ok(Err(from_attributes(&item)?)),
            Met::Failed(None) => Ok(match self.object(id).await? {
                Some(item) => Err(item),
                None => Ok(Claimed::Unknown),
            }),
        }
    }

    fn transacted(&self, key: Attributes, change: Change) -> Result<TransactWriteItem, PortError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key))
            .update_expression(change.update())
            .set_condition_expression(change.condition())
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values))
            .build();
        let update = update.map_err(|_| conflict("TransactWriteItems"))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

fn with_files(change: Change, files: &FileList) -> Result<Change, PortError> {
    let change = change.set_all(to_attributes(files)?);
    Ok(if files.files_manifest.is_none() { change.remove("filesManifest") } else { change })
}

fn key(process_id: &str, timestamp: &str) -> Attributes {
    [("ProcessId".to_owned(), s(process_id)), ("Timestamp".to_owned(), s(timestamp))].into()
}

fn key_of(id: &ItemKey) -> Attributes {
    key(&id.process_id, &id.timestamp)
}

fn pointer_key(key_id: &str) -> Attributes {
    key(&format!("key#{key_id}"), "current")
}

fn history_key(dataset: &str) -> Attributes {
    key(&format!("history#{dataset}"), "current")
}

fn counter_key(dataset: &str, hour: &str) -> Attributes {
    key(&format!("hour#{dataset}#{hour}"), "counters")
}

fn status(status: Status) -> AttributeValue {
    let word = serde_json::to_value(status).ok().and_then(|word| word.as_str().map(str::to_owned));
    AttributeValue::S(word.unwrap_or_default())
}

fn conflict(operation: &'static str) -> PortError {
    PortError::Unavailable { operation, message: "the item changed meanwhile".to_owned() }
}
