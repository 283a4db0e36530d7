//! The calls on the provider itself.

use tf_provider::Diagnostics;

use crate::call::{catch, report};
use crate::diag;
use crate::erased::Built;
use crate::host::Host;
use crate::schema;
use crate::service::bytes;
use crate::wire;

/// Every schema.
pub(super) async fn schema(host: &Host, _: wire::Empty) -> wire::GetProviderSchemaResponse {
    let mut diags = Diagnostics::default();
    let mut response = wire::GetProviderSchemaResponse {
        provider: built(&mut diags, host.provider.schema()).map(schema::to_wire),
        server_capabilities: Some(wire::ServerCapabilities {
            plan_destroy: true,
            get_provider_schema_optional: true,
            move_resource_state: false,
        }),
        functions: super::function::all(host, &mut diags),
        ..Default::default()
    };
    for (name, served) in &host.resources {
        if let Some(it) = built(&mut diags, served.resource.schema()) {
            response.resource_schemas.insert(name.clone(), schema::to_wire(it));
        }
    }
    for (name, data_source) in &host.data_sources {
        if let Some(it) = built(&mut diags, data_source.schema()) {
            response.data_source_schemas.insert(name.clone(), schema::to_wire(it));
        }
    }
    response.diagnostics = diag::to_wire(diags, || None);
    response
}

/// The schema, with what was said while it was built added to the diagnostics.
pub(super) fn built<'a, S>(diags: &mut Diagnostics, built: &'a Built<S>) -> Option<&'a S> {
    diags.add_diagnostics(built.diags.clone());
    built.schema.as_ref()
}

/// Checks the provider block.
pub(super) async fn validate(
    host: &Host,
    request: wire::ValidateProviderConfigRequest,
) -> wire::ValidateProviderConfigResponse {
    let mut diags = Diagnostics::default();
    let result = catch(host.provider.validate(&mut diags, &bytes(request.config))).await;
    report(&mut diags, "provider: validate", result);
    wire::ValidateProviderConfigResponse {
        diagnostics: diag::to_wire(diags, || host.provider.schema().schema.as_ref()),
    }
}

/// Makes the provider ready to work.
pub(super) async fn configure(
    host: &Host,
    request: wire::ConfigureProviderRequest,
) -> wire::ConfigureProviderResponse {
    let mut diags = Diagnostics::default();
    let config = bytes(request.config);
    let result = catch(host.provider.configure(&mut diags, request.terraform_version, &config)).await;
    report(&mut diags, "provider: configure", result);
    wire::ConfigureProviderResponse {
        diagnostics: diag::to_wire(diags, || host.provider.schema().schema.as_ref()),
    }
}

/// The user interrupted Terraform: running calls are told, and still answered.
pub(super) async fn stop(host: &Host, _: wire::Empty) -> wire::StopProviderResponse {
    tracing::warn!("asked to stop");
    host.stop.cancel();
    wire::StopProviderResponse {}
}
