//! The process: how it was started, what it announces, when it ends.

use std::env;
use std::io::Write;
use std::sync::Arc;

use serde_json::json;
use tokio::signal::ctrl_c;
use tokio_rustls::TlsAcceptor;
use tonic::transport::Server;

use crate::host::Host;
use crate::incoming::incoming;
use crate::service::Service;
use crate::tls::Tls;
use crate::transport::{Listener, Transport};
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
    /// The environment asks for a transport that is none here.
    #[error("{0}")]
    Transport(String),
    /// Neither a socket nor a port.
    #[error("cannot listen on a socket in the temporary folder, or a port of this machine: {0}")]
    Listen(#[source] std::io::Error),
    /// A port is open to every user of the machine.
    #[error(
        "cannot serve on a port: without a certificate of Terraform's anybody on this machine could connect to it"
    )]
    Unprotected,
    /// The handshake could not be written: nobody is listening.
    #[error("cannot announce the address: {0}")]
    Announce(#[source] std::io::Error),
    /// What Terraform sent is no certificate.
    #[error("PLUGIN_CLIENT_CERT holds no certificate: {0}")]
    ClientCertificate(#[source] rustls::pki_types::pem::Error),
    /// No certificate could be made.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The certificates cannot be worked with.
    #[error("cannot prepare TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The server failed.
    #[error("cannot serve: {0}")]
    Server(#[from] tonic::transport::Error),
}

/// How the process was started.
#[derive(Debug, PartialEq)]
enum Start {
    /// By Terraform; with TLS if it sent a certificate.
    Terraform { certificate: Option<String> },
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
                Self::Terraform { certificate: client_cert.filter(|it| !it.is_empty()) }
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
        Start::Terraform { certificate } => for_terraform(host, certificate.as_deref()).await,
    }
}

async fn for_terraform(host: Arc<Host>, certificate: Option<&str>) -> Result<(), HostError> {
    // An interrupt in a terminal reaches every process of it; Terraform tells us by StopProvider.
    tokio::spawn(async { while ctrl_c().await.is_ok() {} });
    let listener = listen(&host, certificate.is_some()).await?;
    let tls = certificate.map(Tls::with).transpose()?;
    let (acceptor, line) = tls.map(|tls| (tls.acceptor, tls.line)).unzip();
    let address = listener.address().map_err(HostError::Listen)?;
    tracing::debug!(network = address.network, address = %address.name, "plugin address");
    announce(&format!("1|6|{}|{}|grpc|{}", address.network, address.name, line.unwrap_or_default()))?;
    run(listener, acceptor, host).await
}

async fn for_debugging(host: Arc<Host>) -> Result<(), HostError> {
    let listener = listen(&host, false).await?;
    let address = listener.address().map_err(HostError::Listen)?;
    let attach = json!({ &host.address: {
        "Protocol": "grpc", "ProtocolVersion": 6, "Pid": std::process::id(), "Test": true,
        "Addr": { "Network": address.network, "String": address.name },
    }});
    announce(&format!("TF_REATTACH_PROVIDERS='{attach}'"))?;
    let shutdown = host.shutdown.clone();
    tokio::spawn(async move {
        if ctrl_c().await.is_ok() {
            shutdown.cancel();
        }
    });
    run(listener, None, host).await
}

/// Listens where only Terraform gets through: where it proves who it is, or where nobody else can connect.
async fn listen(host: &Host, proven: bool) -> Result<Listener, HostError> {
    let transport = Transport::of_environment().map_err(HostError::Transport)?;
    if !proven && !transport.is_private() {
        return Err(HostError::Unprotected);
    }
    Listener::bind(transport, &host.name).await.map_err(HostError::Listen)
}

/// Writes the one line that whoever started the process waits for.
fn announce(line: &str) -> Result<(), HostError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(HostError::Announce)
}

async fn run(listener: Listener, tls: Option<TlsAcceptor>, host: Arc<Host>) -> Result<(), HostError> {
    let ended = host.shutdown.clone().cancelled_owned();
    let service = Service(host);
    let provider = ProviderServer::new(service.clone())
        .max_decoding_message_size(MAX_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_MESSAGE_BYTES);
    Server::builder()
        .add_service(provider)
        .add_service(GRPCControllerServer::new(service.clone()))
        .add_service(GRPCStdioServer::new(service))
        .serve_with_incoming_shutdown(incoming(listener, tls), ended)
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
        check(&[], Some(COOKIE.1), None, Start::Terraform { certificate: None });
        check(&[], Some(COOKIE.1), Some(""), Start::Terraform { certificate: None });
        check(&[], Some(COOKIE.1), Some("pem"), Start::Terraform { certificate: Some("pem".to_owned()) });
        check(&["--debug"], None, None, Start::Debug);
        check(&["--version"], None, None, Start::Version);
    }
}
