//! What AWS would refuse of a finished design, and what would be made but could never work: told at plan.
//!
//! Single values are checked where they are read; here is what shows only once everything is put together.

use datalake_core::events::EventKind;
use datalake_core::requests;
use serde_json::{Value, json};
use tf_provider::AttributePath;

use super::settings::{Problem, Settings};
use super::validate::arn;
use crate::aws::Scope;
use crate::components::Object;
use crate::components::catalog_table::CatalogTable;
use crate::components::function::Function;
use crate::components::role::Role;
use crate::components::rule::Rule;
use crate::engine::{Graph, Item};

/// Characters of a role's inline policies together, white space left out.
const LONGEST_POLICY: usize = 10_240;
/// Characters of a role's trust policy.
const LONGEST_TRUST: usize = 2_048;
/// Bytes of a function's environment.
const LARGEST_ENVIRONMENT: usize = 4_096;
/// Bytes of a package sent with a request.
const LARGEST_PACKAGE: usize = 50 << 20;
/// Characters of a pattern.
const LONGEST_PATTERN: usize = 2_048;
/// Characters of a column's comment.
const LONGEST_COMMENT: usize = 255;
/// Targets of a rule.
const MOST_TARGETS: usize = 5;

/// Everything that is wrong, each with the attribute to change.
#[must_use]
pub fn problems(graph: &Graph<Object>, scope: &Scope, settings: &Settings) -> Vec<Problem> {
    let mut problems = places(scope, settings);
    for node in graph.nodes() {
        let found = name_length(&node.item).into_iter().chain(of_object(&node.item, scope));
        let at = place(&node.key);
        problems.extend(found.map(|message| (at.clone(), format!("{}: {message}", node.key))));
    }
    problems
}

/// What belongs to another region or account.
fn places(scope: &Scope, settings: &Settings) -> Vec<Problem> {
    let key = settings.kms_key_arn.as_deref().and_then(|key| arn::wrong_region(key, scope));
    let boundary =
        settings.permissions_boundary_arn.as_deref().and_then(|policy| arn::wrong_account(policy, scope));
    let found = [("kms_key_arn", key), ("permissions_boundary_arn", boundary)];
    let found = found.into_iter().filter_map(|(name, message)| Some((AttributePath::new(name), message?)));
    found.collect()
}

/// The attribute from which an object comes.
fn place(key: &str) -> AttributePath {
    match key.split_once('.') {
        Some(("catalog_table", dataset)) => AttributePath::new("datasets").key(dataset.to_owned()),
        Some(("function", name)) => AttributePath::new("functions").attribute(name.to_owned()),
        _ => AttributePath::new("name"),
    }
}

fn of_object(object: &Object, scope: &Scope) -> Vec<String> {
    match object {
        Object::Role(role) => of_role(role),
        Object::Function(function) => of_function(function),
        Object::Rule(rule) => of_rule(rule, scope),
        Object::CatalogTable(table) => of_table(table),
        _ => Vec::new(),
    }
}

/// The longest name AWS takes for the type.
fn name_length(object: &Object) -> Option<String> {
    let (longest, what) = match object {
        Object::Bucket(_) => (63, "a bucket"),
        Object::Function(_) => (64, "a Lambda function"),
        Object::Role(_) => (64, "a role"),
        Object::Rule(_) => (64, "a rule"),
        Object::Queue(_) => (80, "a queue"),
        Object::Workgroup(_) => (128, "a workgroup"),
        Object::Layer(_) => (140, "a layer"),
        Object::Table(_) | Object::Database(_) | Object::Crawler(_) => (255, "this type"),
        Object::EventBus(_) => (256, "an event bus"),
        Object::LogGroup(_) => (512, "a log group"),
        Object::Backfill(_) | Object::CatalogTable(_) | Object::Definition(_) | Object::Mapping(_) => {
            return None;
        }
    };
    let name = object.name();
    let length = name.chars().count();
    (length > longest).then(|| {
        format!("the name `{name}` has {length} characters; the name of {what} has at most {longest}")
    })
}

fn of_role(role: &Role) -> Vec<String> {
    let too_long = |what: &str, policy: &Value, longest: usize| {
        let length = policy.to_string().chars().count();
        (length > longest).then(|| format!("its {what} has {length} characters; IAM takes {longest}"))
    };
    let found = [
        too_long("policy", &role.policy, LONGEST_POLICY),
        too_long("trust policy", &role.trust, LONGEST_TRUST),
    ];
    found.into_iter().flatten().collect()
}

fn of_function(function: &Function) -> Vec<String> {
    let environment: usize = function.environment.iter().map(|(name, value)| name.len() + value.len()).sum();
    let package = function.package.len();
    let too_large = |what: &str, size: usize, largest: usize| {
        (size > largest).then(|| format!("its {what} has {size} bytes; Lambda takes {largest}"))
    };
    let found = [
        too_large("environment", environment, LARGEST_ENVIRONMENT),
        too_large("package", package, LARGEST_PACKAGE),
    ];
    found.into_iter().flatten().collect()
}

fn of_table(table: &CatalogTable) -> Vec<String> {
    let columns = table.columns.iter().chain(&table.partition_keys);
    let long = columns.filter(|column| column.comment.chars().count() > LONGEST_COMMENT);
    long.map(|column| {
        format!("the comment of `{}` has more than Glue's {LONGEST_COMMENT} characters", column.name)
    })
    .collect()
}

fn of_rule(rule: &Rule, scope: &Scope) -> Vec<String> {
    let mut found = Vec::new();
    let length = rule.pattern.to_string().chars().count();
    if length > LONGEST_PATTERN {
        found.push(format!("its pattern has {length} characters; EventBridge takes {LONGEST_PATTERN}"));
    }
    match rule.targets.len() {
        0 => found.push("it has no target: what matches it would go nowhere".to_owned()),
        count if count > MOST_TARGETS => {
            found.push(format!("it has {count} targets; EventBridge takes {MOST_TARGETS}"));
        }
        _ => {}
    }
    let own_bus = scope.arn("events", &format!("event-bus/{}", rule.bus_name));
    if rule.targets.values().any(|target| target.arn == own_bus) {
        found.push("it sends to the bus it listens on: every event would go round for ever".to_owned());
    }
    if !can_match(rule) {
        found.push("no event on its bus can match its pattern: it would never do anything".to_owned());
    }
    found
}

/// Whether some event on the rule's bus has a source and a type that the pattern takes. On the default bus are AWS's
/// own, on the pipeline's bus those, ours and what
/// is asked of it.
fn can_match(rule: &Rule) -> bool {
    let ours = EventKind::ALL.iter().map(|kind| (kind.source(), kind.detail_type()));
    let ours = ours.filter(|_| rule.bus_name != "default");
    let asked = [requests::REPLAY, requests::BACKFILL].map(|kind| (requests::SOURCE, kind));
    let mut kinds = ours.chain(asked).chain([("aws.s3", "Object Created")]);
    let takes = |field: &str, value: &str| match rule.pattern.get(field) {
        Some(Value::Array(values)) if values.iter().all(Value::is_string) => values.contains(&json!(value)),
        // A finer matcher, or none.
        _ => true,
    };
    kinds.any(|(source, detail_type)| takes("source", source) && takes("detail-type", detail_type))
}

#[cfg(test)]
mod tests;
