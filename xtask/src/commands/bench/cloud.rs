//! The provider against a cloud that is far away: calls and time of create, empty plan and destroy, 50 ms a call.
//!
//! The local cloud takes time of its own for each call, one after the other, which a cloud at no distance shows: targets
//! are for what the distance adds. The calls themselves stay in the folder `bench-cloud`, a file a command.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cost::{Meter, ROUND_TRIP, Round};
use super::{Bench, Figure, Target};
use crate::cloud::{Cloud, Options};
use crate::commands::example::EXAMPLE;
use crate::error::{Error, Result};
use crate::files::read;
use crate::terraform::Workspace;

/// Calls of a plan that finds nothing to do.
const MOST_CALLS: f64 = 60.0;
/// Round trips one after the other of a plan that finds nothing to do.
const PLAN_TRIPS: f64 = 3.0;
/// Round trips one after the other of create and of destroy, for each level of the graph.
const TRIPS_A_LEVEL: f64 = 1.5;

/// Measures.
pub fn measure(bench: &mut Bench<'_>) -> Result<Vec<Figure>> {
    let folder = bench.kit.folder("bench-cloud")?;
    let (cloud, log) = start(bench, &folder)?;
    let provider_log = folder.join("provider.log");
    let _ = fs::remove_file(&provider_log);
    let mut environment = cloud.environment();
    environment.push(("TF_LOG_PROVIDER".to_owned(), "INFO".to_owned()));
    environment.push(("TF_LOG_PATH".to_owned(), provider_log.to_string_lossy().into_owned()));
    let work = bench.kit.workspace(EXAMPLE, &folder, &environment)?;
    bench.steps.run("terraform init", |_| work.init())?;
    warm(bench, &work)?;
    let meter = Meter { cloud: &cloud, log, program: crate::artifacts::PROVIDER };
    let near = meter.round(bench.steps, "no distance", &work, Duration::ZERO)?;
    let far = meter.round(bench.steps, "50 ms a call", &work, ROUND_TRIP)?;
    let levels = depth(&read(&provider_log)?)?;
    Ok(figures(levels, &near, &far))
}

/// A cloud with a log of its calls.
pub fn start(bench: &mut Bench<'_>, folder: &Path) -> Result<(Cloud, PathBuf)> {
    let log = folder.join("calls.ndjson");
    let options = Options { call_log: Some(log.clone()), ..Options::default() };
    let kit = bench.kit;
    let cloud = bench.steps.run("start the local cloud", |_| kit.cloud(folder, &options))?;
    Ok((cloud, log))
}

/// The stand-in loads a service when it is first called, for up to a second: that is nobody's time.
pub fn warm(bench: &mut Bench<'_>, work: &Workspace) -> Result {
    bench
        .steps
        .run("a round that is not measured", |_| work.apply(&[]).and_then(|_| work.destroy()).map(drop))
}

fn figures(levels: f64, near: &Round, far: &Round) -> Vec<Figure> {
    let trip = ROUND_TRIP.as_secs_f64();
    // What the local cloud itself takes is AWS's own time.
    let walk = |near: f64| Target::AtMost(TRIPS_A_LEVEL * levels * trip + near);
    let plan = Target::AtMost(PLAN_TRIPS * trip + near.plan.waiting);
    let mut figures = vec![Figure::new("cloud: depth of the graph", levels, "levels", Target::None)];
    let rows = [
        ("create", &far.create, Target::None, walk(near.create.waiting), near.create.waiting),
        ("empty plan", &far.plan, Target::AtMost(MOST_CALLS), plan, near.plan.waiting),
        ("destroy", &far.destroy, Target::None, walk(near.destroy.waiting), near.destroy.waiting),
    ];
    for (name, cost, calls, waiting, near) in rows {
        let name = format!("cloud: {name}");
        figures.extend(cost.figures(&name, calls, waiting));
        figures.push(Figure::new(format!("{name}, waiting at no distance"), near, "s", Target::None));
        let trips = (cost.waiting - near).max(0.0) / trip;
        figures.push(Figure::new(
            format!("{name}, round trips one after the other"),
            trips,
            "",
            Target::None,
        ));
    }
    figures
}

/// The depth of the graph, as the provider logs it when a walk begins.
fn depth(log: &str) -> Result<f64> {
    let line = log.lines().find(|line| line.contains("walk begins"));
    let depth = line.and_then(|line| line.split("depth=").nth(1)?.split_whitespace().next()?.parse().ok());
    depth.ok_or_else(|| Error::new("the provider's log does not tell the depth of its graph"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::bench::cost::Cost;

    #[test]
    fn the_depth_is_in_the_log() {
        let log = "x\n2026-01-31T00:00:00Z [INFO]  provider.datalake: walk begins: tf_rpc=Apply depth=6 objects=36\n";
        assert_eq!(depth(log).ok(), Some(6.0));
        assert!(depth("nothing").is_err());
    }

    #[test]
    fn the_distance_is_what_counts() {
        let cost = |waiting| Cost { calls: 60, waiting, wall: 9.0, memory: 30.0 };
        let near = Round { create: cost(1.0), plan: cost(0.2), destroy: cost(0.5) };
        // Six levels of 1.5 trips of 50 ms are 0.45 s, three trips are 0.15 s.
        for (create, plan, destroy, missed) in
            [(1.44, 0.34, 0.94, 0), (1.46, 0.34, 0.94, 1), (1.44, 0.36, 0.96, 2)]
        {
            let far = Round { create: cost(create), plan: cost(plan), destroy: cost(destroy) };
            let figures = figures(6.0, &near, &far);
            assert_eq!(figures.iter().filter(|figure| !figure.met()).count(), missed, "{figures:?}");
        }
    }
}
