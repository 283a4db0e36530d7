//! tf-provider's typed traits behind object-safe ones that take and give bytes.
//!
//! A typed resource names its state as a Rust type; the host holds resources of many types in one map. The
//! wrapper [`Typed`] decodes on the way in, encodes on the way out, and keeps the schema, which is built
//! once and also tells a decode error its place.

mod data;
mod function;
mod provider;
mod resource;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use serde::de::DeserializeOwned;
use tf_provider::Diagnostics;
use tf_provider::schema::Schema;

pub(crate) use data::AnyData;
pub(crate) use function::AnyFunction;
pub(crate) use provider::AnyProvider;
pub(crate) use resource::{AnyResource, Change, Read, Saved};

use crate::call::{panic_message, panicked};
use crate::tree::Node;
use crate::{codec, diag, path};

/// A schema, and what was said while it was built.
pub(crate) struct Built<S> {
    pub schema: Option<S>,
    pub diags: Diagnostics,
}

impl<S> Built<S> {
    fn build(make: impl FnOnce(&mut Diagnostics) -> Option<S>) -> Self {
        let mut diags = Diagnostics::default();
        let schema = match catch_unwind(AssertUnwindSafe(|| make(&mut diags))) {
            Ok(schema) => schema,
            Err(payload) => {
                panicked(&mut diags, "schema", &panic_message(payload.as_ref()));
                None
            }
        };
        if schema.is_none() && diags.errors.is_empty() {
            diag::root(&mut diags, "A schema is missing", "This is a bug in the provider.");
        }
        Self { schema, diags }
    }
}

/// A typed implementation with its schema.
pub(crate) struct Typed<T, S = Schema> {
    inner: T,
    built: OnceLock<Built<S>>,
}

impl<T, S> Typed<T, S> {
    pub(crate) fn new(inner: T) -> Self {
        Self { inner, built: OnceLock::new() }
    }

    fn built(&self, make: impl FnOnce(&T, &mut Diagnostics) -> Option<S>) -> &Built<S> {
        self.built.get_or_init(|| Built::build(|diags| make(&self.inner, diags)))
    }
}

/// Reads a value of `schema`; what is wrong with it is said at its attribute.
fn decode<V: DeserializeOwned>(built: &Built<Schema>, diags: &mut Diagnostics, bytes: &[u8]) -> Option<V> {
    match codec::decode(bytes) {
        Ok(value) => Some(value),
        Err(error) => {
            let at = built.schema.as_ref().map(|schema| path::resolve(Node::of(schema), &error.segments));
            diag::error(diags, "A value could not be decoded", error.message, at.unwrap_or_default());
            None
        }
    }
}

/// Reads a private state, which has no schema.
fn decode_private<V: DeserializeOwned>(diags: &mut Diagnostics, bytes: &[u8]) -> Option<V> {
    codec::decode(bytes)
        .map_err(|error| diag::root(diags, "The private state could not be decoded", error.message))
        .ok()
}
