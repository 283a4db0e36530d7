//! Rules that compare the object with another dataset.

use super::metric::Metric;
use super::{Measures, Reference, Surroundings};
use crate::spec::ColumnType;

/// A comparison with another dataset.
#[derive(Debug)]
pub enum ReferenceRule {
    /// Rows here as a share of rows there.
    RowCount(String),
    /// Columns here that are there with the same type, as a share of all.
    Schema(String, Vec<(String, ColumnType)>),
    /// Rows here whose values are among the values there, as a share of all: `ReferentialIntegrity` and `DatasetMatch`.
    Among {
        /// The other dataset.
        reference: String,
        /// The index into `Rules::measures` of the keys here.
        measure: usize,
        /// Types of the columns here.
        types: Vec<ColumnType>,
        /// The columns there, in the same order.
        columns: Vec<String>,
    },
    /// One aggregate as a share of the other.
    Aggregates(Box<[AggregateOf; 2]>),
}

/// One side of `AggregateMatch`.
#[derive(Debug)]
pub enum AggregateOf {
    /// Of the object.
    Primary(Metric),
    /// Of another dataset: its name, the column, and whether it is the mean (or the sum).
    Reference(String, String, bool),
}

impl ReferenceRule {
    /// The share that is compared with the rule's condition.
    ///
    /// # Errors
    /// What is not known, or does not fit together.
    pub fn share(&self, measures: &Measures, surroundings: &Surroundings) -> Result<f64, String> {
        let find = |name: &str| match surroundings.references.get(name).map(AsRef::as_ref) {
            Some(Ok(found)) => Ok(found),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err(format!("the data source `{name}` is not known")),
        };
        match self {
            Self::RowCount(name) => ratio(measures.rows as f64, find(name)?.rows() as f64),
            Self::Schema(name, columns) => Ok(schema(columns, find(name)?.columns())),
            Self::Among { reference, measure, types, columns } => {
                among(find(reference)?, measures, *measure, types, columns)
            }
            Self::Aggregates(sides) => {
                let value = |side: &AggregateOf| match side {
                    AggregateOf::Primary(metric) => {
                        metric.value(measures).map_err(|missing| missing.describe())
                    }
                    AggregateOf::Reference(name, column, mean) => find(name)?.aggregate(column, *mean),
                };
                ratio(value(&sides[0])?, value(&sides[1])?)
            }
        }
    }
}

/// As in Deequ: nought of nought is everything, something of nought is nothing.
fn ratio(part: f64, whole: f64) -> Result<f64, String> {
    Ok(match (part == 0.0, whole == 0.0) {
        (true, true) => 1.0,
        (false, true) => 0.0,
        _ => part / whole,
    })
}

fn schema(here: &[(String, ColumnType)], there: &[(String, ColumnType)]) -> f64 {
    if here.len() != there.len() || here.is_empty() {
        return 0.0;
    }
    here.iter().filter(|column| there.contains(column)).count() as f64 / here.len() as f64
}

fn among(
    reference: &Reference,
    measures: &Measures,
    measure: usize,
    types: &[ColumnType],
    columns: &[String],
) -> Result<f64, String> {
    let keys = reference.keys(columns, types)?;
    let frequencies = measures.frequencies(measure).ok_or("nothing was counted")?;
    let rows = frequencies.rows_among(keys).map_err(|reason| reason.to_string())?;
    match measures.rows_of(measure) {
        0 => Err("the object holds no rows".to_owned()),
        all => Ok(rows as f64 / all as f64),
    }
}
