//! What the provider offers beside its resource: functions and data sources, under real Terraform.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;

use datalake_tests::{ADDRESS, World, kit};
use serde_json::Value;
use xtask::commands::example::samples;
use xtask::error::{Error, Result};
use xtask::terraform::REQUIRED;

/// Calls of a plan that finds nothing to do, for two datasets.
const MOST_CALLS: usize = 60;

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
    let made = world.work.resource(ADDRESS)?;
    let expansion = world.work.show(None)?["values"]["outputs"]["expansion"]["value"].take();
    let told = |map: &Value| -> Vec<(String, [Value; 3])> {
        let entries = map.as_object().into_iter().flatten();
        let fields = |entry: &Value| ["type", "name", "arn"].map(|field| entry[field].clone());
        entries.map(|(key, entry)| (key.clone(), fields(entry))).collect()
    };
    assert!(!told(&expansion).is_empty());
    assert_eq!(told(&expansion), told(&made["resources"]));

    let before = world.calls()?.len();
    world.work.expect_no_changes(&[])?;
    let calls = world.calls()?.len() - before;
    assert!(calls <= MOST_CALLS, "a plan that finds nothing to do makes {calls} calls");
    world.work.destroy()?;
    world.expect_nothing_left()
}

/// Data sources of a pipeline through which rows went.
const SOURCES: &str = r#"
data "datalake_pipeline" "found" { name = "sensors" }
data "datalake_quality_history" "sensors" { pipeline_name = "sensors" }
data "datalake_quarantine" "all" { pipeline_name = "sensors" }
data "datalake_quarantine" "orders" {
  pipeline_name = "sensors"
  dataset       = "orders"
  limit         = 1
}
"#;

/// What is found is what was applied; scores and refused objects are told, rows are not.
#[test]
fn data_sources_tell_of_a_pipeline() -> Result {
    let world = World::new("sources")?;
    write(&world.work, "sources.tf", SOURCES)?;
    let missing = world.work.run(&["plan", "-input=false", "-no-color"])?;
    assert!(missing.code == Some(1) && missing.stderr.contains("Pipeline not found"), "{}", missing.stderr);

    fs::remove_file(world.work.folder().join("sources.tf")).map_err(|error| Error::new(error.to_string()))?;
    world.work.apply(&[])?;
    let names = world.names()?;
    let files = samples(world.work.folder())?;
    for (key, file) in &files {
        world.lake.put(&names.raw, key, file)?;
    }
    world.wait_for(&names.table, files.len())?;
    world.expect_quiet_queues()?;
    write(&world.work, "sources.tf", SOURCES)?;
    world.work.apply(&[])?;

    let (made, found) = (world.work.resource(ADDRESS)?, world.work.resource("data.datalake_pipeline.found")?);
    for attribute in ["datasets", "buckets", "queues", "functions", "glue", "athena", "tags_all", "spec_hash"]
    {
        assert_eq!(found[attribute], made[attribute], "{attribute}");
    }
    assert_eq!(found["resources"]["queue.ingest"]["arn"], made["resources"]["queue.ingest"]["arn"]);
    assert!(found["resources"]["queue.ingest"]["hash"].is_null());

    let history = world.work.resource("data.datalake_quality_history.sensors")?;
    let hours = history["hours"].as_array().cloned().unwrap_or_default();
    let sum = |field: &str| hours.iter().filter_map(|hour| hour[field].as_u64()).sum::<u64>();
    assert_eq!(
        [sum("object_count"), sum("passed_object_count"), sum("row_count"), sum("quarantined_row_count")],
        [5, 4, 18, 4]
    );
    assert!(
        history["scores"]["orders"].as_f64().is_some_and(|score| score > 50.0 && score < 100.0),
        "{history}"
    );

    let quarantine = world.work.resource("data.datalake_quarantine.all")?;
    let refused = ["input/orders/ragged.csv", "input/readings/invalid.json", "input/readings/mixed.ndjson"];
    assert_eq!(keys(&quarantine), refused.into());
    assert!(quarantine["failed_rules"].as_object().is_some_and(|rules| !rules.is_empty()), "{quarantine}");
    let one = world.work.resource("data.datalake_quarantine.orders")?;
    assert_eq!(keys(&one), [refused[0]].into());
    for secret in ["@", "+49"] {
        assert!(!quarantine["objects"].to_string().contains(secret), "a value of a row in {quarantine}");
    }
    world.work.expect_no_changes(&[])?;
    fs::remove_file(world.work.folder().join("sources.tf")).map_err(|error| Error::new(error.to_string()))?;
    world.work.destroy()?;
    world.expect_nothing_left()
}

fn keys(quarantine: &Value) -> BTreeSet<&str> {
    quarantine["objects"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|object| object["key"].as_str())
        .collect()
}

/// Somebody else's tags on an object of every kind that can have one.
const STRANGE_TAGS: &str = "
tag = {'theirs': 'x', 'kubernetes.io/cluster': 'y'}
pairs = [{'Key': k, 'Value': v} for k, v in tag.items()]
s3, iam, sqs, events, functions = (client(name) for name in ('s3', 'iam', 'sqs', 'events', 'lambda'))
raw = 'sensors-raw-000000000000-us-east-1'
url = sqs.get_queue_url(QueueName='sensors-ingest')['QueueUrl']
function = functions.get_function(FunctionName='sensors-ingest')['Configuration']['FunctionArn']
bus = events.describe_event_bus(Name='sensors-bus')['Arn']
table = client('dynamodb').describe_table(TableName='sensors-metadata')['Table']['TableArn']
";

