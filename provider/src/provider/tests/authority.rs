//! An authority of our own, as companies have it, and a server on this machine that it vouches for.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The authority; its file is gone with it.
pub struct Authority {
    key: KeyPair,
    certificate: Certificate,
    file: PathBuf,
}

impl Authority {
    /// One whose certificate lies in a file; the name keeps those of a process apart.
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut about = CertificateParams::new(Vec::new()).unwrap();
        about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Issuers are found by their names: two of one name would be told apart by their signatures only.
        about.distinguished_name = DistinguishedName::new();
        about.distinguished_name.push(DnType::CommonName, name);
        let certificate = about.self_signed(&key).unwrap();
        let file = std::env::temp_dir().join(format!("datalake-ca-{name}-{}", std::process::id()));
        std::fs::write(&file, certificate.pem()).unwrap();
        Self { key, certificate, file }
    }

    /// The bundle for those who are to trust it.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What a server on 127.0.0.1 shows.
    pub fn server(&self) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let about = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = about.signed_by(&key, &self.certificate, &self.key).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}
