//! Just enough HTTP to talk to servers on this machine: one request, one answer, one connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::ensure;
use crate::error::{Context, Error, Result};

/// Longest wait for a part of an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends a request without a body to a loopback server and returns the answer's body.
///
/// # Errors
/// When the server cannot be reached or does not answer with a 2xx status.
pub fn request(method: &str, endpoint: &str, path: &str) -> Result<String> {
    let what = || format!("{method} {endpoint}{path}");
    let host = endpoint.strip_prefix("http://").unwrap_or(endpoint);
    let address: SocketAddr = host.parse().context(what)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).context(what)?;
    stream.set_read_timeout(Some(PATIENCE)).context(what)?;
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).context(what)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).context(what)?;
    let (head, body) =
        answer.split_once("\r\n\r\n").ok_or_else(|| Error::new(format!("{}: no answer", what())))?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    ensure!(status.starts_with('2'), "{}: answered with status {status}", what());
    Ok(body.to_owned())
}

/// The request line and headers of a request that arrived, without its body.
///
/// # Errors
/// When the client goes away first.
pub fn read_head(stream: &TcpStream) -> Result<Vec<String>> {
    let lines = BufReader::new(stream).lines();
    let lines = lines.take_while(|line| line.as_ref().is_ok_and(|line| !line.is_empty()) || line.is_err());
    lines.collect::<std::io::Result<Vec<String>>>().context(|| "a request cannot be read".to_owned())
}

/// Whether nobody listens on a loopback port.
#[must_use]
pub fn port_is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// A loopback port nobody listens on now.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Result<u16> {
    let what = || "no loopback port is free: end a program that holds one and try again".to_owned();
    let listener = TcpListener::bind(("127.0.0.1", 0)).context(what)?;
    Ok(listener.local_addr().context(what)?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serve_once(answer: &'static str) -> (String, std::thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let head = read_head(&stream).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            head
        });
        (endpoint, server)
    }

    #[test]
    fn one_request_one_answer() {
        let (endpoint, server) = serve_once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        assert_eq!(request("POST", &endpoint, "/x?ms=50").unwrap(), "hi");
        assert_eq!(server.join().unwrap()[0], "POST /x?ms=50 HTTP/1.1");
    }

    #[test]
    fn refusals() {
        let (endpoint, server) = serve_once("HTTP/1.1 404 Not Found\r\n\r\n");
        assert!(request("GET", &endpoint, "/x").unwrap_err().to_string().contains("status 404"));
        server.join().unwrap();
        let port = free_port().unwrap();
        assert!(port_is_free(port));
        assert!(request("GET", &format!("http://127.0.0.1:{port}"), "/").is_err());
    }
}
