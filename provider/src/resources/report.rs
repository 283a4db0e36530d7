//! What became of a walk, in words: one diagnostic for each failed object, one for all that were not tried.

use datalake_host::diag;
use tf_provider::{AttributePath, Diagnostics};

use crate::components::Object;
use crate::engine::{Failure, Graph, Item, Outcome};

/// What the walk was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A new pipeline.
    Create,
    /// A change.
    Update,
    /// The end.
    Destroy,
}

/// Adds an error for each failed object and one that lists the untried ones.
pub fn report(diags: &mut Diagnostics, action: Action, graph: &Graph<Object>, outcome: &Outcome) {
    for (key, failure) in outcome.failures() {
        let Some(node) = graph.get(key) else { continue };
        let verb = if action == Action::Destroy { "removed" } else { "brought in line" };
        let summary = format!("{key} could not be {verb}");
        diag::error(diags, summary, detail(&node.item, failure, action), AttributePath::default());
    }
    let untried: Vec<&str> = outcome.untried().collect();
    if !untried.is_empty() {
        let why = if outcome.failures().next().is_some() {
            "because what they need failed, or time was up"
        } else {
            "because a stop was asked for or time was up"
        };
        let detail = format!(
            "{} objects were not touched {why}: {}.\n\n{}",
            untried.len(),
            untried.join(", "),
            advice(action)
        );
        diag::error(diags, "Not everything was tried", detail, AttributePath::default());
    }
}

/// Adds an error for an object that could not be read.
pub fn unreadable(diags: &mut Diagnostics, key: &str, item: &Object, failure: &Failure) {
    let detail = format!("{} `{}`: {}", item.type_name(), item.name(), sentence(failure));
    diag::error(diags, format!("{key} could not be read"), detail, AttributePath::default());
}

fn detail(item: &Object, failure: &Failure, action: Action) -> String {
    format!("{} `{}`: {}\n\n{}", item.type_name(), item.name(), sentence(failure), advice(action))
}

fn sentence(failure: &Failure) -> String {
    let request = failure.request_id.as_ref().map(|id| format!(" (request id {id})")).unwrap_or_default();
    format!("{} failed with {}: {}{request}", failure.operation, failure.code, failure.message)
}

fn advice(action: Action) -> &'static str {
    match action {
        Action::Create => {
            "What was made is recorded in the state. When the cause is gone, finish in place: `terraform untaint` this \
             resource and apply again. (Terraform marks a resource whose creation failed as tainted and would replace it.)"
        }
        Action::Update => "What was done is recorded in the state. When the cause is gone, apply again.",
        Action::Destroy => "What is left is still in the state. When the cause is gone, destroy again.",
    }
}
