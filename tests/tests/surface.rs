//! What the provider offers beside its resource: functions and data sources, under real Terraform.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::fs;

use datalake_tests::{World, kit};
use serde_json::Value;
use xtask::error::{Error, Result};

/// What every configuration of ours begins with.
const REQUIRED: &str =
    "terraform {\n  required_providers {\n    datalake = { source = \"datalake/datalake\" }\n  }\n}\n";

/// The page's example, with no cloud and no credentials in sight.
#[test]
fn an_expansion_needs_no_credentials() -> Result {
    let kit = kit()?;
    let folder = kit.folder(&format!("test-expand-{}", std::process::id()))?;
    let work = kit.workspace("examples/functions/expand", &folder, &[])?;
    write(&work, "required.tf", REQUIRED)?;
    work.init()?;
    work.apply(&[])?;
    let outputs = work.show(None)?["values"]["outputs"].take();
    assert_eq!(outputs["inventory"]["value"]["queue.ingest"], "aws_sqs_queue sensors-ingest");
    assert_eq!(outputs["ingest_keeps_messages_seconds"]["value"], 345_600);

    let function = work.folder().join("function.tf");
    let text = fs::read_to_string(&function).map_err(|error| Error::new(error.to_string()))?;
    write(&work, "function.tf", &text.replace("type = \"string\"", "type = \"sting\""))?;
    let refused = work.run(&["plan", "-input=false", "-no-color"])?;
    // Terraform breaks lines.
    let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("datasets[\"readings\"].columns[\"id\"].type"), "{}", refused.stderr);
    Ok(())
}

/// An expansion of an applied pipeline's own configuration is what was made.
#[test]
fn an_expansion_is_what_is_made() -> Result {
    let world = World::new("expansion")?;
    write(
        &world.work,
        "expand.tf",
        "output \"expansion\" {\n  value = provider::datalake::expand(datalake_pipeline.sensors, \"000000000000\", \"us-east-1\")\n}\n",
    )?;
    world.work.apply(&[])?;
    let made = world.work.resource(datalake_tests::ADDRESS)?;
    let expansion = world.work.show(None)?["values"]["outputs"]["expansion"]["value"].take();
    let told = |map: &Value| -> Vec<(String, [Value; 3])> {
        let entries = map.as_object().into_iter().flatten();
        let fields = |entry: &Value| ["type", "name", "arn"].map(|field| entry[field].clone());
        entries.map(|(key, entry)| (key.clone(), fields(entry))).collect()
    };
    assert!(!told(&expansion).is_empty());
    assert_eq!(told(&expansion), told(&made["resources"]));
    world.work.destroy()?;
    world.expect_nothing_left()
}

fn write(work: &xtask::terraform::Workspace, file: &str, text: &str) -> Result {
    fs::write(work.folder().join(file), text).map_err(|error| Error::new(format!("{file}: {error}")))
}
