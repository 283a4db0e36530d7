//! The HTTP client under all SDK clients: which proxies it goes through, and whose certificates it trusts.
//!
//! The SDK's client takes one proxy for one scheme and reads no environment by itself, so there is one client a scheme.

use std::fmt;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::home;

/// Never through a proxy: the metadata services of machines and containers.
const LINK_LOCAL: &str = "169.254.169.254,169.254.170.2,169.254.170.23,fd00:ec2::254,fd00:ec2::23";

const CA_BUNDLE: &str = "custom_ca_bundle";

/// What the provider block says about the network; what it leaves out is in the environment.
#[derive(Clone, Default)]
pub struct Network {
    /// Proxy for `http://`; the empty text is none.
    pub http_proxy: Option<String>,
    /// Proxy for `https://`; the empty text is none.
    pub https_proxy: Option<String>,
    /// Hosts that are called without a proxy.
    pub no_proxy: Option<String>,
    /// File of the certificates to trust.
    pub ca_bundle: Option<String>,
}

/// Without the addresses of proxies, which may hold passwords.
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("no_proxy", &self.no_proxy)
            .field("ca_bundle", &self.ca_bundle)
            .finish_non_exhaustive()
    }
}

/// What is wrong with the network's settings: the attribute of the provider block, and why.
pub type Trouble = (&'static str, String);

/// The client; the profile's file of certificates is the last that is asked for.
///
/// # Errors
/// When a proxy's address or the file of certificates cannot be used. No address is told: it may hold a password.
pub fn client(network: &Network, profile_bundle: Option<String>) -> Result<SharedHttpClient, Trouble> {
    let tls = tls(network, profile_bundle)?;
    let bypass = from_block_or(network.no_proxy.as_ref(), &["NO_PROXY", "no_proxy"]);
    let bypass = bypass.map_or(LINK_LOCAL.to_owned(), |rules| format!("{rules},{LINK_LOCAL}"));
    let proxy = |attribute, given: Option<&String>, names: &[&str]| {
        let Some(address) = from_block_or(given, names) else { return Ok(None) };
        let proxy = ProxyConfig::all(address.as_str());
        // The message quotes no address.
        let proxy = proxy.map_err(|_| {
            (attribute, "is not the address of a proxy, such as http://proxy:3128".to_owned())
        })?;
        Ok(Some(proxy.no_proxy(&bypass)))
    };
    let plain = proxy("http_proxy", network.http_proxy.as_ref(), &["HTTP_PROXY", "http_proxy"])?;
    let secure = proxy("https_proxy", network.https_proxy.as_ref(), &["HTTPS_PROXY", "https_proxy"])?;
    if plain.is_none() && secure.is_none() {
        return Ok(through(None, &tls));
    }
    Ok(SharedHttpClient::new(ByScheme { plain: through(plain, &tls), secure: through(secure, &tls) }))
}

/// What the block says, or else the first variable that is set; the empty text is nothing.
fn from_block_or(given: Option<&String>, names: &[&str]) -> Option<String> {
    let found = given.cloned().or_else(|| names.iter().find_map(|name| std::env::var(name).ok()));
    found.filter(|text| !text.is_empty())
}

fn through(proxy: Option<ProxyConfig>, tls: &TlsContext) -> SharedHttpClient {
    let tls = tls.clone();
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder();
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.set_proxy_config(proxy.clone());
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls.clone()).build()
    })
}

fn tls(network: &Network, profile_bundle: Option<String>) -> Result<TlsContext, Trouble> {
    let trouble = |why: String| (CA_BUNDLE, why);
    let bundle = from_block_or(network.ca_bundle.as_ref(), &["AWS_CA_BUNDLE"]);
    let store = match bundle.or(profile_bundle.filter(|path| !path.is_empty())) {
        None => TrustStore::default(),
        Some(path) => TrustStore::empty().with_pem_certificate(certificates(&path).map_err(trouble)?),
    };
    TlsContext::builder().with_trust_store(store).build().map_err(|error| trouble(error.to_string()))
}

/// The certificates of a file. They are all tried here: the client would panic over one that is none.
fn certificates(path: &str) -> Result<Vec<u8>, String> {
    let bytes =
        std::fs::read(home::expand(path)).map_err(|error| format!("{path} cannot be read: {error}"))?;
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let certificate = certificate.map_err(|error| format!("{path} is not PEM: {error}"))?;
        store
            .add(certificate)
            .map_err(|error| format!("{path} holds a certificate that cannot be used: {error}"))?;
    }
    if store.is_empty() { Err(format!("{path} holds no certificate")) } else { Ok(bytes) }
}

/// Two clients, chosen by what is called.
#[derive(Debug)]
struct ByScheme {
    plain: SharedHttpClient,
    secure: SharedHttpClient,
}

impl HttpClient for ByScheme {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(ConnectorByScheme {
            plain: self.plain.http_connector(settings, components),
            secure: self.secure.http_connector(settings, components),
        })
    }
}

#[derive(Debug)]
struct ConnectorByScheme {
    plain: SharedHttpConnector,
    secure: SharedHttpConnector,
}

impl HttpConnector for ConnectorByScheme {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = if request.uri().starts_with("https://") { &self.secure } else { &self.plain };
        connector.call(request)
    }
}
