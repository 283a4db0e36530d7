//! The provider block: its shape, what is refused, what becomes of it.

mod authority;
mod effects;
mod environment;
mod recorder;

use datalake_host::{Val, check_shape};
use serde_json::{Value, json};

use super::*;
use crate::aws::clients::ENDPOINT_SERVICES;

const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";

fn config(document: Value) -> ProviderConfig {
    serde_json::from_value(document).unwrap()
}

fn full() -> ProviderConfig {
    let endpoints: Value = ENDPOINT_SERVICES
        .iter()
        .map(|service| ((*service).to_owned(), json!("http://127.0.0.1:1")))
        .collect();
    config(json!({
        "region": "eu-west-1", "access_key": "AKIA", "secret_key": "s3cr3t", "token": "t0k3n", "profile": "p",
        "shared_config_files": ["c"], "shared_credentials_files": ["~/d"],
        "assume_role": {
            "role_arn": ROLE, "session_name": "sess", "external_id": "e", "duration": "30m",
            "policy": "{}", "policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"], "source_identity": "ada",
            "tags": {"team": "a"}, "transitive_tag_keys": ["team"],
        },
        "assume_role_with_web_identity": {
            "role_arn": ROLE, "session_name": "ci", "web_identity_token_file": "/t",
            "duration": "1h", "policy": "{}", "policy_arns": [],
        },
        "default_tags": {"tags": {"team": "a"}}, "ignore_tags": {"keys": ["k"], "key_prefixes": ["kubernetes.io/"]},
        "allowed_account_ids": ["123456789012"],
        "endpoints": endpoints, "s3_use_path_style": true, "use_fips_endpoint": true, "use_dualstack_endpoint": true,
        "max_retries": 3, "retry_mode": "adaptive", "http_proxy": "http://p:1", "https_proxy": "http://p:1", "no_proxy": "x",
        "custom_ca_bundle": "/c", "sts_region": "us-east-1", "skip_credentials_validation": true,
        "skip_requesting_account_id": true, "skip_metadata_api_check": true, "skip_region_validation": false,
    }))
}

#[test]
fn the_block_has_the_schemas_attributes() {
    // Two attributes exclude one another: the block has one of them, a second block the other.
    let mut all = full();
    all.forbidden_account_ids = Val::Known(vec!["1".into()]);
    if let Some(role) = all.assume_role_with_web_identity.known_mut() {
        role.web_identity_token = Val::Known(serde_json::from_value(json!("t")).unwrap());
    }
    assert_eq!(check_shape(&config::schema(), &all), Vec::<String>::new());
}

#[test]
fn wrong_values_have_their_path() {
    let cases = [
        (json!({"region": "Europe"}), "region: `Europe` is not a region's name"),
        (json!({"region": "eu-west-1a"}), "region: "),
        (
            json!({"assume_role": {"role_arn": "deploy"}}),
            "assume_role.role_arn: `deploy` is not the ARN of an IAM role",
        ),
        (json!({"max_retries": -1}), "max_retries: -1 is not a whole number"),
        (json!({"max_retries": "1.5"}), "max_retries: 1.5 is not"),
        (json!({"endpoints": {"s3": "127.0.0.1:4566"}}), "endpoints.s3: `127.0.0.1:4566` is not a URL"),
        (json!({"endpoints": {"s3": "http://"}}), "endpoints.s3: "),
        (json!({"default_tags": {"tags": {"aws:x": "v"}}}), "default_tags.tags[\"aws:x\"]: "),
        (
            json!({"default_tags": {"tags": {"datalake:pipeline": "v"}}}),
            "default_tags.tags[\"datalake:pipeline\"]: ",
        ),
    ];
    for (document, start) in cases.into_iter().chain(wrong_identities()).chain(wrong_networks()) {
        let found: Vec<String> =
            config(document).problems().iter().map(|(path, message)| format!("{path}: {message}")).collect();
        assert!(found.len() == 1 && found[0].starts_with(start), "{start}: {found:?}");
    }
    for right in [json!({}), json!({"region": "us-gov-west-1"}), json!({"region": "ap-southeast-2"})] {
        assert!(config(right).problems().is_empty());
    }
    assert!(full().problems().is_empty());
}

