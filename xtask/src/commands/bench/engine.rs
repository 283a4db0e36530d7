//! The row engine by itself: bytes per second of processor time, memory, and other engines at the same job.
//!
//! The jobs are run one after the other, round after round, so that what else the machine does falls on all alike; what
//! is compared is the median of processor seconds. What the engine writes is held against an oracle, value by value.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::engine_data::Data;
use super::{Figure, Target, median};
use crate::args::Args;
use crate::artifacts::Profile;
use crate::command::Run;
use crate::ensure;
use crate::error::{Context, Error, Result};
use crate::files;
use crate::progress::{Progress, Steps};
use crate::repo::Repo;
use crate::tools::venv::Venv;
use crate::tools::{Tools, cargo};

const ROUNDS: usize = 5;
/// How often the file is judged as one object for the memory of a large one: a gigabyte.
const LARGE: usize = 10;
/// What validation must reach, and the full job, in megabytes of input a CPU-second; and times DuckDB's.
const NDJSON: [(f64, f64); 2] = [(600.0, 2.7), (220.0, 2.2)];
const CSV: [f64; 2] = [280.0, 120.0];
const MOST_MEMORY: f64 = 150.0;
/// Names in the document.
const KEYS: [&str; 8] = [
    "validate_ndjson_mb_per_cpu_s",
    "full_ndjson_mb_per_cpu_s",
    "validate_csv_mb_per_cpu_s",
    "full_csv_mb_per_cpu_s",
    "duckdb_validate_mb_per_cpu_s",
    "duckdb_full_mb_per_cpu_s",
    "polars_validate_mb_per_cpu_s",
    "polars_full_mb_per_cpu_s",
];

/// One job: what it is called, what runs it, the bytes it reads.
struct Job {
    name: &'static str,
    run: Run,
    megabytes: f64,
}

/// Measures.
pub fn measure(args: &Args, steps: &mut Steps) -> Result<Vec<Figure>> {
    let repo = Repo::find()?;
    let tools = Tools::find(&repo)?;
    let venv = steps.run("DuckDB, polars and pyarrow", |progress| tools.bench(progress))?;
    let judge = steps.run("build the engine", |progress| build(&repo, progress))?;
    let data = steps.run("generate the data", |_| Data::find(args, &repo, &venv))?;
    let jobs = jobs(&repo, &venv, &judge, &data)?;
    let rounds = args.read("--rounds")?.unwrap_or(ROUNDS);
    let (speeds, mut memory) = steps.run("run the jobs", |progress| speeds(&jobs, rounds, progress))?;
    let large = Run::new(&judge).arg(&data.dataset).arg(&data.ndjson).args(["--repeat", &LARGE.to_string()]);
    let answer = steps.run("a large object", |_| answer(&large))?;
    memory = memory.max(field(&answer, "peakRssKib")? * 1024.0 / 1e6);
    let mut figures = figures(&jobs, &speeds);
    let target = Target::AtMost(MOST_MEMORY);
    figures.push(
        Figure::new("engine: peak memory, 100 MB and 1 GB", memory, "MB", target).with_key("peak_rss_mb"),
    );
    figures.extend(steps.run("hold every value against the oracle", |progress| {
        let oracle = Oracle { repo: &repo, venv: &venv, judge: &judge, data: &data };
        oracle.verify(progress)
    })?);
    Ok(figures)
}

fn build(repo: &Repo, progress: &Progress) -> Result<PathBuf> {
    let profile = Profile::Ship.name();
    cargo(repo)?
        .args(["build", "-p", "datalake-core", "--example", "judge", "--profile", profile])
        .logged(&repo.work_dir("logs")?.join("build-judge.log"), progress)?;
    Ok(repo.target().join(profile).join("examples/judge"))
}

/// The jobs in the order of [`KEYS`].
fn jobs(repo: &Repo, venv: &Venv, judge: &Path, data: &Data) -> Result<Vec<Job>> {
    let out = data.work.join("out");
    let ours = |dataset: &Path, file: &Path, full: bool| {
        let run = Run::new(judge).arg(dataset).arg(file);
        if full { run.arg("--out").arg(&out) } else { run.arg("--validate") }
    };
    let peers = repo.join("xtask/bench/peers.py");
    let theirs = |engine: &str, job: &str| {
        venv.python().arg(&peers).args([engine, job]).arg(&data.ndjson).arg(data.work.join("peers"))
    };
    let size = |file: &Path| {
        let found = fs::metadata(file).context(|| format!("{} cannot be read", file.display()))?;
        Ok::<f64, Error>(found.len() as f64 / 1e6)
    };
    let (ndjson, csv) = (size(&data.ndjson)?, size(&data.csv)?);
    let job = |name, run, megabytes| Job { name, run, megabytes };
    Ok(vec![
        job("engine: validate NDJSON", ours(&data.dataset, &data.ndjson, false), ndjson),
        job(
            "engine: validate, Parquet and quarantine, NDJSON",
            ours(&data.dataset, &data.ndjson, true),
            ndjson,
        ),
        job("engine: validate CSV", ours(&data.flat, &data.csv, false), csv),
        job("engine: validate, Parquet and quarantine, CSV", ours(&data.flat, &data.csv, true), csv),
        job("DuckDB, one thread: validate NDJSON", theirs("duckdb", "validate"), ndjson),
        job("DuckDB, one thread: the full job, NDJSON", theirs("duckdb", "full"), ndjson),
        job("polars, one thread: validate NDJSON", theirs("polars", "validate"), ndjson),
        job("polars, one thread: the full job, NDJSON", theirs("polars", "full"), ndjson),
    ])
}

