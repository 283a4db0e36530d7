//! The gRPC services: each method hands its message to a function of the same name.

mod data;
mod function;
mod identity;
mod provider;
mod resource;
#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::sync::Arc;

use futures::Stream;
use tonic::{Request, Response, Status};
use tracing::Instrument;

use crate::host::Host;
use crate::wire::provider::Provider;
use crate::wire::{self, DynamicValue, controller, stdio};

/// The host as the gRPC services.
#[derive(Clone)]
pub(crate) struct Service(pub Arc<Host>);

type Reply<T> = Result<Response<T>, Status>;

/// Runs one call inside a span that names it, so that each line of the log does too.
async fn reply<T>(rpc: &'static str, of: &str, answer: impl Future<Output = T>) -> Reply<T> {
    let span = tracing::info_span!("rpc", tf_rpc = rpc, tf_type = of);
    let answer = async {
        tracing::debug!("started");
        let answer = answer.await;
        tracing::debug!("answered");
        answer
    };
    Ok(Response::new(answer.instrument(span).await))
}

/// The MessagePack of a value; none at all is null.
fn bytes(value: Option<DynamicValue>) -> Vec<u8> {
    value.map(|value| value.msgpack).unwrap_or_default()
}

/// A value of MessagePack.
fn value(msgpack: Vec<u8>) -> DynamicValue {
    DynamicValue { msgpack, json: Vec::new() }
}

/// The methods that answer one message with another, by the name of the message, of the thing it is about
/// and of the function that answers.
macro_rules! methods {
    ($($method:ident: $request:ident -> $response:ident, $field:ident, $module:ident::$function:ident;)*) => {
        #[tonic::async_trait]
        impl Provider for Service {
            $(
                async fn $method(&self, request: Request<wire::$request>) -> Reply<wire::$response> {
                    let request = request.into_inner();
                    let of = methods!(@of request $field);
                    reply(stringify!($method), &of, $module::$function(&self.0, request)).await
                }
            )*
        }
    };
    (@of $request:ident provider) => { String::new() };
    (@of $request:ident $field:ident) => { $request.$field.clone() };
}

methods! {
    get_provider_schema: GetProviderSchemaRequest -> GetProviderSchemaResponse,
        provider, provider::schema;
    validate_provider_config: ValidateProviderConfigRequest -> ValidateProviderConfigResponse,
        provider, provider::validate;
    configure_provider: ConfigureProviderRequest -> ConfigureProviderResponse,
        provider, provider::configure;
    stop_provider: StopProviderRequest -> StopProviderResponse,
        provider, provider::stop;
    get_resource_identity_schemas: GetResourceIdentitySchemasRequest -> GetResourceIdentitySchemasResponse,
        provider, identity::schemas;
    upgrade_resource_identity: UpgradeResourceIdentityRequest -> UpgradeResourceIdentityResponse,
        type_name, identity::upgrade;
    validate_resource_config: ValidateResourceConfigRequest -> ValidateResourceConfigResponse,
        type_name, resource::validate;
    upgrade_resource_state: UpgradeResourceStateRequest -> UpgradeResourceStateResponse,
        type_name, resource::upgrade;
    read_resource: ReadResourceRequest -> ReadResourceResponse,
        type_name, resource::read;
    plan_resource_change: PlanResourceChangeRequest -> PlanResourceChangeResponse,
        type_name, resource::plan;
    apply_resource_change: ApplyResourceChangeRequest -> ApplyResourceChangeResponse,
        type_name, resource::apply;
    import_resource_state: ImportResourceStateRequest -> ImportResourceStateResponse,
        type_name, resource::import;
    move_resource_state: MoveResourceStateRequest -> MoveResourceStateResponse,
        target_type_name, resource::r#move;
    validate_data_resource_config: ValidateDataResourceConfigRequest -> ValidateDataResourceConfigResponse,
        type_name, data::validate;
    read_data_source: ReadDataSourceRequest -> ReadDataSourceResponse,
        type_name, data::read;
    get_functions: GetFunctionsRequest -> GetFunctionsResponse,
        provider, function::list;
    call_function: CallFunctionRequest -> CallFunctionResponse,
        name, function::call;
}

#[tonic::async_trait]
impl controller::GRPCController for Service {
    /// Ends the server; calls in flight are answered first.
    async fn shutdown(&self, _: Request<wire::Empty>) -> Reply<wire::Empty> {
        self.0.shutdown.cancel();
        Ok(Response::new(wire::Empty {}))
    }
}

#[tonic::async_trait]
impl stdio::GRPCStdio for Service {
    type StreamStdioStream = Pin<Box<dyn Stream<Item = Result<wire::StdioData, Status>> + Send>>;

    /// Sends nothing, and ends with the server: an open stream would keep it from ending.
    async fn stream_stdio(&self, _: Request<wire::Empty>) -> Reply<Self::StreamStdioStream> {
        let ended = self.0.shutdown.clone().cancelled_owned();
        let stream = futures::StreamExt::take_until(futures::stream::pending(), ended);
        Ok(Response::new(Box::pin(stream)))
    }
}
