//! Accepted rows to curated rows: steps and a statement, compiled to a program over the slots of one row.
//!
//! Unlike the predicates of rules, which compare as Glue does whatever types meet, everything here is typed: what cannot
//! be is a fault when the pipeline is planned, and what a value turns out not to be refuses its row, with the reason.
//! Reading order: [`plan`] (from the declaration to the program and the columns of its result), [`compile`] (expressions
//! with their types), [`evaluate`] (one row).

mod cast;
mod compile;
mod condition;
mod datum;
mod evaluate;
mod mask;
mod moment;
mod plan;
mod schema;
mod steps;
#[cfg(test)]
mod tests;

pub use datum::{Datum, Fault};
pub use plan::{Curated, Input, Keys, Refusal, Transformation, check, secrets};
