//! The provider block's attributes; the words are the AWS provider's.

mod accounts;
mod check;
mod connection;
mod schema;
mod secret;

use aws_smithy_types::retry::RetryMode;
use datalake_host::Num;

use crate::aws::tags::{Ignored, Tags};
use crate::resources::model::{Map, Texts, known_texts, object};

pub use secret::Secret;

pub(super) use schema::schema;

/// Most retries that make sense: the SDK waits up to 20 seconds before each.
const MOST_RETRIES: i64 = 100;

object! {
    /// The provider block.
    ProviderConfig {
        /// Region.
        region: String,
        /// Id of a pair of static credentials.
        access_key: String,
        /// Secret of a pair of static credentials.
        secret_key: Secret,
        /// Session token of temporary static credentials.
        token: Secret,
        /// Profile of the shared configuration files.
        profile: String,
        /// Shared configuration files.
        shared_config_files: Texts,
        /// Shared credentials files.
        shared_credentials_files: Texts,
        /// Role to assume.
        assume_role: AssumeRole,
        /// Role to assume with a token of an identity provider.
        assume_role_with_web_identity: WebIdentity,
        /// Tags of everything.
        default_tags: DefaultTags,
        /// Tags that belong to somebody else.
        ignore_tags: IgnoreTags,
        /// The only accounts to act in.
        allowed_account_ids: Texts,
        /// Accounts never to act in.
        forbidden_account_ids: Texts,
        /// Endpoint by service.
        endpoints: Map<String>,
        /// Whether S3 is addressed by path.
        s3_use_path_style: bool,
        /// Whether endpoints are those with FIPS 140 cryptography.
        use_fips_endpoint: bool,
        /// Whether endpoints are those that speak IPv6 too.
        use_dualstack_endpoint: bool,
        /// Attempts after the first.
        max_retries: Num,
        /// How the SDK paces its retries.
        retry_mode: String,
        /// Proxy for calls to `http://`; its address may hold a password.
        http_proxy: Secret,
        /// Proxy for calls to `https://`.
        https_proxy: Secret,
        /// Hosts that are called without a proxy.
        no_proxy: String,
        /// File of the certificates to trust.
        custom_ca_bundle: String,
        /// Region of STS.
        sts_region: String,
        /// Whether to go on when STS does not answer.
        skip_credentials_validation: bool,
        /// Whether STS is not asked for the account.
        skip_requesting_account_id: bool,
        /// Whether the machine's metadata service is not asked for credentials.
        skip_metadata_api_check: bool,
        /// Whether any text is taken for a region.
        skip_region_validation: bool,
    }
}

object! {
    /// A role to assume.
    AssumeRole {
        /// ARN of the role.
        role_arn: String,
        /// Name of the session.
        session_name: String,
        /// External id.
        external_id: String,
        /// How long the credentials are good.
        duration: String,
        /// Policy that narrows the role.
        policy: String,
        /// Managed policies that narrow the role.
        policy_arns: Texts,
        /// Who stands behind the session.
        source_identity: String,
        /// Tags of the session.
        tags: Map<String>,
        /// Session tags that go on to the next role.
        transitive_tag_keys: Texts,
    }
}

object! {
    /// A role to assume with a token of an identity provider.
    WebIdentity {
        /// ARN of the role.
        role_arn: String,
        /// Name of the session.
        session_name: String,
        /// The token.
        web_identity_token: Secret,
        /// File that holds the token.
        web_identity_token_file: String,
        /// How long the credentials are good.
        duration: String,
        /// Policy that narrows the role.
        policy: String,
        /// Managed policies that narrow the role.
        policy_arns: Texts,
    }
}

object! {
    /// Tags of everything.
    DefaultTags {
        /// The tags.
        tags: Map<String>,
    }
}

object! {
    /// Tags that belong to somebody else.
    IgnoreTags {
        /// Their keys.
        keys: Texts,
        /// What their keys begin with.
        key_prefixes: Texts,
    }
}

impl ProviderConfig {
    /// The default tags; a null one is left out.
    pub(super) fn tags(&self) -> Tags {
        self.default_tags.known().map(|default_tags| known_texts(&default_tags.tags)).unwrap_or_default()
    }

    /// The tags that are left alone.
    pub(super) fn ignored(&self) -> Ignored {
        let given = self.ignore_tags.known().cloned().unwrap_or_default();
        Ignored { keys: list(&given.keys), prefixes: list(&given.key_prefixes) }
    }

    fn retries(&self) -> Option<u32> {
        let retries =
            self.max_retries.known()?.as_i64().filter(|retries| (0..=MOST_RETRIES).contains(retries))?;
        u32::try_from(retries).ok()
    }

    fn pacing(&self) -> Option<RetryMode> {
        self.retry_mode.as_deref().and_then(|mode| mode.parse().ok())
    }
}

/// The known elements of a list.
fn list(texts: &datalake_host::Val<Texts>) -> Vec<String> {
    texts.known().into_iter().flatten().filter_map(|text| text.known().cloned()).collect()
}
