//! Exactly these permissions: a pipeline's whole life under `apply_policy_json` and nothing else; and without one of its
//! actions, every step that calls it fails and names it.

use std::collections::{BTreeMap, BTreeSet};

use aws_credential_types::Credentials;
use datalake_tests::{CallLog, actions_of, name_of};
use serde_json::{Value, json};
use terraform_provider_datalake::components::PERMISSIONS;

use crate::Done;
use crate::life::{LIFE, Life, Stage, Step};
use crate::place::Place;
use crate::scenario::{changed, first};
use crate::terraform::Errors;

/// Whom the policy is given to.
const USER: &str = "sweep-applier";
const POLICY: &str = "apply";

/// Why AWS asks for an action that is no call of ours.
const BESIDE: &str = "AWS asks for it beside another call; the local cloud does not";
/// Why an action on the user's key is not seen.
const OF_SERVICES: &str = "AWS's services ask for it when they use the key; the local cloud does not";
/// Why an action on a running or paused crawler is not seen.
const NO_CRAWLER: &str = "the local cloud has neither running nor paused crawlers";

/// Actions that no step of this life calls, and why.
const UNSEEN: [(&str, &str); 10] = [
    ("glue:StartCrawlerSchedule", NO_CRAWLER),
    ("glue:StopCrawler", NO_CRAWLER),
    ("iam:PassRole", BESIDE),
    ("kms:CreateGrant", OF_SERVICES),
    ("kms:Decrypt", OF_SERVICES),
    ("kms:DescribeKey", OF_SERVICES),
    ("kms:Encrypt", OF_SERVICES),
    ("kms:GenerateDataKey", OF_SERVICES),
    ("s3:ListBucket", "without it S3 says \"denied\" for a missing object; the local cloud says \"missing\""),
    ("s3:TagResource", BESIDE),
];

/// Actions that are called, and whose refusal is no failure, and why.
const SPARED: [(&str, &str); 1] =
    [("tag:GetResources", "the index of tags is a shortcut: without it each service is asked")];

/// An action that is taken away, and the step that is done without it.
pub type Lack = (Step, String);

/// A place with somebody in it who may do what a policy says.
pub struct Permit {
    place: Place,
    log: CallLog,
    access_key: String,
    life: Life,
    policy: Value,
}

impl Permit {
    /// A new cloud, a user, and the policy that the plans of this life show.
    pub async fn new(name: &str) -> Done<Self> {
        let (place, log) = Place::with_call_log(name).await?;
        let iam = &place.root.iam;
        iam.create_user().user_name(USER).send().await?;
        let key = iam.create_access_key().user_name(USER).send().await?.access_key.ok_or("no key")?;
        let access_key = key.access_key_id;
        let credentials = Credentials::new(&access_key, key.secret_access_key, None, None, "sweep");
        let life = Life::new(place.configured_as(credentials).await);
        let policy = planned_policy(&life).await?;
        Ok(Self { place, log, access_key, life, policy })
    }

    /// Every action of the policy.
    pub fn actions(&self) -> BTreeSet<String> {
        let statements = self.policy["Statement"].as_array().into_iter().flatten();
        let actions = statements.flat_map(|statement| statement["Action"].as_array().into_iter().flatten());
        actions.filter_map(|action| action.as_str().map(str::to_owned)).collect()
    }

    /// A life under exactly the policy: what each step calls, and what is wrong.
    pub async fn with_all(&mut self) -> Done<(BTreeSet<Lack>, Vec<String>)> {
        let (called, errors) = self.live(&BTreeSet::new()).await?;
        let mut wrong: Vec<String> =
            errors.iter().map(|error| format!("fails under its own policy: {error}")).collect();
        let (actions, unseen) = (self.actions(), set(&UNSEEN));
        let seen: BTreeSet<String> = called.values().flatten().cloned().collect();
        let all = PERMISSIONS.iter().copied().flatten().map(|permission| permission.action.to_owned());
        let all: BTreeSet<String> = all.collect();
        let mut expect = |what: &str, none: &BTreeSet<String>| {
            wrong.extend(none.iter().map(|action| format!("{action} {what}")));
        };
        expect("is of a kind that this life does not have", &(&all - &actions));
        expect("is called, and not in the policy", &(&seen - &actions));
        expect("is in the policy, never called, and nobody says why", &(&(&actions - &seen) - &unseen));
        expect("is said never to be called, and is", &(&unseen & &seen));
        let lacks = called
            .into_iter()
            .flat_map(|(step, actions)| actions.into_iter().map(move |action| (step, action)));
        Ok((lacks.collect(), wrong))
    }

