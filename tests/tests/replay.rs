//! Replay and backfill through real Terraform, real handlers and the local cloud.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::collections::BTreeMap;

use datalake_tests::World;
use serde_json::{Value, json};
use xtask::commands::example::Names;
use xtask::error::{Error, Result};
use xtask::story::Story;

/// Rows of these temperatures.
fn rows(temperatures: &[u32]) -> String {
    let row = |temperature: &u32| {
        format!(
            "{{\"id\":\"{temperature}\",\"timestamp\":\"2026-01-15T10:30:00Z\",\"data\":{{\"temperature\":{temperature}}}}}\n"
        )
    };
    temperatures.iter().map(row).collect()
}

/// Asks on the bus, as an operator does.
fn ask(world: &World, detail_type: &str, detail: &Value) -> Result {
    world
        .python(&format!(
            "a = client('events').put_events(Entries=[dict(EventBusName='sensors-bus', Source='datalake.operator', DetailType='{detail_type}', Detail='{detail}')])\n\
             assert a['FailedEntryCount'] == 0, a"
        ))
        .map(drop)
}

/// How many stories have each status.
fn statuses(stories: &[Story]) -> BTreeMap<&str, usize> {
    let mut statuses = BTreeMap::new();
    stories.iter().for_each(|story| *statuses.entry(story.status()).or_default() += 1);
    statuses
}

/// Rows of a table, as Athena counts them: an answer is made of texts.
fn count(world: &World, names: &Names, table: &str) -> Result<String> {
    let sql = format!("SELECT count(*) AS n FROM {}.{table}", names.database);
    let answer = world.lake.query(&names.workgroup, &names.database, &sql)?;
    Ok(answer.first().and_then(|row| row["n"].as_str()).unwrap_or_default().to_owned())
}

/// The counters of a dataset, over all hours.
fn counters(world: &World, names: &Names, dataset: &str) -> Result<BTreeMap<String, i64>> {
    let code = format!(
        "import json\nt = client('dynamodb')\ns = {{}}\n\
         for i in t.scan(TableName='{table}', ConsistentRead=True)['Items']:\n    \
         if i['ProcessId']['S'].startswith('hour#{dataset}#'):\n        \
         for k, v in i.items():\n            \
         if 'N' in v and k not in ('expiresAt', 'scoreSum'): s[k] = s.get(k, 0) + int(v['N'])\n\
         print(json.dumps(s))",
        table = names.table
    );
    serde_json::from_str(&world.python(&code)?).map_err(|error| Error::new(error.to_string()))
}

fn expect_counters(world: &World, names: &Names, dataset: &str, expected: &[(&str, i64)]) -> Result {
    let expected = expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    assert_eq!(counters(world, names, dataset)?, expected, "counters of {dataset}");
    Ok(())
}

#[test]
fn what_a_strict_rule_refused_is_accepted_after_a_replay() -> Result {
    let world = World::new("replay")?;
    world.edit("maximum = 60", "maximum = 20")?;
    world.work.apply(&[])?;
    let names = world.names()?;
    let (some, whole) = ("input/readings/some.json", "input/readings/whole.json");
    let (some_rows, whole_rows) = (rows(&[10, 11, 12, 30]), rows(&[30, 70]));
    world.put_all(&names.raw, [(some, some_rows.as_bytes()), (whole, whole_rows.as_bytes())].into_iter())?;
    let stories = world.wait_for(&names.table, 2)?;
    assert_eq!(statuses(&stories), [("QUARANTINED", 1), ("VALIDATED", 1)].into());
    assert_eq!(count(&world, &names, "readings")?, "3");
    world.expect_quiet_queues()?;
    let before = [("objects", 2), ("passed", 1), ("rows", 6), ("quarantined", 3)];
    expect_counters(&world, &names, "readings", &before)?;

    world.edit("maximum = 20", "maximum = 60")?;
    world.work.apply(&[])?;
    ask(&world, "Replay Requested", &json!({"dataset": "readings"}))?;
    let stories = world.wait_for(&names.table, 4)?;
    world.expect_quiet_queues()?;
    assert_eq!(statuses(&stories), [("REPLAYED", 2), ("VALIDATED", 2)].into());
    // One row is too hot for the new rule as well.
    assert_eq!(count(&world, &names, "readings")?, "5");
    let refused = world.lake.keys(&names.quarantine, "quarantine/readings/")?;
    let replays: Vec<&Story> = stories.iter().filter(|story| story.status() == "VALIDATED").collect();
    let of_whole = replays.iter().find(|story| story.key() == whole).expect("the whole object has a replay");
    assert!(matches!(&refused[..], [key] if key.contains(of_whole.text("ProcessId"))), "{refused:?}");
    for story in &replays {
        let old = story.item()["replay"]["processId"].as_str().unwrap_or_default();
        let old = stories.iter().find(|story| story.text("ProcessId") == old).expect("what it replaces");
        assert_eq!((old.text("replacedBy"), old.key()), (story.text("ProcessId"), story.key()));
        assert!(story.describe().contains("replay of"), "{}", story.describe());
    }
    let after: Vec<_> = before.into_iter().chain([("replayed", 2), ("recovered", 2)]).collect();
    expect_counters(&world, &names, "readings", &after)?;

    // Again it does nothing.
    ask(&world, "Replay Requested", &json!({"dataset": "readings"}))?;
    ask(&world, "Replay Requested", &json!({"dataset": "readings", "key": some}))?;
    world.python("import time; time.sleep(2)")?;
    world.expect_quiet_queues()?;
    assert_eq!(world.lake.stories(&names.table)?.len(), 4);
    expect_counters(&world, &names, "readings", &after)?;
    world.work.destroy()?;
    world.expect_nothing_left()
}

