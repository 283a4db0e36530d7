//! The SDK clients, one a service, built once from the provider block.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig, ecs, meta, profile};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::{EnvConfigFileKind as ProfileFileKind, EnvConfigFiles as ProfileFiles};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::os_shim_internal::{Env, Fs};

use super::home;
use super::http::{self, Network, Trouble};
use super::retries::Retries;
use super::roles::{Assumed, AssumedByToken, Role, WebRole};

/// What the provider block says about talking to AWS; the words are the AWS provider's.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// Region; else from the environment or profile.
    pub region: Option<String>,
    /// Region of STS; else the same.
    pub sts_region: Option<String>,
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// Shared configuration files; none for the usual one.
    pub config_files: Vec<String>,
    /// Shared credentials files; none for the usual one.
    pub credentials_files: Vec<String>,
    /// Credentials; else those that the environment, the profile or the machine has.
    pub credentials: Option<Credentials>,
    /// Role to assume with the credentials found.
    pub assume_role: Option<Role>,
    /// Role to assume with a token instead of credentials.
    pub assume_role_with_web_identity: Option<WebRole>,
    /// Endpoint by service, e.g. `s3` → `http://127.0.0.1:4566`.
    pub endpoints: BTreeMap<String, String>,
    /// Whether S3 is addressed by path; by default, where an endpoint is set for it.
    pub s3_use_path_style: Option<bool>,
    /// Whether endpoints are those with FIPS 140 cryptography.
    pub use_fips: Option<bool>,
    /// Whether endpoints are those that speak IPv6 too.
    pub use_dual_stack: Option<bool>,
    /// Whether the machine's metadata service is not asked.
    pub skip_metadata: bool,
    /// How often and how patiently calls are tried again.
    pub retries: Retries,
    /// Proxies and certificates.
    pub network: Network,
    /// How requests travel, where it is not the usual way.
    pub transport: Option<Transport>,
}

/// A way for requests: tests put faults in it. The provider block cannot say it.
#[derive(Debug, Clone)]
pub struct Transport {
    /// Sends each request.
    pub http_client: SharedHttpClient,
    /// The SDK's pause before its first retry, at most; it doubles.
    pub first_pause: Duration,
}

/// Services whose endpoint can be set.
pub const ENDPOINT_SERVICES: [&str; 11] = [
    "athena",
    "cloudwatchlogs",
    "dynamodb",
    "eventbridge",
    "glue",
    "iam",
    "lambda",
    "resourcegroupstaggingapi",
    "s3",
    "sqs",
    "sts",
];

/// Without an answer for so long there will be none. The largest request, a layer of 50 MB, passes a slow line in time.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(300);

/// One client a service.
#[derive(Debug, Clone)]
pub struct Clients {
    /// Athena.
    pub athena: aws_sdk_athena::Client,
    /// DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// EventBridge.
    pub events: aws_sdk_eventbridge::Client,
    /// Glue.
    pub glue: aws_sdk_glue::Client,
    /// IAM.
    pub iam: aws_sdk_iam::Client,
    /// Lambda.
    pub lambda: aws_sdk_lambda::Client,
    /// CloudWatch Logs.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// S3.
    pub s3: aws_sdk_s3::Client,
    /// SQS.
    pub sqs: aws_sdk_sqs::Client,
    /// The index of tags.
    pub tagging: aws_sdk_resourcegroupstagging::Client,
    /// STS.
    pub sts: aws_sdk_sts::Client,
    /// The region they all talk to.
    pub region: Option<String>,
}

macro_rules! client {
    ($sdk:ident, $shared:expr, $connection:expr, $service:literal) => {{
        let mut config = $sdk::config::Builder::from($shared);
        if let Some(endpoint) = $connection.endpoints.get($service) {
            config = config.endpoint_url(endpoint);
        }
        $sdk::Client::from_conf(config.build())
    }};
}

