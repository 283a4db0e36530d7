//! `cargo xtask up` and `down`: the local cloud with the demo's pipeline in it, to play with.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::example::{ADDRESS, EXAMPLE, Names};
use super::{Command, JSON, PORT, demo};
use crate::args::{Args, Flag};
use crate::artifacts::Profile;
use crate::cloud::{Cloud, Options, client_environment};
use crate::ensure;
use crate::error::{Context, Error, Result};
use crate::groups;
use crate::kit::Kit;
use crate::progress::Steps;
use crate::repo::Repo;
use crate::terraform::mirror_environment;

const CALL_LOG: Flag =
    Flag { name: "--call-log", value: Some("FILE"), help: "write one JSON line per API call to a file" };

/// Starts it.
pub const UP: Command = Command {
    name: "up",
    summary: "start a local cloud with the demo's pipeline applied, and leave it running",
    details: "Prints the environment for the AWS CLI and Terraform as `export` lines:\n\n  eval \"$(cargo xtask up)\"\n  \
              aws s3 cp examples/demo/data/input/readings/valid.json s3://$DATALAKE_RAW_BUCKET/input/readings/\n  \
              cargo xtask status input/readings/valid.json\n\nWhen it is up already, prints the same again.",
    words: &[],
    flags: &[JSON, PORT, CALL_LOG],
    run: up,
};

/// Ends it.
pub const DOWN: Command = Command {
    name: "down",
    summary: "end what `up` started",
    details: "Ends the local cloud and everything in it. Nothing to do is no error.",
    words: &[],
    flags: &[],
    run: |_| down(),
};

/// What `up` left running, as target/up.json remembers it.
#[derive(Debug, Clone)]
pub struct Running {
    document: Value,
}

impl Running {
    /// What is running now; none when nothing is.
    ///
    /// # Errors
    /// When the memory of it cannot be read.
    pub fn find(repo: &Repo) -> Result<Option<Self>> {
        let file = state_file(repo);
        let Ok(text) = fs::read_to_string(&file) else { return Ok(None) };
        let what = || format!("{} cannot be read: delete it if nothing is running", file.display());
        let running = Self { document: serde_json::from_str(&text).context(what)? };
        Ok(running.alive().then_some(running))
    }

    /// The environment of clients.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        client_environment(self.document["endpoint"].as_str().unwrap_or_default())
    }

    /// A name Terraform gave: `raw_bucket`, `metadata_table`, …
    #[must_use]
    pub fn name(&self, what: &str) -> &str {
        self.document[what].as_str().unwrap_or_default()
    }

    fn pid(&self) -> u32 {
        self.document["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0)
    }

    /// The process id may have passed to another program: it must still be the launcher with our ready file.
    fn alive(&self) -> bool {
        let line = fs::read(format!("/proc/{}/cmdline", self.pid())).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        line.contains("launcher.py") && line.contains(self.name("folder"))
    }
}

fn state_file(repo: &Repo) -> PathBuf {
    repo.target().join("up.json")
}

fn up(args: &Args) -> Result {
    let repo = Repo::find()?;
    let running = match Running::find(&repo)? {
        Some(running) => running,
        None => start(&repo, args)?,
    };
    print(&running, args.has("--json"))
}

fn start(repo: &Repo, args: &Args) -> Result<Running> {
    let port = args.read("--port")?;
    demo::check_port(port)?;
    let mut steps = Steps::new(false);
    let kit = Kit::make(&mut steps, Profile::Dev)?;
    let folder = kit.folder("up")?;
    let call_log = args.value("--call-log").map(std::path::absolute).transpose();
    let call_log = call_log.context(|| "--call-log".to_owned())?;
    let options = Options { port, call_log, detached: true, ..Options::default() };
    let cloud = steps.run("start the local cloud", |_| kit.cloud(&folder, &options))?;
    let work = kit.workspace(EXAMPLE, &folder, &cloud.environment())?;
    steps.run("terraform init", |_| work.init())?;
    steps.run("terraform apply", |_| work.apply(&[]))?;
    let names = Names::from_resource(&work.resource(ADDRESS)?)?;
    let running = remember(repo, &kit, &cloud, &folder, &names)?;
    cloud.leave_running();
    Ok(running)
}

