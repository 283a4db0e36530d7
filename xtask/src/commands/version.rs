//! `cargo xtask version X.Y.Z`: the version in every place that names it, and what is unreleased under its heading.

use std::fs;

use super::Command;
use crate::args::Args;
use crate::command::Run;
use crate::documents::changelog;
use crate::documents::version::{Version, restated};
use crate::ensure;
use crate::error::{Context, Result};
use crate::repo::{Repo, VERSION};

/// The command.
pub const COMMAND: Command = Command {
    name: "version",
    summary: "make this the version X.Y.Z, everywhere it is written",
    details: "Cargo's manifest and lock files, the constraints in examples, modules and documents, the sources of modules\n\
              there, and CHANGELOG.md, where what is unreleased goes under the version with today's date. Commit what it\n\
              writes and tag it vX.Y.Z: the tag releases it.",
    words: &["X.Y.Z"],
    flags: &[],
    run: |args| version(args),
};

const CHANGELOG: &str = "CHANGELOG.md";

fn version(args: &Args) -> Result {
    let (old, new) = (Version::read(VERSION)?, Version::read(args.word(0))?);
    ensure!(new >= old, "{} is older than this version, {VERSION}", new.text());
    let repo = Repo::find()?;
    let date = Run::new("date").args(["-u", "+%F"]).text()?;
    let changelog = changelog::released(&read(&repo, CHANGELOG)?, &new.text(), date.trim())?;
    for (name, text) in changed(&repo, &new)? {
        write(&repo, &name, &text)?;
    }
    write(&repo, CHANGELOG, &changelog)
}

/// Every file of the clone that would say another version, with its text then.
///
/// # Errors
/// When a file cannot be read.
pub fn changed(repo: &Repo, version: &Version) -> Result<Vec<(String, String)>> {
    let listed = Run::new("git").args(["ls-files", "-z"]).dir(repo.root()).text()?;
    let names = listed.split('\0').filter(|name| !name.is_empty() && *name != CHANGELOG);
    let members = members(repo)?;
    let mut changed = Vec::new();
    for name in names {
        // What is no text names no version; what is listed and deleted names none either.
        let Ok(text) = fs::read_to_string(repo.join(name)) else { continue };
        let restated = restated(name, &text, version, &members);
        if restated != text {
            changed.push((name.to_owned(), restated));
        }
    }
    Ok(changed)
}

/// Names of the packages whose version is the workspace's: the manifests in the clone say them.
fn members(repo: &Repo) -> Result<Vec<String>> {
    let listed = Run::new("git").args(["ls-files", "*Cargo.toml"]).dir(repo.root()).text()?;
    let mut members = Vec::new();
    for manifest in listed.lines() {
        let text = read(repo, manifest)?;
        if !text.contains("\nversion.workspace = true\n") {
            continue;
        }
        let name = text.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        members.extend(name.map(str::to_owned));
    }
    Ok(members)
}

fn read(repo: &Repo, name: &str) -> Result<String> {
    fs::read_to_string(repo.join(name)).context(|| format!("{name} cannot be read"))
}

fn write(repo: &Repo, name: &str, text: &str) -> Result {
    fs::write(repo.join(name), text).context(|| format!("{name} cannot be written"))?;
    println!("{name}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_says_this_version() {
        let repo = Repo::find().unwrap();
        let stale: Vec<String> = changed(&repo, &Version::read(VERSION).unwrap())
            .unwrap()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert!(stale.is_empty(), "these name another version than {VERSION}: {stale:?}");
    }

    #[test]
    fn the_next_version_would_change_what_users_copy() {
        let changed = changed(&Repo::find().unwrap(), &Version::read("999.1.0").unwrap()).unwrap();
        let names: Vec<&str> = changed.iter().map(|(name, _)| &**name).collect();
        for name in [
            "Cargo.toml",
            "Cargo.lock",
            "examples/demo/main.tf",
            "docs/guides/getting-started.md",
            "modules/README.md",
        ] {
            assert!(names.contains(&name), "{name} is not in {names:?}");
        }
        let lock = &changed.iter().find(|(name, _)| name == "Cargo.lock").unwrap().1;
        assert_eq!(
            lock.matches("version = \"999.1.0\"").count(),
            6,
            "one for every package of the workspace"
        );
    }
}
