//! Accepted rows transformed by the pipeline's own function: declared, filled, queried, replaced and taken away again.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use datalake_tests::World;
use serde_json::{Value, json};
use xtask::commands::example::Names;
use xtask::error::{Error, Result};

/// How long rows may take to be curated.
const PATIENCE: Duration = Duration::from_secs(120);
const HEADER: &str = "order_id,order_date,country,amount,note\n";

/// The transforms of the dataset `orders`.
const TRANSFORMS: &str = r#"
      transforms = [
        { filter = { where = "amount > 0" } },
        { derive = { column = "month", expression = "date_trunc('month', order_date)" } },
        { derive = { column = "quantity", expression = "CAST(coalesce(note, '1') AS bigint)" } },
        { rename = { from = "order_id", to = "id" } },
        { mask = { column = "country", method = "hash", key_secret_arn = "SECRET" } },
        { drop = { columns = ["note", "order_date"] } },
      ]

      sql     = "SELECT id, month, country, amount * quantity AS total FROM source"
      curated = { partition_by = ["month"] }
"#;
/// What stands before them.
const BEFORE: &str = "output  = { partition_by = [\"country\"] }";

/// The objects that transforms bring along.
const OBJECTS: [&str; 8] = [
    "catalog_table.orders_curated",
    "function.transform",
    "log_group.transform",
    "mapping.transform",
    "queue.transform",
    "queue.transform_dead_letters",
    "role.transform",
    "rule.transform",
];

#[test]
fn rows_are_transformed_and_queried() -> Result {
    let world = World::new("transforms")?;
    world.work.apply(&[])?;
    let without = world.hashes()?;
    assert!(OBJECTS.iter().all(|object| !without.contains_key(*object)), "{without:?}");
    let transforms = format!("{BEFORE}\n{}", TRANSFORMS.replace("SECRET", &secret(&world)?));
    world.edit(BEFORE, &transforms)?;
    let changing = world.changing_objects()?;
    let missing: Vec<&&str> = OBJECTS.iter().filter(|object| !changing.contains(**object)).collect();
    assert!(missing.is_empty(), "the plan does not show {missing:?}: {changing:?}");
    world.work.apply(&[])?;
    world.work.expect_no_changes(&[])?;
    world.work.expect_no_changes(&["-refresh=false"])?;

    let names = world.names()?;
    curated_rows(&world, &names)?;
    replaced(&world, &names)?;
    world.expect_quiet_queues()?;
    world.work.expect_no_changes(&[])?;

    world.edit(&transforms, BEFORE)?;
    let gone: BTreeSet<String> = world.changing_objects()?;
    assert!(OBJECTS.iter().all(|object| gone.contains(*object)), "{gone:?}");
    world.work.apply(&[])?;
    world.work.expect_no_changes(&[])?;
    assert_eq!(world.hashes()?, without, "with transforms and back");
    let left = world.lake.inventory(Some("transform"))?;
    assert!(left.values().all(Vec::is_empty), "left behind: {left:?}");
    world.work.destroy()?;
    world.python(
        "client('secretsmanager').delete_secret(SecretId='masking', ForceDeleteWithoutRecovery=True)",
    )?;
    world.expect_nothing_left()
}

/// The ARN of a secret with a key.
fn secret(world: &World) -> Result<String> {
    let made = world.python(
        "print(client('secretsmanager').create_secret(Name='masking', SecretString='a key of 32 characters, or so')['ARN'])",
    )?;
    Ok(made.trim().to_owned())
}

/// Filtered, masked, computed rows; those that cannot be are kept; all seen through Athena.
fn curated_rows(world: &World, names: &Names) -> Result {
    let rows = "1,2026-01-05,DE,1.5,2\n2,2026-01-06,DE,2,\n3,2026-02-01,FR,4,3\n4,2026-02-02,FR,0,1\n5,2026-02-03,US,1,x\n";
    world.put(&names.raw, "input/orders/a.csv", format!("{HEADER}{rows}").as_bytes())?;
    let answer = eventually(world, names, |rows| rows.len() == 3)?;
    let seen: Vec<(&Value, &Value, &Value)> =
        answer.iter().map(|row| (&row["id"], &row["month"], &row["total"])).collect();
    let expected = [
        (json!("1"), json!("2026-01-01"), json!("3.0")),
        (json!("2"), json!("2026-01-01"), json!("2.0")),
        (json!("3"), json!("2026-02-01"), json!("12.0")),
    ];
    assert_eq!(seen, expected.iter().map(|(id, month, total)| (id, month, total)).collect::<Vec<_>>());
    let hashes: BTreeSet<&str> = answer.iter().filter_map(|row| row["country"].as_str()).collect();
    assert!(hashes.len() == 2 && hashes.iter().all(|hash| hash.len() == 64), "{hashes:?}");
    let plain = world.python("import hashlib; print(hashlib.sha256(b'DE').hexdigest())")?;
    assert!(!hashes.contains(plain.trim()), "the hash has no key");
    let kept = world.lake.keys(&names.quarantine, "quarantine/orders/transform/")?;
    let [kept] = &kept[..] else { return Err(Error::new(format!("kept rows: {kept:?}"))) };
    let line = world.lake.get(&names.quarantine, kept)?;
    assert!(line.contains("transforms[2].derive") && line.lines().count() == 1, "{line}");
    Ok(())
}

/// The same key again: the rows of the version before go. And again, refused: no row stays.
fn replaced(world: &World, names: &Names) -> Result {
    let rows = "7,2026-03-05,DE,1,1\n";
    world.put(&names.raw, "input/orders/a.csv", format!("{HEADER}{rows}").as_bytes())?;
    let answer = eventually(world, names, |rows| rows.len() == 1)?;
    assert_eq!(answer[0]["id"], "7");
    assert_eq!(world.lake.keys(&names.processed, "curated/")?.len(), 1);
    world.put(&names.raw, "input/orders/a.csv", b"nothing of the kind")?;
    eventually(world, names, <[Value]>::is_empty)?;
    Ok(())
}

/// The curated rows, once they are as they must be.
fn eventually(world: &World, names: &Names, fits: impl Fn(&[Value]) -> bool) -> Result<Vec<Value>> {
    let began = Instant::now();
    let sql = "SELECT * FROM orders_curated ORDER BY id";
    loop {
        let some = !world.lake.keys(&names.processed, "curated/")?.is_empty();
        let rows = if some { world.lake.query(&names.workgroup, &names.database, sql)? } else { Vec::new() };
        if fits(&rows) {
            return Ok(rows);
        }
        if began.elapsed() > PATIENCE {
            let stories = world.lake.stories(&names.table)?;
            let stories: Vec<String> = stories.iter().map(|story| story.describe()).collect();
            return Err(Error::new(format!("curated rows are {rows:?}; stories:\n{}", stories.join("\n"))));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}
