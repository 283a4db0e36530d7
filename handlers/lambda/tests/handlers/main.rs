//! The handlers against the world in memory: whole chains, crashes after every effect, contracts.

// A test may stop where it stands.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod arrivals;
mod backfill;
mod batches;
mod by_ranges;
mod contract;
mod crashes;
mod deliveries;
mod facts;
mod harness;
mod large;
mod objects;
mod parquet;
mod references;
mod replay;
mod schema;
mod segments;
mod siblings;
mod transforms;
mod versions;
