//! Rules that compare an object with another dataset: with what is there when it is judged, of any size, however often.

use std::collections::BTreeMap;

use datalake_handlers::memory::Fault;
use datalake_handlers::records::Status;
use serde_json::{Value, json};

use super::harness::{Lake, PROCESSED, rows};

const KEY: &str = "input/readings/a.ndjson";

/// A pipeline with devices, in folders by day, and rules of the readings about them.
fn lake(ruleset: &str, devices: &[String]) -> Lake {
    let mut lake = Lake::new();
    lake.document["datasets"]["devices"] = json!({
        "format": "ndjson",
        "prefix": "input/devices/",
        "compression": "auto",
        "columns": {
            "id": {"type": "string", "required": true},
            "day": {"type": "string"},
            "meta.weight": {"type": "bigint"},
        },
        "quality": {"threshold_percent": 0.0},
        "output": {"partition_by": ["day"], "compression": "zstd"},
    });
    lake.rules(ruleset);
    for (number, body) in devices.iter().enumerate() {
        lake.arrive(&format!("input/devices/{number}.ndjson"), body.clone());
    }
    lake
}

fn device(id: &str, day: &str, weight: u32) -> String {
    json!({"id": id, "day": day, "meta": {"weight": weight}}).to_string() + "\n"
}

/// Outcomes by rule of the readings that are judged last.
fn outcomes(lake: &Lake) -> BTreeMap<String, String> {
    let items = lake.items();
    let item = items.iter().find(|item| item.source.key == KEY).unwrap();
    let rules = &item.outcome.as_ref().unwrap().dataset_rules;
    let word =
        |rule: &Value| format!("{} {}", rule["result"].as_str().unwrap(), rule["message"].as_str().unwrap());
    let rules = rules.iter().map(|rule| serde_json::to_value(rule).unwrap());
    rules.map(|rule| (rule["evaluatedRule"].as_str().unwrap().to_owned(), word(&rule))).collect()
}

#[tokio::test]
async fn outcomes_follow_what_is_there() {
    let found = [device("a", "d000", 1), device("b", "d001", 2) + &device("c", "d009", 0)];
    let missing = [device("x", "d000", 1)];
    let cases: [(&str, &[String], &str); 12] = [
        ("ReferentialIntegrity \"device\" \"devices.id\" = 1.0", &found, "PASS Value: 1 "),
        ("ReferentialIntegrity \"device\" \"devices.id\" = 1.0", &missing, "FAIL Value: 0 "),
        // Nothing is among the rows of a dataset that has none yet.
        ("ReferentialIntegrity \"device\" \"devices.id\" = 1.0", &[], "FAIL Value: 0 "),
        // The day is in the folders; of three readings of `a` one is of a day that is there.
        ("ReferentialIntegrity \"device,day\" \"devices.{id,day}\" >= 0.3", &found, "PASS Value: 0.3333 "),
        ("ReferentialIntegrity \"day\" \"devices.day\" > 0.9", &found, "FAIL Value: 0.6667 "),
        ("DatasetMatch \"devices\" \"device->id\" \"day->day\" = 1.0", &found, "FAIL Value: 0.3333 "),
        ("RowCountMatch \"devices\" = 1.0", &found, "PASS Value: 1 "),
        ("RowCountMatch \"devices\" = 1.0", &[], "FAIL Value: 0 "),
        ("SchemaMatch \"devices\" > 0.5", &[], "FAIL Value: 0.3333 "),
        ("AggregateMatch \"sum(value)\" \"sum(devices.meta.weight)\" = 1.0", &found, "PASS Value: 1 "),
        ("AggregateMatch \"avg(value)\" \"avg(devices.meta.weight)\" = 1.0", &found, "PASS Value: 1 "),
        ("AggregateMatch \"sum(value)\" \"sum(devices.meta.weight)\" = 1.0", &[], "ERROR the rule cannot be"),
    ];
    for (rule, devices, expected) in cases {
        let mut lake = lake(rule, devices);
        lake.run().await;
        lake.arrive(KEY, rows("a", 3, 0));
        lake.run().await;
        let outcomes = outcomes(&lake);
        let found = outcomes.values().next().unwrap();
        assert!(found.starts_with(expected), "{rule}: {found}");
        let items = lake.items();
        let status = items.iter().find(|item| item.source.key == KEY).unwrap().status;
        let wanted = if expected.starts_with("PASS") { Status::Validated } else { Status::Quarantined };
        assert_eq!(status, wanted, "{rule}");
    }
}

/// More keys on both sides than fit into memory, in files of several blocks.
#[tokio::test]
async fn keys_that_do_not_fit_into_memory_are_compared_exactly() {
    let id = |number: u64| {
        let word = |seed: u64| {
            (number + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(seed)
        };
        format!("{:016x}{:016x}{:016x}", word(0xc2b2_ae3d_27d4_eb4f), word(0x1656_67b1_9e37_79f9), number)
    };
    let devices: String = (0..60_000).map(|number| device(&id(number), "d000", 1)).collect();
    let mut lake = lake("ReferentialIntegrity \"device\" \"devices.id\" >= 0.5", &[devices]);
    lake.document["datasets"]["readings"]["quality"]["uniqueness_memory_mb"] = json!(1);
    lake.run().await;
    let sizes: Vec<usize> = lake.world.objects.visible(PROCESSED).values().map(bytes::Bytes::len).collect();
    assert!(sizes.iter().any(|size| *size > 1 << 20), "{sizes:?}");
    let readings: String = (50_000..70_000)
        .map(|number| json!({"device": id(number), "day": "d000", "value": 1}).to_string() + "\n")
        .collect();
    lake.arrive(KEY, readings);
    lake.run().await;
    let outcomes = outcomes(&lake);
    assert!(outcomes.values().next().unwrap().starts_with("PASS Value: 0.5000 "), "{outcomes:?}");
}

#[tokio::test]
async fn a_crash_after_any_effect_changes_nothing() {
    let rule = "ReferentialIntegrity \"device\" \"devices.id\" = 1.0";
    let mut clean = lake(rule, &[device("a", "d000", 1)]);
    clean.run().await;
    clean.world.faults.heal();
    clean.arrive(KEY, rows("a", 2, 1));
    clean.run().await;
    let effects = clean.world.faults.effects();
    for k in 1..=effects {
        let mut lake = lake(rule, &[device("a", "d000", 1)]);
        lake.run().await;
        lake.world.faults.plan(Fault::KillAfter(k));
        lake.arrive(KEY, rows("a", 2, 1));
        lake.run().await;
        assert_eq!(lake.snapshot(), clean.snapshot(), "killed after {k} of {effects}");
    }
    assert!(effects > 10, "{effects}");
}
