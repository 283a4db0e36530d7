//! What the components call is what their tables of permissions say, and who may do no more than that can apply them.

use std::collections::{BTreeMap, BTreeSet};

use datalake_tests::actions_of;
use serde_json::Value;
use terraform_provider_datalake::components::{On, Permission};
use terraform_provider_datalake::engine::{Graph, GraphError, Node};
use terraform_provider_datalake::resources::apply_policy::apply_policy;

use crate::case::{Case, key};
use crate::cloud;
use crate::law::Trial;

/// Actions that one kind calls and another's table allows.
const BORROWED: [(&str, &str, &str); 3] = [
    ("backfill", "s3:ListBucketVersions", "bucket"),
    ("definition", "s3:ListBucketVersions", "bucket"),
    ("function", "lambda:GetLayerVersion", "layer"),
];

/// Actions that are allowed and that no trial calls: those that AWS asks for beside the call that was made, and those
/// for what the local cloud does not have. What is allowed on the user's key belongs to the first.
const UNCALLED: [(&str, &str); 6] = [
    ("bucket", "s3:ListBucket"),
    ("bucket", "s3:TagResource"),
    ("function", "lambda:ListTags"),
    ("role", "iam:PassRole"),
    // The local cloud has no paused schedule, and deletes a crawler that runs.
    ("crawler", "glue:StartCrawlerSchedule"),
    ("crawler", "glue:StopCrawler"),
];

/// The policy of who may apply these cases.
pub fn of(cases: &[Case]) -> Result<Value, GraphError> {
    let nodes = cases.iter().enumerate().map(|(number, case)| {
        Node::new(format!("{}.{number}", case.kind()), case.object.clone(), BTreeMap::new())
    });
    let (graph, scope) = (Graph::new(nodes.collect())?, cloud::scope());
    Ok(apply_policy(&graph, &scope, key(&scope).as_deref()))
}

/// Compares the tables of the kinds on trial with the calls that were made for them.
pub fn check(trial: &mut Trial, cases: &[Case]) {
    for case in cases {
        let (object, kind) = (&case.object, case.kind());
        let called =
            set(trial.place.called.get(kind).into_iter().flatten().flat_map(|call| actions_of(call)));
        let allowed = set(object.permissions().iter().map(|Permission { action, .. }| *action));
        let borrowed = set(BORROWED.iter().filter(|(by, _, _)| *by == kind).map(|(_, action, _)| *action));
        let stray = &(&called - &allowed) - &borrowed;
        trial.check(object, "what is called is in the table", "PERMISSIONS", &Set::new(), &stray);
        // Only a case with variations calls everything that its kind can.
        if case.fixed.is_empty() {
            continue;
        }
        let lent = set(BORROWED.iter().filter(|(_, _, of)| *of == kind).map(|(_, action, _)| *action));
        let uncalled = set(UNCALLED.iter().filter(|(of, _)| *of == kind).map(|(_, action)| *action));
        let on_key = object.permissions().iter().filter(|permission| permission.on == On::Key);
        let excused = &(&lent | &uncalled) | &set(on_key.map(|permission| permission.action));
        let idle = &(&allowed - &called) - &excused;
        trial.check(object, "what is in the table is called", "PERMISSIONS", &Set::new(), &idle);
        let mistaken = &uncalled & &called;
        trial.check(object, "what is said not to be called is not", "UNCALLED", &Set::new(), &mistaken);
    }
}

type Set = BTreeSet<String>;

fn set<'a>(actions: impl Iterator<Item = &'a str>) -> Set {
    actions.map(str::to_owned).collect()
}
