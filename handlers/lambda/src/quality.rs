//! `quality`: a verdict is counted, measured and announced.
//!
//! The counters and the mark on the item change together or not at all, so a verdict is counted once. Metrics and
//! event follow and may, after a crash between them, be sent twice; consumers have the process id.

use datalake_core::events::{DataValidated, EventKind, HourTotals};

use crate::failure::Failure;
use crate::pipeline::Pipeline;
use crate::ports::Ports;
use crate::records::{Count, Counted, ItemKey};
use crate::{emf, inbound, outbox, time};

/// Handles one message.
///
/// # Errors
/// [`Failure::Poison`] when it is no `Data Validated` of this pipeline, else whatever could not be done now.
pub async fn handle(ports: &Ports, pipeline: &Pipeline, body: &str) -> Result<(), Failure> {
    let validated: DataValidated = inbound::announced(body, EventKind::DataValidated)?;
    if validated.subject.pipeline != pipeline.spec.name {
        return Err(Failure::Poison("the event is of another pipeline".to_owned()));
    }
    tracing::Span::current().record("process_id", validated.subject.process_id.as_str());
    let id = ItemKey::of(&validated.subject);
    let count = count(ports, pipeline, &validated);
    let item = match ports.table.count(&id, &count).await? {
        Counted::Unknown => {
            return Err(Failure::Poison("the object of the event was never registered".to_owned()));
        }
        Counted::New => None,
        Counted::Already(item) if item.quality_sent => {
            tracing::info!("counted before");
            return Ok(());
        }
        Counted::Already(item) => Some(item),
    };
    let hour = item.as_ref().and_then(|item| item.counted_hour.clone()).unwrap_or(count.hour);
    announce(ports, &id, validated, &hour).await
}

async fn announce(ports: &Ports, id: &ItemKey, validated: DataValidated, hour: &str) -> Result<(), Failure> {
    let totals = ports.table.totals(&validated.subject.dataset, hour).await?;
    ports.metrics.emit(&emf::line(&validated, time::epoch_millis(ports.clock.now())))?;
    outbox::complete(ports, id, validated, hour, totals).await
}

fn count(ports: &Ports, pipeline: &Pipeline, validated: &DataValidated) -> Count {
    let now = ports.clock.now();
    Count {
        dataset: validated.subject.dataset.clone(),
        hour: time::hour_of(now),
        add: totals(validated),
        expires_at: pipeline.expires_at(now),
    }
}

/// What a verdict adds. The rows of a replay were counted with its first verdict, unless that was another dataset's.
fn totals(validated: &DataValidated) -> HourTotals {
    if let Some(recovered) = validated.recovered_rows() {
        return HourTotals { replayed: 1, recovered, ..HourTotals::default() };
    }
    HourTotals {
        objects: 1,
        passed: u64::from(validated.validation_passed),
        rows: validated.rows.total,
        quarantined: validated.rows.quarantined,
        score_sum: validated.quality_score,
        ..HourTotals::default()
    }
}
