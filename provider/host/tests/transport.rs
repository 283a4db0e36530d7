//! Who may speak to the process, on each transport.

#![expect(clippy::unwrap_used, reason = "a test fails where its surroundings do")]
#![cfg(unix)]

mod support;

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rcgen::{CertificateParams, KeyPair};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned, version,
};

use support::{Sandbox, finish, toy};

const TRANSPORT: &str = "DATALAKE_HOST_TRANSPORT";
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");
const THING: &str = "resource \"toy_thing\" \"t\" {\n name = \"first\"\n}";
/// What a client of HTTP/2 says first, with an empty frame of settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// Where the type of a frame stands, and that of settings: what a server answers.
const SETTINGS: (usize, u8) = (3, 4);

trait Duplex: Read + Write {}
impl<T: Read + Write> Duplex for T {}

/// A certificate for this test alone, as Terraform makes one.
struct Certificate {
    der: CertificateDer<'static>,
    pem: String,
    key: KeyPair,
}

/// What a client shows when it is asked who it is.
enum Shows<'a> {
    Nothing,
    Signed { certificate: &'a Certificate, by: &'a Certificate },
    PlainText,
}

/// Trusts the certificate of the handshake line, as Go does and no verifier of chains would: it is its own authority.
#[derive(Debug)]
struct Trusted(CertificateDer<'static>, Arc<CryptoProvider>);

/// A provider that was started as Terraform starts one.
struct Provider {
    process: Child,
    network: String,
    address: String,
    certificate: CertificateDer<'static>,
}

impl Certificate {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let made = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        Self { der: made.der().clone(), pem: made.pem(), key }
    }

    fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }
}

impl Provider {
    fn start(sandbox: &Sandbox, transport: &str, terraform: &Certificate) -> Self {
        let mut command = sandbox.command(toy());
        command.env(TRANSPORT, transport).env(COOKIE.0, COOKIE.1).env("PLUGIN_CLIENT_CERT", &terraform.pem);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let words: Vec<&str> = line.trim().split('|').collect();
        let [_, "6", network, address, "grpc", certificate] = words[..] else { panic!("{line}") };
        Self {
            process,
            network: network.to_owned(),
            address: address.to_owned(),
            certificate: STANDARD_NO_PAD.decode(certificate).unwrap().into(),
        }
    }

    fn connect(&self) -> Box<dyn Duplex> {
        let limit = Some(Duration::from_secs(20)); // beyond the host's own, so that a silent end is one
        if self.network == "tcp" {
            assert!(self.address.starts_with("127.0.0.1:"), "{}", self.address);
            let stream = TcpStream::connect(&self.address).unwrap();
            stream.set_read_timeout(limit).unwrap();
            return Box::new(stream);
        }
        let stream = UnixStream::connect(&self.address).unwrap();
        stream.set_read_timeout(limit).unwrap();
        Box::new(stream)
    }

    /// Whether who shows this is answered in HTTP/2.
    fn answers(&self, shows: &Shows<'_>) -> bool {
        let mut stream = match self.client(shows) {
            None => self.connect(),
            Some(config) => {
                let session =
                    ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
                Box::new(StreamOwned::new(session, self.connect()))
            }
        };
        let mut frame = [0; 9];
        let spoken = stream.write_all(PREFACE).and_then(|()| stream.read_exact(&mut frame));
        match spoken {
            Ok(()) => frame[SETTINGS.0] == SETTINGS.1,
            Err(error) => {
                let silent = matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut);
                assert!(!silent, "neither answered nor refused");
                false
            }
        }
    }

    fn client(&self, shows: &Shows<'_>) -> Option<ClientConfig> {
        let crypto = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&crypto));
        let config = config.with_protocol_versions(&[&version::TLS13]).unwrap();
        let trusted = Arc::new(Trusted(self.certificate.clone(), Arc::clone(&crypto)));
        let config = config.dangerous().with_custom_certificate_verifier(trusted);
        let mut config = match shows {
            Shows::PlainText => return None,
            Shows::Nothing => config.with_no_client_auth(),
            Shows::Signed { certificate, by } => {
                let key = crypto.key_provider.load_private_key(by.private_key()).unwrap();
                let shown = CertifiedKey::new(vec![certificate.der.clone()], key);
                config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(shown)))
            }
        };
        config.alpn_protocols.push(b"h2".to_vec());
        Some(config)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl ServerCertVerifier for Trusted {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        assert_eq!(*end_entity, self.0);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        unreachable!("TLS 1.3 is all that is spoken")
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.1.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.1.signature_verification_algorithms.supported_schemes()
    }
}

