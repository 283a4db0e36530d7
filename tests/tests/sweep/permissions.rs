//! The permission runs and what came of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::Done;
use crate::life::Stage;
use crate::permit::{Lack, Permit};
use crate::plan::{Part, Random};
use crate::worker::{block_on, on_deep_stack};

/// All that was found.
#[derive(Debug, Default)]
pub struct Report {
    /// Actions in the policy.
    actions: usize,
    /// Actions without which something was tried.
    tried: BTreeSet<String>,
    /// Runs, by step.
    runs: BTreeMap<String, usize>,
    /// What must not be.
    pub wrong: Vec<String>,
}

/// A life with exactly the policy, one without what is said to make no difference, and each step without each action that
/// it calls: all of them, a part, or a seeded sample.
///
/// # Errors
/// When the runs themselves cannot be made.
pub fn run(sample: Option<usize>, part: Part, seed: u64) -> Done<Report> {
    let result = on_deep_stack("permissions", || {
        block_on(Box::pin(runs(sample, part, seed))).map_err(|error| error.to_string())
    });
    Ok(result?)
}

async fn runs(sample: Option<usize>, part: Part, seed: u64) -> Done<Report> {
    let mut permit = Permit::new("permissions").await?;
    let mut report = Report { actions: permit.actions().len(), ..Report::default() };
    let (called, wrong) = permit.with_all().await?;
    report.note("with exactly the policy", wrong);
    let wrong = permit.without_unseen().await?;
    report.note("without what makes no difference", wrong);
    let mut lacks: Vec<Lack> = called.into_iter().collect();
    if let Some(count) = sample {
        Random::new(seed).shuffle(&mut lacks);
        lacks.truncate(count);
    }
    let mut lacks = part.of(lacks);
    let total = lacks.len();
    while let Some(lack) = next(&mut lacks, permit.stage()) {
        let wrong = Box::pin(permit.without(&lack)).await?;
        let (step, action) = &lack;
        report.note(&format!("{}/{total} {step:?} without {action}", total - lacks.len()), wrong);
        *report.runs.entry(format!("{step:?}")).or_default() += 1;
        report.tried.insert(action.clone());
    }
    Ok(report)
}

/// The next run: one that begins with what there is, where there is such a one; those that change nothing first.
fn next(lacks: &mut Vec<Lack>, stage: Stage) -> Option<Lack> {
    let first = |from_here: bool| {
        let fits = |(step, _): &&Lack| !from_here || step.begins_at() == stage;
        lacks.iter().filter(fits).min_by_key(|(step, _)| (step.begins_at() != step.ends_at(), *step)).cloned()
    };
    let lack = first(true).or_else(|| first(false))?;
    lacks.retain(|other| *other != lack);
    Some(lack)
}

impl Report {
    fn note(&mut self, what: &str, wrong: Vec<String>) {
        let verdict = if wrong.is_empty() { "ok" } else { "WRONG" };
        eprintln!("{what}: {verdict}");
        for line in &wrong {
            eprintln!("    {line}");
        }
        self.wrong.extend(wrong);
    }

    /// Prints it on standard output.
    pub fn print(&self, as_json: bool) {
        let runs: usize = self.runs.values().sum();
        if as_json {
            let document = json!({
                "actions": self.actions, "tried": self.tried, "runs": runs, "steps": self.runs, "violations": self.wrong,
            });
            println!("{document:#}");
            return;
        }
        println!(
            "{} actions in the policy, {} of them taken away in {runs} runs, {} violations",
            self.actions,
            self.tried.len(),
            self.wrong.len()
        );
        for line in &self.wrong {
            println!("  {line}");
        }
    }
}
