//! What came of the runs, for people and for programs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::Done;
use crate::fault::{Fault, MODES};
use crate::trial::Found;

/// What must not be, with what replays it.
#[derive(Debug, Clone)]
pub struct Violation {
    scenario: String,
    mode: String,
    k: String,
    met: String,
    what: Vec<String>,
}

impl Violation {
    /// One of the sweep as a whole.
    pub fn of_sweep(what: String) -> Self {
        Self {
            scenario: String::new(),
            mode: String::new(),
            k: String::new(),
            met: String::new(),
            what: vec![what],
        }
    }
}

/// All that was found.
#[derive(Debug)]
pub struct Report {
    seed: u64,
    runs: usize,
    fired: usize,
    unmet: usize,
    scenarios: BTreeMap<String, usize>,
    modes: BTreeMap<&'static str, usize>,
    /// What must not be.
    pub violations: Vec<Violation>,
}

impl Report {
    /// Nothing yet.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            runs: 0,
            fired: 0,
            unmet: 0,
            scenarios: BTreeMap::new(),
            modes: MODES.iter().map(|(_, word)| (*word, 0)).collect(),
            violations: Vec::new(),
        }
    }

    /// Notes a run.
    pub fn note(&mut self, scenario: &str, faults: &[Fault], result: Done<Found>, total: usize) {
        let place = |fault: &Fault| format!("{}{}", if fault.writes { "w" } else { "r" }, fault.k);
        let k = faults.iter().map(place).collect::<Vec<_>>().join(",");
        let mode = faults.iter().map(|fault| fault.mode.word()).collect::<Vec<_>>().join(",");
        let found =
            result.unwrap_or_else(|error| Found { violations: vec![error.to_string()], ..Found::default() });
        self.runs += 1;
        self.fired += found.fired;
        self.unmet += usize::from(found.fired == 0);
        *self.scenarios.entry(scenario.to_owned()).or_default() += 1;
        for fault in faults {
            *self.modes.entry(fault.mode.word()).or_default() += 1;
        }
        let met = found.met.unwrap_or_else(|| "no call".to_owned());
        let verdict = if found.violations.is_empty() { "ok" } else { "VIOLATED" };
        eprintln!("{}/{total} {scenario} {mode} {k} ({met}): {verdict}", self.runs);
        if !found.violations.is_empty() {
            for line in &found.violations {
                eprintln!("    {line}");
            }
            let (scenario, what) = (scenario.to_owned(), found.violations);
            self.violations.push(Violation { scenario, mode, k, met, what });
        }
    }

    /// Prints it on standard output.
    pub fn print(&self, as_json: bool) {
        if as_json {
            println!("{:#}", self.document());
            return;
        }
        println!(
            "{} runs of {} scenarios, {} faults fired ({} runs met none), {} violations",
            self.runs,
            self.scenarios.len(),
            self.fired,
            self.unmet,
            self.violations.len()
        );
        for violation in &self.violations {
            println!("\n{}\n  {}", self.replay(violation), violation.what.join("\n  "));
        }
    }

    fn replay(&self, violation: &Violation) -> String {
        format!(
            "cargo xtask sweep --scenario {} --mode {} --k {} --seed {}    # at {}",
            violation.scenario, violation.mode, violation.k, self.seed, violation.met
        )
    }

    fn document(&self) -> Value {
        let violation = |violation: &Violation| {
            json!({
                "scenario": violation.scenario, "mode": violation.mode, "k": violation.k, "seed": self.seed,
                "call": violation.met, "what": violation.what, "replay": self.replay(violation),
            })
        };
        json!({
            "runs": self.runs,
            "faults_fired": self.fired,
            "violations": self.violations.iter().map(violation).collect::<Vec<_>>(),
            "scenarios": self.scenarios,
            "modes": self.modes,
            "seed": self.seed,
        })
    }
}
