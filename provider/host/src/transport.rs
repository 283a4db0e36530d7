//! Where Terraform finds the process: a unix socket that only this user can reach, or a port of the loopback interface.
//!
//! Any user of the machine can connect to a port, so there Terraform has to prove who it is: see `tls`.

use std::env;
use std::io;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use tokio::net::TcpListener;

use crate::connection::Connection;
#[cfg(unix)]
use crate::socket::Socket;

/// Asks for a transport other than the machine's own: a port where there are sockets too.
const VARIABLE: &str = "DATALAKE_HOST_TRANSPORT";
/// The ports that Terraform would like to see, both inclusive.
const PORTS: [&str; 2] = ["PLUGIN_MIN_PORT", "PLUGIN_MAX_PORT"];

/// A kind of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// A socket in a folder of its own.
    #[cfg(unix)]
    Unix,
    /// A port of 127.0.0.1.
    Tcp,
}

impl Transport {
    /// What this machine has, or what the environment asks for.
    pub(crate) fn of_environment() -> Result<Self, String> {
        Self::named(env::var(VARIABLE).ok().as_deref())
    }

    fn named(name: Option<&str>) -> Result<Self, String> {
        match name.unwrap_or_default() {
            #[cfg(unix)]
            "" | "unix" => Ok(Self::Unix),
            #[cfg(not(unix))]
            "" => Ok(Self::Tcp),
            "tcp" => Ok(Self::Tcp),
            other => Err(format!("{VARIABLE} is `{other}`, which this machine has not")),
        }
    }

    /// Whether whoever can connect is this user.
    pub(crate) fn is_private(self) -> bool {
        match self {
            #[cfg(unix)]
            Self::Unix => true,
            Self::Tcp => false,
        }
    }
}

/// Something that listens.
pub(crate) enum Listener {
    #[cfg(unix)]
    Unix(Socket),
    Tcp(TcpListener),
}

/// An address as go-plugin names it.
pub(crate) struct Address {
    pub network: &'static str,
    pub name: String,
}

impl Listener {
    /// Listens for the provider of this name.
    #[cfg_attr(not(unix), expect(unused_variables, reason = "a port has no name"))]
    pub(crate) async fn bind(transport: Transport, provider: &str) -> io::Result<Self> {
        match transport {
            #[cfg(unix)]
            Transport::Unix => Socket::bind(provider).map(Self::Unix),
            Transport::Tcp => port(ports(|name| env::var(name).ok())?).await.map(Self::Tcp),
        }
    }

    pub(crate) fn address(&self) -> io::Result<Address> {
        Ok(match self {
            #[cfg(unix)]
            Self::Unix(socket) => Address { network: "unix", name: socket.path().display().to_string() },
            Self::Tcp(listener) => Address { network: "tcp", name: listener.local_addr()?.to_string() },
        })
    }

    /// The next who connects.
    pub(crate) async fn accept(&self) -> io::Result<Connection> {
        match self {
            #[cfg(unix)]
            Self::Unix(socket) => socket.accept().await.map(Connection::new),
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?; // calls are small and waited for
                Ok(Connection::new(stream))
            }
        }
    }
}

/// The ports to try; any one where Terraform names none.
fn ports(variable: impl Fn(&str) -> Option<String>) -> io::Result<RangeInclusive<u16>> {
    let port = |name: &str| match variable(name) {
        None => Ok(0),
        Some(text) => text.parse().map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("{name} is `{text}`: {error}"))
        }),
    };
    Ok(port(PORTS[0])?..=port(PORTS[1])?)
}

/// The first of the ports that is free.
async fn port(ports: RangeInclusive<u16>) -> io::Result<TcpListener> {
    let mut last = io::Error::new(io::ErrorKind::InvalidInput, format!("there is no port in {ports:?}"));
    for port in ports {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transports_have_names() {
        let cases = [
            (Some("tcp"), Some(Transport::Tcp)),
            #[cfg(unix)]
            (None, Some(Transport::Unix)),
            #[cfg(unix)]
            (Some(""), Some(Transport::Unix)),
            #[cfg(unix)]
            (Some("unix"), Some(Transport::Unix)),
            #[cfg(not(unix))]
            (None, Some(Transport::Tcp)),
            #[cfg(not(unix))]
            (Some("unix"), None),
            (Some("TCP"), None),
            (Some("udp"), None),
        ];
        for (name, expect) in cases {
            assert_eq!(Transport::named(name).ok(), expect, "{name:?}");
        }
    }

    #[test]
    fn ports_are_a_range_in_the_environment() {
        let cases = [
            (None, None, Some(0..=0)),
            (Some("10000"), Some("25000"), Some(10_000..=25_000)),
            (Some("1"), Some("65536"), None),
            (Some("-1"), Some("2"), None),
            (Some(""), Some("2"), None),
        ];
        for (min, max, expect) in cases {
            let found = ports(|name| if name == PORTS[0] { min } else { max }.map(str::to_owned));
            assert_eq!(found.ok(), expect, "{min:?} {max:?}");
        }
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_passed_over() {
        let first = port(0..=0).await.unwrap();
        let taken = first.local_addr().unwrap().port();
        let next = port(taken..=u16::MAX).await.unwrap().local_addr().unwrap();
        assert!(next.ip().is_loopback() && next.port() > taken, "{next}");
        let none = port(taken..=taken).await.unwrap_err();
        assert_eq!(none.kind(), io::ErrorKind::AddrInUse);
        let (first, last) = (2, 1);
        assert_eq!(port(first..=last).await.unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
