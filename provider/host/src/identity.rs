//! [`Identity`]: the few values by which an object is found again, whatever its state (Terraform 1.12 and later).
//!
//! An older Terraform asks for none and skips what it is told.

use std::collections::BTreeMap;
use std::future::ready;

use futures::future::BoxFuture;
use serde::de::DeserializeOwned;

use crate::codec::{decode, is_null};
use crate::{Val, wire};

/// One value of an identity; all of them are texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityAttribute {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Whether an import cannot do without it.
    pub required: bool,
}

/// The values of an identity by name; null where none was given.
pub type IdentityValues = BTreeMap<String, Val<String>>;

type Of<S> = Box<dyn Fn(&S) -> Option<BTreeMap<&'static str, String>> + Send + Sync>;
type Id = Box<dyn Fn(IdentityValues) -> ImportId + Send + Sync>;
/// The import id of an identity, or why there is none.
pub type ImportId = BoxFuture<'static, Result<String, String>>;

/// How objects of a resource type are identified.
pub struct Identity<S> {
    /// The values, in the order they are told.
    pub attributes: Vec<IdentityAttribute>,
    /// The identity of a state; `None` where it is not known yet.
    pub of: Of<S>,
    /// The import id of an identity, or why there is none.
    pub id: Id,
}

/// [`Identity`] without its type.
pub(crate) trait AnyIdentity: Send + Sync {
    fn schema(&self) -> wire::ResourceIdentitySchema;
    /// The identity of an encoded state; `None` for no object and for one that is not known yet.
    fn of(&self, state: &[u8]) -> Option<wire::ResourceIdentityData>;
    fn id(&self, identity: &[u8]) -> ImportId;
}

impl<S: DeserializeOwned> AnyIdentity for Identity<S> {
    fn schema(&self) -> wire::ResourceIdentitySchema {
        let attribute = |it: &IdentityAttribute| wire::IdentityAttribute {
            name: it.name.to_owned(),
            r#type: br#""string""#.to_vec(),
            required_for_import: it.required,
            optional_for_import: !it.required,
            description: it.about.to_owned(),
        };
        wire::ResourceIdentitySchema {
            version: 0,
            identity_attributes: self.attributes.iter().map(attribute).collect(),
        }
    }

    fn of(&self, state: &[u8]) -> Option<wire::ResourceIdentityData> {
        if is_null(state) {
            return None;
        }
        let state = decode::<S>(state).ok()?;
        let msgpack = rmp_serde::to_vec_named(&(self.of)(&state)?).ok()?;
        Some(wire::ResourceIdentityData {
            identity_data: Some(wire::DynamicValue { msgpack, json: Vec::new() }),
        })
    }

    fn id(&self, identity: &[u8]) -> ImportId {
        match decode(identity) {
            Ok(values) => (self.id)(values),
            Err(error) => Box::pin(ready(Err(error.message))),
        }
    }
}
