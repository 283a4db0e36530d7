//! Serves a provider written against `tf_provider`'s traits to Terraform, over plugin protocol 6.
//!
//! tf-provider's own server sends nested attributes in a form that Terraform refuses, cannot upgrade a
//! state, takes messages of 4 MiB at most, loses a create that panics or is interrupted. Its traits are
//! good, so they stay the way a resource is written, and this crate serves them.
//!
//! ```no_run
//! # use tf_provider::{Provider, value::ValueEmpty};
//! # async fn f(provider: impl for<'a> Provider<Config<'a> = ValueEmpty>) -> std::process::ExitCode {
//! datalake_host::logs::init("datalake", &["datalake", "terraform_provider_datalake"]);
//! let host = datalake_host::Host::new(
//!     "datalake",
//!     "registry.terraform.io/datalake/datalake",
//!     env!("CARGO_PKG_VERSION"),
//!     provider,
//! );
//! let _stop = host.stop_token(); // a clone for each resource with long calls
//! host.run().await // after .resource(…), .data_source(…), .function(…)
//! # }
//! ```
//!
//! To read it: `host` (what is served) → `serve` (how the process starts and ends) → `transport`, `incoming` (who gets
//! through to it; `socket`, `tls`, `curve`) → `service` (the calls, and what is answered when one fails; `call`) →
//! `erased` (from bytes to the typed traits; `codec`, `path`, `tree`) → `wire` (the messages; `schema`, `diag`). For
//! those who write a resource: [`Val`], [`Num`], [`Dynamic`], [`diag`], and in tests [`check_shape`].

mod any;
mod call;
mod codec;
mod connection;
mod curve;
pub mod diag;
mod dynamic;
mod erased;
mod host;
mod identity;
mod incoming;
pub mod logs;
mod num;
mod path;
mod schema;
mod serve;
mod service;
mod shape;
#[cfg(unix)]
mod socket;
mod tls;
mod transport;
mod tree;
mod value;
mod wire;

pub use dynamic::Dynamic;
pub use host::{Host, Upgrade};
pub use identity::{Identity, IdentityAttribute, IdentityValues};
pub use num::{NotANumber, Num};
pub use serve::HostError;
pub use shape::{check_shape, schema_keys};
pub use value::Val;