/// Median speeds in the order of the jobs, and the most memory the engine has held, in MB.
fn speeds(jobs: &[Job], rounds: usize, progress: &Progress) -> Result<(Vec<f64>, f64)> {
    let mut seconds = vec![Vec::new(); jobs.len()];
    let mut memory: f64 = 0.0;
    for round in 0..rounds.max(1) {
        for step in 0..jobs.len() {
            let at = (step + round) % jobs.len();
            progress.say(format!("round {} of {rounds}: {}", round + 1, jobs[at].name));
            let answer = answer(&jobs[at].run)?;
            seconds[at].push(field(&answer, "cpuSeconds")?);
            memory = memory.max(field(&answer, "peakRssKib").unwrap_or(0.0) * 1024.0 / 1e6);
        }
    }
    let speeds = jobs.iter().zip(seconds).map(|(job, seconds)| job.megabytes / median(seconds)).collect();
    Ok((speeds, memory))
}

fn figures(jobs: &[Job], speeds: &[f64]) -> Vec<Figure> {
    let targets = [NDJSON[0].0, NDJSON[1].0, CSV[0], CSV[1]];
    let target = |at: usize| targets.get(at).map_or(Target::None, |least| Target::AtLeast(*least));
    let mut figures: Vec<Figure> = jobs
        .iter()
        .enumerate()
        .map(|(at, job)| Figure::new(job.name, speeds[at], "MB/CPU-s", target(at)).with_key(KEYS[at]))
        .collect();
    let ratios = [("validate", "validate_times_duckdb"), ("the full job", "full_times_duckdb")];
    for (at, (job, key)) in ratios.into_iter().enumerate() {
        let (name, ratio) = (format!("engine: {job}, times DuckDB"), speeds[at] / speeds[at + 4]);
        figures.push(Figure::new(name, ratio, "x", Target::AtLeast(NDJSON[at].1)).with_key(key));
    }
    figures
}

/// What holds the engine's results against what they have to be.
struct Oracle<'a> {
    repo: &'a Repo,
    venv: &'a Venv,
    judge: &'a Path,
    data: &'a Data,
}

impl Oracle<'_> {
    /// Compares three files; the figures say how much was compared, and a difference is an error.
    fn verify(&self, progress: &Progress) -> Result<Vec<Figure>> {
        let data = self.data;
        let files = [(&data.dataset, &data.ndjson), (&data.flat, &data.csv), (&data.dataset, &data.dirty)];
        let mut rows = 0.0;
        let mut dirty = 0.0;
        for (dataset, file) in files {
            progress.say(format!("{}", file.display()));
            let answer = self.compare(dataset, file)?;
            rows += field(&answer, "total")?;
            dirty = field(&answer, "dirty").unwrap_or(0.0);
        }
        Ok(vec![
            Figure::new("engine: rows equal to the oracle's, value by value", rows, "rows", Target::None)
                .with_key("verified_rows"),
            Figure::new("engine: dirty rows, all found and named", dirty, "rows", Target::None)
                .with_key("dirty_rows"),
        ])
    }

    fn compare(&self, dataset: &Path, file: &Path) -> Result<Value> {
        let folder = self.data.work.join("verified");
        files::clear(&folder)?;
        let verdict = self.data.work.join("verdict.json");
        let judged = Run::new(self.judge).arg(dataset).arg(file).arg("--out").arg(&folder).text()?;
        fs::write(&verdict, judged).context(|| format!("{} cannot be written", verdict.display()))?;
        let script = self.repo.join("xtask/bench/verify.py");
        answer(&self.venv.python().arg(script).arg(file).arg(&folder).arg(&verdict))
    }
}

fn answer(run: &Run) -> Result<Value> {
    let text = run.text()?;
    let answer: Value =
        serde_json::from_str(&text).context(|| format!("`{}` does not answer in JSON", run.line()))?;
    ensure!(answer.is_object(), "`{}` answers {answer}", run.line());
    Ok(answer)
}

fn field(answer: &Value, name: &str) -> Result<f64> {
    let found = answer.get(name).and_then(Value::as_f64).filter(|value| *value > 0.0);
    found.ok_or_else(|| Error::new(format!("there is no {name} in {answer}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_has_its_key_and_its_target() {
        let job = |name| Job { name, run: Run::new("true"), megabytes: 100.0 };
        let jobs: Vec<Job> = KEYS.iter().map(|key| job(*key)).collect();
        let found = figures(&jobs, &[600.0, 100.0, 280.0, 120.0, 200.0, 100.0, 100.0, 50.0]);
        let missed: Vec<_> =
            found.iter().filter(|figure| !figure.met()).filter_map(|figure| figure.key).collect();
        assert_eq!(missed, ["full_ndjson_mb_per_cpu_s", "full_times_duckdb"]);
        assert_eq!(found.len(), 10);
    }
}
