//! The calls on data sources.

use tf_provider::Diagnostics;

use super::{bytes, value};
use crate::call::{catch, must_explain, report};
use crate::diag;
use crate::erased::AnyData;
use crate::host::Host;
use crate::wire;

/// Checks a data block.
pub(super) async fn validate(
    host: &Host,
    request: wire::ValidateDataResourceConfigRequest,
) -> wire::ValidateDataResourceConfigResponse {
    let mut diags = Diagnostics::default();
    if let Some(data_source) = find(host, &mut diags, &request.type_name) {
        let result = catch(data_source.validate(&mut diags, &bytes(request.config))).await;
        report(&mut diags, &format!("{}: validate", request.type_name), result);
    }
    wire::ValidateDataResourceConfigResponse { diagnostics: to_wire(host, &request.type_name, diags) }
}

/// Answers a data block.
pub(super) async fn read(host: &Host, request: wire::ReadDataSourceRequest) -> wire::ReadDataSourceResponse {
    let mut diags = Diagnostics::default();
    let state = match find(host, &mut diags, &request.type_name) {
        Some(data_source) => {
            let place = format!("{}: read", request.type_name);
            let result = catch(data_source.read(&mut diags, &bytes(request.config))).await;
            let state = report(&mut diags, &place, result).flatten();
            if state.is_none() {
                must_explain(&mut diags, &place);
            }
            state
        }
        None => None,
    };
    wire::ReadDataSourceResponse {
        state: state.map(value),
        diagnostics: to_wire(host, &request.type_name, diags),
    }
}

/// The diagnostics of a call on a data source type.
fn to_wire(host: &Host, type_name: &str, diags: Diagnostics) -> Vec<wire::Diagnostic> {
    let data_source = host.data_sources.get(type_name);
    diag::to_wire(diags, || data_source.and_then(|it| it.schema().schema.as_ref()))
}

fn find<'a>(host: &'a Host, diags: &mut Diagnostics, type_name: &str) -> Option<&'a dyn AnyData> {
    let found = host.data_sources.get(type_name);
    if found.is_none() {
        let detail = format!("This version of the provider has no data source type `{type_name}`.");
        diag::root(diags, "Unknown data source type", detail);
    }
    found.map(AsRef::as_ref)
}
