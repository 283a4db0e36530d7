//! One `datalake_pipeline`, applied by real Terraform, real rows through it.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use datalake_tests::{ADDRESS, World};
use xtask::commands::example::{expected, samples, surprises};
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

/// A → B → A in place: every change is in the plan under the object it changes, and what was is again.
#[test]
fn updates_in_place_and_back() -> Result {
    let world = World::new("update")?;
    world.work.apply(&[])?;
    let before = world.hashes()?;
    for Update { edits, besides } in updates() {
        let back: Vec<(&str, &str)> = edits.iter().rev().map(|(from, to)| (*to, *from)).collect();
        for edits in [&edits, &back] {
            for (from, to) in edits {
                world.edit(from, to)?;
            }
            let changing = world.changing_objects()?;
            for object in &besides {
                assert!(changing.contains(*object), "{edits:?} changes {object}: {changing:?}");
            }
            let expected = |key: &str| {
                besides.contains(&key) || key.starts_with("definition.") || key.starts_with("function.")
            };
            let surprising: Vec<&String> = changing.iter().filter(|key| !expected(key)).collect();
            assert!(surprising.is_empty(), "{edits:?} also changes {surprising:?}");
            world.work.apply(&[])?;
            world.work.expect_no_changes(&[])?;
        }
        assert_eq!(world.hashes()?, before, "{edits:?} and back");
    }
    world.work.destroy()?;
    world.expect_nothing_left()
}

/// What is written in a configuration instead of what, and the objects it changes besides the definition and the three
/// functions' packages.
struct Update {
    edits: Vec<(&'static str, &'static str)>,
    besides: Vec<&'static str>,
}

fn updates() -> Vec<Update> {
    vec![
        Update {
            edits: vec![
                ("threshold_percent = 70", "threshold_percent = 80"),
                ("minimum = -50", "minimum = -60"),
                ("pattern = \"e164\"", "pattern = \"uuid\""),
            ],
            besides: vec![],
        },
        Update {
            edits: vec![
                ("[\"DE\", \"FR\", \"US\"]", "[\"DE\", \"FR\"]"),
                ("note       = {", "remark     = {"),
            ],
            besides: vec!["catalog_table.orders"],
        },
        Update {
            edits: vec![("orders = {\n      format = \"csv\"", "sales = {\n      format = \"csv\"")],
            besides: vec!["catalog_table.orders", "catalog_table.sales", "crawler.catalog"],
        },
        Update {
            edits: vec![(
                "force_destroy = true",
                "force_destroy = true\n  retention = { log_days = 7, processed_days = 90 }\n  \
                 functions = { validate = { memory_mb = 2048, timeout_seconds = 600 } }\n  tags = { team = \"lake\" }",
            )],
            // A tag is on everything that can carry one.
            besides: vec![
                "bucket.processed",
                "bucket.quarantine",
                "bucket.raw",
                "crawler.catalog",
                "database.catalog",
                "event_bus.main",
                "log_group.ingest",
                "log_group.quality",
                "log_group.validate",
                "mapping.ingest",
                "mapping.quality",
                "mapping.validate",
                "queue.ingest",
                "queue.ingest_dead_letters",
                "queue.quality",
                "queue.quality_dead_letters",
                "queue.validate",
                "queue.validate_dead_letters",
                "role.crawler",
                "role.forward",
                "role.ingest",
                "role.quality",
                "role.validate",
                "rule.ingest",
                "rule.quality",
                "rule.raw",
                "rule.validate",
                "table.metadata",
                "workgroup.main",
            ],
        },
    ]
}

/// A fault that passes does not cost the message: the function loses its rights to the table and gets them back.
#[test]
fn what_failed_is_tried_again_soon() -> Result {
    let world = World::new("retry")?;
    world.work.apply(&[])?;
    let names = world.names()?;
    world.python(
        "import json\niam = client('iam')\nname = {'RoleName': 'sensors-us-east-1-ingest', 'PolicyName': 'least'}\n\
         policy = iam.get_role_policy(**name)['PolicyDocument']\n\
         policy['Statement'] = [s for s in policy['Statement'] if 'dynamodb' not in json.dumps(s)]\n\
         iam.put_role_policy(**name, PolicyDocument=json.dumps(policy))",
    )?;
    let row = br#"{"id":"1","timestamp":"2026-01-15T10:30:00Z"}"#;
    world.put(&names.raw, "input/readings/late.json", row)?;
    std::thread::sleep(std::time::Duration::from_secs(5));
    assert!(world.lake.stories(&names.table)?.is_empty(), "a function without rights registered an object");
    world.work.apply(&[])?;
    let stories = world.wait_for(&names.table, 1)?;
    assert_eq!(stories[0].status(), "VALIDATED");
    world.expect_quiet_queues()?;
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

/// Without consent a destroy is refused at plan, and the replacement of a tainted pipeline before anything goes.
#[test]
fn data_is_not_destroyed_without_consent() -> Result {
    let world = World::new("consent")?;
    world.edit("force_destroy = true", "force_destroy = false")?;
    world.work.apply(&[])?;
    let refused = world.work.run(&["plan", "-destroy", "-input=false", "-no-color"])?;
    assert!(refused.code == Some(1) && refused.stderr.contains("Data would be lost"), "{}", refused.stderr);
    // Terraform plans the replacement of a tainted resource without asking: the apply refuses, with everything in place.
    world.work.text(&["taint", ADDRESS])?;
    let refused = world.work.run(&["apply", "-auto-approve", "-input=false", "-no-color"])?;
    assert!(refused.code == Some(1) && refused.stderr.contains("Data would be lost"), "{}", refused.stderr);
    world.work.text(&["untaint", ADDRESS])?;
    world.work.expect_no_changes(&[])?;
    world.edit("force_destroy = false", "force_destroy = true")?;
    world.work.apply(&[])?;
    world.work.destroy()?;
    world.expect_nothing_left()
}
