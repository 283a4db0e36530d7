//! The row engine by itself: rows and bytes per second of processor time, and memory for a small and a large object.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Bench, Figure, Target};
use crate::artifacts::Profile;
use crate::command::Run;
use crate::error::{Context, Error, Result};
use crate::progress::Progress;
use crate::repo::Repo;
use crate::tools::cargo;

const SMALL_MB: u64 = 100;
const LARGE_MB: u64 = 1000;

/// Measures.
pub fn measure(bench: &mut Bench<'_>) -> Result<Vec<Figure>> {
    let kit = bench.kit;
    let repo = kit.repo();
    let judge = bench.steps.run("build the engine", |progress| build(repo, progress))?;
    let (small, large) = bench.steps.run("generate 100 MB and 1 GB", |progress| {
        progress.say("the same data every time");
        data(bench.kit)
    })?;
    let spec = repo.join("xtask/bench/dataset.json");
    let one = bench.steps.run("judge 100 MB", |_| run(&judge, &spec, &small))?;
    let ten = bench.steps.run("judge 1 GB", |_| run(&judge, &spec, &large))?;
    let field = |answer: &Value, name: &str| {
        let found = answer.pointer(name).and_then(Value::as_f64).filter(|value| *value > 0.0);
        found.ok_or_else(|| Error::new(format!("the judge said no {name}: {answer}")))
    };
    let (bytes, cpu, rows) =
        (field(&one, "/inputBytes")?, field(&one, "/cpuSeconds")?, field(&one, "/rows/total")?);
    let memory = |answer: &Value| Ok::<f64, Error>(field(answer, "/peakRssKib")? * 1024.0 / 1e6);
    Ok(vec![
        Figure::new("engine: bytes per CPU-second", bytes / cpu / 1e6, "MB/s", Target::AtLeast(100.0)),
        Figure::new("engine: rows per CPU-second", rows / cpu, "rows/s", Target::None),
        Figure::new("engine: wall time of 100 MB", field(&one, "/wallSeconds")?, "s", Target::None),
        Figure::new("engine: peak memory at 100 MB", memory(&one)?, "MB", Target::AtMost(150.0)),
        Figure::new("engine: peak memory at 1 GB", memory(&ten)?, "MB", Target::AtMost(150.0)),
    ])
}

fn build(repo: &Repo, progress: &Progress) -> Result<PathBuf> {
    let profile = Profile::Ship.name();
    cargo(repo)?
        .args(["build", "-p", "datalake-core", "--example", "judge", "--profile", profile])
        .logged(&repo.work_dir("logs")?.join("build-judge.log"), progress)?;
    Ok(repo.target().join(profile).join("examples/judge"))
}

/// The small file, made when it is missing, and ten times the small file.
fn data(kit: &crate::kit::Kit) -> Result<(PathBuf, PathBuf)> {
    let (repo, folder) = (kit.repo(), kit.folder("bench-engine")?);
    let generator = repo.join("xtask/bench/gen.py");
    let source = fs::metadata(&generator).and_then(|data| data.modified()).ok();
    let (small, large) = (folder.join("small.ndjson"), folder.join("large.ndjson"));
    let made = fs::metadata(&large).and_then(|data| data.modified()).ok();
    if made.is_none() || made < source {
        kit.venv.python().arg(&generator).arg(&small).arg(SMALL_MB.to_string()).text()?;
        repeat(&small, &large, LARGE_MB / SMALL_MB)
            .context(|| format!("{} cannot be written", large.display()))?;
    }
    Ok((small, large))
}

fn repeat(small: &Path, large: &Path, times: u64) -> std::io::Result<()> {
    let fresh = large.with_extension("part");
    let mut out = File::create(&fresh)?;
    for _ in 0..times {
        std::io::copy(&mut File::open(small)?, &mut out)?;
    }
    fs::rename(&fresh, large)
}

fn run(judge: &Path, spec: &Path, file: &Path) -> Result<Value> {
    let text = Run::new(judge).arg(spec).arg(file).text()?;
    serde_json::from_str(&text).context(|| format!("`{}` does not answer in JSON", judge.display()))
}
