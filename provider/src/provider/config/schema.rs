//! The schema of the provider block.

use tf_provider::schema::AttributeType::{Bool, Number, String as Text};
use tf_provider::schema::{Attribute, AttributeType, Schema};

use crate::aws::clients::ENDPOINT_SERVICES;
use crate::resources::schema::attribute::{
    Members, map_of_text, members, object, optional, required, schema_of,
};

/// The schema of the provider block.
pub fn schema() -> Schema {
    let mut attributes = identity();
    attributes.extend(tags_and_accounts());
    attributes.extend(network());
    attributes.extend(switches());
    schema_of(0, attributes, "Event-driven, quality-gated data lakes on AWS.")
}

fn identity() -> Members {
    members([
        (
            "region",
            optional(Text, "AWS region, such as `eu-west-1`. Otherwise from `AWS_REGION` or the profile."),
        ),
        (
            "access_key",
            optional(
                Text,
                "Id of an access key, with `secret_key`. Better from the environment (`AWS_ACCESS_KEY_ID`) or a `profile`.",
            ),
        ),
        (
            "secret_key",
            sensitive(optional(Text, "Secret of the access key. Otherwise from `AWS_SECRET_ACCESS_KEY`.")),
        ),
        (
            "token",
            sensitive(optional(
                Text,
                "Session token of temporary credentials. Otherwise from `AWS_SESSION_TOKEN`.",
            )),
        ),
        (
            "profile",
            optional(
                Text,
                "Profile of the shared configuration and credentials files. Otherwise from `AWS_PROFILE`.",
            ),
        ),
        (
            "shared_config_files",
            optional(
                texts(),
                "Shared configuration files instead of `~/.aws/config`. A leading `~/` is your home.",
            ),
        ),
        (
            "shared_credentials_files",
            optional(
                texts(),
                "Shared credentials files instead of `~/.aws/credentials`. A leading `~/` is your home.",
            ),
        ),
        ("assume_role", optional(assume_role(), "Role to assume with the credentials found.")),
        (
            "assume_role_with_web_identity",
            optional(
                web_identity(),
                "Role to assume with the token of an identity provider, as CI systems hand one out. With `assume_role` too, that role is assumed from this one.",
            ),
        ),
    ])
}

fn assume_role() -> AttributeType {
    object([
        ("role_arn", required(Text, "ARN of the role.")),
        ("session_name", optional(Text, "Name of the session, as CloudTrail shows it.")),
        ("external_id", optional(Text, "The external id that the role's owner asks for.")),
        ("duration", duration()),
        ("policy", optional(Text, "JSON of an IAM policy that narrows what the role may do.")),
        ("policy_arns", optional(texts(), "ARNs of managed policies that narrow what the role may do.")),
        (
            "source_identity",
            optional(Text, "Who stands behind the session, as CloudTrail shows it for all that follows."),
        ),
        ("tags", optional(map_of_text(), "Tags of the session, for policies that look at them.")),
        ("transitive_tag_keys", optional(texts(), "Keys of the session tags that go on to the next role.")),
    ])
}

fn web_identity() -> AttributeType {
    object([
        ("role_arn", required(Text, "ARN of the role.")),
        ("session_name", optional(Text, "Name of the session, as CloudTrail shows it.")),
        (
            "web_identity_token",
            sensitive(optional(
                Text,
                "The token. Exactly one of this and `web_identity_token_file` is given.",
            )),
        ),
        (
            "web_identity_token_file",
            optional(Text, "File that holds the token; it is read anew when credentials are renewed."),
        ),
        ("duration", duration()),
        ("policy", optional(Text, "JSON of an IAM policy that narrows what the role may do.")),
        ("policy_arns", optional(texts(), "ARNs of managed policies that narrow what the role may do.")),
    ])
}

fn duration() -> Attribute {
    optional(
        Text,
        "How long the role's credentials are good before they are renewed: `15m` to `12h`. Default: what STS gives, one hour.",
    )
}

