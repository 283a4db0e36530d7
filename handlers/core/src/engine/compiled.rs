//! A dataset made ready to judge objects: done once a process, used for every object.

use std::collections::BTreeMap;

use crate::check::Problem;
use crate::rules::{Rules, lower};
use crate::spec::{DatasetSpec, Format};

/// A dataset with its checks compiled.
#[derive(Debug)]
pub struct CompiledDataset {
    /// The user's name of the dataset.
    pub(super) name: String,
    /// The declaration.
    pub(super) spec: DatasetSpec,
    /// What rows and objects are held to.
    pub(super) rules: Rules,
    /// Declared columns as a tree of JSON keys.
    pub(super) tree: KeyTree,
    /// Slots of the partition columns, in their order.
    pub(super) partition_slots: Vec<usize>,
}

/// JSON keys that lead to slots.
#[derive(Debug, Default)]
pub(super) struct KeyTree {
    /// Keys in the order of declaration.
    pub keys: Vec<(String, KeyNode)>,
}

/// What a key leads to.
#[derive(Debug)]
pub(super) enum KeyNode {
    /// A declared column.
    Slot(usize),
    /// An object with declared columns in it.
    Nested(KeyTree),
}

impl KeyTree {
    /// The place of `key`, tried first at `hint`: rows usually have their keys in one order.
    pub fn find(&self, key: &str, hint: usize) -> Option<usize> {
        if self.keys.get(hint).is_some_and(|(known, _)| known == key) {
            return Some(hint);
        }
        self.keys.iter().position(|(known, _)| known == key)
    }

    /// All slots below.
    pub fn slots(&self, visit: &mut impl FnMut(usize)) {
        for (_, node) in &self.keys {
            match node {
                KeyNode::Slot(slot) => visit(*slot),
                KeyNode::Nested(tree) => tree.slots(visit),
            }
        }
    }

    fn insert(&mut self, path: &str, slot: usize) {
        let Some((first, rest)) = path.split_once('.') else {
            self.keys.push((path.to_owned(), KeyNode::Slot(slot)));
            return;
        };
        let found = self.keys.iter_mut().find_map(|(key, node)| match node {
            KeyNode::Nested(tree) if key == first => Some(tree),
            _ => None,
        });
        if let Some(tree) = found {
            tree.insert(rest, slot);
        } else {
            let mut tree = KeyTree::default();
            tree.insert(rest, slot);
            self.keys.push((first.to_owned(), KeyNode::Nested(tree)));
        }
    }
}

impl CompiledDataset {
    /// Compiles a dataset.
    ///
    /// # Errors
    /// Faults that `check_dataset` finds as well; they cannot occur in a document the provider wrote.
    pub fn compile(name: &str, spec: &DatasetSpec) -> Result<Self, Vec<Problem>> {
        let rules = lower(spec)?;
        let mut tree = KeyTree::default();
        let mut slots = BTreeMap::new();
        for (slot, column) in spec.columns.keys().enumerate() {
            tree.insert(column, slot);
            slots.insert(column.as_str(), slot);
        }
        let partition_slots = spec
            .output
            .partition_by
            .iter()
            .filter_map(|column| slots.get(column.as_str()).copied())
            .collect();
        Ok(Self { name: name.to_owned(), spec: spec.clone(), rules, tree, partition_slots })
    }

    /// The dataset's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Weight of the checks on each row, the readability of the row being one.
    pub(super) fn weight_of_a_row(&self) -> u64 {
        self.rules.row_checks.iter().map(|check| u64::from(check.consequence.weight)).sum::<u64>() + 1
    }

    /// Whether rows are kept whole, for want of declared columns.
    pub(super) fn keeps_rows_whole(&self) -> bool {
        self.spec.columns.is_empty()
    }

    /// How the records of an object are cut, when nothing but the declaration speaks.
    pub(super) fn declared_format(&self) -> Format {
        self.spec.format
    }
}
