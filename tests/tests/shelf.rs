//! What people copy and include: modules and examples are in form and valid and pass their tests, functions do what their pages
//! say. `newcomer.rs` applies the examples.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::Path;

use datalake_tests::{AwsPlugin, Shelf, WITH_AWS};
use xtask::error::{Error, Result};

/// Folders of `examples` that hold no configuration to apply: pieces of the generated pages.
const PIECES: [&str; 4] = ["data-sources", "functions", "provider", "resources"];
/// Module and example that `native.rs` tests.
const NATIVE: &str = "pipeline-native";

/// `fmt`, `init`, `validate` and, where there are tests, `test` of every module, the local cloud's run among them, and of every
/// example; of those that need the AWS provider where it is there.
#[test]
fn modules_and_examples_are_clean() -> Result {
    let plugin = AwsPlugin::find();
    let shelf = Shelf::new("clean")?;
    let shelf = match &plugin {
        Some(plugin) => shelf.with_aws(plugin)?,
        None => shelf,
    };
    let here = |name: &str| name != NATIVE && (plugin.is_some() || !WITH_AWS.contains(&name));
    let modules = shelf.folders("modules")?.into_iter().filter(|name| here(name));
    let modules = modules.map(|name| format!("modules/{name}"));
    let examples = shelf.folders("examples")?.into_iter();
    let examples = examples
        .filter(|name| here(name) && !PIECES.contains(&&**name))
        .map(|name| format!("examples/{name}"));
    for folder in modules.chain(examples) {
        let work = shelf.workspace(&folder);
        // Where the state of a real repository lies is no place for a test.
        let _ = fs::remove_file(work.folder().join("backend.tf"));
        let what = |error: Error| Error::new(format!("{folder}: {error}"));
        work.text(&["fmt", "-check", "-recursive", "-no-color"]).map_err(what)?;
        work.init().map_err(what)?;
        work.text(&["validate", "-no-color"]).map_err(what)?;
        if work.folder().join("tests").is_dir() {
            work.text(&["test", "-no-color"]).map_err(what)?;
        }
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
