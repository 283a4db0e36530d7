//! What is asked of the pipeline when it is applied.

use datalake_core::layout::INTERNAL;
use datalake_core::requests::Ask;
use serde_json::Value;

use super::{DesignError, Draft, node};
use crate::components::backfill::Backfill;
use crate::names::Names;

/// Adds the backfills, each after everything on the way of what it queues.
pub fn add(draft: &mut Draft<'_>) -> Result<(), DesignError> {
    let needs: Vec<_> =
        draft.nodes.iter().map(|node| (node.key.clone(), "what it queues goes that way")).collect();
    for (dataset, request) in draft.settings().backfills.clone() {
        let request = Ask::Backfill(request).detail();
        let request = request.map_err(|error| DesignError::Package(error.to_string()))?;
        let key = format!("backfill.{dataset}");
        draft.nodes.push(node(key, backfill(&draft.names, &dataset, request), &needs).goes_alone());
    }
    Ok(())
}

/// The backfill of a dataset.
pub fn backfill(names: &Names, dataset: &str, request: Value) -> Backfill {
    Backfill {
        bucket_name: names.bucket("processed"),
        key: format!("{INTERNAL}backfills/{dataset}.json"),
        queue_name: names.part("ingest"),
        request,
        sent: true,
    }
}
