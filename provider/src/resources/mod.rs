//! What the user writes: one file a Terraform type.

pub mod apply_policy;
pub mod bundle;
pub mod defaults;
pub mod design;
pub mod identity;
pub mod limits;
pub mod model;
pub mod outputs;
pub mod pipeline;
pub mod replay;
pub mod report;
pub mod schema;
pub mod settings;
pub mod stale;
pub mod validate;
