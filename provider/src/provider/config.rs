//! The provider block's attributes; the words are the AWS provider's.

use std::collections::BTreeMap;

use datalake_host::{Num, Val};
use serde::{Deserialize, Serialize};
use tf_provider::AttributePath;
use tf_provider::schema::AttributeType::{Bool, Number, String as Text};
use tf_provider::schema::Schema;

use crate::aws::clients::{self, Connection, ENDPOINT_SERVICES};
use crate::aws::tags::Tags;
use crate::resources::model::Map;
use crate::resources::schema::attribute::{
    Members, map_of_text, members, object, optional, required, schema_of,
};
use crate::resources::validate::{arn, tags, words};

/// Most retries that make sense: the SDK waits up to 20 seconds before each.
const MOST_RETRIES: i64 = 100;

/// The provider block.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderConfig {
    /// Region.
    pub region: Val<String>,
    /// Profile of the shared configuration files.
    pub profile: Val<String>,
    /// Role to assume.
    pub assume_role: Val<AssumeRole>,
    /// Tags of everything.
    pub default_tags: Val<DefaultTags>,
    /// Endpoint by service.
    pub endpoints: Val<Map<String>>,
    /// Whether S3 is addressed by path.
    pub s3_use_path_style: Val<bool>,
    /// Attempts after the first.
    pub max_retries: Val<Num>,
    /// Whether to go on when STS does not answer.
    pub skip_credentials_validation: Val<bool>,
}

/// A role to assume.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AssumeRole {
    /// ARN of the role.
    pub role_arn: Val<String>,
    /// Name of the session.
    pub session_name: Val<String>,
    /// External id.
    pub external_id: Val<String>,
}

/// Tags of everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DefaultTags {
    /// The tags.
    pub tags: Val<Map<String>>,
}

/// The schema of the provider block.
pub(super) fn schema() -> Schema {
    let about = "Event-driven, quality-gated data lakes on AWS.";
    schema_of(0, attributes(), about)
}

fn attributes() -> Members {
    let role = object([
        ("role_arn", required(Text, "ARN of the role.")),
        ("session_name", optional(Text, "Name of the session, as CloudTrail shows it.")),
        ("external_id", optional(Text, "The external id that the role's owner asks for.")),
    ]);
    let tags =
        object([("tags", optional(map_of_text(), "The tags; a resource's own `tags` win over them."))]);
    let endpoint =
        |service: &'static str| (service, optional(Text, "URL of the service, `http://…` or `https://…`."));
    let endpoints = object(ENDPOINT_SERVICES.map(endpoint));
    members([
        (
            "region",
            optional(Text, "AWS region, such as `eu-west-1`. Otherwise from `AWS_REGION` or the profile."),
        ),
        (
            "profile",
            optional(
                Text,
                "Profile of the shared configuration and credentials files. Otherwise from `AWS_PROFILE`.",
            ),
        ),
        ("assume_role", optional(role, "Role to assume with the credentials found.")),
        ("default_tags", optional(tags, "Tags of every object of every resource.")),
        (
            "endpoints",
            optional(
                endpoints,
                "Other addresses of services, for private endpoints and local stand-ins. `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` work too.",
            ),
        ),
        (
            "s3_use_path_style",
            optional(
                Bool,
                "Whether buckets are addressed by path (`https://host/bucket`). By default only where S3's endpoint is not AWS's.",
            ),
        ),
        (
            "max_retries",
            optional(
                Number,
                "Attempts after the first for a call that failed for a passing reason. Default: `4`.",
            ),
        ),
        (
            "skip_credentials_validation",
            optional(
                Bool,
                "Whether a failure to ask STS for the account is a warning only; plans then show unknown outputs, and nothing can be applied.",
            ),
        ),
    ])
}

impl ProviderConfig {
    /// Whether nothing in it is still to come.
    pub(super) fn all_known(&self) -> bool {
        let role = self.assume_role.known().cloned().unwrap_or_default();
        let no_text_unknown =
            [&self.region, &self.profile, &role.role_arn, &role.session_name, &role.external_id]
                .iter()
                .all(|value| !value.is_unknown());
        let tags = self.default_tags.known().map_or(&Val::Null, |tags| &tags.tags);
        let switches = [&self.s3_use_path_style, &self.skip_credentials_validation];
        no_text_unknown
            && !(self.assume_role.is_unknown()
                || self.default_tags.is_unknown()
                || self.max_retries.is_unknown())
            && switches.iter().all(|switch| !switch.is_unknown())
            && [tags, &self.endpoints].iter().all(|map| map_known(map))
    }

    /// What is wrong as far as it is known.
    pub(super) fn problems(&self) -> Vec<(AttributePath, String)> {
        let mut problems = Vec::new();
        let mut check = |path: AttributePath, result: Result<(), String>| {
            problems.extend(result.err().map(|message| (path, message)))
        };
        let at = AttributePath::new;
        if let Some(region) = self.region.as_deref() {
            check(at("region"), words::region(region));
        }
        if let Some(role_arn) = self.assume_role.known().and_then(|role| role.role_arn.as_deref()) {
            check(at("assume_role").attribute("role_arn"), arn::role(role_arn));
        }
        if let Some(retries) = self.max_retries.known() {
            check(
                at("max_retries"),
                self.retries()
                    .map_or(Err(format!("{retries} is not a whole number from 0 to {MOST_RETRIES}")), |_| {
                        Ok(())
                    }),
            );
        }
        for (service, url) in self.endpoints.known().into_iter().flatten() {
            if let Some(url) = url.as_deref() {
                check(at("endpoints").attribute(service.clone()), endpoint_url(url));
            }
        }
        if let Some(default_tags) = self.default_tags.known() {
            tags::read(&default_tags.tags, &at("default_tags").attribute("tags"), &mut problems);
        }
        problems
    }

    /// How to talk to AWS.
    pub(super) fn connection(&self) -> Connection {
        let text = |value: &Val<String>| value.known().filter(|text| !text.is_empty()).cloned();
        Connection {
            region: text(&self.region),
            profile: text(&self.profile),
            credentials: None,
            assume_role: self.assume_role.known().and_then(|role| {
                Some(clients::AssumeRole {
                    role_arn: text(&role.role_arn)?,
                    session_name: text(&role.session_name),
                    external_id: text(&role.external_id),
                })
            }),
            endpoints: known_texts(&self.endpoints),
            s3_use_path_style: self.s3_use_path_style.known().copied(),
            max_retries: self.retries(),
            transport: None,
        }
    }

    /// The default tags; a null one is left out.
    pub(super) fn tags(&self) -> Tags {
        self.default_tags.known().map(|default_tags| known_texts(&default_tags.tags)).unwrap_or_default()
    }

    fn retries(&self) -> Option<u32> {
        let retries =
            self.max_retries.known()?.as_i64().filter(|retries| (0..=MOST_RETRIES).contains(retries))?;
        u32::try_from(retries).ok()
    }
}

fn map_known(map: &Val<Map<String>>) -> bool {
    !map.is_unknown() && map.known().into_iter().flatten().all(|(_, value)| !value.is_unknown())
}

fn known_texts(map: &Val<Map<String>>) -> BTreeMap<String, String> {
    let entries = map.known().into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.known()?.clone()))).collect()
}

fn endpoint_url(url: &str) -> Result<(), String> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let fits = host.is_some_and(|host| {
        !host.is_empty() && !host.starts_with('/') && !host.contains(char::is_whitespace)
    });
    if fits {
        Ok(())
    } else {
        Err(format!("`{url}` is not a URL such as `https://sqs.eu-west-1.amazonaws.com`"))
    }
}
