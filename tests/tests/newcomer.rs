//! Every example as somebody meets it who has a release's zip, Terraform and an account: its README's commands, typed as they
//! stand there. What is uploaded comes to what the example expects, a plan then finds nothing to do, nothing is left.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use datalake_tests::newcomer::{Followed, Newcomer, commands, lines_of_hcl};
use datalake_tests::{AwsPlugin, Released, WITH_AWS};
use xtask::commands::example::{Expected, expected};
use xtask::documents::hcl::snippets;
use xtask::error::{Error, Result};
use xtask::files::read;
use xtask::table;
use xtask::terraform::copy;

/// Folders of `examples` that hold pieces of the generated pages, nothing with a README.
const PIECES: [&str; 4] = ["data-sources", "functions", "provider", "resources"];
/// The page that says how to install from a zip, in its first commands; the others are followed too.
const GUIDE: &str = "docs/guides/getting-started.md";

#[test]
fn examples_do_what_their_readmes_say() -> Result {
    let released = Released::new("newcomer")?;
    let guide = released.read(GUIDE)?;
    let (mut lines, mut failures) = (Vec::new(), Vec::new());
    let aws = AwsPlugin::find().is_some();
    for example in examples(&released)?.into_iter().filter(|example| aws || !WITH_AWS.contains(&&**example)) {
        match follow_example(&released, &example, install(&guide)?) {
            Ok((hcl, followed)) => lines.push(line(&example, hcl, &followed)),
            Err(error) => failures.push(format!("example {example}: {error}")),
        }
    }
    match follow_guide(&released, &guide) {
        Ok((hcl, followed)) => lines.push(line("guide: getting started", hcl, &followed)),
        Err(error) => failures.push(format!("{GUIDE}: {error}")),
    }
    let table = table::render(&["example", "lines of HCL", "files judged", "first verdict", "whole"], &lines);
    let file = released.folder.join("newcomer.txt");
    fs::write(&file, &table).map_err(|error| Error::new(format!("{}: {error}", file.display())))?;
    println!("{table}");
    if failures.is_empty() { Ok(()) } else { Err(Error::new(failures.join("\n\n"))) }
}

fn examples(released: &Released) -> Result<Vec<String>> {
    let folder = released.kit.repo().join("examples");
    let mut names = Vec::new();
    for entry in
        fs::read_dir(&folder).map_err(|error| Error::new(format!("{}: {error}", folder.display())))?
    {
        let entry = entry.map_err(|error| Error::new(error.to_string()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !PIECES.contains(&&*name) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The commands that install the provider: the guide's first.
fn install(guide: &str) -> Result<String> {
    let first = commands(guide).into_iter().next();
    first
        .filter(|block| block.contains(".terraform.d/plugins"))
        .ok_or_else(|| Error::new(format!("{GUIDE} installs nothing")))
}

fn follow_example(released: &Released, example: &str, install: String) -> Result<(usize, Followed)> {
    let new = Newcomer::new(released, example, &install)?;
    for part in ["modules", "examples"] {
        copy(&released.kit.repo().join(part), &new.folder().join(part))
            .map_err(|error| Error::new(error.to_string()))?;
    }
    let folder = new.folder().join("examples").join(example);
    let expected = if folder.join("expected.json").is_file() { expected(&folder)? } else { BTreeMap::new() };
    let followed = new.follow(&folder, &read(&folder.join("README.md"))?, &expected)?;
    if followed.objects != expected.len() {
        return Err(Error::new(format!("{} of {} files were judged", followed.objects, expected.len())));
    }
    new.expect_nothing_left()?;
    Ok((lines_of_hcl(&folder)?, followed))
}

/// The guide's configuration is written, its commands are typed.
fn follow_guide(released: &Released, guide: &str) -> Result<(usize, Followed)> {
    let new = Newcomer::new(released, "guide", &install(guide)?)?;
    let folder = new.folder().join("work");
    let configuration = snippets(GUIDE, guide).into_iter().next();
    let configuration = configuration.ok_or_else(|| Error::new(format!("{GUIDE} has no configuration")))?;
    write(&folder, "main.tf", &configuration.text)?;
    let judged = Expected { status: "VALIDATED".to_owned(), good: 2, quarantined: 2 };
    let expected = BTreeMap::from([("input/orders/orders.csv".to_owned(), judged)]);
    // What installs has been typed already.
    let (_, rest) = guide.split_once(&install(guide)?).unwrap_or(("", guide));
    let rest = rest.split_once("```").map_or(rest, |(_, rest)| rest);
    let followed = new.follow(&folder, rest, &expected)?;
    new.expect_nothing_left()?;
    Ok((lines_of_hcl(&folder)?, followed))
}

fn line(example: &str, hcl: usize, followed: &Followed) -> Vec<String> {
    let minutes = |time: std::time::Duration| format!("{:.2} min", time.as_secs_f64() / 60.0);
    let first = followed.first_verdict.map_or_else(|| "-".to_owned(), minutes);
    vec![example.to_owned(), hcl.to_string(), followed.objects.to_string(), first, minutes(followed.whole)]
}

fn write(folder: &Path, name: &str, text: &str) -> Result {
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(folder.join(name), text))
        .map_err(|error| Error::new(format!("{}: {error}", folder.display())))
}
