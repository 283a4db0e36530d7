//! One run: the start is made, the act done with faults, SAFETY looked at; then, the faults gone, CONVERGENCE.

use std::collections::{BTreeMap, BTreeSet};

use terraform_provider_datalake::engine::outcome::NOT_KNOWN;
use terraform_provider_datalake::resources::model::Model;
use tokio_util::sync::CancellationToken;

use crate::Done;
use crate::fault::{Fault, Mode};
use crate::inventory::{Inventory, missing_in};
use crate::meddling;
use crate::place::{OURS, Place};
use crate::scenario::{Act, Scenario, Start, first};
use crate::strangers;
use crate::terraform::{Errors, Terraform, config, hashes, holds_unknown};
use crate::wire::Seen;

/// The world after an undisturbed run, and how many calls that took.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// What is saved.
    pub state: Option<Model>,
    /// What there is.
    pub inventory: Inventory,
    /// Calls that write.
    pub writes: usize,
    /// Calls that read.
    pub reads: usize,
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Found {
    /// What must not be.
    pub violations: Vec<String>,
    /// How many faults fired.
    pub fired: usize,
    /// The call that the first met.
    pub met: Option<String>,
}

/// A place with what is known of it.
pub struct Trial {
    place: Place,
    /// Whether the first configuration is applied and nothing else was done; else nothing is known.
    made: bool,
    empty: bool,
    /// Whether the state was looked at since the act.
    refreshed: bool,
    /// What a killed creation has left.
    leftovers: BTreeSet<String>,
}

impl Trial {
    /// In a new place.
    pub async fn new(name: &str) -> Done<Self> {
        let (place, leftovers) = (Place::new(name).await?, BTreeSet::new());
        Ok(Self { place, made: false, empty: true, refreshed: false, leftovers })
    }

    /// An undisturbed run.
    pub async fn baseline(&mut self, scenario: &Scenario) -> Done<Baseline> {
        self.prepare(scenario.start).await?;
        let (seen, errors) = self.act(scenario, &[]).await;
        let mut errors = errors.ok_or("an undisturbed run was killed")?;
        if scenario.start == Start::Strangers {
            // They are refused; once they are gone it is made.
            strangers::remove(&self.place.root).await?;
            errors = self.place.terraform.apply(&config(&scenario.goal()), &CancellationToken::new()).await;
        }
        if !errors.is_empty() {
            return Err(format!("{} fails undisturbed: {}", scenario.name, errors.join("; ")).into());
        }
        let inventory = self.place.inventory().await?;
        self.note_end(scenario, true);
        let (state, writes, reads) =
            (self.place.terraform.state.clone(), seen.writes.len(), seen.reads.len());
        Ok(Baseline { state, inventory, writes, reads })
    }

    /// A run with faults.
    pub async fn run(&mut self, scenario: &Scenario, faults: &[Fault], baseline: &Baseline) -> Done<Found> {
        self.prepare(scenario.start).await?;
        let (seen, errors) = self.act(scenario, faults).await;
        let mut found =
            Found { fired: seen.fired, met: seen.met.as_ref().map(|call| call.name()), ..Found::default() };
        self.safety(scenario, faults, &seen, errors.as_ref(), &mut found).await?;
        self.convergence(scenario, baseline, &mut found).await?;
        self.note_end(scenario, found.violations.is_empty());
        Ok(found)
    }

    /// Whether others' things are as they were.
    pub async fn neighbour_is_untouched(&self) -> bool {
        self.place.neighbour_is_untouched().await
    }

    fn note_end(&mut self, scenario: &Scenario, well: bool) {
        self.made = well && scenario.act != Act::Destroy && scenario.goal() == first();
        self.empty = well && scenario.act == Act::Destroy;
    }

    async fn prepare(&mut self, start: Start) -> Done {
        match start {
            Start::Nothing => self.clear().await,
            Start::Leftovers => {
                self.clear().await?;
                self.make_leftovers().await
            }
            Start::Strangers => {
                self.clear().await?;
                strangers::plant(&self.place.root).await?;
                self.empty = false;
                Ok(())
            }
            Start::Made => self.make_with_data().await,
            Start::MadeWithOtherKeys => {
                self.make_with_data().await?;
                meddling::other_keys(&self.place.root).await
            }
        }
    }

