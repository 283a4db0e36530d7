//! The graph of desired objects: what there is, and what must exist before it.

use std::collections::{BTreeMap, BTreeSet};

use super::Item;

/// One object in the graph.
#[derive(Debug, Clone)]
pub struct Node<I> {
    /// Logical name, unique in the pipeline and stable, e.g. `queue.ingest`.
    pub key: String,
    /// The object as we want it.
    pub item: I,
    /// Keys of the nodes that must exist first, each with the reason.
    pub needs: BTreeMap<String, &'static str>,
}

/// Objects by logical name, with their order.
#[derive(Debug, Clone)]
pub struct Graph<I> {
    nodes: BTreeMap<String, Node<I>>,
}

/// Why a graph cannot be walked: a mistake in `design`, found by its tests.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum GraphError {
    /// Two nodes have one key.
    #[error("there are two objects called `{0}`")]
    Duplicate(String),
    /// A node needs one that is not there.
    #[error("`{0}` needs `{1}`, which is not in the graph")]
    Dangling(String, String),
    /// Nodes need each other.
    #[error("these objects need each other: {0}")]
    Cycle(String),
}

impl<I> Default for Graph<I> {
    fn default() -> Self {
        Self { nodes: BTreeMap::new() }
    }
}

impl<I: Item> Graph<I> {
    /// A graph of these nodes.
    ///
    /// # Errors
    /// When a key stands twice, a need is not there, or needs go round in a circle.
    pub fn new(list: Vec<Node<I>>) -> Result<Self, GraphError> {
        let mut nodes = BTreeMap::new();
        for node in list {
            let key = node.key.clone();
            if nodes.insert(key.clone(), node).is_some() {
                return Err(GraphError::Duplicate(key));
            }
        }
        for node in nodes.values() {
            if let Some(missing) = node.needs.keys().find(|need| !nodes.contains_key(*need)) {
                return Err(GraphError::Dangling(node.key.clone(), missing.clone()));
            }
        }
        let graph = Self { nodes };
        graph.waves()?;
        Ok(graph)
    }

    /// The nodes, sorted by key.
    pub fn nodes(&self) -> impl Iterator<Item = &Node<I>> {
        self.nodes.values()
    }

    /// The node of that key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node<I>> {
        self.nodes.get(key)
    }

    /// Keys of the nodes that need `key`.
    pub fn dependants<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.nodes.values().filter(move |node| node.needs.contains_key(key)).map(|node| node.key.as_str())
    }

    /// The longest chain of needs, counted in nodes: how many steps a walk with enough hands takes.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.waves().map_or(0, |waves| waves.len())
    }

    fn waves(&self) -> Result<Vec<Vec<&str>>, GraphError> {
        let mut done = BTreeSet::new();
        let mut waves = Vec::new();
        while done.len() < self.nodes.len() {
            let ready: Vec<&str> = self
                .nodes
                .values()
                .filter(|node| !done.contains(node.key.as_str()))
                .filter(|node| node.needs.keys().all(|need| done.contains(need.as_str())))
                .map(|node| node.key.as_str())
                .collect();
            if ready.is_empty() {
                let stuck = self.nodes.keys().filter(|key| !done.contains(key.as_str()));
                return Err(GraphError::Cycle(stuck.cloned().collect::<Vec<_>>().join(", ")));
            }
            done.extend(ready.iter().copied());
            waves.push(ready);
        }
        Ok(waves)
    }
}
