//! The events handlers publish. An event goes out after what it announces is recorded, and is recorded as sent after
//! it went out: a crash between the two sends it again, never not at all.

use datalake_core::events::{
    DataReceived, DataValidated, EventKind, HourTotals, QualityCheckComplete, SCHEMA_VERSION, Subject,
};
use serde::Serialize;

use crate::failure::Failure;
use crate::ports::{OutEvent, Ports};
use crate::records::{ItemKey, ObjectItem, Outcome};

/// EventBridge takes 256 KB per entry; source, type and time count too.
const DETAIL_LIMIT: usize = 250_000;

/// Publishes `Data Received` from the item, once.
///
/// # Errors
/// [`Failure::Transient`] when it cannot be published.
pub async fn received(ports: &Ports, item: &ObjectItem) -> Result<(), Failure> {
    if item.received_sent {
        return Ok(());
    }
    let detail = DataReceived { subject: subject(item), data_type: item.data_type.clone() };
    send(ports, &item.id(), EventKind::DataReceived, &detail).await
}

/// Publishes `Data Validated` from the item, once; nothing for an object without a verdict.
///
/// # Errors
/// [`Failure::Transient`] when it cannot be published.
pub async fn validated(ports: &Ports, item: &ObjectItem) -> Result<(), Failure> {
    let Some(outcome) = item.outcome.as_ref().filter(|_| !item.validated_sent) else { return Ok(()) };
    let detail = validated_detail(item, outcome);
    send(ports, &item.id(), EventKind::DataValidated, &detail).await
}

/// Publishes `Quality Check Complete`.
///
/// # Errors
/// [`Failure::Transient`] when it cannot be published.
pub async fn complete(
    ports: &Ports,
    id: &ItemKey,
    validated: DataValidated,
    hour: &str,
    totals: HourTotals,
) -> Result<(), Failure> {
    let detail = QualityCheckComplete { validated, hour: format!("{hour}:00:00Z"), totals };
    send(ports, id, EventKind::QualityCheckComplete, &detail).await
}

async fn send(ports: &Ports, id: &ItemKey, kind: EventKind, detail: &impl Serialize) -> Result<(), Failure> {
    let event = OutEvent { kind, detail: bounded(detail)? };
    ports.bus.publish(std::slice::from_ref(&event)).await?;
    ports.table.mark_sent(id, kind).await?;
    tracing::info!(event = kind.detail_type(), "published");
    Ok(())
}

/// The detail as text. Texts of rules are the only part without a small bound: too many of them are left out, the item
/// has them.
fn bounded(detail: &impl Serialize) -> Result<String, Failure> {
    let malformed =
        |error: serde_json::Error| Failure::Transient(format!("event cannot be written: {error}"));
    let text = serde_json::to_string(detail).map_err(malformed)?;
    if text.len() <= DETAIL_LIMIT {
        return Ok(text);
    }
    let mut value = serde_json::to_value(detail).map_err(malformed)?;
    value["failedRules"] = serde_json::json!({});
    if let Some(detail) = value.as_object_mut() {
        detail.remove("ruleFailures");
    }
    let text = value.to_string();
    if text.len() > DETAIL_LIMIT {
        return Err(Failure::Poison("the event about this object is too large for EventBridge".to_owned()));
    }
    Ok(text)
}

fn subject(item: &ObjectItem) -> Subject {
    Subject {
        schema_version: SCHEMA_VERSION.to_owned(),
        process_id: item.process_id.clone(),
        timestamp: item.timestamp.clone(),
        pipeline: item.pipeline.clone(),
        dataset: item.dataset.clone(),
        source: item.source.clone(),
        spec_hash: item.spec_hash.clone(),
        replay: item.replay.clone(),
    }
}

fn validated_detail(item: &ObjectItem, outcome: &Outcome) -> DataValidated {
    DataValidated {
        subject: subject(item),
        validation_passed: outcome.validation_passed,
        quality_score: outcome.quality_score,
        rows: outcome.rows,
        destinations: outcome.destinations.clone(),
        failed_rules: outcome.failed_rules.clone(),
        rule_failures: outcome.rule_failures.clone(),
        object_reason: outcome.object_reason.as_ref().map(|reason| reason.code.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_detail_that_is_too_large_loses_its_rules() {
        let small = json!({"failedRules": {"ColumnExists \"a\"": 1}});
        assert_eq!(bounded(&small).unwrap(), small.to_string());
        let large =
            json!({"processId": "p", "ruleFailures": [], "failedRules": {"r".repeat(DETAIL_LIMIT): 1}});
        assert_eq!(bounded(&large).unwrap(), r#"{"failedRules":{},"processId":"p"}"#);
        assert!(bounded(&json!({"key": "k".repeat(DETAIL_LIMIT)})).is_err());
    }
}
