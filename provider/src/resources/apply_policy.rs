//! The least IAM policy that lets somebody apply, refresh and destroy one pipeline: from the table of kinds. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::aws::Scope;
use crate::components::{Object, On};
use crate::engine::Graph;

/// The policy document, one statement for each set of resources.
#[must_use]
pub fn apply_policy(graph: &Graph<Object>, scope: &Scope) -> Value {
    let mut resources_of: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for node in graph.nodes() {
        for permission in node.item.permissions() {
            let resource = match permission.on {
                On::Itself => node.item.arn(scope),
                On::Within(ending) => format!("{}{ending}", node.item.arn(scope)),
                On::Everything(_) => "*".to_owned(),
            };
            resources_of.entry(permission.action).or_default().insert(resource);
        }
    }
    // Configuring the provider asks who is calling; AWS allows that to everybody, so it needs no statement.
    let mut actions_on: BTreeMap<BTreeSet<String>, Vec<&str>> = BTreeMap::new();
    for (action, resources) in resources_of {
        actions_on.entry(resources).or_default().push(action);
    }
    let statements: Vec<Value> = actions_on
        .into_iter()
        .map(|(resources, actions)| json!({"Effect": "Allow", "Action": actions, "Resource": resources}))
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}
