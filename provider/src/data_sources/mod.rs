//! Data sources: what can be asked of an existing pipeline. They only read, and never a row.

mod history;
mod items;
mod pipeline;
mod quarantine;

use std::sync::Arc;

use datalake_host::{Host, Val, diag};
use tf_provider::{AttributePath, Diagnostics};

use crate::names::Names;
use crate::provider::{Configured, Shared};
use crate::recover::recover;
use crate::resources::model::Model;
use crate::resources::validate::words;

pub use history::HistorySource;
pub use pipeline::PipelineSource;
pub use quarantine::QuarantineSource;

/// A host that serves every data source too.
#[must_use]
pub fn serve(host: Host, shared: &Arc<Shared>) -> Host {
    host.data_source("pipeline", PipelineSource { shared: Arc::clone(shared) })
        .data_source("quality_history", HistorySource { shared: Arc::clone(shared) })
        .data_source("quarantine", QuarantineSource { shared: Arc::clone(shared) })
}

/// An existing pipeline.
struct Found {
    configured: Configured,
    names: Names,
    model: Model,
}

/// The pipeline that `name`, an attribute called `attribute`, is the name of.
async fn find(
    diags: &mut Diagnostics,
    shared: &Shared,
    attribute: &'static str,
    name: &Val<String>,
) -> Option<Found> {
    let configured = shared.configured(diags).await?;
    let name = name.as_deref().unwrap_or_default();
    match recover(&configured, name).await {
        Ok(model) => Some(Found { names: Names::new(name, &configured.scope), configured, model }),
        Err(message) => {
            diag::error(diags, "Pipeline not found", message, AttributePath::new(attribute));
            None
        }
    }
}

/// Says what is wrong with the name of a pipeline, as far as it is known.
fn check_name(diags: &mut Diagnostics, attribute: &'static str, name: &Val<String>) {
    if let Some(Err(message)) = name.as_deref().map(words::pipeline_name) {
        diag::error(diags, format!("Invalid {attribute}"), message, AttributePath::new(attribute));
    }
}
