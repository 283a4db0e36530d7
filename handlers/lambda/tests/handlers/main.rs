//! The handlers against the world in memory: whole chains, crashes after every effect, contracts.

// A test may stop where it stands.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod arrivals;
mod backfill;
mod batches;
mod contract;
mod crashes;
mod deliveries;
mod facts;
mod harness;
mod large;
mod objects;
mod replay;
mod schema;
mod versions;
