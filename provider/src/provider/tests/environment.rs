//! What the block leaves out is in the environment, or in the profile that the environment names.
//!
//! The environment is the whole process's, so each case is a process: the test starts itself.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use tf_provider::Diagnostics;
use tokio::process::Command;

use super::authority::Authority;
use super::config;
use super::effects::of_block;
use super::recorder::{Answers, Recorder};

const TEST: &str = "provider::tests::environment::what_the_block_leaves_out_is_found";
/// Holds the block for the process of a case.
const BLOCK: &str = "DATALAKE_TEST_BLOCK";
/// Begins the line with what became of it.
const OUTCOME: &str = "outcome: ";

/// A case: variables of the environment, what the block says, and what comes of it.
struct Case {
    environment: Vec<(&'static str, String)>,
    block: Value,
    expected: Expected,
}

enum Expected {
    /// The account is known, and calls are tried again in this mode, so often at most.
    Retries(&'static str, u32),
    /// Refused at this attribute, with these words.
    Refused(&'static str, &'static str),
    /// The proxy is asked for this first.
    Proxy(&'static str),
    /// The proxy is not asked, and the account is known.
    PastProxy,
}

/// Those who answer.
struct Servers {
    sts: Recorder,
    secure: Recorder,
    proxy: Recorder,
    ours: Authority,
    theirs: Authority,
}

#[tokio::test]
async fn what_the_block_leaves_out_is_found() {
    if let Ok(block) = std::env::var(BLOCK) {
        println!("\n{OUTCOME}{}", outcome(serde_json::from_str(&block).unwrap()).await);
        return;
    }
    let (ours, theirs) = (Authority::new("ours-here"), Authority::new("theirs-here"));
    let servers = Servers {
        sts: Recorder::new(Answers::Sts).await,
        secure: Recorder::secure(Answers::Sts, ours.server()).await,
        proxy: Recorder::new(Answers::Sts).await,
        ours,
        theirs,
    };
    let patient = Profile::new("patient", "max_attempts = 9\nretry_mode = adaptive");
    let trusting = Profile::new("trusting", &format!("ca_bundle = {}", servers.ours.file().display()));
    for case in retries(&servers, &patient.path()).into_iter().chain(network(&servers, &trusting.path())) {
        servers.proxy.forget();
        let outcome = run(&case).await;
        check(&case, &outcome, &servers.proxy.heard());
    }
}

/// A file with a default profile, while it lives.
struct Profile(PathBuf);

impl Profile {
    fn new(name: &str, settings: &str) -> Self {
        let file = std::env::temp_dir().join(format!("datalake-{name}-{}", std::process::id()));
        std::fs::write(&file, format!("[default]\n{settings}\n")).unwrap();
        Self(file)
    }

    fn path(&self) -> String {
        self.0.to_string_lossy().into_owned()
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // What is left lies in the folder for such.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn case(environment: &[(&'static str, &str)], block: Value, expected: Expected) -> Case {
    let environment = environment.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Case { environment, block, expected }
}

fn retries(servers: &Servers, profile: &str) -> Vec<Case> {
    use Expected::{Refused, Retries};
    let sts = || json!({"endpoints": {"sts": servers.sts.url}});
    let both = json!({"endpoints": {"sts": servers.sts.url}, "max_retries": 1, "retry_mode": "standard"});
    let (attempts, mode, file) = ("AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", ("AWS_CONFIG_FILE", profile));
    vec![
        case(&[], sts(), Retries("standard", 5)),
        case(&[(attempts, "7")], sts(), Retries("standard", 7)),
        case(&[(mode, "adaptive")], sts(), Retries("adaptive", 5)),
        case(&[file], sts(), Retries("adaptive", 9)),
        case(&[file, (attempts, "7"), (mode, "standard")], sts(), Retries("standard", 7)),
        case(&[file, (attempts, "7"), (mode, "adaptive")], both, Retries("standard", 2)),
        case(&[(attempts, "0")], sts(), Refused("max_retries", "AWS_MAX_ATTEMPTS")),
        case(&[(attempts, "many")], sts(), Refused("max_retries", "`many`")),
        case(&[(mode, "legacy")], sts(), Refused("retry_mode", "`legacy`")),
    ]
}

fn network(servers: &Servers, trusting: &str) -> Vec<Case> {
    use Expected::{PastProxy, Proxy, Refused, Retries};
    let file = |authority: &Authority| authority.file().to_string_lossy().into_owned();
    let (ours, theirs) = (file(&servers.ours), file(&servers.theirs));
    let (ours, theirs) = (ours.as_str(), theirs.as_str());
    let url = servers.sts.url.as_str();
    let plain = || json!({"endpoints": {"sts": url}});
    let secure = || json!({"endpoints": {"sts": servers.secure.url}});
    let secure_and_ours = json!({"endpoints": {"sts": servers.secure.url}, "custom_ca_bundle": ours});
    let no_proxy = json!({"endpoints": {"sts": url}, "http_proxy": ""});
    let (bundle, proxy) = ("AWS_CA_BUNDLE", servers.proxy.url.as_str());
    let (trusting, once) = (("AWS_CONFIG_FILE", trusting), ("AWS_MAX_ATTEMPTS", "1"));
    let far = |variable| [("HTTPS_PROXY", proxy), (variable, "true"), once];
    vec![
        case(&[("AWS_ENDPOINT_URL_STS", url)], json!({}), Retries("standard", 5)),
        case(&[("AWS_ENDPOINT_URL", url)], json!({}), Retries("standard", 5)),
        case(&[(bundle, ours)], secure(), Retries("standard", 5)),
        case(&[(bundle, theirs)], secure_and_ours, Retries("standard", 5)),
        case(&[trusting], secure(), Retries("standard", 5)),
        case(&[trusting, (bundle, theirs), once], secure(), Refused("", "UnknownIssuer")),
        case(&[(bundle, theirs), once], secure(), Refused("", "UnknownIssuer")),
        case(&[("HTTP_PROXY", proxy)], plain(), Proxy("POST http://127.0.0.1")),
        case(&[("HTTP_PROXY", proxy), ("NO_PROXY", "127.0.0.1")], plain(), PastProxy),
        case(&[("HTTP_PROXY", proxy)], no_proxy, PastProxy),
        case(&far("AWS_USE_FIPS_ENDPOINT"), json!({}), Proxy("CONNECT sts-fips.us-east-1.amazonaws.com:443")),
        case(&far("AWS_USE_DUALSTACK_ENDPOINT"), json!({}), Proxy("CONNECT sts.us-east-1.api.aws:443")),
    ]
}

/// What becomes of a block in this process.
async fn outcome(block: Value) -> Value {
    let block = config(block);
    assert_eq!(block.problems(), []);
    let mut diags = Diagnostics::default();
    let configured = of_block(&mut diags, &block).await;
    let retries = configured.and_then(|found| found.clients.sqs.config().retry_config().cloned());
    let errors = diags.errors.iter().map(|error| (error.attribute.to_string(), error.detail.clone()));
    json!({
        "mode": retries.as_ref().map(|retries| format!("{:?}", retries.mode()).to_lowercase()),
        "attempts": retries.map(|retries| retries.max_attempts()),
        "errors": errors.collect::<Vec<_>>(),
    })
}

/// The same in a process that has the case's environment and no other.
async fn run(case: &Case) -> Value {
    let mut block = json!({"region": "us-east-1", "access_key": "AKIAOURS", "secret_key": "s"});
    block.as_object_mut().unwrap().extend(case.block.as_object().unwrap().clone());
    let output = Command::new(std::env::current_exe().unwrap())
        .args([TEST, "--exact", "--nocapture"])
        .env_clear()
        .env(BLOCK, block.to_string())
        .envs(case.environment.iter().cloned())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix(OUTCOME));
    serde_json::from_str(line.unwrap_or_else(|| panic!("{text} {output:?}"))).unwrap()
}

fn check(case: &Case, outcome: &Value, proxy: &[String]) {
    let Case { environment, block, expected } = case;
    let about = format!("{environment:?} {block} {outcome} {proxy:?}");
    match expected {
        Expected::Retries(mode, attempts) => {
            assert_eq!((&outcome["mode"], &outcome["attempts"]), (&json!(mode), &json!(attempts)), "{about}");
        }
        Expected::Refused(attribute, words) => {
            let (at, detail) = (&outcome["errors"][0][0], &outcome["errors"][0][1]);
            assert_eq!(at, attribute, "{about}");
            assert!(detail.as_str().is_some_and(|detail| detail.contains(words)), "{about}");
        }
        Expected::Proxy(begins) => {
            assert!(proxy.first().is_some_and(|request| request.starts_with(begins)), "{about}");
        }
        Expected::PastProxy => {
            assert!(proxy.is_empty() && outcome["errors"] == json!([]), "{about}");
        }
    }
}
