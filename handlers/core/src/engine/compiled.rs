//! A dataset made ready to judge objects: done once a process, used for every object.

use std::collections::{BTreeMap, BTreeSet};

use super::json::text::quote;
use crate::check::Problem;
use crate::dialect::Dialect;
use crate::rules::{Asked, LookBack, Rules, lower};
use crate::spec::{ColumnType, DatasetSpec, DriftPolicy, Format};

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
    /// How CSV is written, and TSV.
    dialects: [Dialect; 2],
}

/// JSON keys that lead to slots.
#[derive(Debug, Default)]
pub(super) struct KeyTree {
    /// Where the object is: empty, or a path that ends in a dot.
    pub path: String,
    /// Number of this tree's beginning among all places of all trees; its keys have the numbers after it.
    pub first: usize,
    /// Keys in the order of declaration.
    pub keys: Vec<Key>,
    /// All slots below.
    pub slots: Vec<usize>,
}

/// One key.
#[derive(Debug)]
pub(super) struct Key {
    /// The path of the object it stands in.
    pub parent: String,
    /// The key.
    pub name: String,
    /// The key as it is usually written, from the byte after the first quote to the colon.
    pub quoted: Box<[u8]>,
    /// The first bytes of `quoted`, and which of them there are: two numbers compare faster than two texts.
    head: (u128, u128),
    /// What it leads to.
    pub node: KeyNode,
}

/// What a key leads to.
#[derive(Debug)]
pub(super) enum KeyNode {
    /// A declared column and its type.
    Slot(usize, ColumnType),
    /// An object with declared columns in it.
    Nested(Box<KeyTree>),
}

impl Key {
    fn new(parent: &str, name: &str, node: KeyNode) -> Self {
        let mut quoted = String::new();
        quote(name, &mut quoted);
        quoted.push(':');
        let quoted = quoted.split_off(1).into_bytes();
        let (mut bytes, mut mask) = ([0; 16], [0; 16]);
        for (at, byte) in quoted.iter().take(16).enumerate() {
            (bytes[at], mask[at]) = (*byte, 0xff);
        }
        Self {
            parent: parent.to_owned(),
            name: name.to_owned(),
            quoted: quoted.into(),
            head: (u128::from_le_bytes(bytes), u128::from_le_bytes(mask)),
            node,
        }
    }

    /// Whether `text`, after a quote, begins with this key and its colon.
    #[inline]
    pub fn begins(&self, text: &[u8]) -> bool {
        match text.first_chunk::<16>() {
            Some(head) => {
                (u128::from_le_bytes(*head) ^ self.head.0) & self.head.1 == 0
                    && (self.quoted.len() <= 16 || text.starts_with(&self.quoted))
            }
            None => text.starts_with(&self.quoted),
        }
    }
}

impl KeyTree {
    /// The place of `key`.
    pub fn find(&self, key: &[u8]) -> Option<usize> {
        self.keys.iter().position(|known| known.name.as_bytes() == key)
    }

    /// Beginnings and keys of this tree and all below.
    pub fn places(&self) -> usize {
        let below = self.keys.iter().map(|key| match &key.node {
            KeyNode::Slot(..) => 1,
            KeyNode::Nested(tree) => 1 + tree.places(),
        });
        1 + below.sum::<usize>()
    }

    fn insert(&mut self, path: &str, slot: usize, column_type: ColumnType) {
        self.slots.push(slot);
        let Some((first, rest)) = path.split_once('.') else {
            self.keys.push(Key::new(&self.path, path, KeyNode::Slot(slot, column_type)));
            return;
        };
        let found = self.keys.iter_mut().find_map(|key| match &mut key.node {
            KeyNode::Nested(tree) if key.name == first => Some(tree),
            _ => None,
        });
        if let Some(tree) = found {
            tree.insert(rest, slot, column_type);
        } else {
            let mut tree = KeyTree { path: format!("{}{first}.", self.path), ..KeyTree::default() };
            tree.insert(rest, slot, column_type);
            self.keys.push(Key::new(&self.path, first, KeyNode::Nested(Box::new(tree))));
        }
    }

