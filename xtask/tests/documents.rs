//! The clone's own documents: links that lead somewhere, commands that exist, HCL in its form.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::fs;

use xtask::command::Run;
use xtask::commands::tidy;
use xtask::documents::hcl::{Snippet, snippets};
use xtask::progress::Progress;
use xtask::repo::Repo;
use xtask::tools::Tools;

/// Links, commands, and our other rules for files.
#[test]
fn the_clone_is_tidy() {
    tidy::check(Repo::find().unwrap().root()).unwrap();
}

/// Every block of HCL in a document is as `terraform fmt` writes it.
#[test]
fn hcl_in_documents_is_formatted() {
    let repo = Repo::find().unwrap();
    let terraform = Tools::find(&repo).unwrap().terraform(&Progress::default()).unwrap();
    let folder = repo.work_dir(&format!("test-documents-{}", std::process::id())).unwrap();
    let all = documents(&repo);
    assert!(all.len() > 20, "{} blocks of HCL in all documents are too few to be all", all.len());
    for (index, snippet) in all.iter().enumerate() {
        fs::write(folder.join(format!("{index}.tf")), snippet.file()).unwrap();
    }
    let output =
        Run::new(&terraform.program).args(["fmt", "-check", "-no-color"]).arg(&folder).output().unwrap();
    let wrong = output
        .stdout
        .lines()
        .filter_map(|line| line.rsplit('/').next()?.strip_suffix(".tf")?.parse::<usize>().ok());
    let wrong: Vec<&str> = wrong.map(|index| &*all[index].place).collect();
    assert!(
        output.code == Some(0) && wrong.is_empty(),
        "not as terraform fmt writes it: {wrong:?}\n{}",
        output.stderr
    );
    fs::remove_dir_all(&folder).unwrap();
}

/// The blocks in all Markdown files that git knows.
fn documents(repo: &Repo) -> Vec<Snippet> {
    let listed = Run::new("git").args(["ls-files", "*.md"]).dir(repo.root()).text().unwrap();
    let texts = listed.lines().map(|name| (name, fs::read_to_string(repo.join(name)).unwrap()));
    texts.flat_map(|(name, text)| snippets(name, &text)).collect()
}
