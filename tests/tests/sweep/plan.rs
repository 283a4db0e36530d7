//! Which runs there are: every scenario with every mode at every call; or a seeded sample, or one.

use std::collections::BTreeMap;

use crate::Done;
use crate::fault::{Fault, MODES, Mode};
use crate::scenario::Scenario;
use crate::trial::Baseline;

/// One run to do.
#[derive(Debug, Clone)]
pub struct Job {
    /// The scenario's place in the table.
    pub scenario: usize,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

/// Of the reads, every so many-th is a place for faults: they are many and alike.
const READ_STRIDE: usize = 7;
/// Pairs of faults for each scenario.
const PAIRS: usize = 12;

/// Every run of these scenarios, those of one scenario together.
pub fn whole(scenarios: &[Scenario], baselines: &BTreeMap<usize, Baseline>, random: &mut Random) -> Vec<Job> {
    let mut jobs = Vec::new();
    for scenario in 0..scenarios.len() {
        let Some(baseline) = baselines.get(&scenario) else { continue };
        for (mode, _) in MODES {
            let at = |writes| move |k| Fault { mode, k, writes };
            let writes = (1..=baseline.writes).map(at(true));
            let reads = (1..=baseline.reads).step_by(READ_STRIDE).map(at(false));
            jobs.extend(writes.chain(reads).map(|fault| Job { scenario, faults: vec![fault] }));
        }
        jobs.extend((0..PAIRS).filter_map(|_| pair(scenario, baseline, random)));
    }
    jobs
}

/// So many pairs of faults for each of these scenarios.
pub fn pairs(
    scenarios: &[Scenario],
    baselines: &BTreeMap<usize, Baseline>,
    count: usize,
    random: &mut Random,
) -> Vec<Job> {
    let mut jobs = Vec::new();
    for scenario in 0..scenarios.len() {
        let Some(baseline) = baselines.get(&scenario) else { continue };
        jobs.extend((0..count).filter_map(|_| pair(scenario, baseline, random)));
    }
    jobs
}

/// Two faults, the second in what follows the first.
fn pair(scenario: usize, baseline: &Baseline, random: &mut Random) -> Option<Job> {
    if baseline.writes < 2 {
        return None;
    }
    let first = 1 + random.below(baseline.writes - 1);
    let second = first + 1 + random.below(baseline.writes - first);
    let faults = [first, second].map(|k| Fault { mode: MODES[random.below(MODES.len())].0, k, writes: true });
    Some(Job { scenario, faults: faults.to_vec() })
}

/// A sample of so many, each scenario and each mode as often as it goes; those of one scenario together.
pub fn sample(mut jobs: Vec<Job>, count: usize, random: &mut Random) -> Vec<Job> {
    random.shuffle(&mut jobs);
    let mut taken: BTreeMap<(usize, Mode), usize> = BTreeMap::new();
    let mut ranked: Vec<(usize, Job)> = jobs
        .into_iter()
        .map(|job| {
            let times = taken.entry((job.scenario, job.faults[0].mode)).or_default();
            *times += 1;
            (*times, job)
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut jobs: Vec<Job> = ranked.into_iter().take(count).map(|(_, job)| job).collect();
    jobs.sort_by_key(|job| job.scenario);
    jobs
}

/// A part of a list: every so many-th, so that all parts are alike.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    number: usize,
    of: usize,
}

impl Part {
    /// The part of a text like `2/5`; the whole without one.
    pub fn read(text: Option<&str>) -> Done<Self> {
        let Some(text) = text else { return Ok(Self { number: 1, of: 1 }) };
        let numbers =
            text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err(format!("{text} is no part: 2/5 is the second of five").into()),
        }
    }

    /// What of a list belongs to it.
    pub fn of<T>(self, list: Vec<T>) -> Vec<T> {
        list.into_iter().skip(self.number - 1).step_by(self.of).collect()
    }
}

/// Numbers that a seed gives, always the same ones (xorshift64*).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap_or_default() % limit
    }

    /// Another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            let other = self.below(end + 1);
            list.swap(end, other);
        }
    }
}
