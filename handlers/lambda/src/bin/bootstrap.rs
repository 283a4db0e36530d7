//! The one binary all functions share: `_HANDLER` says which handler to be.

use std::sync::Arc;

use datalake_handlers::service::Service;
use lambda_runtime::{Error, run, service_fn};

// The row engine frees and takes many buffers of a few sizes; the system allocator of the OS-only runtime is slow at it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> Result<(), Error> {
    datalake_handlers::logging::init();
    let service =
        Service::from_environment().await.inspect_err(|error| tracing::error!(%error, "cannot start"))?;
    let service = Arc::new(service);
    run(service_fn(move |event| {
        let service = Arc::clone(&service);
        async move { service.invoke(event).await }
    }))
    .await
}