/// The resource asks whenever the rules change, after they changed, and not otherwise.
#[test]
fn what_a_strict_rule_refused_is_accepted_after_the_apply_that_loosens_it() -> Result {
    let world = World::new("replay-resource")?;
    world.edit("maximum = 60", "maximum = 20")?;
    let resource = "resource \"datalake_replay\" \"readings\" {\n  pipeline = datalake_pipeline.sensors.name\n  dataset = \"readings\"\n  triggers = { rules = datalake_pipeline.sensors.spec_hash }\n}\n\n";
    world.edit("output \"buckets\"", &format!("{resource}output \"buckets\""))?;
    world.work.apply(&[])?;
    world.work.expect_no_changes(&[])?;
    let names = world.names()?;
    world.put(&names.raw, "input/readings/some.json", rows(&[10, 11, 12, 30]).as_bytes())?;
    world.wait_for(&names.table, 1)?;
    let asked = |world: &World| {
        Ok::<_, Error>(world.work.resource("datalake_replay.readings")?["request_id"].clone())
    };
    let before = asked(&world)?;
    world.edit("maximum = 20", "maximum = 60")?;
    world.work.apply(&[])?;
    assert_ne!(asked(&world)?, before);
    let stories = world.wait_for(&names.table, 2)?;
    assert_eq!(statuses(&stories), [("REPLAYED", 1), ("VALIDATED", 1)].into());
    let story = stories.iter().find(|story| story.status() == "VALIDATED").expect("the replay");
    assert_eq!(story.item()["replay"]["requestId"], asked(&world)?);
    assert_eq!(count(&world, &names, "readings")?, "4");
    world.work.expect_no_changes(&[])?;
    world.work.destroy()?;
    world.expect_nothing_left()
}

#[test]
fn what_was_there_before_its_dataset_is_judged_after_apply() -> Result {
    let world = World::new("backfill")?;
    world.work.apply(&[])?;
    let names = world.names()?;
    // One is refused for want of a dataset; of the other no event tells.
    let body = rows(&[1, 2]);
    world.put(&names.raw, "input/late/told.json", body.as_bytes())?;
    let stories = world.wait_for(&names.table, 1)?;
    assert_eq!(stories[0].item()["objectReason"]["code"], "no_dataset");
    world.python("client('events').disable_rule(Name='sensors-raw')")?;
    world.put(&names.raw, "input/late/untold.json", body.as_bytes())?;
    world.python("client('events').enable_rule(Name='sensors-raw')")?;

    let late = "late = {\n      format   = \"ndjson\"\n      backfill = {}\n      columns  = { id = { type = \"string\", required = true } }\n    }";
    world.edit("    orders = {", &format!("    {late}\n\n    orders = {{"))?;
    let changing = world.changing_objects()?;
    assert!(changing.contains("backfill.late"), "{changing:?}");
    world.work.apply(&[])?;
    world.work.expect_no_changes(&[])?;
    let stories = world.wait_for(&names.table, 3)?;
    assert_eq!(statuses(&stories), [("REPLAYED", 1), ("VALIDATED", 2)].into());
    assert_eq!(count(&world, &names, "late")?, "4");
    assert_eq!(world.lake.keys(&names.quarantine, "quarantine/")?, Vec::<String>::new());
    let counted = [("objects", 2), ("passed", 2), ("rows", 4), ("quarantined", 0)];
    expect_counters(&world, &names, "late", &counted)?;

    // Again, and at another rate, it finds nothing to do.
    ask(&world, "Backfill Requested", &json!({"dataset": "late", "objectsPerSecond": 1}))?;
    world.python("import time; time.sleep(2)")?;
    world.expect_quiet_queues()?;
    assert_eq!(world.lake.stories(&names.table)?.len(), 3);
    expect_counters(&world, &names, "late", &counted)?;
    world.work.expect_no_changes(&[])?;
    world.work.destroy()?;
    world.expect_nothing_left()
}
