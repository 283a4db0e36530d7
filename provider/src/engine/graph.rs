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
    /// Those of them that only have to be made: what is set on them afterwards makes no difference to this one.
    pub begins_with: BTreeSet<String>,
    /// Whether AWS lets what it needs go before it: then their removals do not wait for its own.
    pub goes_alone: bool,
}

impl<I> Node<I> {
    /// An object that waits for all it needs to be as desired, and that goes before they go.
    pub fn new(key: impl Into<String>, item: I, needs: BTreeMap<String, &'static str>) -> Self {
        Self { key: key.into(), item, needs, begins_with: BTreeSet::new(), goes_alone: false }
    }

    /// The same where this need only has to be made.
    #[must_use]
    pub fn begins_with(mut self, need: impl Into<String>) -> Self {
        self.begins_with.insert(need.into());
        self
    }

    /// The same where what it needs may go before it.
    #[must_use]
    pub fn goes_alone(mut self) -> Self {
        self.goes_alone = true;
        self
    }
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

    /// Keys of the nodes that must be gone before `key` goes.
    pub fn dependants<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        let holds = move |node: &&Node<I>| node.needs.contains_key(key) && !node.goes_alone;
        self.nodes.values().filter(holds).map(|node| node.key.as_str())
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
