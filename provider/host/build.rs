//! Generates the gRPC servers from the lists of methods below.
//!
//! The messages are declared in `src/wire`, so no `.proto` file and no `protoc` is needed here. A
//! method that is not listed is answered `UNIMPLEMENTED`, which Terraform takes for "not offered".

use tonic_build::manual::{Builder, Method, Service};

/// Every provider method that is served: the Rust name and the name on the wire.
const PROVIDER: &[(&str, &str)] = &[
    ("get_provider_schema", "GetProviderSchema"),
    ("validate_provider_config", "ValidateProviderConfig"),
    ("configure_provider", "ConfigureProvider"),
    ("stop_provider", "StopProvider"),
    ("get_resource_identity_schemas", "GetResourceIdentitySchemas"),
    ("upgrade_resource_identity", "UpgradeResourceIdentity"),
    ("validate_resource_config", "ValidateResourceConfig"),
    ("upgrade_resource_state", "UpgradeResourceState"),
    ("read_resource", "ReadResource"),
    ("plan_resource_change", "PlanResourceChange"),
    ("apply_resource_change", "ApplyResourceChange"),
    ("import_resource_state", "ImportResourceState"),
    ("move_resource_state", "MoveResourceState"),
    ("validate_data_resource_config", "ValidateDataResourceConfig"),
    ("read_data_source", "ReadDataSource"),
    ("get_functions", "GetFunctions"),
    ("call_function", "CallFunction"),
];

fn main() {
    let provider = PROVIDER.iter().fold(service("tfplugin6", "Provider"), |service, (name, route)| {
        service.method(
            method(name, route)
                .input_type(format!("crate::wire::{route}Request"))
                .output_type(format!("crate::wire::{route}Response"))
                .build(),
        )
    });
    let shutdown = method("shutdown", "Shutdown").input_type(EMPTY).output_type(EMPTY).build();
    let stdio = method("stream_stdio", "StreamStdio")
        .input_type(EMPTY)
        .output_type("crate::wire::StdioData")
        .server_streaming()
        .build();
    Builder::new().build_client(false).compile(&[
        provider.build(),
        service("plugin", "GRPCController").method(shutdown).build(),
        service("plugin", "GRPCStdio").method(stdio).build(),
    ]);
    println!("cargo:rerun-if-changed=build.rs");
}

const EMPTY: &str = "crate::wire::Empty";

fn service(package: &str, name: &str) -> tonic_build::manual::ServiceBuilder {
    Service::builder().package(package).name(name)
}

fn method(name: &str, route: &str) -> tonic_build::manual::MethodBuilder {
    Method::builder().name(name).route_name(route).codec_path("tonic::codec::ProstCodec")
}