    async fn clear(&mut self) -> Done {
        if self.empty {
            return Ok(());
        }
        // What forbids deletion goes first.
        self.make().await?;
        well_or("clearing up", self.place.terraform.remove(&CancellationToken::new()).await)?;
        (self.made, self.empty) = (false, true);
        Ok(())
    }

    /// The first configuration is applied. What is there was looked at when the run before ended well.
    async fn make(&mut self) -> Done {
        if !self.made {
            let (goal, calm) = (config(&first()), CancellationToken::new());
            well_or("the start", self.place.terraform.apply_refreshed(&goal, &calm).await)?;
            (self.made, self.empty) = (true, false);
        }
        Ok(())
    }

    async fn make_with_data(&mut self) -> Done {
        self.make().await?;
        self.place.put_data().await
    }

    async fn make_leftovers(&mut self) -> Done {
        let scenario = Scenario { name: String::new(), start: Start::Nothing, act: Act::Apply(first()) };
        // Half way through what a creation writes.
        let fault = Fault { mode: Mode::KilledAfter, k: 40, writes: true };
        let (_, errors) = self.act(&scenario, &[fault]).await;
        if errors.is_some() {
            return Err("the creation that was to leave something was not killed".into());
        }
        self.empty = false;
        let wanted = well_or("the plan", self.place.terraform.plan(&config(&first()), None).await)?;
        let read = self.place.terraform.read(&wanted, &CancellationToken::new()).await;
        self.leftovers = hashes(well_or("the look at what is left", read)?.as_ref()).into_keys().collect();
        Ok(())
    }

    /// What was seen, and the errors; none where the process was killed.
    async fn act(&mut self, scenario: &Scenario, faults: &[Fault]) -> (Seen, Option<Errors>) {
        let (kill, stop) = (CancellationToken::new(), CancellationToken::new());
        let number = faults.first().map_or(0, |fault| fault.k);
        let number =
            if scenario.start == Start::Strangers { meddling::not_with_strangers(number) } else { number };
        self.place.wire.arm(faults, &kill, &stop, self.place.meddling(number));
        let terraform = &mut self.place.terraform;
        let errors = tokio::select! {
            biased;
            () = kill.cancelled() => None,
            errors = done(terraform, scenario, &stop) => Some(errors),
        };
        (self.place.wire.disarm().await, errors)
    }

    async fn safety(
        &mut self,
        scenario: &Scenario,
        faults: &[Fault],
        seen: &Seen,
        errors: Option<&Errors>,
        found: &mut Found,
    ) -> Done {
        let touched = seen.writes.iter().filter(|call| Place::speaks_of_neighbour(&call.question));
        found
            .violations
            .extend(touched.map(|call| format!("a stranger's object was touched: {}", call.name())));
        if scenario.start == Start::Strangers {
            let changed = strangers::changed(&self.place.root).await;
            found.violations.extend(changed.iter().map(|what| format!("a stranger's {what} was changed")));
            let refused = |errors: &Errors| errors.iter().any(|error| error.contains("NotOurs"));
            if errors.is_some_and(|errors| !refused(errors)) && faults.iter().all(|fault| told(fault.mode)) {
                found.violations.push("no stranger's object is named".to_owned());
            }
            strangers::remove(&self.place.root).await?;
        }
        let keeps_data = matches!(scenario.start, Start::Made) && scenario.act != Act::Destroy;
        if keeps_data {
            let lost = self.place.lost_data().await;
            found.violations.extend(lost.iter().map(|object| format!("data was deleted: {object}")));
        }
        if scenario.name == "no-op" && !faults.iter().any(|fault| fault.mode == Mode::Drift) {
            found
                .violations
                .extend(seen.writes.iter().map(|call| format!("a no-op apply changes: {}", call.name())));
        }
        if let Some(errors) = errors {
            found.violations.extend(ill_told(errors));
            // Who meddles may do so after the object was looked at.
            if !faults.iter().any(|fault| fault.mode == Mode::Drift) {
                let unread = errors.iter().any(|error| error.contains("could not be read"));
                let blind = faults.iter().any(|fault| lasts(fault.mode));
                self.state_is_true(scenario, unread, blind, found).await?;
            }
        }
        Ok(())
    }

