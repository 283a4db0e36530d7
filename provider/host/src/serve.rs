//! The process: how it was started, what it announces, when it ends.

use std::env;
use std::io::Write;
use std::sync::Arc;

use serde_json::json;
use tokio::net::UnixListener;
use tokio::signal::ctrl_c;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::transport::Server;

use crate::host::Host;
use crate::service::Service;
use crate::socket::Socket;
use crate::tls;
use crate::wire::controller::GRPCControllerServer;
use crate::wire::provider::ProviderServer;
use crate::wire::stdio::GRPCStdioServer;

/// What Terraform sets so that a plugin knows it is one.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// The same limit as HashiCorp's SDK sets: an update carries three copies of a resource.
const MAX_MESSAGE_BYTES: usize = 256 << 20;

/// Why a host could not serve.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The binary was run by hand.
    #[error(
        "this is the Terraform provider {address}, which Terraform starts itself: require it in a \
         configuration and run `terraform init`, or run it with --debug to attach a debugger"
    )]
    NotTerraform {
        /// The provider's source address.
        address: String,
    },
    /// The socket could not be made.
    #[error("cannot listen on a socket in the temporary folder: {0}")]
    Socket(#[source] std::io::Error),
    /// The handshake could not be written: nobody is listening.
    #[error("cannot announce the socket: {0}")]
    Announce(#[source] std::io::Error),
    /// No certificate could be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The server failed.
    #[error("cannot serve: {0}")]
    Server(#[from] tonic::transport::Error),
}

/// How the process was started.
#[derive(Debug, PartialEq)]
enum Start {
    /// By Terraform; with TLS if it sent a certificate.
    Terraform { tls: bool },
    /// By a developer, to be attached to.
    Debug,
    /// To be told its version.
    Version,
    /// By hand.
    ByHand,
}

impl Start {
    fn of(
        mut args: impl Iterator<Item = String>,
        cookie: Option<String>,
        client_cert: Option<String>,
    ) -> Self {
        match args.next().as_deref() {
            Some("--version") => Self::Version,
            Some("--debug") => Self::Debug,
            _ if cookie.as_deref() == Some(COOKIE.1) => {
                Self::Terraform { tls: client_cert.is_some_and(|it| !it.is_empty()) }
            }
            _ => Self::ByHand,
        }
    }
}

/// Serves as the arguments and the environment say.
pub(crate) async fn serve(host: Arc<Host>) -> Result<(), HostError> {
    let start = Start::of(env::args().skip(1), env::var(COOKIE.0).ok(), env::var("PLUGIN_CLIENT_CERT").ok());
    match start {
        Start::Version => {
            println!("terraform-provider-{} {}", host.name, host.version);
            Ok(())
        }
        Start::ByHand => Err(HostError::NotTerraform { address: host.address.clone() }),
        Start::Debug => for_debugging(host).await,
        Start::Terraform { tls } => for_terraform(host, tls).await,
    }
}

async fn for_terraform(host: Arc<Host>, tls: bool) -> Result<(), HostError> {
    // An interrupt in a terminal reaches every process of it; Terraform tells us by StopProvider.
    tokio::spawn(async { while ctrl_c().await.is_ok() {} });
    let (socket, listener) = Socket::bind(&host.name).map_err(HostError::Socket)?;
    let mut server = Server::builder();
    let mut certificate = String::new();
    if tls {
        let made = tls::certificate()?;
        server = server.tls_config(made.config)?;
        certificate = made.line;
    }
    announce(&format!("1|6|unix|{}|grpc|{certificate}", socket.path().display()))?;
    run(server, listener, host).await
}

async fn for_debugging(host: Arc<Host>) -> Result<(), HostError> {
    let (socket, listener) = Socket::bind(&host.name).map_err(HostError::Socket)?;
    let attach = json!({ &host.address: {
        "Protocol": "grpc", "ProtocolVersion": 6, "Pid": std::process::id(), "Test": true,
        "Addr": { "Network": "unix", "String": socket.path() },
    }});
    announce(&format!("TF_REATTACH_PROVIDERS='{attach}'"))?;
    let shutdown = host.shutdown.clone();
    tokio::spawn(async move {
        if ctrl_c().await.is_ok() {
            shutdown.cancel();
        }
    });
    run(Server::builder(), listener, host).await
}

/// Writes the one line that whoever started the process waits for.
fn announce(line: &str) -> Result<(), HostError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(HostError::Announce)
}

async fn run(mut server: Server, listener: UnixListener, host: Arc<Host>) -> Result<(), HostError> {
    let ended = host.shutdown.clone().cancelled_owned();
    let service = Service(host);
    let provider = ProviderServer::new(service.clone())
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    server
        .add_service(provider)
        .add_service(GRPCControllerServer::new(service.clone()))
        .add_service(GRPCStdioServer::new(service))
        .serve_with_incoming_shutdown(UnixListenerStream::new(listener), ended)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(args: &[&str], cookie: Option<&str>, cert: Option<&str>, expect: Start) {
        let args = args.iter().map(|it| (*it).to_owned());
        assert_eq!(Start::of(args, cookie.map(str::to_owned), cert.map(str::to_owned)), expect);
    }

    #[test]
    fn the_start_is_recognised() {
        check(&[], None, None, Start::ByHand);
        check(&[], Some("biscuit"), Some("pem"), Start::ByHand);
        check(&[], Some(COOKIE.1), None, Start::Terraform { tls: false });
        check(&[], Some(COOKIE.1), Some("pem"), Start::Terraform { tls: true });
        check(&["--debug"], None, None, Start::Debug);
        check(&["--version"], None, None, Start::Version);
    }
}
