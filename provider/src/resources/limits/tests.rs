//! Designs that AWS would refuse, or that could never work.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::aws::tags::Tags;
use crate::components::catalog_table::CatalogColumn;
use crate::engine::Node;
use crate::resources::bundle::Bundle;
use crate::resources::defaults::plan_inputs;
use crate::resources::design::{Plan, design};
use crate::resources::model::examples::config;
use crate::resources::settings::to_definition;

fn scope(region: &str) -> Scope {
    Scope::new("123456789012", region)
}

/// What is wrong with a configuration's design after some harm was done to its objects.
fn found(changes: &[(&str, Value)], region: &str, harm: impl Fn(&str, &mut Object)) -> Vec<String> {
    let inputs = plan_inputs(&config(changes), None);
    let settings = Settings::decode(&inputs).unwrap();
    let (scope, bundle, definition) = (scope(region), Bundle::new(vec![1]), to_definition(&inputs));
    let plan = Plan {
        settings: &settings,
        scope: &scope,
        default_tags: &Tags::new(),
        bundle: &bundle,
        definition: &definition,
    };
    let design = design(plan).unwrap();
    let nodes = design.graph.nodes().cloned().map(|mut node: Node<Object>| {
        harm(&node.key, &mut node.item);
        node
    });
    let graph = Graph::new(nodes.collect()).unwrap();
    problems(&graph, &scope, &settings)
        .into_iter()
        .map(|(path, message)| format!("{path}: {message}"))
        .collect()
}

fn check(expected: &[&str], found: &[String]) {
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (part, found) in expected.iter().zip(found) {
        assert!(found.contains(part), "{part} in {found}");
    }
}

#[test]
fn a_design_of_ours_is_right_whatever_its_name_and_region() {
    let name = ("/name", json!("a".repeat(crate::names::LONGEST_NAME)));
    for region in ["eu-west-1", "ap-southeast-2", "us-gov-west-1"] {
        check(&[], &found(std::slice::from_ref(&name), region, |_, _| {}));
    }
}

#[test]
fn a_name_that_comes_out_too_long_is_told() {
    let name = ("/name", json!("a".repeat(crate::names::LONGEST_NAME)));
    let long = found(&[name], "xx-southwestern-12", |_, _| {});
    check(&["name: bucket.processed: the name `"], &long[..1]);
    assert!(long[0].contains("at most 63"), "{long:?}");
}

#[test]
fn places_must_fit() {
    let key = |region: &str| json!(format!("arn:aws:kms:{region}:123456789012:key/k"));
    let boundary = |account: &str| json!(format!("arn:aws:iam::{account}:policy/b"));
    let cases: [(&str, Value, &[&str]); 5] = [
        ("/kms_key_arn", key("eu-west-1"), &[]),
        (
            "/kms_key_arn",
            key("us-east-1"),
            &["kms_key_arn: the key is in us-east-1, the pipeline in eu-west-1"],
        ),
        ("/permissions_boundary_arn", boundary("123456789012"), &[]),
        ("/permissions_boundary_arn", boundary("aws"), &[]),
        (
            "/permissions_boundary_arn",
            boundary("210987654321"),
            &["permissions_boundary_arn: the policy is in the account 210987654321"],
        ),
    ];
    for (pointer, value, expected) in cases {
        check(expected, &found(&[(pointer, value)], "eu-west-1", |_, _| {}));
    }
}

type Harm = fn(&mut Object);

#[test]
fn objects_are_held_to_what_aws_takes() {
    let cases: [(&str, Harm, &str); 10] = [
        (
            "role.validate",
            |object| role(object).policy = json!("x".repeat(10_240)),
            "name: role.validate: its policy has 10242 characters; IAM takes 10240",
        ),
        (
            "role.ingest",
            |object| role(object).trust = json!("x".repeat(2_048)),
            "name: role.ingest: its trust policy has 2050 characters",
        ),
        (
            "function.ingest",
            |object| drop(function(object).environment.insert("A".to_owned(), "x".repeat(4_096))),
            "functions.ingest: function.ingest: its environment has",
        ),
        (
            "function.quality",
            |object| function(object).package = vec![0; (50 << 20) + 1].into(),
            "functions.quality: function.quality: its package has 52428801 bytes; Lambda takes 52428800",
        ),
        (
            "catalog_table.readings",
            comment,
            "datasets[\"readings\"]: catalog_table.readings: the comment of `c`",
        ),
        ("rule.ingest", |object| rule(object).targets.clear(), "name: rule.ingest: it has no target"),
        ("rule.ingest", many_targets, "rule.ingest: it has 6 targets; EventBridge takes 5"),
        ("rule.quality", to_its_own_bus, "rule.quality: it sends to the bus it listens on"),
        (
            "rule.validate",
            |object| {
                rule(object).pattern =
                    json!({"source": ["datalake.ingestion"], "detail-type": ["Data Validated"]})
            },
            "rule.validate: no event on its bus can match its pattern",
        ),
        (
            "rule.raw",
            |object| rule(object).pattern = json!({"source": ["datalake.quality"]}),
            "rule.raw: no event on its bus can match",
        ),
    ];
    for (key, harm, expected) in cases {
        let found = found(&[], "eu-west-1", |node, object| {
            if node == key {
                harm(object)
            }
        });
        check(&[expected], &found);
    }
    let long = |object: &mut Object| {
        let sources: Vec<String> = (0..200).map(|number| format!("datalake.ingestion{number}")).collect();
        rule(object).pattern = json!({"source": [{"anything-but": sources}]});
    };
    let found = found(&[], "eu-west-1", |node, object| {
        if node == "rule.validate" {
            long(object)
        }
    });
    check(&["rule.validate: its pattern has"], &found);
}

fn comment(object: &mut Object) {
    let Object::CatalogTable(table) = object else { panic!("not a table") };
    let column =
        CatalogColumn { name: "c".to_owned(), column_type: "string".to_owned(), comment: "é".repeat(256) };
    table.columns.push(column);
}

fn many_targets(object: &mut Object) {
    let targets = &mut rule(object).targets;
    let one = targets.values().next().unwrap().clone();
    *targets = (0..6).map(|number| (format!("t{number}"), one.clone())).collect::<BTreeMap<_, _>>();
}

fn to_its_own_bus(object: &mut Object) {
    let rule = rule(object);
    let bus = scope("eu-west-1").arn("events", &format!("event-bus/{}", rule.bus_name));
    rule.targets.values_mut().for_each(|target| target.arn.clone_from(&bus));
}

fn role(object: &mut Object) -> &mut Role {
    match object {
        Object::Role(role) => role,
        other => panic!("not a role: {other:?}"),
    }
}

fn function(object: &mut Object) -> &mut Function {
    match object {
        Object::Function(function) => function,
        other => panic!("not a function: {other:?}"),
    }
}

fn rule(object: &mut Object) -> &mut Rule {
    match object {
        Object::Rule(rule) => rule,
        other => panic!("not a rule: {other:?}"),
    }
}
