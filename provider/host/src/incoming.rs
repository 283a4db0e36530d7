//! Connections as the server takes them: those whose other end has shown who it is.

use std::io;
use std::time::Duration;

use futures::stream::{self, Stream, StreamExt};
use tokio_rustls::TlsAcceptor;

use crate::connection::Connection;
use crate::transport::Listener;

/// How many may be shaking hands at a time: strangers who connect and say nothing must not keep Terraform waiting.
const PENDING: usize = 256;
/// How long a handshake may take. Terraform's takes milliseconds.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Accepts for as long as it is asked to, with TLS if there is an acceptor.
pub(crate) fn incoming(
    listener: Listener,
    tls: Option<TlsAcceptor>,
) -> impl Stream<Item = io::Result<Connection>> {
    stream::unfold(listener, |listener| async move { Some((listener.accept().await, listener)) })
        .map(move |accepted| greet(accepted, tls.clone()))
        .buffer_unordered(PENDING)
        .filter_map(|greeted| async move { greeted })
}

/// The connection, or none where the other end is refused: that is its concern and not the server's end.
async fn greet(accepted: io::Result<Connection>, tls: Option<TlsAcceptor>) -> Option<io::Result<Connection>> {
    let (connection, tls) = match (accepted, tls) {
        (Ok(connection), Some(tls)) => (connection, tls),
        (accepted, _) => return Some(accepted),
    };
    match tokio::time::timeout(HANDSHAKE, tls.accept(connection)).await {
        Ok(Ok(stream)) => return Some(Ok(Connection::new(stream))),
        Ok(Err(error)) => tracing::warn!(%error, "a connection was refused"),
        Err(_) => tracing::warn!("a connection was refused: its other end said nothing"),
    }
    None
}
