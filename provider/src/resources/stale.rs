//! Objects the state knows and the configuration no longer wants: what dropped datasets leave in the catalogue, and the
//! memory of their backfills. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::design::backfill;
use super::model::Model;
use crate::aws::tags::OWNER_KEY;
use crate::components::Object;
use crate::components::catalog_table::CatalogTable;
use crate::engine::{Graph, Node};
use crate::names::Names;

/// The leftovers alone, as a graph to destroy.
#[must_use]
pub fn leftovers(wanted: &Graph<Object>, state: &Model, names: &Names) -> Graph<Object> {
    let keys = state
        .resources
        .known()
        .map(|entries| entries.keys().cloned().collect::<Vec<_>>())
        .unwrap_or_default();
    let nodes = keys.iter().filter(|key| wanted.get(key).is_none()).filter_map(|key| {
        // Only datasets come and go; everything else of a pipeline is always there.
        let item: Object = match key.split_once('.')? {
            ("catalog_table", table) => catalog_table(table, names).into(),
            ("backfill", dataset) => backfill(names, dataset, Value::Null).into(),
            _ => return None,
        };
        Some(Node { key: key.clone(), item, needs: BTreeMap::new() })
    });
    // Nodes without needs and with distinct keys always make a graph.
    Graph::new(nodes.collect()).unwrap_or_default()
}

/// The wanted objects and the leftovers together.
#[must_use]
pub fn with_leftovers(wanted: &Graph<Object>, state: &Model, names: &Names) -> Graph<Object> {
    let leftovers = leftovers(wanted, state, names);
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
