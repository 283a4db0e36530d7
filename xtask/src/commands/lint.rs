//! `cargo xtask lint` and `fmt`: what a change must look like before anybody reads it.

use super::{Command, tidy};
use crate::command::Run;
use crate::error::{Error, Result};
use crate::progress::{Progress, Steps};
use crate::repo::Repo;
use crate::tools::terraform::find_on_path;
use crate::tools::{Tools, cargo};

/// Looks.
pub const LINT: Command = Command {
    name: "lint",
    summary: "check format, clippy, tidiness and HCL",
    details: "cargo fmt --check, clippy with warnings denied, our own rules for files (see `tidy.rs`), terraform fmt -check,\n\
              and cargo-deny where it is installed. Every check runs; the command fails when any of them does.",
    words: &[],
    flags: &[],
    run: |_| lint(),
};

/// Changes.
pub const FMT: Command = Command {
    name: "fmt",
    summary: "format Rust and HCL",
    details: "cargo fmt and terraform fmt.",
    words: &[],
    flags: &[],
    run: |_| format(),
};

/// Folders with HCL.
const HCL: [&str; 2] = ["modules", "examples"];

fn lint() -> Result {
    let repo = Repo::find()?;
    require_component(&repo, "fmt", "rustfmt")?;
    require_component(&repo, "clippy", "clippy")?;
    let tools = Tools::find(&repo)?;
    let mut steps = Steps::new(false);
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    let results = [
        steps.run("tidy", |_| tidy::check(repo.root())),
        steps.run("cargo fmt --check", |progress| {
            logged(&repo, "fmt", &["fmt", "--all", "--check", "--", "--color", "never"], progress)
        }),
        steps.run("terraform fmt -check", |progress| hcl(&tools, &["-check", "-diff"], progress)),
        steps.run("clippy", |progress| logged(&repo, "clippy", &clippy, progress)),
        deny(&repo, &mut steps),
    ];
    let failures: Vec<String> =
        results.into_iter().filter_map(Result::err).map(|error| error.to_string()).collect();
    match failures.len() {
        0 => Ok(()),
        _ => Err(Error::new(format!("the workspace is not clean\n\n{}", failures.join("\n\n")))),
    }
}

fn format() -> Result {
    let repo = Repo::find()?;
    require_component(&repo, "fmt", "rustfmt")?;
    let tools = Tools::find(&repo)?;
    let mut steps = Steps::new(false);
    steps.run("cargo fmt", |progress| logged(&repo, "fmt", &["fmt", "--all"], progress))?;
    steps.run("terraform fmt", |progress| hcl(&tools, &[], progress))
}

fn require_component(repo: &Repo, command: &str, component: &str) -> Result {
    let output = cargo(repo)?.args([command, "--version"]).output()?;
    match output.code {
        Some(0) => Ok(()),
        _ => Err(Error::new(format!(
            "{component} is missing: install it with `rustup component add {component}`"
        ))),
    }
}

fn logged(repo: &Repo, name: &str, arguments: &[&str], progress: &Progress) -> Result {
    cargo(repo)?.args(arguments).logged(&repo.work_dir("logs")?.join(format!("{name}.log")), progress)
}

fn hcl(tools: &Tools, more: &[&str], progress: &Progress) -> Result {
    let repo = tools.repo();
    let terraform = tools.terraform(progress)?;
    let folders = HCL.iter().filter(|folder| repo.join(folder).is_dir());
    Run::new(&terraform.program)
        .args(["fmt", "-recursive"])
        .args(more)
        .args(folders)
        .dir(repo.root())
        .env_remove("TF_CLI_CONFIG_FILE")
        .logged(&repo.work_dir("logs")?.join("terraform-fmt.log"), progress)
}

/// Licences and advisories; the tool is no part of a Rust installation, so its absence is said and no failure.
fn deny(repo: &Repo, steps: &mut Steps) -> Result {
    if find_on_path("cargo-deny").is_none() {
        steps.note("skipped: cargo-deny is not installed (`cargo install cargo-deny`)");
        return Ok(());
    }
    steps.run("cargo deny", |progress| logged(repo, "deny", &["deny", "check"], progress))
}