type Wrong = (Value, &'static str);

fn wrong_identities() -> Vec<Wrong> {
    let role = |more: Value| {
        let mut role = json!({"role_arn": ROLE});
        role.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"assume_role": role})
    };
    let arns: Vec<&str> = vec!["arn:aws:iam::aws:policy/X"; 11];
    vec![
        (json!({"access_key": "a"}), "access_key: goes only with secret_key"),
        (json!({"secret_key": "a"}), "secret_key: goes only with access_key"),
        (json!({"token": "a"}), "token: goes only with"),
        (json!({"sts_region": "Europe"}), "sts_region: `Europe` is not a region's name"),
        (role(json!({"duration": "10m"})), "assume_role.duration: `10m` is not from `15m` to `12h`"),
        (role(json!({"duration": "13h"})), "assume_role.duration: "),
        (role(json!({"duration": "soon"})), "assume_role.duration: `soon` is not a duration"),
        (role(json!({"policy": "{"})), "assume_role.policy: the policy is not JSON"),
        (role(json!({"policy": "[]"})), "assume_role.policy: the policy is not a JSON object"),
        (role(json!({"policy": " ".repeat(2_049)})), "assume_role.policy: the policy has more than 2048"),
        (
            role(json!({"policy_arns": ["ReadOnly"]})),
            "assume_role.policy_arns[0]: `ReadOnly` is not the ARN of an IAM policy",
        ),
        (role(json!({"policy_arns": arns})), "assume_role.policy_arns: 11 policies are given; STS takes 10"),
        (role(json!({"session_name": "a b"})), "assume_role.session_name: `a b` is not a session_name"),
        (role(json!({"source_identity": "é!"})), "assume_role.source_identity: "),
        (
            role(json!({"transitive_tag_keys": ["team"]})),
            "assume_role.transitive_tag_keys[0]: `team` is the key of none",
        ),
        (role(json!({"tags": {"a?": "b"}})), "assume_role.tags[\"a?\"]: "),
        (
            json!({"assume_role_with_web_identity": {"role_arn": ROLE}}),
            "assume_role_with_web_identity.web_identity_token: exactly one",
        ),
        (
            json!({"assume_role_with_web_identity": {"role_arn": ROLE, "web_identity_token": "t", "web_identity_token_file": "f"}}),
            "assume_role_with_web_identity.web_identity_token: exactly one",
        ),
        (
            json!({"allowed_account_ids": ["12345678901"]}),
            "allowed_account_ids[0]: `12345678901` is not the id of an account",
        ),
        (
            json!({"allowed_account_ids": ["123456789012"], "forbidden_account_ids": ["210987654321"]}),
            "forbidden_account_ids: goes not with allowed_account_ids",
        ),
        (
            json!({"skip_requesting_account_id": true}),
            "skip_requesting_account_id: the account is a part of names",
        ),
        (
            json!({"default_tags": {"tags": {"team": "a"}}, "ignore_tags": {"keys": ["team"]}}),
            "default_tags.tags[\"team\"]: is among the provider's ignore_tags too",
        ),
        (json!({"ignore_tags": {"keys": ["datalake:pipeline"]}}), "ignore_tags.keys[0]: "),
        (
            json!({"ignore_tags": {"key_prefixes": ["data"]}}),
            "ignore_tags.key_prefixes[0]: `data` would hide",
        ),
        (json!({"ignore_tags": {"key_prefixes": [""]}}), "ignore_tags.key_prefixes[0]: "),
    ]
}

fn wrong_networks() -> Vec<Wrong> {
    vec![
        (json!({"retry_mode": "legacy"}), "retry_mode: `legacy` is none of"),
        (json!({"http_proxy": "proxy"}), "http_proxy: is not the address of a proxy"),
        (json!({"https_proxy": "user:pass@proxy:1"}), "https_proxy: is not the address of a proxy"),
    ]
}