    /// The state says what there is, all of it and no more.
    async fn state_is_true(
        &mut self,
        scenario: &Scenario,
        unread: bool,
        blind: bool,
        found: &mut Found,
    ) -> Done {
        if scenario.act == Act::Import && self.place.terraform.state.is_none() {
            return Ok(());
        }
        let state = self.place.terraform.state.clone();
        if state.as_ref().is_some_and(holds_unknown) {
            found.violations.push("the state holds an unknown".to_owned());
        }
        let basis = match &state {
            Some(state) => state.clone(),
            None => well_or("the plan", self.place.terraform.plan(&config(&scenario.goal()), None).await)?,
        };
        let read = self.place.terraform.read(&basis, &CancellationToken::new()).await;
        let truth = well_or("the look after the fault", read)?;
        let mut differences = differences(&hashes(state.as_ref()), &hashes(truth.as_ref()));
        match scenario.start {
            // Where the refresh fails, Terraform keeps what it knew before somebody made the table again.
            Start::MadeWithOtherKeys if unread => {
                differences.retain(|difference| !difference.contains("table.metadata"));
            }
            // What the killed process made, this one did not, and nobody has been able to see yet: the next apply adopts it.
            Start::Leftovers if blind => {
                let excused: BTreeSet<String> =
                    self.leftovers.iter().map(|key| unknown_to_state(key)).collect();
                differences.retain(|difference| !excused.contains(difference));
            }
            _ => {}
        }
        found.violations.extend(differences);
        if state.is_some() {
            self.place.terraform.state = truth;
            self.refreshed = true;
        }
        Ok(())
    }

    async fn convergence(&mut self, scenario: &Scenario, baseline: &Baseline, found: &mut Found) -> Done {
        let calm = CancellationToken::new();
        let goal = config(&scenario.goal());
        let refreshed = std::mem::take(&mut self.refreshed);
        let errors = match scenario.act {
            Act::Destroy if refreshed => errors(self.place.terraform.remove(&calm).await),
            Act::Import | Act::Apply(_) if refreshed => {
                errors(self.place.terraform.apply_refreshed(&goal, &calm).await)
            }
            Act::Destroy => self.place.terraform.destroy(&calm).await,
            Act::Import if self.place.terraform.state.is_none() => {
                let errors = self.place.terraform.import(OURS, &calm).await;
                [errors, self.place.terraform.apply(&goal, &calm).await].concat()
            }
            Act::Import | Act::Apply(_) => self.place.terraform.apply(&goal, &calm).await,
        };
        found.violations.extend(errors.iter().map(|error| format!("one apply does not converge: {error}")));
        if !found.violations.is_empty() {
            return Ok(());
        }
        if scenario.act != Act::Destroy {
            self.nothing_is_left_to_do(&goal, baseline, found).await?;
        }
        let inventory = self.place.inventory().await?;
        let surplus = missing_in(&inventory, &baseline.inventory);
        let lacking = missing_in(&baseline.inventory, &inventory);
        found.violations.extend(surplus.iter().map(|name| format!("there is one too many: {name}")));
        found.violations.extend(lacking.iter().map(|name| format!("there is one too few: {name}")));
        Ok(())
    }

