//! The calls on resources.
//!
//! What Terraform does with an answer decides what is answered: it saves the state of an apply whatever the
//! errors beside it, so where a call made nothing the prior state is given back.

use tf_provider::Diagnostics;

use super::{bytes, identity, value};
use crate::call::{catch, must_explain, report};
use crate::codec::{NULL, is_null};
use crate::erased::{Change, Read, Saved};
use crate::host::{Host, ServedResource};
use crate::{diag, wire};

/// Checks a resource block.
pub(super) async fn validate(
    host: &Host,
    request: wire::ValidateResourceConfigRequest,
) -> wire::ValidateResourceConfigResponse {
    let mut diags = Diagnostics::default();
    if let Some(served) = find(host, &mut diags, &request.type_name) {
        let result = catch(served.resource.validate(&mut diags, &bytes(request.config))).await;
        report(&mut diags, &format!("{}: validate", request.type_name), result);
    }
    wire::ValidateResourceConfigResponse { diagnostics: to_wire(host, &request.type_name, diags) }
}

/// Compares a state with the world.
pub(super) async fn read(host: &Host, request: wire::ReadResourceRequest) -> wire::ReadResourceResponse {
    let mut diags = Diagnostics::default();
    let prior = Saved { state: bytes(request.current_state), private: request.private };
    let mut found = Read::Failed;
    if let Some(served) = find(host, &mut diags, &request.type_name) {
        let result = catch(served.resource.read(&mut diags, &prior.state, &prior.private)).await;
        found = report(&mut diags, &format!("{}: read", request.type_name), result).unwrap_or(Read::Failed);
    }
    let now = match found {
        Read::Found(saved) => saved,
        Read::Gone => nothing(),
        Read::Failed => prior,
    };
    wire::ReadResourceResponse {
        new_identity: identity::of(host, &request.type_name, &now.state),
        new_state: Some(value(now.state)),
        private: now.private,
        diagnostics: to_wire(host, &request.type_name, diags),
    }
}

/// Plans a change.
pub(super) async fn plan(
    host: &Host,
    request: wire::PlanResourceChangeRequest,
) -> wire::PlanResourceChangeResponse {
    let mut diags = Diagnostics::default();
    let mut response = wire::PlanResourceChangeResponse::default();
    if let Some(served) = find(host, &mut diags, &request.type_name) {
        let place = format!("{}: plan", request.type_name);
        let change = Change {
            prior: bytes(request.prior_state),
            next: bytes(request.proposed_new_state),
            config: bytes(request.config),
            private: request.prior_private,
        };
        let result = catch(served.resource.plan(&mut diags, &change)).await;
        match report(&mut diags, &place, result).flatten() {
            Some(planned) => {
                response.planned_identity = identity::of(host, &request.type_name, &planned.saved.state);
                response.planned_state = Some(value(planned.saved.state));
                response.planned_private = planned.saved.private;
                response.requires_replace = planned.replace.iter().map(diag::path_to_wire).collect();
            }
            None => must_explain(&mut diags, &place),
        }
    }
    response.diagnostics = to_wire(host, &request.type_name, diags);
    response
}

/// Makes a planned change.
pub(super) async fn apply(
    host: &Host,
    request: wire::ApplyResourceChangeRequest,
) -> wire::ApplyResourceChangeResponse {
    let mut diags = Diagnostics::default();
    let change = Change {
        prior: bytes(request.prior_state),
        next: bytes(request.planned_state),
        config: bytes(request.config),
        private: request.planned_private,
    };
    let saved = match find(host, &mut diags, &request.type_name) {
        Some(served) => apply_change(served, &mut diags, &request.type_name, &change).await,
        None => None,
    };
    let saved = saved.unwrap_or_else(|| unchanged(change));
    wire::ApplyResourceChangeResponse {
        new_identity: identity::of(host, &request.type_name, &saved.state),
        new_state: Some(value(saved.state)),
        private: saved.private,
        diagnostics: to_wire(host, &request.type_name, diags),
    }
}

/// What exists after the change; `None`, explained, where that is what was before.
async fn apply_change(
    served: &ServedResource,
    diags: &mut Diagnostics,
    type_name: &str,
    change: &Change,
) -> Option<Saved> {
    let resource = &served.resource;
    let (place, saved) = if is_null(&change.prior) {
        let place = format!("{type_name}: create");
        let result = catch(resource.create(diags, change)).await;
        (place.clone(), report(diags, &place, result).flatten())
    } else if is_null(&change.next) {
        let place = format!("{type_name}: destroy");
        let result = catch(resource.destroy(diags, change)).await;
        let done = report(diags, &place, result).flatten().filter(|()| diags.errors.is_empty());
        match done {
            Some(()) => (place, Some(nothing())),
            None => {
                must_explain(diags, &place);
                (place, left(served, change).await)
            }
        }
    } else {
        let place = format!("{type_name}: update");
        let result = catch(resource.update(diags, change)).await;
        (place.clone(), report(diags, &place, result).flatten())
    };
    if saved.is_none() {
        must_explain(diags, &place);
    }
    saved
}

