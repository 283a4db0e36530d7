//! Exactly these permissions: a pipeline's whole life under `apply_policy_json` and nothing else; and without each of its
//! actions an error that names it.

use std::collections::BTreeSet;

use aws_credential_types::Credentials;
use datalake_tests::is_asked_for_on_everything;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::Done;
use crate::place::Place;
use crate::scenario::{altogether, first};
use crate::terraform::{Errors, Terraform, config};

/// Whom the policy is given to.
const USER: &str = "sweep-applier";
const POLICY: &str = "apply";

/// Actions whose absence this life does not show, and why.
pub const UNSEEN: [(&str, &str); 2] = [
    ("logs:DeleteRetentionPolicy", "its logs are kept for a time, and never were for ever"),
    ("s3:DeleteBucketPolicy", "each of its buckets has a policy"),
];

/// A place with somebody in it who may do what a policy says.
pub struct Permit {
    place: Place,
    terraform: Terraform,
    policy: Value,
}

impl Permit {
    /// A new cloud, a user, and the policy that the plans of this life show.
    pub async fn new(name: &str) -> Done<Self> {
        let place = Place::new(name).await?;
        let iam = &place.root.iam;
        iam.create_user().user_name(USER).send().await?;
        let key = iam.create_access_key().user_name(USER).send().await?.access_key.ok_or("no key")?;
        let credentials = Credentials::new(key.access_key_id, key.secret_access_key, None, None, "sweep");
        let configured = place.configured_as(credentials).await;
        let terraform = Terraform::new(configured);
        let policy = planned_policy(&terraform).await?;
        Ok(Self { place, terraform, policy })
    }

    /// Every action of the policy.
    pub fn actions(&self) -> BTreeSet<String> {
        let statements = self.policy["Statement"].as_array().into_iter().flatten();
        let actions = statements.flat_map(|statement| statement["Action"].as_array().into_iter().flatten());
        actions.filter_map(|action| action.as_str().map(str::to_owned)).collect()
    }

    /// What is wrong with a life under exactly the policy.
    pub async fn with_all(&mut self) -> Done<Vec<String>> {
        self.allow(&self.policy).await?;
        Ok(self
            .life()
            .await
            .into_iter()
            .map(|error| format!("fails under its own policy: {error}"))
            .collect())
    }

    /// What is wrong with a life without one action.
    pub async fn without(&mut self, action: &str) -> Done<Vec<String>> {
        self.allow(&without(&self.policy, action)).await?;
        let errors = self.life().await;
        let mut wrong = Vec::new();
        let excused = UNSEEN.iter().any(|(unseen, _)| *unseen == action);
        let named = errors.iter().any(|error| error.contains(action));
        if errors.is_empty() && !excused {
            wrong.push(format!("succeeds without {action}"));
        } else if !errors.is_empty() && excused {
            wrong.push(format!("{action} is said to make no difference, but does"));
        } else if !errors.is_empty() && !named {
            wrong.push(format!("no error names {action}: {}", errors.join("; ")));
        }
        // With everything allowed again it is finished, and removed.
        self.allow(&self.policy).await?;
        let calm = CancellationToken::new();
        let errors = self.terraform.apply(&config(&first()), &calm).await;
        wrong.extend(
            errors.iter().map(|error| format!("one apply does not converge after {action}: {error}")),
        );
        let errors = self.terraform.destroy(&calm).await;
        wrong.extend(errors.iter().map(|error| format!("cannot be removed after {action}: {error}")));
        let left = self.place.inventory().await?;
        wrong.extend(left.iter().map(|name| format!("left behind after {action}: {name}")));
        Ok(wrong)
    }

    /// Made, filled, changed in everything and back, removed. Ends at the first command that fails.
    async fn life(&mut self) -> Errors {
        let calm = CancellationToken::new();
        for inputs in [first(), altogether(), first()] {
            let errors = self.terraform.apply(&config(&inputs), &calm).await;
            if !errors.is_empty() {
                return errors;
            }
        }
        if let Err(error) = self.place.put_data().await {
            return vec![format!("data cannot be put: {error}")];
        }
        self.terraform.destroy(&calm).await
    }

    async fn allow(&self, policy: &Value) -> Done {
        let call = self.place.root.iam.put_user_policy().user_name(USER).policy_name(POLICY);
        call.policy_document(as_checked(policy).to_string()).send().await?;
        Ok(())
    }
}

/// The policy with what the local cloud asks for on everything, where AWS asks for it on the resource.
fn as_checked(policy: &Value) -> Value {
    let mut policy = policy.clone();
    let Some(statements) = policy["Statement"].as_array_mut() else { return policy };
    let actions =
        statements.iter().flat_map(|statement| statement["Action"].as_array().into_iter().flatten());
    let actions: Vec<Value> =
        actions.filter(|action| action.as_str().is_some_and(is_asked_for_on_everything)).cloned().collect();
    if !actions.is_empty() {
        statements.push(json!({"Effect": "Allow", "Action": actions, "Resource": "*"}));
    }
    policy
}

/// The policies of both configurations together: planning asks AWS nothing.
async fn planned_policy(terraform: &Terraform) -> Done<Value> {
    let mut statements = Vec::new();
    for inputs in [first(), altogether()] {
        let planned = terraform.plan(&config(&inputs), None).await.map_err(|errors| errors.join("; "))?;
        let policy: Value = serde_json::from_str(planned.apply_policy_json.known().ok_or("no policy")?)?;
        statements.extend(policy["Statement"].as_array().cloned().unwrap_or_default());
    }
    Ok(json!({"Version": "2012-10-17", "Statement": statements}))
}

fn without(policy: &Value, action: &str) -> Value {
    let mut policy = policy.clone();
    for statement in policy["Statement"].as_array_mut().into_iter().flatten() {
        if let Some(actions) = statement["Action"].as_array_mut() {
            actions.retain(|found| found != action);
        }
    }
    if let Some(statements) = policy["Statement"].as_array_mut() {
        statements
            .retain(|statement| statement["Action"].as_array().is_none_or(|actions| !actions.is_empty()));
    }
    policy
}
