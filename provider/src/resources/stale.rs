//! Objects the state knows and the configuration no longer wants: what dropped datasets leave in the catalogue, the memory
//! of their backfills, and functions that are no longer called for. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::design::{Design, backfill};
use super::model::Model;
use crate::aws::tags::OWNER_KEY;
use crate::components::Object;
use crate::components::catalog_table::CatalogTable;
use crate::engine::{Graph, Node};
use crate::names::Names;

/// The leftovers alone, as a graph to destroy.
#[must_use]
pub fn leftovers(design: &Design, state: &Model, names: &Names) -> Graph<Object> {
    let keys = state
        .resources
        .known()
        .map(|entries| entries.keys().cloned().collect::<Vec<_>>())
        .unwrap_or_default();
    let unwanted = |key: &&String| design.graph.get(key).is_none();
    let mut nodes: Vec<Node<Object>> = keys
        .iter()
        .filter(unwanted)
        .filter_map(|key| {
            // Datasets come and go, and functions with what they need; everything else of a pipeline is always there.
            let item: Object = match key.split_once('.')? {
                ("catalog_table", table) => catalog_table(table, names).into(),
                ("backfill", dataset) => backfill(names, dataset, Value::Null).into(),
                _ => return design.uncalled.iter().find(|node| node.key == *key).cloned(),
            };
            Some(Node::new(key, item, BTreeMap::new()))
        })
        .collect();
    // What is wanted is there anyway.
    let left: BTreeSet<String> = nodes.iter().map(|node| node.key.clone()).collect();
    nodes.iter_mut().for_each(|node| node.needs.retain(|need, _| left.contains(need)));
    // A part of a graph always makes a graph.
    Graph::new(nodes).unwrap_or_default()
}

/// The wanted objects and the leftovers together.
#[must_use]
pub fn with_leftovers(design: &Design, state: &Model, names: &Names) -> Graph<Object> {
    let (leftovers, wanted) = (leftovers(design, state, names), &design.graph);
    let nodes = wanted.nodes().chain(leftovers.nodes()).cloned().collect();
    Graph::new(nodes).unwrap_or_else(|_| wanted.clone())
}

/// Enough of a table to find and to delete it.
fn catalog_table(table: &str, names: &Names) -> CatalogTable {
    CatalogTable {
        database_name: names.database(),
        table_name: table.to_owned(),
        description: String::new(),
        location: String::new(),
        columns: Vec::new(),
        partition_keys: Vec::new(),
        parameters: BTreeMap::from([(OWNER_KEY.to_owned(), names.owner())]),
    }
}