    /// The undisturbed state; both plans empty; another apply changes nothing.
    async fn nothing_is_left_to_do(&mut self, goal: &Model, baseline: &Baseline, found: &mut Found) -> Done {
        let calm = CancellationToken::new();
        let terraform = &mut self.place.terraform;
        let Some(state) = terraform.state.clone() else {
            found.violations.push("nothing is saved after an apply".to_owned());
            return Ok(());
        };
        if Some(&state) != baseline.state.as_ref() {
            let other = differences(&hashes(Some(&state)), &hashes(baseline.state.as_ref()));
            found
                .violations
                .push(format!("the state is not that of an undisturbed run: {}", other.join("; ")));
        }
        let read = well_or("the refresh", terraform.read(&state, &calm).await)?;
        let plans = [("without refresh", Some(&state)), ("with refresh", read.as_ref())];
        for (name, prior) in plans {
            let planned = well_or("the plan", terraform.plan(goal, prior).await)?;
            if prior != Some(&planned) {
                let other = differences(&hashes(prior), &hashes(Some(&planned)));
                found.violations.push(format!("the plan {name} is not empty: {}", other.join("; ")));
            }
        }
        self.place.wire.arm(&[], &calm, &calm, self.place.meddling(0));
        let made = self.place.terraform.make(state.clone(), goal, &calm).await;
        let seen = self.place.wire.disarm().await;
        found
            .violations
            .extend(made.err().into_iter().flatten().map(|error| format!("the next apply fails: {error}")));
        found
            .violations
            .extend(seen.writes.iter().map(|call| format!("the next apply changes: {}", call.name())));
        Ok(())
    }
}

/// What is said of an object that the state lacks.
fn unknown_to_state(key: &str) -> String {
    format!("the state does not know {key}, which is there")
}

/// Whether a fault of this mode is still there when what failed is looked at again.
fn lasts(mode: Mode) -> bool {
    matches!(mode, Mode::Denied | Mode::EverythingFromHere | Mode::LostForGood | Mode::ThrottledLong)
}

/// Whether a fault of this mode leaves the walk to come to the strangers' objects and to say so.
fn told(mode: Mode) -> bool {
    matches!(mode, Mode::Lost | Mode::ThrottledBriefly)
}

/// Does what the scenario is about.
async fn done(terraform: &mut Terraform, scenario: &Scenario, stop: &CancellationToken) -> Errors {
    match &scenario.act {
        Act::Apply(inputs) => Box::pin(terraform.apply(&config(inputs), stop)).await,
        Act::Destroy => Box::pin(terraform.destroy(stop)).await,
        Act::Import => {
            terraform.state = None;
            Box::pin(terraform.import(OURS, stop)).await
        }
    }
}

/// What the one map says and the other does not. What could not be looked at is said so, and may be anything.
fn differences(said: &BTreeMap<String, String>, there: &BTreeMap<String, String>) -> Vec<String> {
    let keys: BTreeSet<&String> = said.keys().chain(there.keys()).collect();
    let difference = |key: &&String| match (said.get(*key), there.get(*key)) {
        (Some(said), _) if said == NOT_KNOWN => None,
        (Some(said), Some(there)) if said == there => None,
        (Some(_), Some(_)) => Some(format!("the state says something else of {key} than there is")),
        (Some(_), None) => Some(format!("the state claims {key}, which is not there")),
        (None, _) => Some(unknown_to_state(key)),
    };
    keys.iter().filter_map(difference).collect()
}

/// Each failure is named once, and says what failed.
fn ill_told(errors: &Errors) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let twice =
        errors.iter().filter(|error| !seen.insert(error.split(": ").next().unwrap_or_default().to_owned()));
    let mut problems: Vec<String> = twice.map(|error| format!("a failure is named twice: {error}")).collect();
    let telling = |error: &String| {
        error.contains(" failed with ")
            || error.contains("was looked for")
            || error.contains("not touched because a stop")
    };
    if !errors.is_empty() && !errors.iter().any(telling) {
        problems.push(format!("no error says what failed: {}", errors.join("; ")));
    }
    problems
}

fn errors(done: Result<(), Errors>) -> Errors {
    done.err().unwrap_or_default()
}

fn well_or<T>(what: &str, result: Result<T, Errors>) -> Done<T> {
    result.map_err(|errors| format!("{what} fails undisturbed: {}", errors.join("; ")).into())
}
