//! `cargo xtask docs`: the pages of the registry, from the schema that Terraform itself gets; the picture, from a function of
//! the provider; the tables of the modules, from their files.

mod page;
mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::Command;
use crate::args::{Args, Flag};
use crate::artifacts::{self, Architecture, Artifacts, Bundle, Profile};
use crate::documents::module;
use crate::ensure;
use crate::error::{Context, Error, Result};
use crate::files;
use crate::mirror::{ADDRESS, Mirror};
use crate::progress::Steps;
use crate::repo::Repo;
use crate::terraform::{REQUIRED, Workspace};
use crate::tools::Tools;
use page::Guide;

/// The command.
pub const COMMAND: Command = Command {
    name: "docs",
    summary: "write the registry's pages, the architecture picture and the modules' tables",
    details: "Writes docs/index.md, docs/resources/, docs/data-sources/ and docs/functions/ from `terraform providers schema`\n\
              and the examples, docs/architecture.svg from the example of the function that draws it, and the tables in the\n\
              modules' READMEs from their files. Guides are written by hand and left alone.",
    words: &[],
    flags: &[Flag { name: "--check", value: None, help: "change nothing; fail when a page is stale" }],
    run: docs,
};

/// Folders whose pages are all generated: one that nobody generates is stale.
const GENERATED: [&str; 3] = ["docs/resources", "docs/data-sources", "docs/functions"];
/// The picture, and the example whose output `picture` it is.
const PICTURE: (&str, &str) = ("docs/architecture.svg", "examples/functions/diagram_svg");

/// What is generated, by its path in the clone.
type Pages = BTreeMap<String, String>;

fn docs(args: &Args) -> Result {
    let repo = Repo::find()?;
    let tools = Tools::find(&repo)?;
    let mut steps = Steps::new(false);
    let pages = generated(&mut steps, &tools)?;
    match args.has("--check") {
        true => check(repo.root(), &pages),
        false => write(repo.root(), &pages),
    }
}

fn generated(steps: &mut Steps, tools: &Tools) -> Result<Pages> {
    let repo = tools.repo();
    let provider =
        steps.run("build the provider", |progress| artifacts::provider(tools, Profile::Dev, progress))?;
    let terraform = steps.run("Terraform", |progress| tools.terraform(progress))?;
    let folder = repo.work_dir("docs")?;
    let mirror = Mirror::lay(&folder, &Artifacts { provider, bundles: vec![any_bundle(&folder)?] })?;
    let work = |example: &str| {
        Workspace::copy_of(&repo.join(example), &terraform, &mirror, &folder.join("work"), &[])
    };
    let schema = steps.run("read the schema", |_| {
        let work = work(super::example::EXAMPLE)?;
        work.init()?;
        work.schema()
    })?;
    let pages = page::all(&schema["provider_schemas"][ADDRESS], &repo.join("examples"), &guides(repo)?);
    ensure!(!pages.is_empty(), "the schema knows no provider {ADDRESS}");
    let mut pages: Pages = pages.into_iter().map(|(name, text)| (format!("docs/{name}"), text)).collect();
    let picture = steps.run("draw the picture", |_| picture(&work(PICTURE.1)?))?;
    pages.insert(PICTURE.0.to_owned(), picture);
    pages.extend(modules(repo)?);
    Ok(pages)
}

/// The picture shows no hash, so any package will do: the real one takes minutes to build.
fn any_bundle(folder: &Path) -> Result<Bundle> {
    let zip = folder.join("bundle.zip");
    fs::write(&zip, "zip").context(|| format!("{} cannot be written", zip.display()))?;
    Ok(Bundle { architecture: Architecture::X86, bootstrap: zip.clone(), zip })
}

/// A function needs no cloud: the apply only says what it answers.
fn picture(work: &Workspace) -> Result<String> {
    let file = work.folder().join("versions.tf");
    fs::write(&file, REQUIRED).context(|| format!("{} cannot be written", file.display()))?;
    work.init()?;
    work.apply(&[])?;
    work.text(&["output", "-raw", "picture"])
}

/// What the guides say of themselves, by their file names.
fn guides(repo: &Repo) -> Result<Vec<Guide>> {
    let folder = repo.join("docs/guides");
    let what = || format!("{} cannot be listed", folder.display());
    let mut guides = Vec::new();
    for entry in fs::read_dir(&folder).context(what)? {
        let file = entry.context(what)?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let guide = Guide::read(&name, &files::read(&file)?);
        guides.push(
            guide.ok_or_else(|| Error::new(format!("{} has no title or description", file.display())))?,
        );
    }
    guides.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(guides)
}

/// The READMEs of all modules.
fn modules(repo: &Repo) -> Result<Pages> {
    let what = || "the modules cannot be listed".to_owned();
    let mut pages = Pages::new();
    for entry in fs::read_dir(repo.join("modules")).context(what)? {
        let folder = entry.context(what)?.path();
        if folder.is_dir() {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            pages.insert(format!("modules/{name}/README.md"), module::readme(&folder)?);
        }
    }
    Ok(pages)
}

fn write(root: &Path, pages: &Pages) -> Result {
    for (name, text) in pages {
        let file = root.join(name);
        let folder = file.parent().unwrap_or(root);
        fs::create_dir_all(folder).context(|| format!("folder {} cannot be made", folder.display()))?;
        fs::write(&file, text).context(|| format!("{} cannot be written", file.display()))?;
        println!("{name}");
    }
    for orphan in orphans(root, pages) {
        fs::remove_file(root.join(&orphan)).context(|| format!("{orphan} cannot be removed"))?;
    }
    Ok(())
}

fn check(root: &Path, pages: &Pages) -> Result {
    let differs =
        |(name, text): &(&String, &String)| fs::read_to_string(root.join(name)).ok().as_ref() != Some(*text);
    let mut stale: Vec<String> = pages.iter().filter(differs).map(|(name, _)| name.clone()).collect();
    stale.extend(orphans(root, pages));
    ensure!(
        stale.is_empty(),
        "stale: {}; run `cargo xtask docs` and commit what it writes",
        stale.join(", ")
    );
    Ok(())
}

/// Pages of things that no longer exist.
fn orphans(root: &Path, pages: &Pages) -> Vec<String> {
    let in_folder = |folder: &&str| {
        let entries = fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
        entries.map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy())).collect::<Vec<_>>()
    };
    GENERATED.iter().flat_map(in_folder).filter(|name| !pages.contains_key(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_pages_are_named() {
        let root = std::env::temp_dir().join(format!("xtask-docs-{}", std::process::id()));
        let pages = Pages::from([("docs/index.md".to_owned(), "new".to_owned())]);
        write(&root, &pages).unwrap();
        check(&root, &pages).unwrap();
        fs::create_dir_all(root.join("docs/resources")).unwrap();
        fs::write(root.join("docs/resources/gone.md"), "").unwrap();
        fs::write(root.join("docs/index.md"), "old").unwrap();
        let error = check(&root, &pages).unwrap_err().to_string();
        assert!(error.contains("docs/index.md, docs/resources/gone.md"), "{error}");
        fs::remove_dir_all(&root).unwrap();
    }
}
