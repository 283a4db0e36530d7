//! What the provider block says about talking to AWS.

use aws_credential_types::Credentials;
use datalake_host::Val;

use super::{ProviderConfig, Secret, list};
use crate::aws::clients::Connection;
use crate::aws::http::Network;
use crate::aws::retries::Retries;
use crate::aws::roles::{Role, Token, WebRole};
use crate::resources::model::known_texts;
use crate::resources::validate::duration;

impl ProviderConfig {
    /// How to talk to AWS.
    pub fn connection(&self) -> Connection {
        Connection {
            region: text(&self.region),
            sts_region: text(&self.sts_region),
            profile: text(&self.profile),
            config_files: list(&self.shared_config_files),
            credentials_files: list(&self.shared_credentials_files),
            credentials: self.credentials(),
            assume_role: self.role(),
            assume_role_with_web_identity: self.web_role(),
            endpoints: known_texts(&self.endpoints),
            s3_use_path_style: self.s3_use_path_style.known().copied(),
            use_fips: self.use_fips_endpoint.known().copied(),
            use_dual_stack: self.use_dualstack_endpoint.known().copied(),
            skip_metadata: self.skip_metadata_api_check.known() == Some(&true),
            retries: Retries { most: self.retries(), mode: self.pacing() },
            network: self.network(),
            transport: None,
        }
    }

    fn network(&self) -> Network {
        Network {
            http_proxy: self.http_proxy.known().map(|proxy| proxy.expose().to_owned()),
            https_proxy: self.https_proxy.known().map(|proxy| proxy.expose().to_owned()),
            no_proxy: self.no_proxy.known().cloned(),
            ca_bundle: text(&self.custom_ca_bundle),
        }
    }

    fn credentials(&self) -> Option<Credentials> {
        let (id, secret) = (text(&self.access_key)?, exposed(&self.secret_key)?);
        Some(Credentials::new(id, secret, exposed(&self.token), None, "ProviderBlock"))
    }

    fn role(&self) -> Option<Role> {
        let given = self.assume_role.known()?;
        Some(Role {
            role_arn: text(&given.role_arn)?,
            session_name: text(&given.session_name),
            external_id: text(&given.external_id),
            duration: text(&given.duration).and_then(|text| duration::parse(&text).ok()),
            policy: text(&given.policy),
            policy_arns: list(&given.policy_arns),
            source_identity: text(&given.source_identity),
            tags: known_texts(&given.tags),
            transitive_tag_keys: list(&given.transitive_tag_keys),
        })
    }

    fn web_role(&self) -> Option<WebRole> {
        let given = self.assume_role_with_web_identity.known()?;
        let token = match exposed(&given.web_identity_token) {
            Some(token) => Token::Given(token),
            None => Token::File(text(&given.web_identity_token_file)?),
        };
        Some(WebRole {
            role_arn: text(&given.role_arn)?,
            session_name: text(&given.session_name),
            token,
            duration: text(&given.duration).and_then(|text| duration::parse(&text).ok()),
            policy: text(&given.policy),
            policy_arns: list(&given.policy_arns),
        })
    }
}

/// A text that says something; the empty one is none, as in the AWS provider.
fn text(value: &Val<String>) -> Option<String> {
    value.known().filter(|text| !text.is_empty()).cloned()
}

fn exposed(value: &Val<Secret>) -> Option<String> {
    value.known().map(|secret| secret.expose().to_owned()).filter(|text| !text.is_empty())
}
