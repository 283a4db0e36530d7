//! The fault sweep: the provider's own resource against the local cloud, with a fault at every call of every scenario.
//! After each SAFETY is looked at and, the fault gone, CONVERGENCE. `cargo xtask sweep --help` says how to ask for it.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

mod call;
mod fault;
mod inventory;
mod life;
mod meddling;
mod permissions;
mod permit;
mod place;
mod plan;
mod report;
mod scenario;
mod strangers;
mod terraform;
mod trial;
mod wire;
mod worker;

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;

use xtask::args::Args;
use xtask::commands::sweep::{CI_PERMISSIONS, CI_SAMPLE, COMMAND};

use fault::{Fault, Mode};
use plan::{Job, Part, Random};
use scenario::Scenario;

/// Result of what may stop the sweep itself.
type Done<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match sweep() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("the sweep could not be made: {error}");
            ExitCode::FAILURE
        }
    }
}

fn sweep() -> Done<ExitCode> {
    let line: Vec<String> = std::env::args().skip(1).collect();
    let Some((args, is_one_of_all)) = understood(&line)? else { return Ok(ExitCode::SUCCESS) };
    worker::lay_package()?;
    let seed = args.read::<u64>("--seed")?.unwrap_or(1);
    let mut well = true;
    if let Some(sample) = permission_sample(&args, is_one_of_all)? {
        let report = permissions::run(sample, Part::read(args.value("--part"))?, seed)?;
        report.print(args.has("--json"));
        well = report.wrong.is_empty();
    }
    if !args.has("--permissions") {
        well &= faults(&args, seed)?;
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn faults(args: &Args, seed: u64) -> Done<bool> {
    let scenarios = chosen(args)?;
    let baselines = worker::baselines(&scenarios)?;
    let jobs = jobs(args, &scenarios, &baselines, seed)?;
    let report = worker::run_all(&scenarios, &baselines, jobs, seed);
    report.print(args.has("--json"));
    Ok(report.violations.is_empty())
}

/// How many permission runs, all for the inner none; none at all for the outer.
fn permission_sample(args: &Args, is_one_of_all: bool) -> Done<Option<Option<usize>>> {
    match (args.has("--permissions"), is_one_of_all) {
        (true, _) => Ok(Some(args.read("--sample")?)),
        (false, true) => Ok(Some(Some(CI_PERMISSIONS))),
        (false, false) => Ok(None),
    }
}

/// The flags, and whether they are those of a run with all other tests; none where other tests are asked for.
fn understood(line: &[String]) -> Done<Option<(Args, bool)>> {
    let ours = line
        .iter()
        .any(|word| COMMAND.flags.iter().any(|flag| flag.name == word.split('=').next().unwrap_or("")));
    if ours {
        return Ok(Some((Args::parse(line, COMMAND.flags, COMMAND.words)?, false)));
    }
    let filter = line.iter().find(|word| !word.starts_with('-'));
    if line.iter().any(|word| word == "--list")
        || filter.is_some_and(|filter| !"sweep".contains(filter.as_str()))
    {
        return Ok(None);
    }
    // The flags of `cargo test` mean nothing here.
    let sample = format!("--sample={CI_SAMPLE}");
    Ok(Some((Args::parse(&[sample], COMMAND.flags, COMMAND.words)?, true)))
}

/// The scenarios that are asked for: all, the one of a name, or those whose names hold a text.
fn chosen(args: &Args) -> Done<Vec<Scenario>> {
    let wanted = args.value("--scenario").unwrap_or_default();
    let is_name = scenario::all().iter().any(|scenario| scenario.name == wanted);
    let fits = |name: &str| if is_name { name == wanted } else { name.contains(wanted) };
    let chosen: Vec<Scenario> = scenario::all().into_iter().filter(|scenario| fits(&scenario.name)).collect();
    if chosen.is_empty() {
        let names: Vec<String> = scenario::all().into_iter().map(|scenario| scenario.name).collect();
        return Err(format!("there is no scenario {wanted}; there are {}", names.join(", ")).into());
    }
    Ok(chosen)
}

fn jobs(
    args: &Args,
    scenarios: &[Scenario],
    baselines: &BTreeMap<usize, trial::Baseline>,
    seed: u64,
) -> Done<Vec<Job>> {
    if let Some(places) = args.value("--k") {
        let words: Vec<&str> = args.value("--mode").ok_or("--k needs --mode")?.split(',').collect();
        let faults: Done<Vec<Fault>> =
            places.split(',').zip(words).map(|(place, word)| one(place, word)).collect();
        if scenarios.len() > 1 {
            return Err("--k needs the whole name of a scenario".into());
        }
        return Ok(vec![Job { scenario: 0, faults: faults? }]);
    }
    let mut random = Random::new(seed);
    let mut jobs = match args.read("--pairs")? {
        Some(count) => plan::pairs(scenarios, baselines, count, &mut random),
        None => plan::whole(scenarios, baselines, &mut random),
    };
    if let Some(word) = args.value("--mode") {
        let mode = Mode::of(word).ok_or_else(|| format!("there is no mode {word}"))?;
        jobs.retain(|job| job.faults.iter().any(|fault| fault.mode == mode));
    }
    let jobs = match args.read::<usize>("--sample")? {
        Some(count) => plan::sample(jobs, count, &mut random),
        None => jobs,
    };
    Ok(Part::read(args.value("--part"))?.of(jobs))
}

/// A fault as it is printed: `w17` is the 17th call that writes, `r17` the 17th that reads.
fn one(place: &str, word: &str) -> Done<Fault> {
    let mode = Mode::of(word).ok_or_else(|| format!("there is no mode {word}"))?;
    let (writes, k) = match place.strip_prefix('r') {
        Some(k) => (false, k),
        None => (true, place.strip_prefix('w').unwrap_or(place)),
    };
    Ok(Fault { mode, k: k.parse()?, writes })
}
