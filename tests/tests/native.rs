//! `modules/pipeline-native` with the real AWS provider: its tests pass, and what it makes is what the provider makes.
//!
//! The AWS provider comes from a filesystem mirror, if there is one: no test reaches for a registry.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

use datalake_tests::{AwsPlugin, Shelf};
use serde_json::Value;
use xtask::error::{Error, Result};

/// The same configuration for both modules, in `<part>/main.tf`.
const CONFIGURATION: &str = r#"
module "lake" {
  source = "../modules/MODULE"

  name                        = "tf-equal"
  deletion_protection_enabled = false
  team                        = "test"

  datasets = {
    orders = {
      format = "csv"
      columns = {
        order_id = { type = "bigint", required = true }
        day      = { type = "date", required = true }
        country  = { type = "string", required = true, enum = ["DE", "FR"], classification = "pii" }
      }
      quality = { rules = { few = { rule = "RowCount < 9", action = "warn" } } }
      output  = { partition_by = ["country", "day"] }
      transforms = [
        { filter = { where = "order_id > 0" } },
        { mask = { column = "country", method = "hash" } },
      ]
      curated = { partition_by = ["day"] }
    }
    readings = { format = "json" }
  }

  functions = { validate = { memory_mb = 1024, reserved_concurrency = 5, maximum_concurrency = 5 } }
  retention = { processed_days = 30 }
}

output "lake" {
  value = module.lake
}
"#;

/// The import takes the native module's objects over as a pipeline, and finds nothing to add, change or replace.
#[test]
fn what_it_makes_is_what_the_provider_makes() -> Result {
    let Some(plugin) = AwsPlugin::find() else { return Ok(()) };
    let shelf = Shelf::new("native")?.with_aws(&plugin)?;
    let native = CONFIGURATION.replace("MODULE", "pipeline-native")
        + "\nprovider \"aws\" {\n  s3_use_path_style = true\n}\n";
    let import = "\nimport {\n  to = module.lake.datalake_pipeline.this\n  id = \"tf-equal\"\n}\n";
    write(&shelf, "native", &native)?;
    write(&shelf, "imported", &(CONFIGURATION.replace("MODULE", "pipeline") + import))?;
    let (made, imported) = (shelf.workspace("native"), shelf.workspace("imported"));

    made.init()?;
    made.apply(&[])?;
    made.expect_no_changes(&[])?;
    imported.init()?;
    let plan = imported.plan(&["-out=plan"])?;
    assert!(plan.text.contains("1 to import, 0 to add, 0 to change, 0 to destroy"), "{}", plan.text);
    // Not by chance: the refresh has looked at every object that the resource has.
    let change = &imported.show(Some("plan"))?["resource_changes"][0]["change"];
    let (before, after) = (&change["before"]["resources"], &change["after"]["resources"]);
    let objects = before.as_object().expect("the objects of a pipeline");
    for object in ["function.transform", "queue.transform", "rule.transform", "catalog_table.orders_curated"]
    {
        assert!(objects.contains_key(object), "{object} is not in {before}");
    }
    assert_eq!(before, after);
    let told = &imported.show(Some("plan"))?["planned_values"]["outputs"]["lake"]["value"];
    outputs_are_equal(&made.show(None)?["values"]["outputs"]["lake"]["value"], told);

    made.destroy()?;
    shelf.expect_nothing_left()
}

/// What the READMEs say differs: another provider applies it, and the hash is of the package, not of the rules in it.
const OTHER_OUTPUTS: [&str; 2] = ["apply_policy_json", "spec_hash"];

fn outputs_are_equal(native: &Value, pipeline: &Value) {
    let names = pipeline.as_object().expect("the outputs of a module").keys();
    for name in names.filter(|name| !OTHER_OUTPUTS.contains(&name.as_str())) {
        assert_eq!(native[name], pipeline[name], "the output {name}: pipeline-native, then pipeline");
    }
}

/// `init`, `validate` and `test`, the local cloud's run among them.
#[test]
fn its_own_tests_pass() -> Result {
    let Some(plugin) = AwsPlugin::find() else { return Ok(()) };
    let shelf = Shelf::new("native-tests")?.with_aws(&plugin)?;
    let work = shelf.workspace("modules/pipeline-native");
    work.init()?;
    work.text(&["validate", "-no-color"])?;
    work.text(&["test", "-no-color"])?;
    let example = shelf.workspace("examples/pipeline-native");
    example.init()?;
    example.text(&["validate", "-no-color"])?;
    shelf.expect_nothing_left()
}

/// Both modules take the same and give the same; the shared files are the same files.
#[test]
fn both_modules_have_one_face() -> Result {
    let shelf = Shelf::new("native-face")?;
    let text =
        |module: &str, file: &str| read(&shelf.workspace(&format!("modules/{module}")).folder().join(file));
    for file in ["variables.tf", "datasets.tf", "alarms.tf"] {
        assert_eq!(text("pipeline", file)?, text("pipeline-native", file)?, "{file} differs: copy it");
    }
    let outputs = |module: &str| -> Result<Vec<String>> {
        let text = text(module, "outputs.tf")?;
        let blocks = text.split("\noutput \"").skip(1);
        let faces = blocks.map(|block| block.split("  value ").next().unwrap_or_default().to_owned());
        // Its README says why: another provider applies it.
        Ok(faces.filter(|face| !face.starts_with("apply_policy_json\"")).collect())
    };
    assert_eq!(outputs("pipeline")?, outputs("pipeline-native")?);
    Ok(())
}

/// What is given to a module and not named in the type of its variable is dropped in silence, a mask too.
#[test]
fn every_module_takes_the_same_datasets() -> Result {
    let shelf = Shelf::new("native-datasets")?;
    let text =
        |module: &str| read(&shelf.workspace(&format!("modules/{module}")).folder().join("variables.tf"));
    let pipeline = text("pipeline")?;
    let after =
        pipeline.split("variable \"datasets\" {").nth(1).and_then(|rest| rest.split_once("map(object({\n"));
    let dataset = after.and_then(|(_, rest)| rest.split_once("\n  }))")).expect("the type of datasets").0;
    let lines: Vec<&str> = dataset.lines().map(str::trim).collect();
    for module in ["multi-environment", "team-workspace"] {
        let theirs: Vec<String> = text(module)?.lines().map(|line| line.trim().to_owned()).collect();
        assert!(
            theirs.windows(lines.len()).any(|window| window == lines),
            "{module} takes other datasets: copy the type"
        );
    }
    Ok(())
}

fn write(shelf: &Shelf, part: &str, text: &str) -> Result {
    let folder: PathBuf = shelf.workspace(part).folder().to_owned();
    let failed = |error: std::io::Error| Error::new(format!("{}: {error}", folder.display()));
    fs::create_dir_all(&folder).map_err(failed)?;
    fs::write(folder.join("main.tf"), text).map_err(failed)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| Error::new(format!("{}: {error}", file.display())))
}
