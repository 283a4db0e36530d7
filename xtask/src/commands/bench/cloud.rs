//! The provider against a cloud that is far away: calls and time of create, empty plan and destroy, 50 ms a call.
//! The calls themselves stay in the folder `bench-cloud`, a file a command.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Bench, Figure, Target};
use crate::cloud::Options;
use crate::commands::example::EXAMPLE;
use crate::error::{Context, Error, Result};

const ROUND_TRIP: Duration = Duration::from_millis(50);

/// What one Terraform command cost.
#[derive(Debug, PartialEq)]
struct Cost {
    calls: usize,
    /// Seconds in which at least one call was under way.
    waiting: f64,
    wall: f64,
}

/// Measures.
pub fn measure(bench: &mut Bench<'_>) -> Result<Vec<Figure>> {
    let folder = bench.kit.folder("bench-cloud")?;
    let log = folder.join("calls.ndjson");
    let options = Options { call_log: Some(log.clone()), ..Options::default() };
    let kit = bench.kit;
    let cloud = bench.steps.run("start the local cloud", |_| kit.cloud(&folder, &options))?;
    let provider_log = folder.join("provider.log");
    let mut environment = cloud.environment();
    environment.push(("TF_LOG_PROVIDER".to_owned(), "INFO".to_owned()));
    environment.push(("TF_LOG_PATH".to_owned(), provider_log.to_string_lossy().into_owned()));
    let work = kit.workspace(EXAMPLE, &folder, &environment)?;
    bench.steps.run("terraform init", |_| work.init())?;
    // The stand-in loads a service when it is first called, for up to a second: that is not the provider's time.
    bench
        .steps
        .run("a round that is not measured", |_| work.apply(&[]).and_then(|_| work.destroy()).map(drop))?;
    cloud.set_delay(ROUND_TRIP)?;
    let _ = fs::remove_file(&provider_log);
    let create = bench.steps.run("create", |_| cost(&log, "create", || work.apply(&[]).map(drop)))?;
    let deep = depth(&read(&provider_log)?)? * ROUND_TRIP.as_secs_f64();
    let plan = bench.steps.run("empty plan", |_| cost(&log, "plan", || work.expect_no_changes(&[])))?;
    let destroy = bench.steps.run("destroy", |_| cost(&log, "destroy", || work.destroy().map(drop)))?;
    let mut figures = vec![Figure::new("cloud: depth of the graph x 50 ms", deep, "s", Target::None)];
    figures.extend(create.figures("create", Target::None, Target::AtMost(3.0 * deep)));
    figures.extend(plan.figures("empty plan", Target::AtMost(70.0), Target::None));
    figures.extend(destroy.figures("destroy", Target::None, Target::None));
    Ok(figures)
}

impl Cost {
    fn figures(&self, name: &str, calls: Target, waiting: Target) -> [Figure; 3] {
        [
            Figure::new(format!("cloud: {name}, calls"), self.calls as f64, "", calls),
            Figure::new(format!("cloud: {name}, waiting on calls"), self.waiting, "s", waiting),
            Figure::new(format!("cloud: {name}, wall time"), self.wall, "s", Target::None),
        ]
    }
}

fn cost(log: &Path, name: &str, work: impl FnOnce() -> Result) -> Result<Cost> {
    // The cloud opens its log anew for every line.
    fs::write(log, "").context(|| format!("{} cannot be written", log.display()))?;
    let began = Instant::now();
    work()?;
    let wall = began.elapsed().as_secs_f64();
    let text = read(log)?;
    let kept = log.with_file_name(format!("{name}.ndjson"));
    fs::write(&kept, &text).context(|| format!("{} cannot be written", kept.display()))?;
    let calls = spans(&text);
    Ok(Cost { calls: calls.len(), waiting: covered(calls), wall })
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).context(|| format!("{} cannot be read", file.display()))
}

/// The depth of the graph, as the provider logs it when a walk begins.
fn depth(log: &str) -> Result<f64> {
    let line = log.lines().find(|line| line.contains("walk begins"));
    let depth = line.and_then(|line| line.split("depth=").nth(1)?.split_whitespace().next()?.parse().ok());
    depth.ok_or_else(|| Error::new("the provider's log does not tell the depth of its graph"))
}

/// Begin and end of every call from outside, in seconds; functions call under temporary keys.
fn spans(log: &str) -> Vec<(f64, f64)> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let outside = lines.filter(|line| !line["access_key"].as_str().unwrap_or_default().starts_with("ASIA"));
    let span = |line: Value| {
        let begin = second_of_day(line["time"].as_str()?)?;
        Some((begin, begin + line["duration_ms"].as_f64()? / 1000.0))
    };
    outside.filter_map(span).collect()
}

/// Only distances matter: `2026-01-31T12:00:00.5+00:00` is 43200.5.
fn second_of_day(time: &str) -> Option<f64> {
    let clock = time.split_once('T')?.1.split(['+', 'Z']).next()?;
    let mut parts = clock.split(':').map(|part| part.parse::<f64>().ok());
    Some(parts.next()?? * 3600.0 + parts.next()?? * 60.0 + parts.next()??)
}

/// Length of the union of some spans.
fn covered(mut spans: Vec<(f64, f64)>) -> f64 {
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut total, mut until) = (0.0, f64::NEG_INFINITY);
    for (begin, end) in spans {
        total += (end - begin.max(until)).max(0.0);
        until = until.max(end);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_calls_count_once() {
        let cases = [
            (vec![(0.0, 1.0), (0.5, 1.5)], 1.5),
            (vec![(3.0, 4.0), (0.0, 1.0)], 2.0),
            (vec![(0.0, 5.0), (1.0, 2.0)], 5.0),
            (vec![], 0.0),
        ];
        for (spans, expected) in cases {
            assert_eq!(covered(spans), expected);
        }
    }

    #[test]
    fn the_depth_is_in_the_log() {
        let log = "x\n2026-01-31T00:00:00Z [INFO]  provider.datalake: walk begins: tf_rpc=Apply depth=6 objects=36\n";
        assert_eq!(depth(log).ok(), Some(6.0));
        assert!(depth("nothing").is_err());
    }

    #[test]
    fn calls_of_functions_are_left_out() {
        let log = "{\"time\": \"2026-01-31T00:01:00.500000+00:00\", \"duration_ms\": 500, \"access_key\": \"test\"}\n\
                   {\"time\": \"2026-01-31T00:01:00.500000+00:00\", \"duration_ms\": 500, \"access_key\": \"ASIAX\"}\nhalf a li";
        assert_eq!(spans(log), [(60.5, 61.0)]);
    }
}
