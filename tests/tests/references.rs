//! Rules that compare an object with another dataset, through the whole pipeline: refused at plan when there is no such
//! dataset, judged by what is there, and allowed to read no more than that.

use datalake_tests::World;
use serde_json::Value;
use xtask::error::{Error, Result};

const HEADER: &str = "order_id,order_date,country,amount,note\n";

fn reading(location: &str) -> String {
    format!(r#"{{"id":"1","timestamp":"2026-01-15T10:30:00Z","data":{{"location":"{location}"}}}}"#)
}

#[test]
fn readings_are_held_against_orders() -> Result {
    let world = World::new("references")?;
    let (plain, rules) = ("      quality = { threshold_percent = 70 }\n    }\n", |dataset: &str| {
        let rule = format!("ReferentialIntegrity \\\"data.location\\\" \\\"{dataset}.country\\\" = 1.0");
        format!("      quality = {{ rules = {{ sold_there = {{ rule = \"{rule}\" }} }} }}\n    }}\n")
    });
    world.edit(plain, &rules("order"))?;
    let refused = world.work.plan(&[]).err().map(|error| error.to_string()).unwrap_or_default();
    let refused = refused.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(refused.contains("no dataset `order`; did you mean `orders`?"), "{refused}");
    world.edit(&rules("order"), &rules("orders"))?;
    world.work.apply(&[])?;
    let names = world.names()?;

    let mut expected = Vec::new();
    let mut judge = |key: &str, body: &str, status: &'static str| -> Result {
        world.put(&names.raw, key, body.as_bytes())?;
        expected.push((key.to_owned(), status));
        world.wait_for(&names.table, expected.len()).map(drop)
    };
    judge("input/readings/before.json", &reading("DE"), "QUARANTINED")?;
    judge(
        "input/orders/a.csv",
        &format!("{HEADER}1,2026-01-01,DE,1.5,x\n2,2026-01-01,US,1.5,x\n"),
        "VALIDATED",
    )?;
    judge("input/readings/after.json", &reading("DE"), "VALIDATED")?;
    judge("input/readings/nowhere.json", &reading("FR"), "QUARANTINED")?;
    judge("input/orders/b.csv", &format!("{HEADER}3,2026-01-02,FR,2.5,x\n"), "VALIDATED")?;
    judge("input/readings/there-now.json", &reading("FR"), "VALIDATED")?;
    let stories = world.wait_for(&names.table, expected.len())?;
    for (key, status) in &expected {
        let story = stories.iter().find(|story| story.key() == key);
        let story = story.ok_or_else(|| Error::new(format!("{key} has no story")))?;
        assert_eq!(story.status(), *status, "{}", story.describe());
    }
    reads_no_more(&world)?;
    world.expect_quiet_queues()?;
    world.work.destroy()?;
    world.expect_nothing_left()
}

/// For the comparison the role names the rows of the one dataset, beside the statement for the files that it writes itself.
fn reads_no_more(world: &World) -> Result {
    let text = world.python(
        "import json\niam = client('iam')\n\
         roles = [r['RoleName'] for r in iam.list_roles()['Roles'] if 'validate' in r['RoleName']]\n\
         names = [(r, p) for r in roles for p in iam.list_role_policies(RoleName=r)['PolicyNames']]\n\
         print(json.dumps([iam.get_role_policy(RoleName=r, PolicyName=p)['PolicyDocument'] for r, p in names]))",
    )?;
    let policies: Value = serde_json::from_str(&text).map_err(|error| Error::new(error.to_string()))?;
    let statements = policies[0]["Statement"].as_array().cloned().unwrap_or_default();
    let reading = statements.iter().filter(|statement| {
        let actions = statement["Action"].to_string();
        let rows = statement["Resource"].to_string().contains("/validated/");
        rows && actions.contains("s3:GetObject\"") && !actions.contains("s3:PutObject\"")
    });
    let resources: Vec<String> = reading.map(|statement| statement["Resource"].to_string()).collect();
    assert_eq!(resources.len(), 1, "{policies}");
    assert!(
        resources[0].contains("/validated/orders/*") && !resources[0].contains("readings"),
        "{resources:?}"
    );
    Ok(())
}
