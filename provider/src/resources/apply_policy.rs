//! The least IAM policy that lets somebody apply, refresh and destroy one pipeline: from the table of kinds. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::aws::Scope;
use crate::components::{Object, On};
use crate::engine::Graph;

/// The policy document, one statement for each set of resources.
#[must_use]
pub fn apply_policy(graph: &Graph<Object>, scope: &Scope, kms_key_arn: Option<&str>) -> Value {
    let mut resources_of: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    // A refresh asks the index of tags, for which IAM knows no resource; without it each service is asked.
    resources_of.entry("tag:GetResources").or_default().insert("*".to_owned());
    for node in graph.nodes() {
        for permission in node.item.permissions() {
            let resources = match permission.on {
                On::Itself => vec![node.item.arn(scope)],
                On::Within(ending) => vec![format!("{}{ending}", node.item.arn(scope))],
                On::Path => node.item.path(scope),
                On::Key => kms_key_arn.map(str::to_owned).into_iter().collect(),
                On::Everything(_) => vec!["*".to_owned()],
            };
            if !resources.is_empty() {
                resources_of.entry(permission.action).or_default().extend(resources);
            }
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
