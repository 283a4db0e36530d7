//! One `datalake_pipeline`, applied by real Terraform, real rows through it.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use datalake_tests::{ADDRESS, World};
use xtask::commands::quickstart::{expected, samples, surprises};
use xtask::error::Result;
use xtask::story::RefusedRow;

/// Apply, both plans empty, rows judged, import into an empty state, destroy, nothing left.
#[test]
fn the_whole_life_of_a_pipeline() -> Result {
    whole_life(World::new("life")?)
}

/// The same with Terraform 1.15.
#[test]
fn the_whole_life_with_the_next_terraform() -> Result {
    whole_life(World::new("life-next")?.with_terraform_from_pypi()?)
}

fn whole_life(world: World) -> Result {
    let plan = world.work.plan(&[])?;
    for object in
        ["bucket.raw", "rule.raw", "queue.ingest_dead_letters", "function.validate", "catalog_table.orders"]
    {
        assert!(plan.text.contains(object), "the plan shows {object}:\n{}", plan.text);
    }
    world.work.apply(&[])?;
    world.work.expect_no_changes(&[])?;
    world.work.expect_no_changes(&["-refresh=false"])?;

    let names = world.names()?;
    let example = world.work.folder();
    let files = samples(example)?;
    for (key, file) in &files {
        world.lake.put(&names.raw, key, file)?;
    }
    let stories = world.wait_for(&names.table, files.len())?;
    assert_eq!(surprises(&stories, &expected(example)?), Vec::<String>::new());
    let invalid = stories.iter().find(|story| story.key().ends_with("/invalid.json"));
    let rows = invalid
        .and_then(|story| story.destination("quarantinedRows"))
        .expect("the invalid file has refused rows");
    let rows = RefusedRow::from_ndjson(&world.lake.get_address(rows)?);
    assert_eq!(rows[0].reasons.len(), 3, "missing timestamp, bad email, bad phone: {rows:?}");
    let answer = world.lake.query(&names.workgroup, &names.database, &names.sql())?;
    assert_eq!(answer.len(), 3, "three countries: {answer:?}");
    world.work.expect_no_changes(&[])?;

    world.work.text(&["state", "rm", ADDRESS])?;
    world.work.text(&["import", "-input=false", "-no-color", ADDRESS, "sensors"])?;
    world.work.expect_no_changes(&[])?;

    world.work.destroy()?;
    world.expect_nothing_left()
}

/// A → B → A in place, and a dropped dataset's table goes.
#[test]
#[ignore = "slow: minutes of applies"]
fn updates_in_place_and_back() -> Result {
    let world = World::new("update")?;
    world.work.apply(&[])?;
    let changes = [
        ("threshold_percent = 70", "threshold_percent = 80"),
        ("minimum = -50", "minimum = -60"),
        ("[\"DE\", \"FR\", \"US\"]", "[\"DE\", \"FR\"]"),
        ("pattern = \"e164\"", "pattern = \"uuid\""),
        (
            "force_destroy = true",
            "force_destroy = true\n  tags = { team = \"lake\" }\n  retention = { log_days = 7 }",
        ),
    ];
    for (from, to) in changes {
        for (from, to) in [(from, to), (to, from)] {
            world.edit(from, to)?;
            let plan = world.work.plan(&[])?;
            assert!(
                plan.changes && plan.text.contains("will be updated in-place"),
                "{from} → {to}:\n{}",
                plan.text
            );
            world.work.apply(&[])?;
            world.work.expect_no_changes(&[])?;
        }
    }
    world.work.destroy()?;
    world.expect_nothing_left()
}

/// What somebody deletes or changes behind our back is in the plan and comes back.
#[test]
#[ignore = "slow: minutes of applies"]
fn drift_is_shown_and_healed() -> Result {
    let world = World::new("drift")?;
    world.work.apply(&[])?;
    let account = "000000000000";
    let cases = [
        ("queue.quality", "q = client('sqs'); q.delete_queue(QueueUrl=q.get_queue_url(QueueName='sensors-quality')['QueueUrl'])".to_owned()),
        ("log_group.ingest", "client('logs').delete_log_group(logGroupName='/aws/lambda/sensors-ingest')".to_owned()),
        ("rule.validate", "e = client('events'); e.remove_targets(Rule='sensors-validate', EventBusName='sensors-bus', Ids=['queue'])".to_owned()),
        ("catalog_table.orders", "client('glue').delete_table(DatabaseName='sensors', Name='orders')".to_owned()),
        ("bucket.raw", format!("client('s3').put_bucket_versioning(Bucket='sensors-raw-{account}-us-east-1', VersioningConfiguration={{'Status': 'Suspended'}})")),
        ("role.validate", "client('iam').delete_role_policy(RoleName='sensors-us-east-1-validate', PolicyName='least')".to_owned()),
        ("function.ingest", "client('lambda').update_function_configuration(FunctionName='sensors-ingest', MemorySize=512)".to_owned()),
        ("crawler.catalog", "client('glue').delete_crawler(Name='sensors-crawler')".to_owned()),
        ("table.metadata", "client('dynamodb').update_time_to_live(TableName='sensors-metadata', TimeToLiveSpecification={'Enabled': False, 'AttributeName': 'expiresAt'})".to_owned()),
        ("workgroup.main", "client('athena').delete_work_group(WorkGroup='sensors', RecursiveDeleteOption=True)".to_owned()),
    ];
    for (object, harm) in cases {
        world.python(&harm)?;
        let plan = world.work.plan(&[])?;
        assert!(plan.changes && plan.text.contains(object), "the plan names {object}:\n{}", plan.text);
        world.work.apply(&[])?;
        world.work.expect_no_changes(&[])?;
    }
    world.work.destroy()?;
    world.expect_nothing_left()
}

/// Without the rule on the default bus nothing arrives; with it everything does.
#[test]
fn the_forwarding_rule_is_really_used() -> Result {
    let world = World::new("forward")?;
    world.work.apply(&[])?;
    let names = world.names()?;
    let row = br#"{"id":"1","timestamp":"2026-01-15T10:30:00Z"}"#;
    world.python("e = client('events'); e.remove_targets(Rule='sensors-raw', Ids=['bus']); e.delete_rule(Name='sensors-raw')")?;
    world.put(&names.raw, "input/readings/lost.json", row)?;
    std::thread::sleep(std::time::Duration::from_secs(5));
    assert!(world.lake.stories(&names.table)?.is_empty(), "an event arrived without the forwarding rule");
    world.work.apply(&[])?;
    world.put(&names.raw, "input/readings/found.json", row)?;
    let stories = world.wait_for(&names.table, 1)?;
    assert_eq!(stories.iter().map(|story| story.key()).collect::<Vec<_>>(), ["input/readings/found.json"]);
    world.work.destroy()?;
    world.expect_nothing_left()
}

/// Without consent a destroy is refused at plan.
#[test]
fn data_is_not_destroyed_without_consent() -> Result {
    let world = World::new("consent")?;
    world.edit("force_destroy = true", "force_destroy = false")?;
    world.work.apply(&[])?;
    let refused = world.work.run(&["plan", "-destroy", "-input=false", "-no-color"])?;
    assert!(refused.code == Some(1) && refused.stderr.contains("Data would be lost"), "{}", refused.stderr);
    world.edit("force_destroy = false", "force_destroy = true")?;
    world.work.apply(&[])?;
    world.work.destroy()?;
    world.expect_nothing_left()
}