fn remember(repo: &Repo, kit: &Kit, cloud: &Cloud, folder: &Path, names: &Names) -> Result<Running> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut path = text(&kit.venv.bin());
    if let (true, Some(shim)) = (kit.terraform.shim, kit.terraform.program.parent()) {
        path = format!("{}:{path}", text(shim));
    }
    let document = json!({
        "endpoint": cloud.endpoint(), "pid": cloud.pid(), "folder": text(folder), "path": path,
        "terraform": mirror_environment(&kit.mirror).into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        "configuration": text(&folder.join("work")),
        "raw_bucket": names.raw, "processed_bucket": names.processed, "quarantine_bucket": names.quarantine,
        "metadata_table": names.table, "database": names.database, "workgroup": names.workgroup,
    });
    let file = state_file(repo);
    fs::write(&file, format!("{document:#}\n"))
        .context(|| format!("{} cannot be written", file.display()))?;
    Ok(Running { document })
}

fn print(running: &Running, json: bool) -> Result {
    if json {
        println!("{:#}", running.document);
        return Ok(());
    }
    for (name, value) in exports(running) {
        println!("export {name}={value}");
    }
    println!("unset AWS_PROFILE AWS_SESSION_TOKEN");
    eprintln!(
        "\nthe pipeline is up at {}; its configuration and state are in {}",
        running.name("endpoint"),
        running.name("configuration")
    );
    eprintln!("`eval \"$(cargo xtask up)\"` sets the environment above, `cargo xtask down` ends it");
    Ok(())
}

fn exports(running: &Running) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = running.environment();
    let terraform = running.document["terraform"].as_object().into_iter().flatten();
    lines
        .extend(terraform.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())));
    let names =
        ["raw_bucket", "processed_bucket", "quarantine_bucket", "metadata_table", "database", "workgroup"];
    lines.extend(
        names.map(|name| (format!("DATALAKE_{}", name.to_uppercase()), running.name(name).to_owned())),
    );
    let mut lines: Vec<(String, String)> =
        lines.into_iter().map(|(name, value)| (name, quoted(&value))).collect();
    // The rest of the path is the shell's own, whatever it is by then.
    lines.push(("PATH".to_owned(), format!("{}:\"$PATH\"", quoted(running.name("path")))));
    lines
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

fn down() -> Result {
    let repo = Repo::find()?;
    let Some(running) = Running::find(&repo)? else {
        eprintln!("nothing is up");
        let _ = fs::remove_file(state_file(&repo));
        return Ok(());
    };
    groups::end(running.pid());
    ensure!(!groups::alive(running.pid()), "process group {} does not end: end it with kill", running.pid());
    let file = state_file(&repo);
    fs::remove_file(&file).context(|| format!("{} cannot be removed", file.display()))?;
    eprintln!("the local cloud at {} is ended", running.name("endpoint"));
    Ok(())
}

/// What is running, or a sentence that says how to start it.
///
/// # Errors
/// When nothing is running.
pub fn require(repo: &Repo) -> Result<Running> {
    Running::find(repo)?.ok_or_else(|| Error::new("nothing is up: start it with `cargo xtask up`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running() -> Running {
        let document = json!({
            "endpoint": "http://127.0.0.1:4566", "pid": std::process::id(), "folder": "no such folder", "path": "/a b/bin",
            "terraform": {"TF_CLI_CONFIG_FILE": "/x/terraform.tfrc"}, "raw_bucket": "raw"
        });
        Running { document }
    }

    #[test]
    fn export_lines_survive_a_shell() {
        let lines: Vec<String> =
            exports(&running()).into_iter().map(|(name, value)| format!("export {name}={value}")).collect();
        for expected in [
            "export AWS_ENDPOINT_URL='http://127.0.0.1:4566'",
            "export TF_CLI_CONFIG_FILE='/x/terraform.tfrc'",
            "export DATALAKE_RAW_BUCKET='raw'",
            "export PATH='/a b/bin':\"$PATH\"",
        ] {
            assert!(lines.iter().any(|line| line == expected), "{lines:?}");
        }
    }

    #[test]
    fn another_program_with_the_same_pid_is_not_ours() {
        assert!(!running().alive());
    }
}
