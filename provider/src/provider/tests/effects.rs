//! What the settings bring about, as a server sees it that stands for STS and for a proxy.

use aws_smithy_types::retry::RetryMode;
use serde_json::{Value, json};
use tf_provider::Diagnostics;

use super::authority::Authority;
use super::recorder::{Answers, Recorder};
use super::{ProviderConfig, ROLE, config};
use crate::aws::Scope;
use crate::provider::{Configured, Elsewhere, Shared, connect};

/// A block with static credentials and without retries, and what is added to it.
async fn configured(more: Value) -> (Option<Configured>, Diagnostics) {
    let mut block =
        json!({"region": "us-east-1", "access_key": "AKIAOURS", "secret_key": "s", "max_retries": 0});
    block.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let block = config(block);
    assert_eq!(block.problems(), []);
    let mut diags = Diagnostics::default();
    let configured = of_block(&mut diags, &block).await;
    (configured, diags)
}

/// What a resource is given.
pub async fn of_block(diags: &mut Diagnostics, block: &ProviderConfig) -> Option<Configured> {
    let shared = Shared::default();
    let connected = connect(diags, block).await?;
    shared.connect(Some(connected));
    shared.configured(diags).await
}

fn holds(request: &str, parts: &[&str]) {
    for part in parts {
        assert!(request.contains(part), "{part} in {request}");
    }
}

#[tokio::test]
async fn a_role_is_assumed_with_everything_that_is_said() {
    let sts = Recorder::new(Answers::Sts).await;
    let (found, diags) = configured(json!({"endpoints": {"sts": sts.url}, "assume_role": {
        "role_arn": ROLE, "session_name": "sess", "external_id": "ext", "duration": "30m", "policy": "{}",
        "policy_arns": ["arn:aws:iam::aws:policy/X"], "source_identity": "ada", "tags": {"team": "a"},
        "transitive_tag_keys": ["team"],
    }}))
    .await;
    assert!(found.is_some(), "{diags:?}");
    let heard = sts.heard();
    let asked = [
        "Action=AssumeRole&",
        "RoleSessionName=sess",
        "ExternalId=ext",
        "DurationSeconds=1800",
        "Policy=%7B%7D",
        "PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FX",
        "SourceIdentity=ada",
        "Tags.member.1.Key=team",
        "TransitiveTagKeys.member.1=team",
        "Credential=AKIAOURS/",
    ];
    holds(&heard[0], &asked);
    holds(&heard[1], &["Action=GetCallerIdentity", "Credential=ASIAROLE/", "session-of-ASIAROLE"]);
}