impl Clients {
    /// Clients as the provider block, the environment and the shared files say.
    ///
    /// # Errors
    /// When a proxy, the file of certificates, or what the environment says about retries cannot be used.
    pub async fn connect(connection: &Connection) -> Result<Self, Trouble> {
        let http = match &connection.transport {
            Some(transport) => transport.http_client.clone(),
            None => http::client(&connection.network, profile_setting(connection, "ca_bundle").await)?,
        };
        let shared = shared_config(connection, http).await?;
        Ok(Self {
            athena: client!(aws_sdk_athena, &shared, connection, "athena"),
            dynamodb: client!(aws_sdk_dynamodb, &shared, connection, "dynamodb"),
            events: client!(aws_sdk_eventbridge, &shared, connection, "eventbridge"),
            glue: client!(aws_sdk_glue, &shared, connection, "glue"),
            iam: client!(aws_sdk_iam, &shared, connection, "iam"),
            lambda: client!(aws_sdk_lambda, &shared, connection, "lambda"),
            logs: client!(aws_sdk_cloudwatchlogs, &shared, connection, "cloudwatchlogs"),
            s3: s3(&shared, connection),
            sqs: client!(aws_sdk_sqs, &shared, connection, "sqs"),
            tagging: client!(aws_sdk_resourcegroupstagging, &shared, connection, "resourcegroupstaggingapi"),
            sts: sts(&shared, connection),
            region: shared.region().map(ToString::to_string),
        })
    }
}

async fn shared_config(connection: &Connection, http: SharedHttpClient) -> Result<SdkConfig, Trouble> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        // Said, or the loader panics over a variable that it does not understand.
        .retry_config(RetryConfig::standard())
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(LONGEST_ATTEMPT).build());
    if let Some(profile) = &connection.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(files) = profile_files(connection) {
        loader = loader.profile_files(files);
    }
    if let Some(fips) = connection.use_fips {
        loader = loader.use_fips(fips);
    }
    if let Some(dual_stack) = connection.use_dual_stack {
        loader = loader.use_dual_stack(dual_stack);
    }
    if connection.transport.is_some() {
        // A transport may hold a call back; that is not a connection which has died.
        loader = loader.stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    }
    let base = sources(loader, connection, http).load().await;
    let retries = connection.retries.config(&base)?;
    let retries = match &connection.transport {
        Some(transport) => retries.with_initial_backoff(transport.first_pause),
        None => retries,
    };
    let base = base.into_builder().retry_config(retries).build();
    let base = match &connection.assume_role_with_web_identity {
        Some(role) => {
            let provider = AssumedByToken { sts: sts(&base, connection), role: role.clone() };
            with_credentials(base, SharedCredentialsProvider::new(provider))
        }
        None => base,
    };
    Ok(match &connection.assume_role {
        Some(role) => {
            let provider = Assumed { sts: sts(&base, connection), role: role.clone() };
            with_credentials(base, SharedCredentialsProvider::new(provider))
        }
        None => base,
    })
}

fn with_credentials(config: SdkConfig, provider: SharedCredentialsProvider) -> SdkConfig {
    config.into_builder().credentials_provider(provider).build()
}

/// Where region and credentials come from.
fn sources(mut loader: ConfigLoader, connection: &Connection, http: SharedHttpClient) -> ConfigLoader {
    match (&connection.region, connection.skip_metadata) {
        (Some(region), _) => loader = loader.region(Region::new(region.clone())),
        (None, true) => loader = loader.region(region_chain(connection)),
        (None, false) => {}
    }
    match (&connection.credentials, &connection.profile) {
        (Some(credentials), _) => loader.credentials_provider(credentials.clone()),
        // What the block names comes before the environment.
        (None, Some(_)) => {
            loader.credentials_provider(of_profile(connection, &chain_config(connection, http)))
        }
        (None, None) if connection.skip_metadata => {
            loader.credentials_provider(credentials_chain(connection, http))
        }
        (None, None) => loader,
    }
}

/// The SDK's own chain without the machine's metadata service.
fn region_chain(connection: &Connection) -> meta::region::RegionProviderChain {
    let mut profile = profile::ProfileFileRegionProvider::builder();
    if let Some(name) = &connection.profile {
        profile = profile.profile_name(name);
    }
    if let Some(files) = profile_files(connection) {
        profile = profile.profile_files(files);
    }
    let environment = aws_config::environment::EnvironmentVariableRegionProvider::new();
    meta::region::RegionProviderChain::first_try(environment).or_else(profile.build())
}

