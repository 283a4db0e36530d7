//! What is counted over the rows of one object, beside what its rules measure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::events::RowCounts;
use crate::verdict::ObjectReason;

/// The counts. All are whole numbers, so that they come out the same however the object is cut.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    pub rows: RowCounts,
    /// Failures by index of `row_checks`.
    pub failures: Vec<u64>,
    /// Failures to read a row at all.
    pub unreadable: BTreeMap<String, u64>,
    /// Rows with a field that is not declared, where that matters.
    pub undeclared: u64,
    /// Weight of the checks that rows failed.
    pub failed_weight: u64,
    /// Rows that passed every check, warnings included.
    pub passed: u64,
    /// Why the object is refused whole, for the sake of a row.
    pub refusal: Option<ObjectReason>,
    /// Whether the rest is not even read for it.
    pub stops: bool,
}

impl Counts {
    pub fn new(checks: usize) -> Self {
        Self {
            rows: RowCounts::default(),
            failures: vec![0; checks],
            unreadable: BTreeMap::new(),
            undeclared: 0,
            failed_weight: 0,
            passed: 0,
            refusal: None,
            stops: false,
        }
    }

    /// Counts a row that could not be read.
    pub fn unreadable(&mut self, rule: &str) {
        match self.unreadable.get_mut(rule) {
            Some(count) => *count += 1,
            None => {
                self.unreadable.insert(rule.to_owned(), 1);
            }
        }
    }
}
