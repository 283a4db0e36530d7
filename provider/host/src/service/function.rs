//! The calls on functions.

use std::collections::BTreeMap;

use tf_provider::Diagnostics;

use super::{bytes, value};
use crate::call::{catch, must_explain, report};
use crate::host::Host;
use crate::service::provider::built;
use crate::{diag, schema, wire};

/// Every function.
pub(super) async fn list(host: &Host, _: wire::Empty) -> wire::GetFunctionsResponse {
    let mut diags = Diagnostics::default();
    let functions = all(host, &mut diags);
    wire::GetFunctionsResponse { functions, diagnostics: diag::to_wire(diags, || None) }
}

/// The signatures by name.
pub(super) fn all(host: &Host, diags: &mut Diagnostics) -> BTreeMap<String, wire::Function> {
    let mut functions = BTreeMap::new();
    for (name, function) in &host.functions {
        if let Some(it) = built(diags, function.schema()) {
            functions.insert(name.clone(), schema::function_to_wire(it));
        }
    }
    functions
}

/// Calls a function.
pub(super) async fn call(host: &Host, request: wire::CallFunctionRequest) -> wire::CallFunctionResponse {
    let mut diags = Diagnostics::default();
    let Some(function) = host.functions.get(&request.name) else {
        let text = format!("this version of the provider has no function `{}`", request.name);
        let error = Some(wire::FunctionError { text, function_argument: None });
        return wire::CallFunctionResponse { result: None, error };
    };
    let arguments: Vec<_> = request.arguments.into_iter().map(|it| bytes(Some(it))).collect();
    let result = catch(function.call(&mut diags, &arguments)).await;
    let result = report(&mut diags, &request.name, result).flatten();
    if result.is_none() {
        must_explain(&mut diags, &request.name);
    }
    let error = diag::to_function_error(&diags);
    // The protocol takes one of the two.
    let result = if error.is_none() { result.map(value) } else { None };
    wire::CallFunctionResponse { result, error }
}
