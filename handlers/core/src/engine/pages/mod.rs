//! The pages of a Parquet file: values go in row by row, and compressed pages come out.
//!
//! A general writer takes arrays of a column, copies them into an encoder, and writes down for each value whether it is there.
//! Here a value is put where its page is made of, at once, and a page without nulls says so in three bytes. Headers and the
//! footer are still the `parquet` crate's.

mod bits;
mod bounds;
mod chunk;
mod codec;
mod column;
mod delta;
mod dictionary;
mod hybrid;
mod numbers;
mod presence;
#[cfg(test)]
mod tests;
mod texts;

pub use codec::Codec;
pub use column::{Column, Full};
