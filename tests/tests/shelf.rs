//! What people copy and include: every example applied with its data through it, every module's tests, every snippet in
//! form.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::Path;

use datalake_tests::Shelf;
use xtask::commands::quickstart::{Names, expected, samples, surprises, wait_for};
use xtask::error::{Error, Result};
use xtask::progress::Progress;

/// Folders of `examples` that hold no configuration to apply: pieces of the generated pages.
const PIECES: [&str; 4] = ["data-sources", "functions", "provider", "resources"];
/// Examples without a cloud, of which only the tests are run.
const WITHOUT_CLOUD: [&str; 2] = ["contract-tests", "cost"];

/// The module that needs the AWS provider: `native.rs` tests it.
const NATIVE: &str = "pipeline-native";

/// Variables an example is applied with.
fn arguments(shelf: &Shelf, example: &str) -> Result<Vec<String>> {
    Ok(match example {
        "existing-key" => vec![format!("-var=kms_key_arn={}", shelf.key()?)],
        "multi-environment" | "platform-template" => vec!["-var-file=environments/dev.tfvars".to_owned()],
        _ => Vec::new(),
    })
}

/// Applied, fed, judged as its README says, planned again, destroyed.
#[test]
fn examples_do_what_their_readmes_say() -> Result {
    let shelf = Shelf::new("examples")?;
    let examples = shelf.folders("examples")?;
    let applied = examples.iter().filter(|name| !PIECES.contains(&name.as_str()));
    for example in applied.filter(|name| !WITHOUT_CLOUD.contains(&name.as_str())) {
        let what = |error: Error| Error::new(format!("example {example}: {error}"));
        apply_with_data(&shelf, example).map_err(what)?;
    }
    shelf.expect_nothing_left()
}

fn apply_with_data(shelf: &Shelf, example: &str) -> Result {
    let work = shelf.workspace(&format!("examples/{example}"));
    // Where the state of a real repository lies is no place for a test.
    let _ = fs::remove_file(work.folder().join("backend.tf"));
    work.init()?;
    let given = arguments(shelf, example)?;
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    work.apply(&given)?;
    let names = Names::from_resource(&shelf.pipeline(&work)?)?;
    let files = samples(work.folder())?;
    for (key, file) in &files {
        shelf.lake.put(&names.raw, key, file)?;
    }
    let keys: Vec<String> = files.iter().map(|(key, _)| key.clone()).collect();
    let stories = wait_for(&shelf.lake, &names.table, &keys, &Progress::default())?;
    let surprises = surprises(&stories, &expected(work.folder())?);
    if !surprises.is_empty() {
        return Err(Error::new(surprises.join("\n")));
    }
    work.expect_no_changes(&given)?;
    work.text(&[&["destroy", "-input=false", "-no-color", "-auto-approve"], &given[..]].concat()).map(drop)
}

/// `init`, `validate` and `test` of every module, the local cloud's run among them, and of the examples without a cloud.
#[test]
fn modules_pass_their_tests() -> Result {
    let shelf = Shelf::new("modules")?;
    let modules = shelf.folders("modules")?.into_iter().filter(|name| name != NATIVE);
    let modules = modules.map(|name| format!("modules/{name}"));
    let examples = ["contract-tests", "platform-template"].map(|name| format!("examples/{name}"));
    for folder in modules.chain(examples) {
        let work = shelf.workspace(&folder);
        let _ = fs::remove_file(work.folder().join("backend.tf"));
        let what = |error: Error| Error::new(format!("{folder}: {error}"));
        work.init().map_err(what)?;
        work.text(&["validate", "-no-color"]).map_err(what)?;
        work.text(&["test", "-no-color"]).map_err(what)?;
    }
    shelf.expect_nothing_left()
}

/// Every function's example is applied, and its `check` blocks hold.
#[test]
fn functions_do_what_their_pages_say() -> Result {
    let shelf = Shelf::new("functions")?;
    let required = "terraform {\n  required_providers {\n    datalake = {\n      source = \"datalake/datalake\"\n    }\n  }\n}\n";
    for function in shelf.folders("examples/functions")? {
        let work = shelf.workspace(&format!("examples/functions/{function}"));
        let what = |error: Error| Error::new(format!("function {function}: {error}"));
        fs::write(work.folder().join("versions.tf"), required)
            .map_err(|error| Error::new(error.to_string()))?;
        work.init().map_err(what)?;
        let told = work.apply(&[]).map_err(what)?;
        assert!(!told.contains("Warning"), "function {function}: {told}");
    }
    Ok(())
}

/// Every variable and output of a module is in its README, typed and described.
#[test]
fn modules_are_described() -> Result {
    let shelf = Shelf::new("described")?;
    for module in shelf.folders("modules")? {
        let folder = shelf.workspace(&format!("modules/{module}")).folder().to_owned();
        let readme = read(&folder.join("README.md"))?;
        for (file, kind) in [("variables.tf", "variable"), ("outputs.tf", "output")] {
            let text = read(&folder.join(file))?;
            for block in text.split(&format!("\n{kind} \"")).skip(1) {
                let name = block.split('"').next().unwrap_or_default();
                assert!(
                    readme.contains(&format!("`{name}`")),
                    "modules/{module}/README.md lacks {kind} {name}"
                );
                assert!(block.contains("description"), "{kind} {name} of {module} has no description");
                assert!(
                    kind == "output" || block.contains("type "),
                    "variable {name} of {module} has no type"
                );
            }
        }
    }
    Ok(())
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| Error::new(format!("{}: {error}", file.display())))
}
