//! The provider binary: what the provider is made of, and nothing else.

use std::process::ExitCode;
use std::sync::Arc;

use datalake_host::{Host, logs};
use terraform_provider_datalake::provider::{DatalakeProvider, Shared};
use terraform_provider_datalake::resources::identity;
use terraform_provider_datalake::resources::pipeline::PipelineResource;
use terraform_provider_datalake::resources::replay::ReplayResource;
use terraform_provider_datalake::{ADDRESS, data_sources, functions};

fn main() -> ExitCode {
    // Unoptimised futures of the SDK are deep: the default of 2 MiB a worker is not enough for them.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(16 << 20).build();
    match runtime {
        Ok(runtime) => runtime.block_on(serve()),
        Err(error) => {
            eprintln!("the provider cannot start its worker threads: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> ExitCode {
    logs::init("datalake", &["terraform_provider_datalake", "datalake_host"]);
    let shared = Arc::new(Shared::default());
    let provider = DatalakeProvider::new(Arc::clone(&shared));
    let host = Host::new("datalake", ADDRESS, env!("CARGO_PKG_VERSION"), provider);
    let host = functions::serve(data_sources::serve(host, &shared));
    let identity = identity::identity(Arc::clone(&shared));
    let pipeline = PipelineResource { shared: Arc::clone(&shared), stop: host.stop_token() };
    let host = host.resource("pipeline", pipeline, None).identity("pipeline", identity);
    host.resource("replay", ReplayResource { shared }, None).run().await
}
