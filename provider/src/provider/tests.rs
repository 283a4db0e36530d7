//! The provider block: its shape, what is refused, what becomes of it.

use datalake_host::{Val, check_shape};
use serde_json::{Value, json};

use super::*;
use crate::aws::clients::ENDPOINT_SERVICES;

fn config(document: Value) -> ProviderConfig {
    serde_json::from_value(document).unwrap()
}

fn full() -> ProviderConfig {
    let endpoints: Value = ENDPOINT_SERVICES
        .iter()
        .map(|service| ((*service).to_owned(), json!("http://127.0.0.1:1")))
        .collect();
    config(json!({
        "region": "eu-west-1", "profile": "p",
        "assume_role": {"role_arn": "arn:aws:iam::123456789012:role/deploy", "session_name": "s", "external_id": "e"},
        "default_tags": {"tags": {"team": "a"}}, "endpoints": endpoints, "s3_use_path_style": true, "max_retries": 3,
        "skip_credentials_validation": true,
    }))
}

#[test]
fn the_block_has_the_schemas_attributes() {
    assert_eq!(check_shape(&config::schema(), &full()), Vec::<String>::new());
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
    for (document, start) in cases {
        let found: Vec<String> =
            config(document).problems().iter().map(|(path, message)| format!("{path}: {message}")).collect();
        assert!(found.len() == 1 && found[0].starts_with(start), "{start}: {found:?}");
    }
    for right in [json!({}), json!({"region": "us-gov-west-1"}), json!({"region": "ap-southeast-2"})] {
        assert!(config(right).problems().is_empty());
    }
    assert!(full().problems().is_empty());
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
    assert_eq!((connection.region.as_deref(), connection.max_retries), (Some("eu-west-1"), Some(3)));
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
        tell(&mut diags, &config(json!({"skip_credentials_validation": skip})), &error);
        assert_eq!((diags.errors.len(), diags.warnings.len()), expected);
        let all = diags.errors.iter().chain(&diags.warnings).next().unwrap();
        assert!(
            all.detail.contains("the token has expired") && all.detail.contains("Renew them"),
            "{}",
            all.detail
        );
    }
}
