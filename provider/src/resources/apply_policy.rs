//! The least IAM policy that lets somebody apply, refresh and destroy one pipeline: from the table of kinds. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::aws::Scope;
use crate::components::{Condition, Object, On};
use crate::engine::Graph;

/// Where an action is allowed: on what, and under which conditions.
type Place = (BTreeSet<String>, BTreeSet<Condition>);

/// The policy document, one statement for each set of resources.
#[must_use]
pub fn apply_policy(graph: &Graph<Object>, scope: &Scope, kms_key_arn: Option<&str>) -> Value {
    let mut places: BTreeMap<&str, Place> = BTreeMap::new();
    // A refresh asks the index of tags, for which IAM knows no resource; without it each service is asked.
    places.entry("tag:GetResources").or_default().0.insert("*".to_owned());
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
                let place = places.entry(permission.action).or_default();
                place.0.extend(resources);
                place.1.extend(node.item.condition(permission.action, scope));
            }
        }
    }
    // Configuring the provider asks who is calling; AWS allows that to everybody, so it needs no statement.
    let mut actions_at: BTreeMap<Place, Vec<&str>> = BTreeMap::new();
    for (action, place) in places {
        actions_at.entry(place).or_default().push(action);
    }
    let statements: Vec<Value> =
        actions_at.into_iter().map(|(place, actions)| statement(&actions, place)).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn statement(actions: &[&str], (resources, conditions): Place) -> Value {
    let mut statement = json!({"Effect": "Allow", "Action": actions, "Resource": resources});
    let mut arns: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for Condition { key, arn } in conditions {
        arns.entry(key).or_default().push(arn);
    }
    if !arns.is_empty() {
        statement["Condition"] = json!({"ArnEquals": arns});
    }
    statement
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::tags::Tags;
    use crate::components::mapping::Mapping;
    use crate::engine::Node;

    #[test]
    fn a_mapping_is_made_and_changed_for_its_own_function_only() {
        let scope = Scope::new("123456789012", "eu-west-1");
        let mapping = |function: &str| Mapping {
            function_name: function.to_owned(),
            queue_arn: scope.arn("sqs", function),
            batch_size: 10,
            batching_window_seconds: 0,
            maximum_concurrency: None,
            report_item_failures: true,
            enabled: true,
            tags: Tags::new(),
            uuid: None,
        };
        let node = |name: &str| Node::new(name, mapping(name).into(), BTreeMap::new());
        let graph = Graph::new(vec![node("a"), node("b")]).unwrap();
        let policy = apply_policy(&graph, &scope, None);
        let condition = |action: &str| {
            let mut statements = policy["Statement"].as_array().unwrap().iter();
            let statement =
                statements.find(|found| found["Action"].as_array().unwrap().contains(&action.into()));
            statement.unwrap()["Condition"].clone()
        };
        let functions = ["a", "b"].map(|name| scope.arn("lambda", &format!("function:{name}")));
        let ours = json!({"ArnEquals": {"lambda:FunctionArn": functions}});
        for (action, expected) in [
            ("lambda:CreateEventSourceMapping", ours.clone()),
            ("lambda:UpdateEventSourceMapping", ours),
            ("lambda:DeleteEventSourceMapping", Value::Null),
            ("lambda:ListEventSourceMappings", Value::Null),
        ] {
            assert_eq!(condition(action), expected, "{action}");
        }
    }
}
