//! The columns there are between two steps.

use crate::check::bad_column_name;
use crate::layout::catalog_column;
use crate::nearest::nearest;
use crate::spec::{ColumnSpec, ColumnType};

/// A column, by its name in the catalogue.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Its name.
    pub name: String,
    /// Its type, and what is still known of its values.
    pub spec: ColumnSpec,
    /// Where its value is.
    pub slot: usize,
}

/// The columns, in order.
#[derive(Debug)]
pub(super) struct Schema {
    /// Those that are stored.
    pub columns: Vec<Column>,
    /// Those that only expressions see.
    pub unstored: Vec<Column>,
    /// Names that are no more, and what became of each.
    gone: Vec<(String, String)>,
}

impl Schema {
    pub fn new(columns: Vec<Column>, unstored: Vec<Column>) -> Self {
        Self { columns, unstored, gone: Vec::new() }
    }

    /// The place of a stored column: by its name as declared or as the catalogue has it.
    pub fn find(&self, name: &str) -> Result<usize, String> {
        let folded = catalog_column(name);
        let found = self.columns.iter().position(|column| column.name == folded);
        found.ok_or_else(|| self.missing(name, &folded))
    }

    /// Slot and type of a column, stored or not.
    pub fn slot(&self, name: &str) -> Result<(usize, ColumnType), String> {
        let folded = catalog_column(name);
        let mut all = self.columns.iter().chain(&self.unstored);
        match all.find(|column| column.name == folded) {
            Some(column) => Ok((column.slot, column.spec.column_type)),
            None => Err(self.missing(name, &folded)),
        }
    }

    /// Adds a column; one of this name is replaced, and stays what it was to people.
    pub fn set(&mut self, name: &str, column_type: ColumnType, slot: usize) {
        match self.columns.iter_mut().find(|column| column.name == name) {
            Some(column) => {
                let classification = column.spec.classification.take();
                column.spec = ColumnSpec { column_type, classification, ..ColumnSpec::default() };
                column.slot = slot;
            }
            None => {
                let spec = ColumnSpec { column_type, ..ColumnSpec::default() };
                self.columns.push(Column { name: name.to_owned(), spec, slot });
            }
        }
    }

    /// Takes a column away, by its place; `what` became of it.
    pub fn remove(&mut self, place: usize, what: String) {
        let column = self.columns.remove(place);
        self.gone.push((column.name, what));
    }

    /// Gives a column another name; the old one is no more.
    pub fn rename(&mut self, place: usize, to: &str, what: String) {
        let old = std::mem::replace(&mut self.columns[place].name, to.to_owned());
        self.gone.push((old, what));
    }

    fn missing(&self, name: &str, folded: &str) -> String {
        if let Some((_, what)) = self.gone.iter().rev().find(|(gone, _)| gone == folded) {
            return format!("there is no column `{name}` any more: {what}");
        }
        let near = nearest(folded, self.columns.iter().map(|column| column.name.as_str()));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        format!("there is no column `{name}`{hint}")
    }
}

/// What is wrong with the name of a new column.
pub(super) fn bad_name(name: &str) -> Option<String> {
    bad_column_name(name).or_else(|| {
        let folded = catalog_column(name);
        (folded != name).then(|| {
            format!("the catalogue has lower-case names without dots: write `{folded}` instead of `{name}`")
        })
    })
}
