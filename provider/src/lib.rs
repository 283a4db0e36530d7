//! Terraform provider for event-driven, quality-gated data lakes on AWS.
//!
//! Data flows one way:
//!
//! ```text
//! HCL ─decode→ Settings ─design→ Graph<Desired> ─observe→ Observed ─diff→ Steps ─run→ Outcome ─encode→ state, diagnostics
//!      pure              pure                     I/O               pure         I/O             pure
//! ```
//!
//! Reading order: [`resources`] (what the user writes), [`components`] (one file per AWS object), [`engine`] (ordering,
//! failure and state policy, once), [`aws`] (clients, error codes, waiting, tags). [`functions`] stand by themselves.

/// Where the registry has this provider.
pub const ADDRESS: &str = "registry.terraform.io/datalake/datalake";

pub mod aws;
pub mod components;
pub mod data_sources;
pub mod engine;
pub mod functions;
pub mod names;
pub mod provider;
pub mod recover;
pub mod resources;
