//! The provider binary: what the provider is made of, and nothing else.

use std::process::ExitCode;
use std::sync::Arc;

use datalake_host::{Host, logs};
use terraform_provider_datalake::ADDRESS;
use terraform_provider_datalake::provider::{DatalakeProvider, Shared};
use terraform_provider_datalake::resources::pipeline::PipelineResource;

#[tokio::main]
async fn main() -> ExitCode {
    logs::init("datalake", &["terraform_provider_datalake", "datalake_host"]);
    let shared = Arc::new(Shared::default());
    let provider = DatalakeProvider::new(Arc::clone(&shared));
    let host = Host::new("datalake", ADDRESS, env!("CARGO_PKG_VERSION"), provider);
    let pipeline = PipelineResource { shared, stop: host.stop_token() };
    host.resource("pipeline", pipeline, None).run().await
}
