//! The project's commands, as a library: the acceptance tests use it as their harness.
//!
//! A test asks [`kit::Kit::from_environment`] for the makings, starts a [`cloud::Cloud`], applies a
//! [`terraform::Workspace`] and looks at what happened through a [`lake::Lake`]. Everything started ends when its value
//! is dropped, and when the process is stopped by a signal.

pub mod archive;
pub mod args;
pub mod artifacts;
pub mod cloud;
pub mod command;
pub mod commands;
pub mod documents;
pub mod error;
pub mod files;
pub mod glibc;
pub mod groups;
pub mod http;
pub mod kit;
pub mod lake;
pub mod mirror;
pub mod platform;
pub mod plugin;
pub mod progress;
pub mod release;
pub mod repo;
pub mod story;
pub mod table;
pub mod terraform;
pub mod tools;