#[test]
fn only_who_signs_with_terraforms_key_is_answered() {
    let (terraform, stranger) = (Certificate::new(), Certificate::new());
    let cases = [
        ("no TLS", Shows::PlainText, false),
        ("no certificate", Shows::Nothing, false),
        ("a stranger's", Shows::Signed { certificate: &stranger, by: &stranger }, false),
        ("Terraform's without its key", Shows::Signed { certificate: &terraform, by: &stranger }, false),
        ("Terraform's", Shows::Signed { certificate: &terraform, by: &terraform }, true),
    ];
    for transport in ["unix", "tcp"] {
        let sandbox = Sandbox::new("");
        let provider = Provider::start(&sandbox, transport, &terraform);
        assert_eq!(provider.network, transport);
        for (name, shows, answered) in &cases {
            assert_eq!(provider.answers(shows), *answered, "{transport}: {name}");
        }
    }
}

#[test]
fn silent_strangers_do_not_keep_terraform_waiting() {
    let (sandbox, terraform) = (Sandbox::new(""), Certificate::new());
    let provider = Provider::start(&sandbox, "tcp", &terraform);
    let _silent: Vec<_> = (0..50).map(|_| provider.connect()).collect();
    assert!(provider.answers(&Shows::Signed { certificate: &terraform, by: &terraform }));
}

#[test]
fn a_port_is_not_served_without_a_certificate() {
    let sandbox = Sandbox::new("");
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);
    let cases: [Case; 4] = [
        ("tcp", &[COOKIE], "without a certificate of Terraform's anybody"),
        ("tcp", &[COOKIE, ("PLUGIN_CLIENT_CERT", "pem")], "PLUGIN_CLIENT_CERT holds no certificate"),
        ("pipe", &[COOKIE], "DATALAKE_HOST_TRANSPORT is `pipe`"),
        ("tcp", &[], "this is the Terraform provider"),
    ];
    for (transport, variables, says) in cases {
        let mut command = sandbox.command(toy());
        finish(command.env(TRANSPORT, transport).envs(variables.iter().copied())).expect(1, &[says]);
    }
    finish(sandbox.command(toy()).env(TRANSPORT, "tcp").arg("--debug")).expect(1, &["anybody"]);
}

#[test]
fn terraform_proves_itself_on_each_transport() {
    for (transport, network) in [("unix", "network=unix"), ("tcp", "network=tcp")] {
        let mut sandbox = Sandbox::new(THING);
        let log = sandbox.path("log");
        sandbox.set(TRANSPORT, transport);
        sandbox.set("TF_LOG", "TRACE");
        sandbox.set("TF_LOG_PATH", log.to_str().unwrap());
        sandbox.plan().expect(2, &["1 to add"]);
        sandbox.apply(&[]).expect(0, &["1 added"]);
        sandbox.plan().expect(0, &["No changes."]);
        sandbox.apply(&["-destroy"]).expect(0, &["1 destroyed"]);
        assert_eq!(sandbox.sockets(), 0);
        let log = fs::read_to_string(log).unwrap();
        assert!(log.contains(network), "{transport}: Terraform's log does not say {network}");
        assert!(!log.contains("a connection was refused"), "{transport}");
    }
}
