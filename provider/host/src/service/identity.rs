//! The calls on identities, and the identity beside each state.

use super::bytes;
use crate::host::{Host, ServedResource};
use crate::wire;

/// The schema of every identity.
pub(super) async fn schemas(host: &Host, _: wire::Empty) -> wire::GetResourceIdentitySchemasResponse {
    let served = host.resources.iter();
    let schemas =
        served.filter_map(|(name, served)| Some((name.clone(), served.identity.as_ref()?.schema())));
    wire::GetResourceIdentitySchemasResponse { identity_schemas: schemas.collect() }
}

/// There is one version of every identity: it is passed through.
pub(super) async fn upgrade(
    _: &Host,
    request: wire::UpgradeResourceIdentityRequest,
) -> wire::UpgradeResourceIdentityResponse {
    let json = request.raw_identity.map(|identity| identity.json).unwrap_or_default();
    let identity_data = Some(wire::DynamicValue { json, msgpack: Vec::new() });
    wire::UpgradeResourceIdentityResponse {
        upgraded_identity: Some(wire::ResourceIdentityData { identity_data }),
    }
}

/// The identity of a state, where the resource type has one and it is known.
pub(super) fn of(host: &Host, type_name: &str, state: &[u8]) -> Option<wire::ResourceIdentityData> {
    host.resources.get(type_name)?.identity.as_ref()?.of(state)
}

/// The id that is imported: the one given, or that of the identity given.
pub(super) async fn import_id(
    served: &ServedResource,
    id: String,
    identity: Option<wire::ResourceIdentityData>,
) -> Result<String, String> {
    match (&served.identity, identity.and_then(|identity| identity.identity_data)) {
        (Some(known), Some(given)) if id.is_empty() => known.id(&bytes(Some(given))).await,
        _ => Ok(id),
    }
}
