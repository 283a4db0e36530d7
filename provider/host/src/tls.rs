//! The certificate that Terraform asks for by `PLUGIN_CLIENT_CERT`.
//!
//! Terraform then dials with TLS and takes the certificate of the handshake line as its only root. Its own
//! certificate is not asked for: it is on the curve P-521, which ring cannot verify, and the folder of the
//! socket keeps other users out already.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use tonic::transport::{Identity, ServerTlsConfig};

/// A fresh certificate, its key, and how the handshake line spells it.
pub(crate) struct Certificate {
    /// What the server works with.
    pub config: ServerTlsConfig,
    /// The certificate for the handshake line: base64 without padding, as go-plugin reads it.
    pub line: String,
}

/// Makes a certificate for this process, never written anywhere.
pub(crate) fn certificate() -> Result<Certificate, rcgen::Error> {
    // "localhost" is the name that go-plugin verifies, whatever the address.
    let mut params = CertificateParams::new(["localhost".to_owned()])?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let identity = Identity::from_pem(certificate.pem(), key.serialize_pem());
    Ok(Certificate {
        config: ServerTlsConfig::new().identity(identity),
        line: STANDARD_NO_PAD.encode(certificate.der()),
    })
}
