//! Another dataset, as far as rules ask about it: its rows pass by once and are counted, the keys they are asked for are
//! kept, numbers are added up. Memory is that of the keys, which go where those of the object's own rows go.

use std::collections::{BTreeMap, BTreeSet};

use super::frequencies::{Frequencies, KeyCounts};
use super::moments::Moments;
use super::references::{AggregateOf, ReferenceRule};
use super::{ObjectCheck, ObjectRule, Rules, Value, hash};
use crate::spec::ColumnType;

/// What rules ask of another dataset; how many rows it has and which columns are known of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Columns whose values the rows of the object are looked up among, each list one key; with the types they have here.
    pub keys: BTreeMap<Vec<String>, Vec<ColumnType>>,
    /// Columns of numbers that are added up.
    pub sums: BTreeSet<String>,
}

impl Asked {
    /// The columns it takes, each once.
    #[must_use]
    pub fn columns(&self) -> BTreeSet<&str> {
        self.keys.keys().flatten().chain(&self.sums).map(String::as_str).collect()
    }
}

/// Another dataset.
#[derive(Debug)]
pub struct Reference {
    /// What is declared, in order.
    columns: Vec<(String, ColumnType)>,
    /// What its rows are read for, in order.
    projection: Vec<(String, ColumnType)>,
    rows: u64,
    keys: Vec<(Vec<String>, Vec<usize>, Frequencies)>,
    sums: Vec<(String, usize, Moments)>,
}

impl Reference {
    /// A dataset of these columns, of which no row has been read. The keys of each list lie where `keep` says, of which so
    /// many fit into memory.
    #[must_use]
    pub fn new(
        columns: Vec<(String, ColumnType)>,
        asked: &Asked,
        most_keys: usize,
        keep: &mut dyn FnMut(usize) -> Box<dyn KeyCounts>,
    ) -> Self {
        let wanted = asked.columns();
        let projection: Vec<_> =
            columns.iter().filter(|(name, _)| wanted.contains(name.as_str())).cloned().collect();
        let place = |name: &String| projection.iter().position(|(column, _)| column == name);
        let places = |names: &Vec<String>| names.iter().map(place).collect::<Option<Vec<usize>>>();
        let keys = asked.keys.keys().filter_map(|names| Some((names.clone(), places(names)?)));
        let keys =
            keys.map(|(names, places)| (names, places, Frequencies::kept_in(keep(most_keys)))).collect();
        let sums =
            asked.sums.iter().filter_map(|name| Some((name.clone(), place(name)?, Moments::default())));
        Self { sums: sums.collect(), rows: 0, keys, columns, projection }
    }

    /// The columns whose values [`add`](Self::add) takes, in this order; none: the rows need only be counted.
    #[must_use]
    pub fn projection(&self) -> &[(String, ColumnType)] {
        &self.projection
    }

    /// Counts rows without looking at them.
    pub fn count(&mut self, rows: u64) {
        self.rows += rows;
    }

    /// Takes one row. One in which a column of a key is null has no such key, as in a join.
    pub fn add(&mut self, row: &[Value<'_>]) {
        self.rows += 1;
        for (_, places, keys) in &mut self.keys {
            if hash::is_complete(row, places)
                && let Some(key) = hash::key(row, places)
            {
                keys.add(key);
            }
        }
        for (_, place, sum) in &mut self.sums {
            match row[*place] {
                Value::Bigint(number) => sum.add_whole(number),
                Value::Double(number) if number.is_finite() => sum.add_float(number),
                _ => {}
            }
        }
    }

    /// Rows there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Columns there are, in order.
    pub(super) fn columns(&self) -> &[(String, ColumnType)] {
        &self.columns
    }

    /// The keys of some columns that have these types.
    pub(super) fn keys(&self, columns: &[String], types: &[ColumnType]) -> Result<&Frequencies, String> {
        for (name, wanted) in columns.iter().zip(types) {
            if self.type_of(name)? != *wanted {
                return Err(format!("the column `{name}` of the data source has another type"));
            }
        }
        let found = self.keys.iter().find(|(names, ..)| names == columns);
        found.map(|(.., keys)| keys).ok_or_else(|| "the values of the data source were not read".to_owned())
    }

    /// Sum or mean of a column.
    pub(super) fn aggregate(&self, column: &str, mean: bool) -> Result<f64, String> {
        self.type_of(column)?;
        let found = self.sums.iter().find(|(name, ..)| name == column);
        let value = found.and_then(|(.., sum)| if mean { sum.mean() } else { sum.sum() });
        value.ok_or_else(|| "the data source has no number there".to_owned())
    }

    fn type_of(&self, name: &str) -> Result<ColumnType, String> {
        let found = self.columns.iter().find(|(column, _)| column == name);
        found.map(|(_, found)| *found).ok_or_else(|| format!("the data source has no column `{name}`"))
    }
}

impl ObjectCheck {
    /// What it asks of other datasets, by the name it gives them.
    #[must_use]
    pub fn references(&self) -> BTreeMap<String, Asked> {
        let mut asked = BTreeMap::new();
        ask(&self.rule, &mut asked);
        asked
    }
}

impl Rules {
    /// What the rules ask of other datasets, by the name they give them.
    #[must_use]
    pub fn references(&self) -> BTreeMap<String, Asked> {
        let mut asked = BTreeMap::new();
        self.object_checks.iter().for_each(|check| ask(&check.rule, &mut asked));
        asked
    }

    /// Keys that fit into memory for each of the places where keys are kept.
    #[must_use]
    pub fn keys_a_place(&self) -> usize {
        let own = self.measures.iter().filter(|one| matches!(one.measured, super::Measured::Frequencies(_)));
        let others: usize = self.references().values().map(|asked| asked.keys.len()).sum();
        self.most_keys / (own.count() + others).max(1)
    }
}

fn ask(rule: &ObjectRule, asked: &mut BTreeMap<String, Asked>) {
    match rule {
        ObjectRule::All(parts) | ObjectRule::Any(parts) => parts.iter().for_each(|part| ask(part, asked)),
        ObjectRule::Reference(_, ReferenceRule::RowCount(name) | ReferenceRule::Schema(name, _), _) => {
            asked.entry(name.clone()).or_default();
        }
        ObjectRule::Reference(_, ReferenceRule::Among { reference, columns, types, .. }, _) => {
            let of_it: &mut Asked = asked.entry(reference.clone()).or_default();
            of_it.keys.insert(columns.clone(), types.clone());
        }
        ObjectRule::Reference(_, ReferenceRule::Aggregates(sides), _) => {
            for side in sides.iter() {
                if let AggregateOf::Reference(name, column, _) = side {
                    asked.entry(name.clone()).or_default().sums.insert(column.clone());
                }
            }
        }
        _ => {}
    }
}