fn tags_and_accounts() -> Members {
    let tags =
        object([("tags", optional(map_of_text(), "The tags; a resource's own `tags` win over them."))]);
    let ignored = object([
        ("keys", optional(texts(), "Keys of tags to leave alone.")),
        ("key_prefixes", optional(texts(), "Beginnings of the keys of tags to leave alone.")),
    ]);
    members([
        ("default_tags", optional(tags, "Tags of every object of every resource.")),
        (
            "ignore_tags",
            optional(
                ignored,
                "Tags that somebody else sets on the objects: they are no drift, and are neither changed nor removed.",
            ),
        ),
        (
            "allowed_account_ids",
            optional(
                texts(),
                "The only accounts in which to act: credentials of another are refused before anything is done.",
            ),
        ),
        (
            "forbidden_account_ids",
            optional(texts(), "Accounts in which never to act. Not with `allowed_account_ids`."),
        ),
    ])
}

fn network() -> Members {
    let endpoint =
        |service: &'static str| (service, optional(Text, "URL of the service, `http://…` or `https://…`."));
    let endpoints = object(ENDPOINT_SERVICES.map(endpoint));
    members([
        (
            "endpoints",
            optional(
                endpoints,
                "Other addresses of services, for private endpoints and local stand-ins. `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` work too.",
            ),
        ),
        ("sts_region", optional(Text, "Region whose STS is asked, if not that of `region`.")),
        (
            "max_retries",
            optional(
                Number,
                "Attempts after the first for a call that failed for a passing reason. Otherwise from `AWS_MAX_ATTEMPTS` or `max_attempts` of the profile, both of which count the first; else `4`.",
            ),
        ),
        (
            "retry_mode",
            optional(
                Text,
                "How retries are paced: `standard`, or `adaptive`, which also slows down the calls that follow when AWS throttles. Otherwise from `AWS_RETRY_MODE` or `retry_mode` of the profile; else `standard`.",
            ),
        ),
        (
            "http_proxy",
            optional(
                Text,
                "URL of the proxy for calls to `http://` addresses. Otherwise from `HTTP_PROXY`; the empty text is none.",
            ),
        ),
        (
            "https_proxy",
            optional(
                Text,
                "URL of the proxy for calls to `https://` addresses, which is all of AWS. Otherwise from `HTTPS_PROXY`; the empty text is none.",
            ),
        ),
        (
            "no_proxy",
            optional(
                Text,
                "Hosts, domains and networks that are called without a proxy, with commas between them. Otherwise from `NO_PROXY`.",
            ),
        ),
        (
            "custom_ca_bundle",
            optional(
                Text,
                "File of the certificates (PEM) to trust instead of the system's. Otherwise from `AWS_CA_BUNDLE`, or the profile's `ca_bundle`.",
            ),
        ),
    ])
}

fn switches() -> Members {
    members([
        (
            "s3_use_path_style",
            optional(
                Bool,
                "Whether buckets are addressed by path (`https://host/bucket`). By default only where S3's endpoint is not AWS's.",
            ),
        ),
        (
            "use_fips_endpoint",
            optional(
                Bool,
                "Whether to call the endpoints with FIPS 140 cryptography. Otherwise from `AWS_USE_FIPS_ENDPOINT`.",
            ),
        ),
        (
            "use_dualstack_endpoint",
            optional(
                Bool,
                "Whether to call the endpoints that speak IPv6 too. Otherwise from `AWS_USE_DUALSTACK_ENDPOINT`.",
            ),
        ),
        (
            "skip_credentials_validation",
            optional(
                Bool,
                "Whether a failure to ask STS for the account is a warning only; plans then show unknown outputs, and nothing can be applied.",
            ),
        ),
        (
            "skip_requesting_account_id",
            optional(
                Bool,
                "Whether STS is not asked for the account, where it cannot be reached. The account is a part of names, so the one entry of `allowed_account_ids` says it then.",
            ),
        ),
        (
            "skip_metadata_api_check",
            optional(
                Bool,
                "Whether the metadata service of an EC2 machine is not asked for credentials and region.",
            ),
        ),
        (
            "skip_region_validation",
            optional(Bool, "Whether `region` may be a name that looks like none of AWS's regions."),
        ),
    ])
}

fn texts() -> AttributeType {
    AttributeType::List(Text.into())
}

fn sensitive(attribute: Attribute) -> Attribute {
    Attribute { sensitive: true, ..attribute }
}