#[tokio::test]
async fn a_token_is_enough_for_a_role_and_that_for_another() {
    let sts = Recorder::new(Answers::Sts).await;
    let file = std::env::temp_dir().join(format!("datalake-token-{}", std::process::id()));
    std::fs::write(&file, "from-a-file\n").unwrap();
    for (token, expected) in [
        (json!({"web_identity_token": "given"}), "WebIdentityToken=given"),
        (json!({"web_identity_token_file": file}), "WebIdentityToken=from-a-file"),
    ] {
        sts.forget();
        let mut role = json!({"role_arn": ROLE, "duration": "1h"});
        role.as_object_mut().unwrap().extend(token.as_object().unwrap().clone());
        let block = json!({
            "endpoints": {"sts": sts.url}, "assume_role_with_web_identity": role, "assume_role": {"role_arn": ROLE},
        });
        let (found, diags) = configured(block).await;
        assert!(found.is_some(), "{diags:?}");
        let heard = sts.heard();
        holds(&heard[0], &["Action=AssumeRoleWithWebIdentity", expected, "DurationSeconds=3600"]);
        assert!(!heard[0].to_lowercase().contains("authorization:"), "{}", heard[0]);
        holds(&heard[1], &["Action=AssumeRole&", "Credential=ASIATOKEN/"]);
    }
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn credentials_come_from_the_block_or_its_files() {
    let sts = Recorder::new(Answers::Sts).await;
    let folder = std::env::temp_dir().join(format!("datalake-files-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (config, credentials) = (folder.join("config"), folder.join("credentials"));
    std::fs::write(&config, "[profile team]\nregion = eu-central-1\n").unwrap();
    std::fs::write(&credentials, "[team]\naws_access_key_id = AKIAFILE\naws_secret_access_key = s\n")
        .unwrap();
    let files = json!({"shared_config_files": [config], "shared_credentials_files": [credentials]});
    let cases = [
        (json!({"token": "t0k3n"}), ["Credential=AKIAOURS/", "x-amz-security-token: t0k3n"]),
        (json!({"access_key": null, "secret_key": null, "profile": "team"}), ["Credential=AKIAFILE/", ""]),
    ];
    for (mut block, expected) in cases {
        sts.forget();
        let block_map = block.as_object_mut().unwrap();
        block_map.extend(files.as_object().unwrap().clone());
        block_map.insert("endpoints".to_owned(), json!({"sts": sts.url}));
        let (found, diags) = configured(block).await;
        assert!(found.is_some(), "{diags:?}");
        holds(&sts.heard()[0], &expected);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn endpoints_follow_region_and_switches() {
    let proxy = Recorder::new(Answers::Sts).await;
    let cases = [
        (json!({}), "CONNECT sts.us-east-1.amazonaws.com:443"),
        (json!({"use_fips_endpoint": true}), "CONNECT sts-fips.us-east-1.amazonaws.com:443"),
        (json!({"use_dualstack_endpoint": true}), "CONNECT sts.us-east-1.api.aws:443"),
        (json!({"sts_region": "eu-central-1"}), "CONNECT sts.eu-central-1.amazonaws.com:443"),
    ];
    for (mut block, expected) in cases {
        proxy.forget();
        block.as_object_mut().unwrap().insert("https_proxy".to_owned(), json!(proxy.url));
        let (found, _) = configured(block).await;
        assert!(found.is_none());
        holds(&proxy.heard()[0], &[expected]);
    }
}

#[tokio::test]
async fn proxies_are_gone_through_and_round() {
    let (sts, proxy) = (Recorder::new(Answers::Sts).await, Recorder::new(Answers::Sts).await);
    for (no_proxy, through) in [("", 1), ("127.0.0.1", 0)] {
        proxy.forget();
        let block = json!({"endpoints": {"sts": sts.url}, "http_proxy": proxy.url, "no_proxy": no_proxy});
        let (found, diags) = configured(block).await;
        assert!(found.is_some(), "{diags:?}");
        assert_eq!(proxy.heard().len(), through, "no_proxy {no_proxy:?}");
    }
    assert_eq!(sts.heard().len(), 1, "what went round the proxy came here");
}

#[tokio::test]
async fn retries_are_as_many_and_as_patient_as_is_said() {
    let server = Recorder::new(Answers::Trouble).await;
    let (found, _) = configured(json!({"endpoints": {"sts": server.url}, "max_retries": 1})).await;
    assert!(found.is_none());
    assert_eq!(server.heard().len(), 2);
    let sts = Recorder::new(Answers::Sts).await;
    for (block, expected) in
        [(json!({}), RetryMode::Standard), (json!({"retry_mode": "adaptive"}), RetryMode::Adaptive)]
    {
        let mut block = block;
        block.as_object_mut().unwrap().insert("endpoints".to_owned(), json!({"sts": sts.url}));
        let (found, _) = configured(block).await;
        let retries = found.unwrap().clients.sqs.config().retry_config().cloned().unwrap();
        assert_eq!(retries.mode(), expected);
    }
}

#[tokio::test]
async fn only_wanted_accounts_are_acted_in() {
    let sts = Recorder::new(Answers::Sts).await;
    let cases = [
        (json!({"allowed_account_ids": ["210987654321"]}), "allowed_account_ids"),
        (json!({"forbidden_account_ids": ["123456789012"]}), "forbidden_account_ids"),
    ];
    for (mut block, expected) in cases {
        block.as_object_mut().unwrap().insert("endpoints".to_owned(), json!({"sts": sts.url}));
        let (found, diags) = configured(block).await;
        assert!(found.is_none());
        assert_eq!(diags.errors[0].attribute.to_string(), expected);
    }
    let asked = sts.heard().len();
    let block = json!({
        "endpoints": {"sts": sts.url}, "skip_requesting_account_id": true, "allowed_account_ids": ["210987654321"],
    });
    let (found, _) = configured(block).await;
    assert_eq!(found.unwrap().scope.account, "210987654321");
    assert_eq!(sts.heard().len(), asked, "STS was not asked");
}

#[tokio::test]
async fn certificates_are_looked_at_before_they_are_trusted() {
    let file = std::env::temp_dir().join(format!("datalake-ca-{}", std::process::id()));
    let wrong = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (content, expected) in
        [(None, "cannot be read"), (Some(""), "holds no certificate"), (Some(wrong), "cannot be used")]
    {
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let (found, diags) = configured(json!({"custom_ca_bundle": file})).await;
        assert!(found.is_none());
        assert_eq!(diags.errors[0].attribute.to_string(), "custom_ca_bundle");
        assert!(diags.errors[0].detail.contains(expected), "{:?}", diags.errors);
    }
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn only_the_authorities_of_the_bundle_are_trusted() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let sts = Recorder::secure(Answers::Sts, ours.server()).await;
    for (bundle, trusted) in [(ours.file(), true), (theirs.file(), false)] {
        sts.forget();
        let block = json!({"endpoints": {"sts": sts.url}, "custom_ca_bundle": bundle});
        let (found, diags) = configured(block).await;
        assert_eq!(found.is_some(), trusted, "{diags:?}");
        assert_eq!(sts.heard().len(), usize::from(trusted));
        let told = diags.errors.iter().any(|error| error.detail.contains("UnknownIssuer"));
        assert_eq!(told, !trusted, "{diags:?}");
    }
}

#[tokio::test]
async fn tags_of_others_are_kept_out() {
    let sts = Recorder::new(Answers::Sts).await;
    let ignored = json!({"keys": ["theirs"], "key_prefixes": ["kubernetes.io/"]});
    let (found, _) = configured(json!({"endpoints": {"sts": sts.url}, "ignore_tags": ignored})).await;
    let ignored = found.unwrap().ignored_tags;
    for (key, expected) in
        [("theirs", true), ("kubernetes.io/cluster", true), ("ours", false), ("theirs2", false)]
    {
        assert_eq!(ignored.covers(key), expected, "{key}");
    }
}

#[tokio::test]
async fn where_it_is_may_be_presumed_until_sts_has_said_it() {
    let sts = Recorder::new(Answers::Sts).await;
    let block = config(json!({
        "region": "us-east-1", "access_key": "AKIAOURS", "secret_key": "s", "endpoints": {"sts": sts.url},
    }));
    let scope = |account: &str, region: &str| Some(Scope::new(account, region));
    let (right, wrong) = (scope("123456789012", "us-east-1"), scope("210987654321", "us-east-1"));
    let cases = [
        // What is presumed, where it is begun, how often STS has been asked by then, and whether that was right.
        (right.clone(), right.clone(), 0, Ok(())),
        (wrong.clone(), wrong, 0, Err(Elsewhere)),
        (scope("123456789012", "eu-west-1"), right.clone(), 1, Ok(())),
        (None, right.clone(), 1, Ok(())),
    ];
    for (presumed, begun, asked, expected) in cases {
        sts.forget();
        let (shared, mut diags) = (Shared::default(), Diagnostics::default());
        shared.connect(connect(&mut diags, &block).await);
        assert!(shared.known().is_none() && sts.heard().is_empty());
        let configured = shared.presumed(&mut diags, presumed).await.unwrap();
        assert_eq!((Some(&configured.scope), sts.heard().len()), (begun.as_ref(), asked));
        assert_eq!(shared.confirm(&configured).await, expected);
        assert_eq!(shared.known().map(|known| known.scope), right);
        assert_eq!(shared.configured(&mut diags).await.map(|sure| sure.scope), right);
        assert_eq!(sts.heard().len(), 1, "STS is asked once");
    }
}

#[tokio::test]
async fn who_needs_the_account_hears_why_there_is_none() {
    let server = Recorder::new(Answers::Trouble).await;
    let block = config(json!({
        "region": "us-east-1", "access_key": "AKIAOURS", "secret_key": "s", "max_retries": 0,
        "endpoints": {"sts": server.url},
    }));
    let (shared, mut diags) = (Shared::default(), Diagnostics::default());
    shared.connect(connect(&mut diags, &block).await);
    assert!(diags.errors.is_empty(), "{diags:?}");
    let presumed = shared.presumed(&mut diags, Some(Scope::new("123456789012", "us-east-1"))).await.unwrap();
    assert_eq!(shared.confirm(&presumed).await, Err(Elsewhere));
    assert!(shared.configured(&mut diags).await.is_none());
    assert_eq!(diags.errors.len(), 1, "{diags:?}");
}