/// What a destruction that failed has left; `None` where that cannot be seen.
async fn left(served: &ServedResource, change: &Change) -> Option<Saved> {
    // The destruction's own errors are the ones to tell; a look that fails as well adds nothing.
    let mut unheard = Diagnostics::default();
    match catch(served.resource.read(&mut unheard, &change.prior, &change.private)).await {
        Ok(Read::Found(saved)) => Some(saved),
        Ok(Read::Gone) => Some(nothing()),
        Ok(Read::Failed) | Err(_) => None,
    }
}

/// The state before a change: for a create, nothing.
fn unchanged(change: Change) -> Saved {
    let state = if is_null(&change.prior) { NULL.to_vec() } else { change.prior };
    Saved { state, private: change.private }
}

/// The state of what does not exist.
fn nothing() -> Saved {
    Saved { state: NULL.to_vec(), private: Vec::new() }
}

/// Imports by id or by identity.
pub(super) async fn import(
    host: &Host,
    request: wire::ImportResourceStateRequest,
) -> wire::ImportResourceStateResponse {
    let mut diags = Diagnostics::default();
    let mut imported_resources = Vec::new();
    if let Some(served) = find(host, &mut diags, &request.type_name) {
        let place = format!("{}: import", request.type_name);
        let id = identity::import_id(served, request.id, request.identity).await;
        let id = id.map_err(|why| diag::root(&mut diags, "The identity cannot be imported", why)).ok();
        let saved = match id {
            Some(id) => {
                let result = catch(served.resource.import(&mut diags, id)).await;
                report(&mut diags, &place, result).flatten()
            }
            None => None,
        };
        match saved {
            Some(saved) => imported_resources.push(wire::ImportedResource {
                identity: identity::of(host, &request.type_name, &saved.state),
                type_name: request.type_name.clone(),
                state: Some(value(saved.state)),
                private: saved.private,
            }),
            None => must_explain(&mut diags, &place),
        }
    }
    wire::ImportResourceStateResponse {
        imported_resources,
        diagnostics: to_wire(host, &request.type_name, diags),
    }
}

/// Brings a state to the schema's version. The current one is passed through: Terraform itself drops
/// attributes that are gone and sets new ones to null.
pub(super) async fn upgrade(
    host: &Host,
    request: wire::UpgradeResourceStateRequest,
) -> wire::UpgradeResourceStateResponse {
    let mut diags = Diagnostics::default();
    let mut upgraded_state = None;
    if let Some(served) = find(host, &mut diags, &request.type_name) {
        let json = request.raw_state.map(|state| state.json).unwrap_or_default();
        let place = format!("{}: upgrade state", request.type_name);
        let result = catch(async { upgraded(served, request.version, json) }).await;
        match report(&mut diags, &place, result) {
            Some(Ok(json)) => upgraded_state = Some(wire::DynamicValue { json, msgpack: Vec::new() }),
            Some(Err(why)) => {
                let summary = format!("The state of a {} could not be upgraded", request.type_name);
                diag::root(&mut diags, summary, why);
            }
            None => {}
        }
    }
    wire::UpgradeResourceStateResponse {
        upgraded_state,
        diagnostics: to_wire(host, &request.type_name, diags),
    }
}

fn upgraded(served: &ServedResource, version: i64, json: Vec<u8>) -> Result<Vec<u8>, String> {
    if json.is_empty() {
        return Err("It was written by a Terraform older than 0.12: upgrade with that first.".to_owned());
    }
    let current = served.resource.schema().schema.as_ref().map_or(0, |schema| schema.version);
    if version == current {
        return Ok(json);
    }
    if version > current {
        return Err(format!(
            "It was written by a newer version of the provider: schema version {version}, here {current}."
        ));
    }
    let Some(upgrade) = &served.upgrade else {
        return Err(format!("There is no way from schema version {version} to {current}."));
    };
    let state = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
    let state = upgrade(version, state)?;
    serde_json::to_vec(&state).map_err(|error| error.to_string())
}

/// Refuses to take over the state of another resource type.
pub(super) async fn r#move(
    _: &Host,
    request: wire::MoveResourceStateRequest,
) -> wire::MoveResourceStateResponse {
    let mut diags = Diagnostics::default();
    let detail = format!(
        "A {} cannot become a {}: remove it from the state and import it instead.",
        request.source_type_name, request.target_type_name
    );
    diag::root(&mut diags, "Moving between resource types is not supported", detail);
    wire::MoveResourceStateResponse { diagnostics: diag::to_wire(diags, || None) }
}

/// The diagnostics of a call on a resource type.
fn to_wire(host: &Host, type_name: &str, diags: Diagnostics) -> Vec<wire::Diagnostic> {
    let served = host.resources.get(type_name);
    diag::to_wire(diags, || served.and_then(|it| it.resource.schema().schema.as_ref()))
}

fn find<'a>(host: &'a Host, diags: &mut Diagnostics, type_name: &str) -> Option<&'a ServedResource> {
    let found = host.resources.get(type_name);
    if found.is_none() {
        let detail = format!("This version of the provider has no resource type `{type_name}`.");
        diag::root(diags, "Unknown resource type", detail);
    }
    found
}
