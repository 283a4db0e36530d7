//! Mutual TLS, as go-plugin does it: each side makes a certificate for this one process and tells the other beforehand.
//!
//! Terraform's comes in `PLUGIN_CLIENT_CERT`, which only this user can read; ours goes out in the handshake line, and
//! Terraform takes it as its only root. Who connects has to present that very certificate and to sign with its key.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible, ServerConfig,
    SignatureScheme, version,
};
use tokio_rustls::TlsAcceptor;

use crate::curve;
use crate::serve::HostError;

/// The protocol on top, as clients of gRPC ask for it.
const HTTP2: &[u8] = b"h2";

/// Our side, and how the handshake line spells its certificate.
pub(crate) struct Tls {
    /// Shakes hands with Terraform, and with nobody else.
    pub acceptor: TlsAcceptor,
    /// The certificate for the handshake line: base64 without padding, as go-plugin reads it.
    pub line: String,
}

impl Tls {
    /// Makes a certificate for this process, never written anywhere; `client` is Terraform's, in PEM.
    pub(crate) fn with(client: &str) -> Result<Self, HostError> {
        let client =
            CertificateDer::from_pem_slice(client.as_bytes()).map_err(HostError::ClientCertificate)?;
        let (certificate, key) = certificate()?;
        let line = STANDARD_NO_PAD.encode(&certificate);
        let crypto = Arc::new(ring::default_provider());
        let verifier = Arc::new(Pinned { certificate: client, crypto: Arc::clone(&crypto) });
        let mut config = ServerConfig::builder_with_provider(crypto)
            .with_protocol_versions(&[&version::TLS13])?
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![certificate], key)?;
        config.alpn_protocols.push(HTTP2.to_vec());
        Ok(Self { acceptor: Arc::new(config).into(), line })
    }
}

fn certificate() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), rcgen::Error> {
    // "localhost" is the name that go-plugin verifies, whatever the address.
    let mut params = CertificateParams::new(["localhost".to_owned()])?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok((certificate.into(), PrivatePkcs8KeyDer::from(key.serialize_der()).into()))
}

/// Takes one certificate. It is its own authority, so there is no chain to verify: it is compared, byte for byte.
#[derive(Debug)]
struct Pinned {
    certificate: CertificateDer<'static>,
    crypto: Arc<CryptoProvider>,
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if *end_entity == self.certificate {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerIncompatible::ServerDoesNotSupportTls12Or13.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = match dss.scheme {
            curve::SCHEME => &curve::ALGORITHMS,
            _ => &self.crypto.signature_verification_algorithms,
        };
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let others = self.crypto.signature_verification_algorithms.supported_schemes();
        [curve::SCHEME].into_iter().chain(others).collect()
    }
}
