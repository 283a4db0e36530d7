//! Cases of queues, buses and rules.

use serde_json::{Value, json};
use terraform_provider_datalake::aws::{Scope, policy};
use terraform_provider_datalake::components::Component as _;
use terraform_provider_datalake::components::backfill::Backfill;
use terraform_provider_datalake::components::event_bus::EventBus;
use terraform_provider_datalake::components::queue::Queue;
use terraform_provider_datalake::components::rule::{Rule, Target};

use crate::case::{Case, case, key, other_tags, tags, text};
use crate::storage;

/// Queues and bus before the rules that name them.
pub fn cases(scope: &Scope) -> Vec<Case> {
    vec![
        case(queue("laws-dead")).into(),
        queue_case(scope),
        event_bus_case(scope),
        rule_case(scope),
        forward_case(scope),
        // What was sent is remembered there.
        case(storage::bucket(scope)).into(),
        backfill_case(scope),
    ]
}

fn queue_case(scope: &Scope) -> Case {
    let dead = queue("laws-dead").arn(scope);
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue("laws").arn(scope),
    }]});
    case(queue("laws"))
        .fixed("queue_name", "its name")
        .vary(|it| it.visibility_timeout_seconds = 90)
        .vary(|it| it.message_retention_seconds = 90_000)
        .vary(|it| it.dead_letter = Some((dead.clone(), 4)))
        .vary(|it| it.kms_key_arn = key(scope))
        .vary(|it| it.policy = policy::canonical(policy.clone()))
        .vary(|it| it.tags = other_tags())
        .into()
}

fn event_bus_case(scope: &Scope) -> Case {
    case(event_bus())
        .fixed("bus_name", "its name")
        .vary(|it| it.description = text("Other."))
        .vary(|it| it.kms_key_arn = key(scope))
        .vary(|it| it.tags = other_tags())
        .into()
}

fn rule_case(scope: &Scope) -> Case {
    let other = Target { dead_letter_arn: None, ..target(queue("laws-dead").arn(scope)) };
    case(rule(scope))
        .fixed("rule_name", "its name")
        .fixed("bus_name", "where it is")
        .vary(|it| it.description = text("Other."))
        .vary(|it| it.pattern = json!({"source": ["other", "another"]}))
        .vary(|it| it.enabled = false)
        .vary(|it| it.targets.clear())
        .vary(|it| it.targets.values_mut().for_each(|target| *target = other.clone()))
        .vary(|it| it.targets = [(text("other"), other.clone())].into())
        .vary(|it| it.tags = other_tags())
        .into()
}

/// What sends events of AWS itself on to the bus of our own.
fn forward_case(scope: &Scope) -> Case {
    let role_arn = Some(scope.global_arn("iam", "role/laws-forward"));
    let bus = Target { role_arn, ..target(event_bus().arn(scope)) };
    let forward = Rule {
        rule_name: text("laws-forward"),
        bus_name: text("default"),
        targets: [(text("bus"), bus)].into(),
        ..rule(scope)
    };
    case(forward).vary(|it| it.tags = other_tags()).into()
}

fn backfill_case(scope: &Scope) -> Case {
    let backfill = Backfill {
        bucket_name: storage::bucket(scope).bucket_name,
        key: text("_datalake/backfills/readings.json"),
        queue_name: text("laws"),
        request: json!({"dataset": "readings"}),
        sent: true,
    };
    case(backfill)
        .fixed("bucket_name", "where it is remembered")
        .fixed("key", "its name")
        .fixed("queue_name", "where it goes")
        .fixed("sent", "nobody wants one that is not sent")
        .vary(|it| it.request = json!({"dataset": "readings", "since": "2026-01-01T00:00:00Z"}))
        .into()
}

/// A queue of this name.
pub fn queue(name: &str) -> Queue {
    Queue {
        queue_name: text(name),
        visibility_timeout_seconds: 120,
        message_retention_seconds: 345_600,
        dead_letter: None,
        kms_key_arn: None,
        policy: Value::Null,
        tags: tags(),
    }
}

fn event_bus() -> EventBus {
    EventBus { bus_name: text("laws-bus"), description: text("A bus."), kms_key_arn: None, tags: tags() }
}

/// A rule on that bus.
pub fn rule(scope: &Scope) -> Rule {
    let dead_letter_arn = Some(queue("laws-dead").arn(scope));
    let target = Target { dead_letter_arn, ..target(queue("laws").arn(scope)) };
    Rule {
        rule_name: text("laws-rule"),
        bus_name: event_bus().bus_name,
        description: text("A rule."),
        pattern: json!({"source": ["datalake.ingestion"], "detail": {"pipeline": ["laws"]}}),
        enabled: true,
        targets: [(text("queue"), target)].into(),
        tags: tags(),
    }
}

fn target(arn: String) -> Target {
    Target { arn, role_arn: None, dead_letter_arn: None }
}