/// The same of credentials.
fn credentials_chain(connection: &Connection, http: SharedHttpClient) -> CredentialsProviderChain {
    let config = chain_config(connection, http);
    CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new())
        .or_else("Profile", of_profile(connection, &config))
        .or_else(
            "WebIdentityToken",
            WebIdentityTokenCredentialsProvider::builder().configure(&config).build(),
        )
        .or_else("EcsContainer", ecs::EcsCredentialsProvider::builder().configure(&config).build())
}

fn chain_config(connection: &Connection, http: SharedHttpClient) -> ProviderConfig {
    let config = ProviderConfig::without_region().with_http_client(http);
    config.with_region(connection.region.clone().map(Region::new))
}

fn of_profile(connection: &Connection, config: &ProviderConfig) -> ProfileFileCredentialsProvider {
    let mut profile = ProfileFileCredentialsProvider::builder().configure(config);
    if let Some(name) = &connection.profile {
        profile = profile.profile_name(name);
    }
    if let Some(files) = profile_files(connection) {
        profile = profile.profile_files(files);
    }
    profile.build()
}

/// What the profile says. Files that cannot be read say nothing; whoever needs their credentials tells why.
async fn profile_setting(connection: &Connection, name: &str) -> Option<String> {
    let files = profile_files(connection).unwrap_or_default();
    let profile = connection.profile.clone().map(Cow::Owned);
    let found = profile::load(&Fs::real(), &Env::real(), &files, profile).await.ok()?;
    found.get(name).map(str::to_owned)
}

/// The shared files, where the block names any; of a kind it names none of, the usual one.
fn profile_files(connection: &Connection) -> Option<ProfileFiles> {
    let (config, credentials) = (&connection.config_files, &connection.credentials_files);
    if config.is_empty() && credentials.is_empty() {
        return None;
    }
    let files = ProfileFiles::builder()
        .include_default_config_file(config.is_empty())
        .include_default_credentials_file(credentials.is_empty());
    let config = config.iter().map(|path| (ProfileFileKind::Config, path));
    let credentials = credentials.iter().map(|path| (ProfileFileKind::Credentials, path));
    Some(
        config
            .chain(credentials)
            .fold(files, |files, (kind, path)| files.with_file(kind, home::expand(path)))
            .build(),
    )
}

/// STS where the user has it.
fn sts(shared: &SdkConfig, connection: &Connection) -> aws_sdk_sts::Client {
    let mut config = aws_sdk_sts::config::Builder::from(shared);
    if let Some(endpoint) = connection.endpoints.get("sts") {
        config = config.endpoint_url(endpoint);
    }
    if let Some(region) = &connection.sts_region {
        config = config.region(Region::new(region.clone()));
    }
    aws_sdk_sts::Client::from_conf(config.build())
}

fn s3(shared: &SdkConfig, connection: &Connection) -> aws_sdk_s3::Client {
    let mut config = aws_sdk_s3::config::Builder::from(shared);
    if let Some(endpoint) = connection.endpoints.get("s3") {
        config = config.endpoint_url(endpoint);
    }
    // A stand-in has no DNS names for its buckets.
    let elsewhere = connection.endpoints.contains_key("s3") || shared.endpoint_url().is_some();
    config = config.force_path_style(connection.s3_use_path_style.unwrap_or(elsewhere));
    aws_sdk_s3::Client::from_conf(config.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_service_is_left_out_of_the_chain() {
        let connection = Connection { skip_metadata: true, ..Connection::default() };
        let http = http::client(&connection.network, None).unwrap();
        let chain = format!("{:?}", credentials_chain(&connection, http));
        assert!(chain.contains("Environment") && chain.contains("EcsContainer"), "{chain}");
        assert!(!chain.contains("Ec2InstanceMetadata"), "{chain}");
    }
}
