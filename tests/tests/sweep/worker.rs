//! Threads with deep stacks and a cloud each, and the runs they share.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::Done;
use crate::plan::Job;
use crate::report::{Report, Violation};
use crate::scenario::Scenario;
use crate::trial::{Baseline, Found, Trial};

/// Unoptimised futures of the SDK are deep.
const STACK: usize = 64 << 20;
/// Runs at once: a local cloud keeps a processor busy.
const WORKERS: usize = 2;
/// No run takes so long, not even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// Puts a package for the layer beside this program, where the provider looks for it: small, since it never runs.
pub fn lay_package() -> Done {
    let program = std::env::current_exe()?;
    let folder = program.parent().ok_or("this program lies nowhere")?;
    let path = folder.join("datalake-handlers_x86_64.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path)?);
    zip.start_file("bootstrap", zip::write::SimpleFileOptions::default().unix_permissions(0o755))?;
    std::io::Write::write_all(&mut zip, b"#!/bin/sh\nexit 1\n")?;
    zip.finish()?;
    Ok(())
}

/// The undisturbed runs.
pub fn baselines(scenarios: &[Scenario]) -> Done<BTreeMap<usize, Baseline>> {
    let result =
        on_deep_stack("baseline", || block_on(undisturbed(scenarios)).map_err(|error| error.to_string()));
    Ok(result?)
}

async fn undisturbed(scenarios: &[Scenario]) -> Done<BTreeMap<usize, Baseline>> {
    let mut trial = Trial::new("baseline").await?;
    let mut found = BTreeMap::new();
    for (index, scenario) in scenarios.iter().enumerate() {
        let baseline = Box::pin(trial.baseline(scenario)).await?;
        eprintln!("{}: {} writes, {} reads", scenario.name, baseline.writes, baseline.reads);
        found.insert(index, baseline);
    }
    Ok(found)
}

/// All the runs.
pub fn run_all(
    scenarios: &[Scenario],
    baselines: &BTreeMap<usize, Baseline>,
    jobs: Vec<Job>,
    seed: u64,
) -> Report {
    let total = jobs.len();
    let (jobs, report) = (Mutex::new(VecDeque::from(jobs)), Mutex::new(Report::new(seed)));
    std::thread::scope(|scope| {
        for number in 0..WORKERS.min(total) {
            let (jobs, report) = (&jobs, &report);
            let work = move || {
                let mut worker =
                    Worker { number, scenarios, baselines, jobs, report, trial: None, places: 0, total };
                block_on(worker.work());
            };
            let thread = std::thread::Builder::new().name(format!("sweep-{number}")).stack_size(STACK);
            if let Err(error) = thread.spawn_scoped(scope, work) {
                locked(report).violations.push(Violation::of_sweep(format!("no thread: {error}")));
            }
        }
    });
    report.into_inner().unwrap_or_else(PoisonError::into_inner)
}

struct Worker<'a> {
    number: usize,
    scenarios: &'a [Scenario],
    baselines: &'a BTreeMap<usize, Baseline>,
    jobs: &'a Mutex<VecDeque<Job>>,
    report: &'a Mutex<Report>,
    trial: Option<Trial>,
    places: usize,
    total: usize,
}

impl Worker<'_> {
    async fn work(&mut self) {
        while let Some(job) = self.next() {
            let result = tokio::time::timeout(PATIENCE, Box::pin(self.one(&job))).await;
            let result = result.unwrap_or_else(|_| Err("it does not end".into()));
            let scenario = &self.scenarios[job.scenario].name;
            let well = matches!(&result, Ok(found) if found.violations.is_empty());
            locked(self.report).note(scenario, &job.faults, result, self.total);
            if !well {
                // What is left of it must not disturb the next.
                self.trial = None;
            }
        }
        if let Some(trial) = &self.trial
            && !trial.neighbour_is_untouched().await
        {
            locked(self.report).violations.push(Violation::of_sweep("the neighbour was touched".to_owned()));
        }
    }

    /// The worker takes runs of one scenario, as far as there are some: they begin alike.
    fn next(&self) -> Option<Job> {
        let mut jobs = locked(self.jobs);
        if self.number.is_multiple_of(2) { jobs.pop_front() } else { jobs.pop_back() }
    }

    async fn one(&mut self, job: &Job) -> Done<Found> {
        let trial = match &mut self.trial {
            Some(trial) => trial,
            None => {
                self.places += 1;
                self.trial.insert(Trial::new(&format!("{}-{}", self.number, self.places)).await?)
            }
        };
        let baseline = self.baselines.get(&job.scenario).ok_or("the scenario has no undisturbed run")?;
        trial.run(&self.scenarios[job.scenario], &job.faults, baseline).await
    }
}

/// The result of work on a thread of its own, whose stack is deep.
pub fn on_deep_stack<T: Send>(name: &str, work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(STACK);
        let thread = thread.spawn_scoped(scope, work).expect("a thread can be started");
        thread.join().expect("the thread ends by itself")
    })
}

/// On one thread: what comes first comes first every time.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(work)
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