    /// Numbers the beginnings, this tree's being `first`; the next number that is free.
    fn number(&mut self, first: usize) -> usize {
        self.first = first;
        let mut next = first + 1 + self.keys.len();
        for key in &mut self.keys {
            if let KeyNode::Nested(tree) = &mut key.node {
                next = tree.number(next);
            }
        }
        next
    }
}

impl CompiledDataset {
    /// Size of an object in MiB above which it is not judged here.
    #[must_use]
    pub fn spark_threshold_mb(&self) -> Option<u32> {
        self.spec.spark_threshold_mb
    }

    /// Compiles a dataset.
    ///
    /// # Errors
    /// Faults that `check_dataset` finds as well; they cannot occur in a document the provider wrote.
    pub fn compile(name: &str, spec: &DatasetSpec) -> Result<Self, Vec<Problem>> {
        let rules = lower(spec)?;
        let mut tree = KeyTree::default();
        let mut slots = BTreeMap::new();
        for (slot, (column, declared)) in spec.columns.iter().enumerate() {
            tree.insert(column, slot, declared.column_type);
            slots.insert(column.as_str(), slot);
        }
        tree.number(0);
        let partition_slots = spec
            .output
            .partition_by
            .iter()
            .filter_map(|column| slots.get(column.as_str()).copied())
            .collect();
        let dialects = [Dialect::of(spec, Format::Csv)?, Dialect::of(spec, Format::Tsv)?];
        Ok(Self { name: name.to_owned(), spec: spec.clone(), rules, tree, partition_slots, dialects })
    }

    /// The dataset's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the rules ask of earlier objects, if anything.
    #[must_use]
    pub fn look_back(&self) -> Option<LookBack<'_>> {
        self.rules.look_back()
    }

    /// Names of the digests of the object that rules ask for.
    #[must_use]
    pub fn digests(&self) -> BTreeSet<&'static str> {
        self.rules.digests()
    }

    /// How many files of the dataset, the object among them, its rules look at; none: no rule asks about other files.
    #[must_use]
    pub fn siblings(&self) -> Option<usize> {
        self.rules.siblings()
    }

    /// Its columns, in order.
    #[must_use]
    pub fn columns(&self) -> Vec<(String, ColumnType)> {
        self.rules.columns.iter().map(|column| (column.name.clone(), column.column_type)).collect()
    }

    /// What its rules ask of other datasets, and how many keys of each may be in memory.
    #[must_use]
    pub fn references(&self) -> (BTreeMap<String, Asked>, usize) {
        (self.rules.references(), self.rules.keys_a_place())
    }

    /// Weight of the checks on each row, the readability of the row being one.
    pub(super) fn weight_of_a_row(&self) -> u64 {
        self.rules.row_checks.iter().map(|check| u64::from(check.consequence.weight)).sum::<u64>() + 1
    }

    /// Whether values that are not of their column's type are kept beside the columns.
    pub(super) fn rescues_mistyped(&self) -> bool {
        self.spec.quality.schema_drift.mistyped_values == Some(DriftPolicy::Rescue)
    }

    /// Whether rows are kept whole, for want of declared columns.
    pub(super) fn keeps_rows_whole(&self) -> bool {
        self.spec.columns.is_empty()
    }

    /// How an object of a format with fields is written, and the names when it does not hold them.
    pub(super) fn dialect(&self, format: Format) -> (Dialect, Option<Vec<String>>) {
        let names = self.spec.csv.as_ref().filter(|csv| !csv.header).map(|csv| csv.columns.clone());
        (self.dialects[usize::from(format == Format::Tsv)], names)
    }

    /// How the records of an object are cut, when nothing but the declaration speaks.
    pub(super) fn declared_format(&self) -> Format {
        self.spec.format
    }
}
