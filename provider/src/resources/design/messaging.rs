//! The bus, its rules, the queues behind them, and the rule that brings S3's events over from the default bus.

use std::collections::BTreeMap;

use datalake_core::events::EventKind;
use datalake_core::requests;
use serde_json::{Value, json};

use super::{Draft, policies};
use crate::components::event_bus::EventBus;
use crate::components::queue::Queue;
use crate::components::role::Role;
use crate::components::rule::{Rule, Target};
use crate::resources::settings::Settings;

/// Tries before a message goes to the dead-letter queue: with the delays of the handlers' `retry` nearly an hour.
const MAXIMUM_RECEIVES: u32 = 8;
/// Days a message waits for its function.
const MESSAGE_DAYS: u32 = 4;
/// AWS's advice: six times the function's time limit, so that a throttled function does not use up its tries.
const VISIBILITY_FACTOR: u32 = 6;
const SECONDS_A_DAY: u32 = 86_400;
/// The longest visibility timeout SQS takes.
const LONGEST_VISIBILITY_SECONDS: u32 = 43_200;

/// Adds the bus, and how S3's events come to it.
pub fn add(draft: &mut Draft<'_>) {
    let bus = EventBus {
        bus_name: draft.names.part("bus"),
        description: format!("Events of the data lake pipeline {}", draft.settings().name),
        kms_key_arn: draft.settings().kms_key_arn.clone(),
        tags: draft.tags.clone(),
    };
    draft.add("event_bus.main", bus, &[]);
    add_forwarding(draft);
}

/// Adds the queues of a function and the rule that fills them.
pub fn add_function(draft: &mut Draft<'_>, function: &str) {
    add_queues(draft, function);
    add_rule(draft, function);
}

/// The longest pattern that names datasets; EventBridge takes 2,048 characters.
const LONGEST_PATTERN: usize = 2_000;

/// What a function listens to.
fn pattern(function: &str, settings: &Settings) -> Value {
    let pipeline = &settings.name;
    let kind = match function {
        // Arrivals, and what people ask for.
        "ingest" => {
            return json!({
                "source": ["aws.s3", requests::SOURCE],
                "detail-type": ["Object Created", requests::REPLAY, requests::BACKFILL],
            });
        }
        "validate" => EventKind::DataReceived,
        _ => EventKind::DataValidated,
    };
    let mut pattern = json!({
        "source": [kind.source()],
        "detail-type": [kind.detail_type()],
        "detail": {"pipeline": [pipeline]},
    });
    if function == "transform" {
        let all = pattern.clone();
        pattern["detail"]["dataset"] = settings.transformed().collect();
        if pattern.to_string().len() > LONGEST_PATTERN {
            // The function itself passes over what it need not transform.
            return all;
        }
    }
    pattern
}

fn add_queues(draft: &mut Draft<'_>, function: &str) {
    let settings = draft.settings();
    let kms_key_arn = settings.kms_key_arn.clone();
    let timeout = settings.functions.get(function).timeout_seconds;
    let message_days = settings.retention.dead_letter_days;
    let dead_letters = format!("{function}-dead-letters");
    let rule_arn = rule_arn(draft, function);
    let mut senders = vec![rule_arn];
    if function == "ingest" {
        senders.push(forwarding_rule_arn(draft));
    }
    let dead_letter_arn = draft.names.queue_arn(&dead_letters);
    let dead_letter_queue = Queue {
        queue_name: draft.names.part(&dead_letters),
        visibility_timeout_seconds: 30,
        message_retention_seconds: message_days * SECONDS_A_DAY,
        dead_letter: None,
        kms_key_arn: kms_key_arn.clone(),
        policy: policies::queue(&dead_letter_arn, &senders),
        tags: draft.tags.clone(),
    };
    let queue = Queue {
        queue_name: draft.names.part(function),
        visibility_timeout_seconds: (timeout * VISIBILITY_FACTOR).min(LONGEST_VISIBILITY_SECONDS),
        message_retention_seconds: MESSAGE_DAYS * SECONDS_A_DAY,
        dead_letter: Some((dead_letter_arn, MAXIMUM_RECEIVES)),
        kms_key_arn,
        policy: policies::queue(&draft.names.queue_arn(function), &senders[..1]),
        tags: draft.tags.clone(),
    };
    let dead_letter_key = format!("queue.{function}_dead_letters");
    draft.add(dead_letter_key.clone(), dead_letter_queue, &[]);
    draft.add(format!("queue.{function}"), queue, &[(dead_letter_key, "its dead letters go there")]);
}

fn rule_arn(draft: &Draft<'_>, function: &str) -> String {
    draft.scope().arn("events", &format!("rule/{}/{}", draft.names.part("bus"), draft.names.part(function)))
}

fn forwarding_rule_arn(draft: &Draft<'_>) -> String {
    draft.scope().arn("events", &format!("rule/{}", draft.names.part("raw")))
}

fn add_rule(draft: &mut Draft<'_>, function: &str) {
    let target = Target {
        arn: draft.names.queue_arn(function),
        role_arn: None,
        dead_letter_arn: Some(draft.names.queue_arn(&format!("{function}-dead-letters"))),
    };
    let rule = Rule {
        rule_name: draft.names.part(function),
        bus_name: draft.names.part("bus"),
        description: format!("What the {function} function of {} works on", draft.settings().name),
        pattern: pattern(function, draft.settings()),
        enabled: true,
        targets: BTreeMap::from([("queue".to_owned(), target)]),
        tags: draft.tags.clone(),
    };
    let needs = [
        ("event_bus.main".to_owned(), "it listens there"),
        (format!("queue.{function}"), "it delivers there"),
    ];
    draft.add(format!("rule.{function}"), rule, &needs);
}

/// S3's events reach the default bus only: a rule there passes this pipeline's on to its own bus.
fn add_forwarding(draft: &mut Draft<'_>) {
    let bus_arn = draft.scope().arn("events", &format!("event-bus/{}", draft.names.part("bus")));
    let role = Role {
        role_name: draft.names.role("forward"),
        description: format!("Lets the default bus pass S3 events to {}", draft.names.part("bus")),
        trust: policies::trust("events.amazonaws.com", Some(&forwarding_rule_arn(draft))),
        policy: policies::document(vec![policies::allow(
            &["events:PutEvents"],
            std::slice::from_ref(&bus_arn),
        )]),
        permissions_boundary_arn: draft.settings().permissions_boundary_arn.clone(),
        tags: draft.tags.clone(),
    };
    let target = Target {
        arn: bus_arn,
        role_arn: Some(draft.scope().global_arn("iam", &format!("role/{}", role.role_name))),
        dead_letter_arn: Some(draft.names.queue_arn("ingest-dead-letters")),
    };
    let rule = Rule {
        rule_name: draft.names.part("raw"),
        bus_name: "default".to_owned(),
        description: format!("Passes S3 events of {} to its own bus", draft.names.bucket("raw")),
        pattern: json!({
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": {"bucket": {"name": [draft.names.bucket("raw")]}},
        }),
        enabled: true,
        targets: BTreeMap::from([("bus".to_owned(), target)]),
        tags: draft.tags.clone(),
    };
    draft.add("role.forward", role, &[]);
    let needs = [
        ("event_bus.main".to_owned(), "it delivers there"),
        ("role.forward".to_owned(), "EventBridge assumes it to deliver"),
        ("queue.ingest_dead_letters".to_owned(), "what cannot be delivered goes there"),
    ];
    draft.add("rule.raw", rule, &needs);
}
