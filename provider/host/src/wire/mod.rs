//! What goes over the wire: the messages of plugin protocol 6.10 that are used here, declared by hand.
//!
//! Protocol buffers identify a field by its number, so only the numbers and types must agree with
//! Terraform's `tfplugin6`; fields and messages that are not used are left out, and skipped when they
//! arrive. The names are the protocol's, with `Request` and `Response` appended where it nests them.

mod call;
mod common;
mod resource;
mod schema;

pub(crate) use call::*;
pub(crate) use common::*;
pub(crate) use resource::*;
pub(crate) use schema::*;

/// The generated server of `tfplugin6.Provider`.
pub(crate) mod provider {
    include!(concat!(env!("OUT_DIR"), "/tfplugin6.Provider.rs"));
    pub(crate) use provider_server::{Provider, ProviderServer};
}

/// The generated server of `plugin.GRPCController`, by which Terraform ends the process.
pub(crate) mod controller {
    include!(concat!(env!("OUT_DIR"), "/plugin.GRPCController.rs"));
    pub(crate) use g_r_p_c_controller_server::{GRPCController, GRPCControllerServer};
}

/// The generated server of `plugin.GRPCStdio`, which Terraform opens although nothing is sent.
pub(crate) mod stdio {
    include!(concat!(env!("OUT_DIR"), "/plugin.GRPCStdio.rs"));
    pub(crate) use g_r_p_c_stdio_server::{GRPCStdio, GRPCStdioServer};
}
