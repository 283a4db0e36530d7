//! The handlers against the world in memory: whole chains, crashes after every effect, contracts.

mod arrivals;
mod batches;
mod contract;
mod crashes;
mod harness;
mod large;
mod objects;
mod schema;
mod versions;
