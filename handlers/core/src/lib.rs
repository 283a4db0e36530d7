//! The row engine of the data lake and the contracts round it. Pure: no file, socket, clock or SDK is used here.
//!
//! Reading order: [`spec`] (what a pipeline is, the contract between provider and handlers), [`columns`] and [`dqdl`]
//! (the two ways to write rules), `rules` (what both lower to), `engine` (one streaming pass over one object),
//! [`verdict`] (the one value that decides), [`events`], [`identity`] and [`layout`] (names shared by everybody).

mod automaton;
pub mod check;
pub mod columns;
pub mod dialect;
pub mod dqdl;
#[cfg(feature = "engine")]
pub mod engine;
mod equal;
pub mod events;
#[cfg(feature = "engine")]
pub mod formats;
pub mod identity;
pub mod json_schema;
pub mod layout;
pub mod nearest;
pub mod requests;
pub mod rules;
pub mod spec;
pub mod sql;
pub mod transform;
pub mod verdict;
