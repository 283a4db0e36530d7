//! `cargo xtask docs`: the pages of the registry, from the schema that Terraform itself gets.

mod page;
mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::Command;
use crate::args::{Args, Flag};
use crate::artifacts::{self, Artifacts, Profile};
use crate::ensure;
use crate::error::{Context, Result};
use crate::mirror::{ADDRESS, Mirror};
use crate::progress::Steps;
use crate::repo::Repo;
use crate::terraform::Workspace;
use crate::tools::Tools;

/// The command.
pub const COMMAND: Command = Command {
    name: "docs",
    summary: "write the registry's pages from the provider's schema",
    details: "Writes docs/index.md, docs/resources/, docs/data-sources/ and docs/functions/ from `terraform providers schema`\n\
              and the examples. Guides are written by hand and left alone.",
    words: &[],
    flags: &[Flag { name: "--check", value: None, help: "change nothing; fail when a page is stale" }],
    run: docs,
};

/// Folders whose pages are all generated: one that nobody generates is stale.
const GENERATED: [&str; 3] = ["resources", "data-sources", "functions"];

fn docs(args: &Args) -> Result {
    let repo = Repo::find()?;
    let tools = Tools::find(&repo)?;
    let mut steps = Steps::new(false);
    let schema = schema_of(&mut steps, &tools)?;
    let pages = page::all(&schema["provider_schemas"][ADDRESS], &repo.join("examples"));
    ensure!(!pages.is_empty(), "the schema knows no provider {ADDRESS}");
    let docs = repo.join("docs");
    match args.has("--check") {
        true => check(&docs, &pages),
        false => write(&docs, &pages),
    }
}

fn schema_of(steps: &mut Steps, tools: &Tools) -> Result<Value> {
    let repo = tools.repo();
    let provider =
        steps.run("build the provider", |progress| artifacts::provider(tools, Profile::Dev, progress))?;
    let terraform = steps.run("Terraform", |progress| tools.terraform(progress))?;
    let folder = repo.work_dir("docs")?;
    let mirror = Mirror::lay(&folder, &Artifacts { provider, bundles: Vec::new() })?;
    let example = repo.join(super::quickstart::EXAMPLE);
    let work = Workspace::copy_of(&example, &terraform, &mirror, &folder.join("work"), &[])?;
    steps.run("read the schema", |_| {
        work.init()?;
        work.schema()
    })
}

fn write(docs: &Path, pages: &BTreeMap<String, String>) -> Result {
    for (name, text) in pages {
        let file = docs.join(name);
        let folder = file.parent().unwrap_or(docs);
        fs::create_dir_all(folder).context(|| format!("folder {} cannot be made", folder.display()))?;
        fs::write(&file, text).context(|| format!("{} cannot be written", file.display()))?;
        println!("{}", file.display());
    }
    for orphan in orphans(docs, pages) {
        fs::remove_file(docs.join(&orphan)).context(|| format!("{orphan} cannot be removed"))?;
    }
    Ok(())
}

fn check(docs: &Path, pages: &BTreeMap<String, String>) -> Result {
    let differs =
        |(name, text): &(&String, &String)| fs::read_to_string(docs.join(name)).ok().as_ref() != Some(*text);
    let mut stale: Vec<String> = pages.iter().filter(differs).map(|(name, _)| name.clone()).collect();
    stale.extend(orphans(docs, pages));
    ensure!(
        stale.is_empty(),
        "stale in docs/: {}; run `cargo xtask docs` and commit what it writes",
        stale.join(", ")
    );
    Ok(())
}

/// Pages of things that no longer exist.
fn orphans(docs: &Path, pages: &BTreeMap<String, String>) -> Vec<String> {
    let in_folder = |folder: &&str| {
        let entries = fs::read_dir(docs.join(folder)).into_iter().flatten().flatten();
        entries.map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy())).collect::<Vec<_>>()
    };
    GENERATED.iter().flat_map(in_folder).filter(|name| !pages.contains_key(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_pages_are_named() {
        let docs = std::env::temp_dir().join(format!("xtask-docs-{}", std::process::id()));
        let pages = BTreeMap::from([("index.md".to_owned(), "new".to_owned())]);
        write(&docs, &pages).unwrap();
        check(&docs, &pages).unwrap();
        fs::create_dir_all(docs.join("resources")).unwrap();
        fs::write(docs.join("resources/gone.md"), "").unwrap();
        fs::write(docs.join("index.md"), "old").unwrap();
        let error = check(&docs, &pages).unwrap_err().to_string();
        assert!(error.contains("index.md, resources/gone.md"), "{error}");
        fs::remove_dir_all(&docs).unwrap();
    }
}
