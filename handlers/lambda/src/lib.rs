//! The Lambda handlers of the data lake: one binary, several names.
//!
//! Reading order: [`service`] (what an invocation does with a batch), [`inbound`] (messages into commands), then the
//! handlers [`ingest`] (with [`requests`]), [`validate`], [`transform`] and [`quality`]. They reach the world only through [`ports`]; [`aws`] and
//! [`memory`] are the two worlds. [`records`], [`files`] and [`history`] are what is remembered between deliveries.
//!
//! Every queue delivers at least once and in any order. So each effect is idempotent by key, the effect that makes a
//! result visible comes last, and what is needed to finish after a crash is recorded before anything is moved.

pub mod aws;
pub mod emf;
pub mod failure;
pub mod files;
pub mod history;
pub mod inbound;
pub mod ingest;
pub mod latest;
pub mod logging;
pub mod memory;
pub mod order;
pub mod outbox;
pub mod pipeline;
pub mod poison;
pub mod ports;
pub mod quality;
pub mod records;
pub mod replaced;
pub mod requests;
pub mod retry;
pub mod service;
pub mod time;
pub mod transform;
pub mod validate;
mod waiting;
