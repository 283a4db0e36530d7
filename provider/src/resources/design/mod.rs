//! From settings to the graph of desired objects: what one pipeline is made of. Pure.

mod catalog;
mod compute;
mod messaging;
mod policies;
mod requests;
mod storage;

use std::sync::Arc;

use datalake_core::identity::fingerprint;
use datalake_core::spec::{Buckets, PipelineSpec, SPEC_VERSION};
use serde_json::Value;

use super::bundle::Bundle;
use super::settings::Settings;
use crate::aws::Scope;
use crate::aws::tags::{OWNER_KEY, Tags};
use crate::components::Object;
use crate::engine::{Graph, GraphError, Node};
use crate::names::Names;

pub use compute::sha256_base64;
pub use requests::backfill;
pub use storage::{STATUS_INDEX, definition_key};

/// The functions of a pipeline, by handler word, in the order data meets them.
pub const FUNCTIONS: [&str; 4] = ["ingest", "validate", "transform", "quality"];

/// The functions that these settings call for: `transform` only where rows are transformed.
pub fn functions(settings: &Settings) -> impl Iterator<Item = &'static str> {
    let transforms = settings.transformed().next().is_some();
    FUNCTIONS.into_iter().filter(move |function| transforms || *function != "transform")
}

/// Everything that follows from one configuration.
#[derive(Debug, Clone)]
pub struct Design {
    /// The objects with their order.
    pub graph: Graph<Object>,
    /// The objects of functions that these settings do not call for: what is left where earlier settings did.
    pub uncalled: Vec<Node<Object>>,
    /// Hash of the document the handlers read.
    pub spec_hash: String,
    /// Tags of the user and of the provider block together.
    pub tags_all: Tags,
}

/// Why a design cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum DesignError {
    /// The document for the handlers cannot be packed.
    #[error("the handlers' document cannot be packed: {0}")]
    Package(String),
    /// A mistake of ours.
    #[error("the pipeline's objects do not fit together: {0}")]
    Graph(#[from] GraphError),
}

/// What a design is made from.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The user's settings.
    pub settings: &'a Settings,
    /// Where the pipeline lives.
    pub scope: &'a Scope,
    /// `default_tags` of the provider block.
    pub default_tags: &'a Tags,
    /// The handlers' package.
    pub bundle: &'a Bundle,
    /// The configuration as a document, kept beside the data for import.
    pub definition: &'a Value,
}

/// The objects of one pipeline.
///
/// # Errors
/// Only on a mistake of ours.
pub fn design(plan: Plan<'_>) -> Result<Design, DesignError> {
    let names = Names::new(&plan.settings.name, plan.scope);
    let mut tags_all = plan.default_tags.clone();
    tags_all.extend(plan.settings.tags.clone());
    let mut tags = tags_all.clone();
    tags.insert(OWNER_KEY.to_owned(), names.owner());

    let spec = spec(plan.settings, &names);
    let spec_json = serde_json::to_vec(&spec).map_err(|error| DesignError::Package(error.to_string()))?;
    let package = compute::package(&spec_json)?;
    let called: Vec<&str> = functions(plan.settings).collect();
    let mut draft = Draft { plan, names, tags, nodes: Vec::new() };
    storage::add(&mut draft);
    messaging::add(&mut draft);
    compute::add_layer(&mut draft);
    called.iter().for_each(|function| add_function(&mut draft, function, &package));
    catalog::add(&mut draft);
    requests::add(&mut draft)?;
    storage::add_definition(&mut draft);
    let graph = Graph::new(std::mem::take(&mut draft.nodes))?;
    let uncalled = FUNCTIONS.iter().filter(|function| !called.contains(*function));
    uncalled.for_each(|function| add_function(&mut draft, function, &package));
    Ok(Design { graph, uncalled: draft.nodes, spec_hash: fingerprint(&spec_json), tags_all })
}

/// Adds a function with everything that is there for it alone.
fn add_function(draft: &mut Draft<'_>, function: &str, package: &Arc<[u8]>) {
    messaging::add_function(draft, function);
    compute::add_function(draft, function, package);
}

/// A design under construction.
struct Draft<'a> {
    plan: Plan<'a>,
    names: Names,
    tags: Tags,
    nodes: Vec<Node<Object>>,
}

impl Draft<'_> {
    /// Adds an object that needs these others, each with the reason.
    fn add(&mut self, key: impl Into<String>, item: impl Into<Object>, needs: &[(String, &'static str)]) {
        self.nodes.push(node(key, item, needs));
    }

    fn scope(&self) -> &Scope {
        self.plan.scope
    }

    fn settings(&self) -> &Settings {
        self.plan.settings
    }
}

/// An object that needs these others, each with the reason.
fn node(key: impl Into<String>, item: impl Into<Object>, needs: &[(String, &'static str)]) -> Node<Object> {
    Node::new(key, item.into(), needs.iter().cloned().collect())
}

/// The document the handlers read.
fn spec(settings: &Settings, names: &Names) -> PipelineSpec {
    PipelineSpec {
        version: SPEC_VERSION,
        name: settings.name.clone(),
        buckets: Buckets {
            raw: names.bucket("raw"),
            processed: names.bucket("processed"),
            quarantine: names.bucket("quarantine"),
        },
        metadata_table: names.part("metadata"),
        event_bus: names.part("bus"),
        metadata_ttl_days: settings.retention.metadata_days,
        datasets: settings.datasets.clone(),
    }
}
