//! The SDK clients, one a service, built once from the provider block.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

/// What the provider block says about talking to AWS; the words are the AWS provider's.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// Region; else from the environment or profile.
    pub region: Option<String>,
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// Credentials; else those that the environment, the profile or the machine has.
    pub credentials: Option<Credentials>,
    /// Role to assume with the credentials found.
    pub assume_role: Option<AssumeRole>,
    /// Endpoint by service, e.g. `s3` → `http://127.0.0.1:4566`.
    pub endpoints: BTreeMap<String, String>,
    /// Whether S3 is addressed by path; by default, where an endpoint is set for it.
    pub s3_use_path_style: Option<bool>,
    /// Attempts after the first that the SDK makes for a call.
    pub max_retries: Option<u32>,
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

/// A role to assume.
#[derive(Debug, Clone, Default)]
pub struct AssumeRole {
    /// ARN of the role.
    pub role_arn: String,
    /// Name of the session.
    pub session_name: Option<String>,
    /// The external id the role's owner asks for.
    pub external_id: Option<String>,
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
    pub async fn connect(connection: &Connection) -> Self {
        let shared = shared_config(connection).await;
        Self {
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
            sts: client!(aws_sdk_sts, &shared, connection, "sts"),
            region: shared.region().map(ToString::to_string),
        }
    }
}

async fn shared_config(connection: &Connection) -> SdkConfig {
    let mut retries =
        RetryConfig::standard().with_max_attempts(connection.max_retries.map_or(5, |retries| retries + 1));
    if let Some(transport) = &connection.transport {
        retries = retries.with_initial_backoff(transport.first_pause);
    }
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client(connection))
        .retry_config(retries)
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(LONGEST_ATTEMPT).build());
    if let Some(region) = &connection.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &connection.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(credentials) = &connection.credentials {
        loader = loader.credentials_provider(credentials.clone());
    }
    let base = loader.load().await;
    let Some(role) = &connection.assume_role else { return base };
    let mut provider = aws_config::sts::AssumeRoleProvider::builder(&role.role_arn)
        .configure(&sts_config(&base, connection));
    provider = provider.session_name(role.session_name.as_deref().unwrap_or("terraform-provider-datalake"));
    if let Some(external_id) = &role.external_id {
        provider = provider.external_id(external_id);
    }
    let credentials = aws_credential_types::provider::SharedCredentialsProvider::new(provider.build().await);
    base.into_builder().credentials_provider(credentials).build()
}

fn http_client(connection: &Connection) -> SharedHttpClient {
    match &connection.transport {
        Some(transport) => transport.http_client.clone(),
        None => aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https(),
    }
}

/// The role is asked for where the user's STS is.
fn sts_config(base: &SdkConfig, connection: &Connection) -> SdkConfig {
    match connection.endpoints.get("sts") {
        Some(endpoint) => base.to_builder().endpoint_url(endpoint).build(),
        None => base.clone(),
    }
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
