//! Credentials of an assumed role, with everything STS takes: the SDK's own provider leaves some of it out.
//!
//! The SDK's identity cache asks again before they expire.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result, future};
use aws_sdk_sts::Client;
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use aws_smithy_types::error::display::DisplayErrorContext;

use super::home;
use super::tags::Tags;

/// How a session is called unless told otherwise.
const SESSION_NAME: &str = "terraform-provider-datalake";

/// A role to assume.
#[derive(Debug, Clone, Default)]
pub struct Role {
    /// ARN of the role.
    pub role_arn: String,
    /// Name of the session.
    pub session_name: Option<String>,
    /// The external id the role's owner asks for.
    pub external_id: Option<String>,
    /// How long the credentials are good.
    pub duration: Option<Duration>,
    /// Policy that narrows the role.
    pub policy: Option<String>,
    /// Managed policies that narrow the role.
    pub policy_arns: Vec<String>,
    /// Who stands behind the session.
    pub source_identity: Option<String>,
    /// Tags of the session.
    pub tags: Tags,
    /// Tags that go on to the next role.
    pub transitive_tag_keys: Vec<String>,
}

/// A role to assume with a token of an identity provider.
#[derive(Debug, Clone)]
pub struct WebRole {
    /// ARN of the role.
    pub role_arn: String,
    /// Name of the session.
    pub session_name: Option<String>,
    /// The token.
    pub token: Token,
    /// How long the credentials are good.
    pub duration: Option<Duration>,
    /// Policy that narrows the role.
    pub policy: Option<String>,
    /// Managed policies that narrow the role.
    pub policy_arns: Vec<String>,
}

/// Where a token is.
#[derive(Clone)]
pub enum Token {
    /// Here.
    Given(String),
    /// In a file, which is read each time.
    File(String),
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Given(_) => f.write_str("Given(secret)"),
            Token::File(path) => write!(f, "File({path})"),
        }
    }
}

/// Credentials of a role, from an STS client with credentials of its own.
#[derive(Debug)]
pub struct Assumed {
    /// Who asks.
    pub sts: Client,
    /// For what.
    pub role: Role,
}

/// Credentials of a role, from an STS client without credentials.
#[derive(Debug)]
pub struct AssumedByToken {
    /// Who asks.
    pub sts: Client,
    /// For what.
    pub role: WebRole,
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.ask())
    }
}

impl ProvideCredentials for AssumedByToken {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.ask())
    }
}

impl Assumed {
    async fn ask(&self) -> Result {
        let role = &self.role;
        let tags = role.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        let tags: std::result::Result<Vec<_>, _> = tags.collect();
        let call = self.sts.assume_role().role_arn(&role.role_arn);
        let call = call
            .role_session_name(role.session_name.as_deref().unwrap_or(SESSION_NAME))
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.duration.map(seconds))
            .set_policy(role.policy.clone())
            .set_policy_arns(descriptors(&role.policy_arns))
            .set_source_identity(role.source_identity.clone())
            .set_tags(
                Some(tags.map_err(CredentialsError::invalid_configuration)?).filter(|tags| !tags.is_empty()),
            )
            .set_transitive_tag_keys(Some(role.transitive_tag_keys.clone()).filter(|keys| !keys.is_empty()));
        let answer = call.send().await.map_err(|error| refused(&role.role_arn, &error))?;
        credentials(answer.credentials)
    }
}

impl AssumedByToken {
    async fn ask(&self) -> Result {
        let role = &self.role;
        let call = self.sts.assume_role_with_web_identity().role_arn(&role.role_arn);
        let call = call
            .role_session_name(role.session_name.as_deref().unwrap_or(SESSION_NAME))
            .web_identity_token(token(&role.token)?)
            .set_duration_seconds(role.duration.map(seconds))
            .set_policy(role.policy.clone())
            .set_policy_arns(descriptors(&role.policy_arns));
        let answer = call.send().await.map_err(|error| refused(&role.role_arn, &error))?;
        credentials(answer.credentials)
    }
}

fn token(token: &Token) -> std::result::Result<String, CredentialsError> {
    match token {
        Token::Given(token) => Ok(token.clone()),
        Token::File(path) => std::fs::read_to_string(home::expand(path))
            .map(|text| text.trim().to_owned())
            .map_err(|error| CredentialsError::invalid_configuration(format!("{path}: {error}"))),
    }
}

/// A duration was held to what STS takes, which fits.
fn seconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}

fn descriptors(arns: &[String]) -> Option<Vec<PolicyDescriptorType>> {
    let all = arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build());
    (!arns.is_empty()).then(|| all.collect())
}

fn refused(role: &str, error: &(impl std::error::Error + Send + Sync)) -> CredentialsError {
    CredentialsError::provider_error(format!(
        "the role {role} cannot be assumed: {}",
        DisplayErrorContext(error)
    ))
}

fn credentials(answer: Option<aws_sdk_sts::types::Credentials>) -> Result {
    let found =
        answer.ok_or_else(|| CredentialsError::invalid_configuration("STS answered without credentials"))?;
    let expires = SystemTime::try_from(found.expiration).ok();
    Ok(Credentials::new(
        found.access_key_id,
        found.secret_access_key,
        Some(found.session_token),
        expires,
        "AssumedRole",
    ))
}