    /// What is wrong with a life without all that it is said not to need.
    pub async fn without_unseen(&mut self) -> Done<Vec<String>> {
        let dispensable = &set(&UNSEEN) | &set(&SPARED);
        let (_, errors) = self.live(&dispensable).await?;
        Ok(errors
            .into_iter()
            .map(|error| format!("fails without what is said to make no difference: {error}"))
            .collect())
    }

    /// What there is.
    pub fn stage(&self) -> Stage {
        self.life.stage()
    }

    /// What is wrong with a step without an action that it calls.
    pub async fn without(&mut self, (step, action): &Lack) -> Done<Vec<String>> {
        self.allow(&self.policy).await?;
        let planned = self.life.prepare(*step, &self.place).await?;
        self.allow(&without(&self.policy, &BTreeSet::from([action.clone()]))).await?;
        let errors = self.life.act(*step, planned).await;
        let spared = SPARED.iter().any(|(spared, _)| spared == action);
        let mut wrong = match (errors.is_empty(), spared) {
            (true, false) => vec!["it succeeds".to_owned()],
            (false, true) => vec![format!("it fails: {}", errors.join("; "))],
            (false, false) if !errors.iter().any(|error| names(error, action)) => {
                vec![format!("no error names it: {}", errors.join("; "))]
            }
            _ => Vec::new(),
        };
        self.allow(&self.policy).await?;
        let errors = self.life.finish(*step).await;
        wrong.extend(errors.iter().map(|error| format!("allowed again it does not converge: {error}")));
        if self.life.stage() == Stage::Nothing {
            let left = self.place.inventory().await?;
            wrong.extend(left.iter().map(|name| format!("left behind: {name}")));
        }
        Ok(wrong.into_iter().map(|what| format!("{step:?} without {action}: {what}")).collect())
    }

    /// Every step without these actions: what each called, and the errors. Ends at the first step that fails.
    async fn live(&mut self, lacking: &BTreeSet<String>) -> Done<(BTreeMap<Step, BTreeSet<String>>, Errors)> {
        let (policy, mut called) = (without(&self.policy, lacking), BTreeMap::new());
        for step in LIFE {
            self.allow(&self.policy).await?;
            let planned = self.life.prepare(step, &self.place).await?;
            self.allow(&policy).await?;
            self.log.new_calls()?;
            let errors = self.life.act(step, planned).await;
            let calls = self.log.new_calls()?;
            let ours = calls.iter().filter(|call| call["access_key"] == *self.access_key).map(name_of);
            let actions =
                ours.flat_map(|call| actions_of(&call).into_iter().map(str::to_owned).collect::<Vec<_>>());
            called.insert(step, actions.collect());
            self.allow(&self.policy).await?;
            let unfinished = self.life.finish(step).await;
            if !errors.is_empty() || !unfinished.is_empty() {
                let told = errors.into_iter().chain(unfinished).map(|error| format!("{step:?}: {error}"));
                return Ok((called, told.collect()));
            }
        }
        Ok((called, Errors::new()))
    }

    async fn allow(&self, policy: &Value) -> Done {
        let call = self.place.root.iam.put_user_policy().user_name(USER).policy_name(POLICY);
        call.policy_document(policy.to_string()).send().await?;
        Ok(())
    }
}

/// The policies of both configurations together: planning asks AWS nothing.
async fn planned_policy(life: &Life) -> Done<Value> {
    let mut statements = Vec::new();
    for inputs in [first(), changed()] {
        let planned = life.planned(&inputs).await?;
        let policy: Value = serde_json::from_str(planned.apply_policy_json.known().ok_or("no policy")?)?;
        statements.extend(policy["Statement"].as_array().cloned().unwrap_or_default());
    }
    Ok(json!({"Version": "2012-10-17", "Statement": statements}))
}

fn without(policy: &Value, lacking: &BTreeSet<String>) -> Value {
    let mut policy = policy.clone();
    for statement in policy["Statement"].as_array_mut().into_iter().flatten() {
        if let Some(actions) = statement["Action"].as_array_mut() {
            actions.retain(|found| found.as_str().is_none_or(|found| !lacking.contains(found)));
        }
    }
    if let Some(statements) = policy["Statement"].as_array_mut() {
        statements
            .retain(|statement| statement["Action"].as_array().is_none_or(|actions| !actions.is_empty()));
    }
    policy
}

/// Whether an error names the action, and not only one whose name begins so.
fn names(error: &str, action: &str) -> bool {
    error
        .match_indices(action)
        .any(|(at, _)| !error[at + action.len()..].starts_with(|next: char| next.is_ascii_alphanumeric()))
}

fn set(list: &[(&str, &str)]) -> BTreeSet<String> {
    list.iter().map(|(action, _)| (*action).to_owned()).collect()
}