#[test]
fn no_secret_is_shown() {
    let block = json!({
        "access_key": "a", "secret_key": "s3cr3t", "token": "t0k3n", "https_proxy": "user:pa55@proxy",
        "assume_role_with_web_identity": {"role_arn": ROLE, "web_identity_token": "t0k3n"},
    });
    let block = config(block);
    let said = format!("{:?} {:?} {:?}", block.secret_key, block.connection(), block.problems());
    let role = format!("{:?}", block.assume_role_with_web_identity);
    for secret in ["s3cr3t", "t0k3n", "pa55"] {
        assert!(!said.contains(secret) && !role.contains(secret), "{secret}: {said} {role}");
    }
    let sensitive = |name: &str| config::schema().block.attributes[name].sensitive;
    assert!(sensitive("secret_key") && sensitive("token") && !sensitive("region"));
}

#[test]
fn accounts_are_admitted_or_not() {
    let cases = [
        (json!({}), None),
        (json!({"allowed_account_ids": ["123456789012"]}), None),
        (json!({"allowed_account_ids": ["210987654321"]}), Some("allowed_account_ids")),
        (json!({"allowed_account_ids": []}), Some("allowed_account_ids")),
        (json!({"forbidden_account_ids": ["123456789012"]}), Some("forbidden_account_ids")),
        (json!({"forbidden_account_ids": ["210987654321"]}), None),
    ];
    for (document, refused) in cases {
        let found = config(document.clone()).admit("123456789012").err().map(|(path, _)| path.to_string());
        assert_eq!(found.as_deref(), refused, "{document}");
    }
}

#[test]
fn unknowns_leave_the_provider_unconfigured() {
    let unknown: [fn(&mut ProviderConfig); 7] = [
        |config| config.region = Val::Unknown,
        |config| {
            config.assume_role = Val::Known(AssumeRole { role_arn: Val::Unknown, ..AssumeRole::default() })
        },
        |config| config.assume_role = Val::Unknown,
        |config| config.endpoints = Val::Known([("s3".to_owned(), Val::Unknown)].into()),
        |config| config.default_tags = Val::Known(DefaultTags { tags: Val::Unknown }),
        |config| config.max_retries = Val::Unknown,
        |config| config.s3_use_path_style = Val::Unknown,
    ];
    assert!(full().all_known() && ProviderConfig::default().all_known());
    for change in unknown {
        let mut config = full();
        change(&mut config);
        assert!(!config.all_known(), "{config:?}");
        assert!(config.problems().is_empty(), "{config:?}");
    }
}

#[test]
fn the_connection_says_what_the_block_says() {
    let connection = full().connection();
    assert_eq!((connection.region.as_deref(), connection.retries.most), (Some("eu-west-1"), Some(3)));
    assert_eq!(connection.endpoints.len(), ENDPOINT_SERVICES.len());
    assert_eq!(connection.assume_role.and_then(|role| role.external_id).as_deref(), Some("e"));
    assert_eq!(full().tags(), Tags::from([("team".to_owned(), "a".to_owned())]));
    let bare = config(json!({"region": "", "assume_role": {}})).connection();
    assert!(bare.region.is_none() && bare.assume_role.is_none() && bare.s3_use_path_style.is_none());
}

#[test]
fn a_failure_to_know_the_account_is_an_error_unless_waived() {
    let error = AwsError::ours("sts:GetCallerIdentity", "ExpiredToken", "the token has expired");
    for (skip, expected) in [(false, (1, 0)), (true, (0, 1))] {
        let mut diags = Diagnostics::default();
        tell(&mut diags, &config(json!({"skip_credentials_validation": skip})), refused(&error));
        assert_eq!((diags.errors.len(), diags.warnings.len()), expected);
        let all = diags.errors.iter().chain(&diags.warnings).next().unwrap();
        assert!(
            all.detail.contains("the token has expired") && all.detail.contains("Renew them"),
            "{}",
            all.detail
        );
    }
}
