//! What one Terraform command costs: calls, time in calls, time on the clock, memory of the provider.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::process::Watch;
use super::{Figure, Target};
use crate::cloud::Cloud;
use crate::error::{Context, Result};
use crate::files::read;
use crate::progress::Steps;
use crate::terraform::Workspace;

/// How far away the cloud is made to be.
pub const ROUND_TRIP: Duration = Duration::from_millis(50);

/// A cloud under measurement, with the log of its calls.
pub struct Meter<'a> {
    /// The cloud.
    pub cloud: &'a Cloud,
    /// Its log.
    pub log: PathBuf,
    /// The provider whose memory counts, by the beginning of its program's name.
    pub program: &'static str,
}

/// What a command cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// Calls from outside.
    pub calls: usize,
    /// Seconds in which at least one call was under way.
    pub waiting: f64,
    /// Seconds on the clock, Terraform's own among them.
    pub wall: f64,
    /// The most memory that a process of the provider held, in MB.
    pub memory: f64,
}

/// The life of a configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// Making everything.
    pub create: Cost,
    /// A plan that finds nothing to do.
    pub plan: Cost,
    /// Taking everything away.
    pub destroy: Cost,
}

impl Meter<'_> {
    /// Runs a command of a workspace and says what it cost.
    pub fn cost(&self, work: &Workspace, command: impl FnOnce(&Workspace) -> Result) -> Result<Cost> {
        // The cloud opens its log anew for every line.
        fs::write(&self.log, "").context(|| format!("{} cannot be written", self.log.display()))?;
        let watch = Watch::begin(work.folder(), self.program);
        let began = Instant::now();
        let done = command(work);
        let wall = began.elapsed().as_secs_f64();
        let memory = watch.end();
        done?;
        let calls = spans(&read(&self.log)?);
        Ok(Cost { calls: calls.len(), waiting: covered(calls), wall, memory })
    }

    /// Create, a plan that finds nothing to do, destroy, with calls that are `distance` away.
    pub fn round(
        &self,
        steps: &mut Steps,
        title: &str,
        work: &Workspace,
        distance: Duration,
    ) -> Result<Round> {
        self.cloud.set_delay(distance)?;
        let mut run = |what: &str, command: fn(&Workspace) -> Result| {
            let title = format!("{title}: {what}");
            let cost = steps.run(&title, |_| self.cost(work, command))?;
            self.keep_calls(&title).map(|()| cost)
        };
        Ok(Round {
            create: run("create", |work| work.apply(&[]).map(drop))?,
            plan: run("empty plan", |work| work.expect_no_changes(&[]))?,
            destroy: run("destroy", |work| work.destroy().map(drop))?,
        })
    }

    /// Puts the log of the last command aside, for who wants to see what it waited for.
    fn keep_calls(&self, title: &str) -> Result {
        let words = title.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
        let kept = self.log.with_file_name(format!("{}.ndjson", words.collect::<Vec<_>>().join("-")));
        fs::copy(&self.log, &kept).map(drop).context(|| format!("{} cannot be written", kept.display()))
    }
}

impl Cost {
    /// As figures; `name` says of what.
    pub fn figures(&self, name: &str, calls: Target, waiting: Target) -> [Figure; 4] {
        [
            Figure::new(format!("{name}, calls"), self.calls as f64, "", calls),
            Figure::new(format!("{name}, waiting on calls"), self.waiting, "s", waiting),
            Figure::new(format!("{name}, wall time"), self.wall, "s", Target::None),
            Figure::new(format!("{name}, peak memory of the provider"), self.memory, "MB", Target::None),
        ]
    }
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
    fn calls_of_functions_are_left_out() {
        let log = "{\"time\": \"2026-01-31T00:01:00.500000+00:00\", \"duration_ms\": 500, \"access_key\": \"test\"}\n\
                   {\"time\": \"2026-01-31T00:01:00.500000+00:00\", \"duration_ms\": 500, \"access_key\": \"ASIAX\"}\nhalf a li";
        assert_eq!(spans(log), [(60.5, 61.0)]);
    }
}
