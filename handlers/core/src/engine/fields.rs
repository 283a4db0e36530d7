//! The fields of one CSV record into the slots of a row.

use super::CompiledDataset;
use super::json::text::quote;
use super::row::{FrontEnd, Row, Unreadable, rescue, typed_field};
use crate::formats::csv::Fields;
use crate::formats::{Stop, refused};
use crate::rules::Value;

/// Reads the records of one object, once its header is known.
#[derive(Debug)]
pub(super) struct FieldReader<'d> {
    dataset: &'d CompiledDataset,
    /// For each field its slot, or the name to keep it under.
    targets: Vec<Result<usize, String>>,
}

impl<'d> FieldReader<'d> {
    pub fn new(dataset: &'d CompiledDataset) -> Self {
        Self { dataset, targets: Vec::new() }
    }

    /// Finds the slots of the header's names; a header that has nothing to do with the columns is refused.
    pub fn header(&mut self, names: &[String]) -> Result<(), Stop> {
        let columns = &self.dataset.rules.columns;
        let slot = |name: &String| {
            columns.iter().position(|column| column.name == *name).ok_or_else(|| name.clone())
        };
        self.targets = names.iter().map(slot).collect();
        if !columns.is_empty() && self.targets.iter().all(Result::is_err) {
            let message = "no name of the header is a declared column; is the header line missing?";
            return refused("bad_header", message);
        }
        Ok(())
    }
}

impl FrontEnd for FieldReader<'_> {
    type Record<'a>
        = Fields<'a>
    where
        Self: 'a;

    fn read<'a>(&'a mut self, record: Fields<'a>, row: &mut Row<'a>) -> Result<(), Unreadable> {
        let null_text = self.dataset.spec.csv.as_ref().and_then(|csv| csv.null_text.as_deref());
        for (index, target) in self.targets.iter().enumerate() {
            // An empty field is no value; CSV cannot tell it from an empty text.
            let Some(text) = record.get(index).filter(|text| !text.is_empty() && Some(*text) != null_text)
            else {
                continue;
            };
            match target {
                Ok(slot) => {
                    let column = &self.dataset.rules.columns[*slot];
                    row.values[*slot] = typed_field(text, column.column_type);
                    if row.values[*slot] == Value::Mistyped && self.dataset.rescues_mistyped() {
                        let mut value = String::new();
                        quote(text, &mut value);
                        rescue(&mut row.mistyped, &[&column.name], &value);
                    }
                }
                Err(name) => {
                    let mut value = String::new();
                    quote(text, &mut value);
                    row.rescue(&[name], &value);
                }
            }
        }
        Ok(())
    }
}