/// They are no drift, and an update of ours leaves them where they are.
#[test]
fn tags_of_others_are_left_alone() -> Result {
    let world = World::new("ignored")?;
    world.edit(
        "provider \"datalake\" {}",
        "provider \"datalake\" {\n  ignore_tags = { keys = [\"theirs\"], key_prefixes = [\"kubernetes.io/\"] }\n}",
    )?;
    world.work.apply(&[])?;
    world.python(&format!(
        "{STRANGE_TAGS}
s3.put_bucket_tagging(Bucket=raw, Tagging={{'TagSet': s3.get_bucket_tagging(Bucket=raw)['TagSet'] + pairs}})
iam.tag_role(RoleName='sensors-us-east-1-ingest', Tags=pairs)
sqs.tag_queue(QueueUrl=url, Tags=tag)
functions.tag_resource(Resource=function, Tags=tag)
events.tag_resource(ResourceARN=bus, Tags=pairs)
client('dynamodb').tag_resource(ResourceArn=table, Tags=pairs)
client('logs').tag_log_group(logGroupName='/aws/lambda/sensors-ingest', tags=tag)"
    ))?;
    world.work.expect_no_changes(&[])?;
    world.edit("force_destroy = true", "force_destroy = true\n  tags = { team = \"lake\" }")?;
    world.work.apply(&[])?;
    world.work.expect_no_changes(&[])?;
    let kept = world.python(&format!(
        "{STRANGE_TAGS}
of = lambda pairs: {{p['Key']: p['Value'] for p in pairs}}
found = [of(s3.get_bucket_tagging(Bucket=raw)['TagSet']), sqs.list_queue_tags(QueueUrl=url)['Tags'],
  of(iam.list_role_tags(RoleName='sensors-us-east-1-ingest')['Tags']), functions.list_tags(Resource=function)['Tags'],
  of(events.list_tags_for_resource(ResourceARN=bus)['Tags']), of(client('dynamodb').list_tags_of_resource(ResourceArn=table)['Tags'])]
print(all(tags.get('theirs') == 'x' and tags.get('kubernetes.io/cluster') == 'y' and tags.get('team') == 'lake' for tags in found), found)"
    ))?;
    assert!(kept.starts_with("True"), "{kept}");

    world.edit("team = \"lake\"", "theirs = \"z\"")?;
    let refused = world.work.run(&["plan", "-input=false", "-no-color"])?;
    assert!(refused.code == Some(1) && refused.stderr.contains("ignore_tags"), "{}", refused.stderr);
    world.edit("theirs = \"z\"", "team = \"lake\"")?;
    world.work.destroy()?;
    world.expect_nothing_left()
}

/// By identity (Terraform 1.12 and later) into an empty state; under another address without a change; never forgotten.
#[test]
fn a_pipeline_is_imported_by_its_identity_and_moved() -> Result {
    let world = World::new("identity")?.with_terraform_from_pypi()?;
    world.work.apply(&[])?;
    world.work.text(&["state", "rm", ADDRESS])?;
    let import = |region: &str| {
        format!(
            "import {{\n  to       = {ADDRESS}\n  identity = {{ name = \"sensors\", region = \"{region}\" }}\n}}\n"
        )
    };
    write(&world.work, "import.tf", &import("eu-west-1"))?;
    let refused = world.work.run(&["plan", "-input=false", "-no-color"])?;
    assert!(refused.code == Some(1) && refused.stderr.contains("the provider acts in"), "{}", refused.stderr);
    write(&world.work, "import.tf", &import("us-east-1"))?;
    world.work.apply(&[])?;
    world.work.expect_no_changes(&[])?;
    let state = fs::read_to_string(world.work.folder().join("terraform.tfstate"));
    let state = state.map_err(|error| Error::new(error.to_string()))?;
    let state: Value = serde_json::from_str(&state).map_err(|error| Error::new(error.to_string()))?;
    let identity = &state["resources"][0]["instances"][0]["identity"];
    assert_eq!(
        *identity,
        serde_json::json!({"account_id": "000000000000", "name": "sensors", "region": "us-east-1"})
    );

    fs::remove_file(world.work.folder().join("import.tf")).map_err(|error| Error::new(error.to_string()))?;
    world.edit("\"datalake_pipeline\" \"sensors\"", "\"datalake_pipeline\" \"lake\"")?;
    world.edit(ADDRESS, "datalake_pipeline.lake")?;
    write(
        &world.work,
        "moved.tf",
        &format!("moved {{\n  from = {ADDRESS}\n  to   = datalake_pipeline.lake\n}}\n"),
    )?;
    let applied = world.work.apply(&[])?;
    assert!(applied.contains("0 added, 0 changed, 0 destroyed"), "{applied}");
    world.work.expect_no_changes(&[])?;
    // Seen from elsewhere it is not gone.
    let there = "provider \"datalake\" { region = \"eu-west-1\" }";
    world.edit("provider \"datalake\" {}", there)?;
    for command in ["plan", "destroy"] {
        let refused = world.work.run(&[command, "-input=false", "-no-color"])?;
        let told = refused.stderr.contains("The pipeline lives elsewhere");
        assert!(refused.code == Some(1) && told, "{command}: {}", refused.stderr);
    }
    world.edit(there, "provider \"datalake\" {}")?;
    world.work.expect_no_changes(&[])?;
    world.work.destroy()?;
    world.expect_nothing_left()
}

fn write(work: &xtask::terraform::Workspace, file: &str, text: &str) -> Result {
    fs::write(work.folder().join(file), text).map_err(|error| Error::new(format!("{file}: {error}")))
}
