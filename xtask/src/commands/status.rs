//! `cargo xtask status <key>`: verdict and story of one object in the cloud that `up` started.

use serde_json::{Value, json};

use super::{Command, JSON, up};
use crate::args::Args;
use crate::error::{Error, Result};
use crate::kit::Kit;
use crate::lake::Lake;
use crate::progress::Progress;
use crate::repo::Repo;
use crate::story::{RefusedRow, Story};
use crate::tools::Tools;

/// The command.
pub const COMMAND: Command = Command {
    name: "status",
    summary: "tell verdict and story of one object",
    details: "Looks into the cloud that `cargo xtask up` started: when the object was received, what its rows came to,\n\
              where they went, why rows were refused, whether it is counted. The newest version comes first.",
    words: &["KEY"],
    flags: &[JSON],
    run: status,
};

/// Refused rows shown; the document in the quarantine bucket has them all.
const MOST_ROWS: usize = 20;

fn status(args: &Args) -> Result {
    let repo = Repo::find()?;
    let running = up::require(&repo)?;
    let tools = Tools::find(&repo)?;
    let venv = tools.cloud(&Progress::default())?;
    let lake = Lake::new(&venv, &repo.join(Kit::LAKE), &running.environment());
    let key = args.word(0);
    let mut stories = lake.stories(running.name("metadata_table"))?;
    stories.retain(|story| story.key() == key);
    stories.reverse();
    if stories.is_empty() {
        return Err(Error::new(format!(
            "the metadata table knows no object {key}: was it uploaded to s3://{}/{key}?",
            running.name("raw_bucket")
        )));
    }
    let told = stories.iter().map(|story| Ok((story, rows(&lake, story)?))).collect::<Result<Vec<_>>>()?;
    match args.has("--json") {
        true => {
            println!("{:#}", Value::Array(told.iter().map(|(story, rows)| document(story, rows)).collect()))
        }
        false => told.iter().for_each(|(story, rows)| print(story, rows)),
    }
    Ok(())
}

fn rows(lake: &Lake, story: &Story) -> Result<Vec<RefusedRow>> {
    // What a replayed verdict refused is no longer there.
    let there = story.destination("quarantinedRows").filter(|_| story.status() != "REPLAYED");
    let Some(address) = there else { return Ok(Vec::new()) };
    Ok(RefusedRow::from_ndjson(&lake.get_address(address)?))
}

fn document(story: &Story, rows: &[RefusedRow]) -> Value {
    let reason =
        |[rule, column, message]: &[String; 3]| json!({"rule": rule, "column": column, "message": message});
    let row = |row: &RefusedRow| json!({"line": row.line, "reasons": row.reasons.iter().map(reason).collect::<Vec<_>>()});
    json!({"item": story.item(), "refusedRows": rows.iter().map(row).collect::<Vec<_>>()})
}

fn print(story: &Story, rows: &[RefusedRow]) {
    print!("{}", story.describe());
    for row in rows.iter().take(MOST_ROWS) {
        for [rule, column, message] in &row.reasons {
            println!("  line {:<7}{column}: {message} ({rule})", row.line);
        }
    }
    if rows.len() > MOST_ROWS {
        println!("  … and {} more refused rows", rows.len() - MOST_ROWS);
    }
}
