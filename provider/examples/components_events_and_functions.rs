//! The component laws, tried on a running cloud for queues, roles, log groups, layers, functions, mappings, buses and
//! rules. Prints kind, law and outcome; ends with 1 when a law is broken.
//!
//! Environment: `AWS_ENDPOINT_URL`, `AWS_REGION`, credentials; `DATALAKE_CALL_LOG` (the local cloud's) counts calls.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use serde_json::json;
use sha2::Digest as _;
use terraform_provider_datalake::aws::clients::{Clients, Connection};
use terraform_provider_datalake::aws::tags::{OWNER_KEY, Tags};
use terraform_provider_datalake::aws::{Cx, Scope, policy};
use terraform_provider_datalake::components::event_bus::EventBus;
use terraform_provider_datalake::components::function::Function;
use terraform_provider_datalake::components::layer::Layer;
use terraform_provider_datalake::components::log_group::LogGroup;
use terraform_provider_datalake::components::mapping::Mapping;
use terraform_provider_datalake::components::queue::Queue;
use terraform_provider_datalake::components::role::Role;
use terraform_provider_datalake::components::rule::{Rule, Target};
use terraform_provider_datalake::components::{Component as _, Object};
use terraform_provider_datalake::engine::{Change, Failure, Item as _, World as _, change};
use tokio_util::sync::CancellationToken;

type Result<T> = std::result::Result<T, Failure>;

/// An object, and others of the same name that differ from it in one field each.
struct Case {
    object: Object,
    variations: Vec<(&'static str, Object)>,
}

/// Makes one field of an object another.
type Vary<T> = Box<dyn Fn(&mut T)>;

fn case<T: Clone + Into<Object>>(object: T, variations: Vec<(&'static str, Vary<T>)>) -> Case {
    let variations = variations.into_iter().map(|(field, vary)| {
        let mut varied = object.clone();
        vary(&mut varied);
        (field, varied.into())
    });
    Case { variations: variations.collect(), object: object.into() }
}

#[tokio::main]
async fn main() {
    let clients = Clients::connect(&Connection::default()).await;
    let region = clients.region.clone().unwrap_or_else(|| "us-east-1".to_owned());
    let identity = clients.sts.get_caller_identity().send().await;
    let account = identity.ok().and_then(|found| found.account).unwrap_or_else(|| "000000000000".to_owned());
    let cx = Cx::new(
        Arc::new(clients),
        Scope::new(&account, &region),
        tokio::time::Instant::now() + Duration::from_secs(120),
        CancellationToken::new(),
    );
    let cases = cases(&cx.scope);
    let mut broken = 0;
    for case in cases.iter().rev() {
        let _ = cx.delete(&case.object).await;
    }
    for case in &cases {
        broken += life(&cx, case)
            .await
            .unwrap_or_else(|failure| report(case, "no failure", false, &failure.to_string()));
    }
    broken += meddled(&cx, &cases).await.unwrap_or_else(|failure| {
        println!("meddling: {failure}");
        1
    });
    for case in cases.iter().rev() {
        broken += death(&cx, case)
            .await
            .unwrap_or_else(|failure| report(case, "no failure", false, &failure.to_string()));
    }
    println!("{broken} broken");
    std::process::exit(i32::from(broken > 0));
}

/// Creation, updates and repairs.
async fn life(cx: &Cx, case: &Case) -> Result<u32> {
    let wanted = &case.object;
    let mut broken = report(case, "missing is none", cx.read(wanted).await?.is_none(), "");
    let before = calls();
    cx.create(wanted).await?;
    let created = calls();
    broken += report(case, "read after create", cx.read(wanted).await?.is_some(), "");
    let read = calls();
    cx.update(wanted, None).await?;
    let updated = calls();
    let [create, reading, update] =
        [between(&before, &created), between(&created, &read), between(&read, &updated)];
    println!("{:<10} calls: create {create:?}, update {update:?}, read {reading:?}", wanted.kind());
    broken += keeps(cx, case, "keep after create and update", wanted).await?;
    broken += keeps_still(cx, case, wanted).await?;
    for (field, varied) in &case.variations {
        for (law, target) in [("change", varied), ("change back", wanted)] {
            let observed = cx.read(target).await?;
            let differs = change(target, observed.as_ref()) == Change::Update(vec![(*field).to_owned()]);
            broken += report(
                case,
                &format!("{law} of {field} is seen"),
                differs,
                &format!("{:?}", change(target, observed.as_ref())),
            );
            let before = calls();
            match cx.update(target, observed.as_ref()).await {
                Ok(()) => println!("{:<10} {law} {field}: {:?}", wanted.kind(), between(&before, &calls())),
                Err(failure) => {
                    broken += report(case, &format!("{law} of {field}"), false, &failure.to_string())
                }
            }
            broken += keeps(cx, case, &format!("keep after {law} of {field}"), target).await?;
        }
    }
    let again = cx.create(wanted).await;
    println!(
        "{:<10} create again: {:?}",
        wanted.kind(),
        again.as_ref().map_err(|failure| (failure.exists, &failure.code))
    );
    Ok(broken + keeps(cx, case, "keep after a second create", wanted).await?)
}

/// What others do behind our back: a layer version deleted, policies given to and taken from a role.
async fn meddled(cx: &Cx, cases: &[Case]) -> Result<u32> {
    let of = |kind: &str| cases.iter().rfind(|case| case.object.kind() == kind);
    let (Some(layer), Some(function), Some(role)) = (of("layer"), of("function"), of("role")) else {
        return Ok(1);
    };
    cx.delete(&layer.object).await?;
    let seen = change(&function.object, cx.read(&function.object).await?.as_ref());
    let expected = Change::Update(vec!["layer_sha256".to_owned()]);
    let mut broken =
        report(function, "a deleted layer version is seen", seen == expected, &format!("{seen:?}"));
    cx.create(&layer.object).await?;
    cx.update(&layer.object, None).await?;
    let observed = cx.read(&function.object).await?;
    cx.update(&function.object, observed.as_ref()).await?;
    broken += keeps(cx, function, "keep with the layer back", &function.object).await?;

    let (iam, name) = (&cx.clients.iam, role.object.name());
    let read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let done = iam.attach_role_policy().role_name(&name).policy_arn(read_only).send().await.is_ok()
        && iam.delete_role_policy().role_name(&name).policy_name("least").send().await.is_ok();
    let observed = cx.read(&role.object).await?;
    cx.update(&role.object, observed.as_ref()).await?;
    broken += report(role, "policies are meddled with", done, "");
    Ok(broken + keeps(cx, role, "keep with the policy back", &role.object).await?)
}

async fn death(cx: &Cx, case: &Case) -> Result<u32> {
    let before = calls();
    cx.delete(&case.object).await?;
    println!("{:<10} delete: {:?}", case.object.kind(), between(&before, &calls()));
    let mut broken = report(case, "none after delete", cx.read(&case.object).await?.is_none(), "");
    broken += report(case, "delete again", cx.delete(&case.object).await.is_ok(), "");
    Ok(broken)
}

async fn keeps(cx: &Cx, case: &Case, law: &str, wanted: &Object) -> Result<u32> {
    let observed = cx.read(wanted).await?;
    let keep = change(wanted, observed.as_ref()) == Change::Keep;
    let detail = format!(
        "\n  want {}\n  have {:?}",
        wanted.document(),
        observed.map(|found| found.document().to_string())
    );
    Ok(report(case, law, keep, &detail))
}

async fn keeps_still(cx: &Cx, case: &Case, wanted: &Object) -> Result<u32> {
    let observed = cx.read(wanted).await?;
    let before = calls();
    cx.update(wanted, observed.as_ref()).await?;
    let made = between(&before, &calls());
    let changing =
        made.iter().filter(|call| !["Get", "List", "Describe"].iter().any(|read| call.contains(read)));
    Ok(report(case, "update again changes nothing", changing.count() == 0, &format!("{made:?}")))
}

fn report(case: &Case, law: &str, ok: bool, detail: &str) -> u32 {
    println!(
        "{:<10} {law}: {}",
        case.object.kind(),
        if ok { "ok".to_owned() } else { format!("VIOLATION {detail}") }
    );
    u32::from(!ok)
}

/// The calls made so far, as the local cloud logged them.
fn calls() -> Vec<String> {
    let text = std::env::var("DATALAKE_CALL_LOG").ok().and_then(|path| std::fs::read_to_string(path).ok());
    let lines = text.unwrap_or_default();
    let name = |line: &str| {
        let call: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(call.get("action").or_else(|| call.get("operation"))?.as_str()?.to_owned())
    };
    lines.lines().map(|line| name(line).unwrap_or_else(|| line.to_owned())).collect()
}

fn between(before: &[String], after: &[String]) -> Vec<String> {
    after[before.len()..].to_vec()
}

fn cases(scope: &Scope) -> Vec<Case> {
    let (role, bus) = (role(), bus());
    let (dead, queue) = (queue("law-dead"), queue("law-queue"));
    let key = scope.arn("kms", "key/11111111-2222-3333-4444-555555555555");
    let layer = layer("one");
    let function = function(&role.arn(scope), &layer);
    let mapping = mapping(&queue.arn(scope));
    let rule = rule("law-bus", &queue.arn(scope), &dead.arn(scope));
    let defaults = Rule {
        rule_name: "law-forward".to_owned(),
        bus_name: "default".to_owned(),
        targets: BTreeMap::from([(
            "bus".to_owned(),
            Target { arn: bus.arn(scope), role_arn: Some(role.arn(scope)), dead_letter_arn: None },
        )]),
        ..rule.clone()
    };
    let (dead_arn, queue_arn, bus_arn) = (dead.arn(scope), queue.arn(scope), bus.arn(scope));
    let second = layer_of("two");
    vec![
        case(dead.clone(), vec![]),
        case(
            queue,
            vec![
                ("visibility_timeout_seconds", Box::new(|queue| queue.visibility_timeout_seconds = 90)),
                ("message_retention_seconds", Box::new(|queue| queue.message_retention_seconds = 90_000)),
                ("dead_letter", Box::new(move |queue| queue.dead_letter = Some((dead_arn.clone(), 4)))),
                ("kms_key_arn", with_key(&key, |queue: &mut Queue, key| queue.kms_key_arn = Some(key))),
                ("policy", Box::new(move |queue| queue.policy = queue_policy(&queue_arn))),
                ("tags", Box::new(|queue| queue.tags = other_tags())),
            ],
        ),
        case(
            role,
            vec![
                ("description", Box::new(|role| role.description = "Other.".to_owned())),
                (
                    "trust",
                    Box::new(|role| {
                        role.trust =
                            trust(&["lambda.amazonaws.com", "events.amazonaws.com", "glue.amazonaws.com"])
                    }),
                ),
                (
                    "policy",
                    Box::new(|role| {
                        role.policy = policy::canonical(
                            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sqs:*", "logs:*"], "Resource": ["*"]}]}),
                        )
                    }),
                ),
                (
                    "permissions_boundary_arn",
                    Box::new(|role| {
                        role.permissions_boundary_arn =
                            Some("arn:aws:iam::aws:policy/PowerUserAccess".to_owned())
                    }),
                ),
                ("tags", Box::new(|role| role.tags = other_tags())),
            ],
        ),
        case(
            log_group(),
            vec![
                ("retention_days", Box::new(|group| group.retention_days = 30)),
                ("retention_days", Box::new(|group| group.retention_days = 0)),
                ("kms_key_arn", with_key(&key, |group: &mut LogGroup, key| group.kms_key_arn = Some(key))),
                ("tags", Box::new(|group| group.tags = other_tags())),
            ],
        ),
        case(second.clone(), vec![]),
        case(
            layer.clone(),
            vec![("architecture", Box::new(|layer| layer.architecture = "arm64".to_owned()))],
        ),
        case(
            function,
            vec![
                ("handler", Box::new(|function| function.handler = "validate".to_owned())),
                ("memory_mb", Box::new(|function| function.memory_mb = 512)),
                ("timeout_seconds", Box::new(|function| function.timeout_seconds = 30)),
                ("ephemeral_storage_mb", Box::new(|function| function.ephemeral_storage_mb = 1024)),
                ("reserved_concurrency", Box::new(|function| function.reserved_concurrency = Some(7))),
                ("environment", Box::new(|function| function.environment.clear())),
                (
                    "kms_key_arn",
                    with_key(&key, |function: &mut Function, key| function.kms_key_arn = Some(key)),
                ),
                ("log_group_name", Box::new(|function| function.log_group_name = "/other".to_owned())),
                ("tracing", Box::new(|function| function.tracing = false)),
                ("architecture", Box::new(|function| function.architecture = "arm64".to_owned())),
                (
                    "code_sha256",
                    Box::new(|function| (function.package, function.code_sha256) = package("other")),
                ),
                ("tags", Box::new(|function| function.tags = other_tags())),
            ],
        ),
        case(
            mapping,
            vec![
                ("batch_size", Box::new(|mapping| mapping.batch_size = 5)),
                ("batching_window_seconds", Box::new(|mapping| mapping.batching_window_seconds = 2)),
                ("maximum_concurrency", Box::new(|mapping| mapping.maximum_concurrency = Some(4))),
                ("report_item_failures", Box::new(|mapping| mapping.report_item_failures = false)),
                ("enabled", Box::new(|mapping| mapping.enabled = false)),
                ("tags", Box::new(|mapping| mapping.tags = other_tags())),
            ],
        ),
        case(
            bus,
            vec![
                ("description", Box::new(|bus| bus.description = "Other.".to_owned())),
                ("kms_key_arn", with_key(&key, |bus: &mut EventBus, key| bus.kms_key_arn = Some(key))),
                ("tags", Box::new(|bus| bus.tags = other_tags())),
            ],
        ),
        case(
            rule,
            vec![
                ("description", Box::new(|rule| rule.description = "Other.".to_owned())),
                ("pattern", Box::new(|rule| rule.pattern = json!({"source": ["other", "another"]}))),
                ("enabled", Box::new(|rule| rule.enabled = false)),
                ("targets", Box::new(|rule| rule.targets.clear())),
                (
                    "targets",
                    Box::new(move |rule| {
                        let target = Target { arn: bus_arn.clone(), role_arn: None, dead_letter_arn: None };
                        rule.targets = BTreeMap::from([("other".to_owned(), target)]);
                    }),
                ),
                ("tags", Box::new(|rule| rule.tags = other_tags())),
            ],
        ),
        case(defaults, vec![("tags", Box::new(|rule| rule.tags = other_tags()))]),
    ]
}

fn with_key<T: 'static>(key: &str, set: impl Fn(&mut T, String) + 'static) -> Vary<T> {
    let key = key.to_owned();
    Box::new(move |object| set(object, key.clone()))
}

fn tags() -> Tags {
    Tags::from([(OWNER_KEY.to_owned(), "law@here".to_owned()), ("team".to_owned(), "lake".to_owned())])
}

fn other_tags() -> Tags {
    Tags::from([(OWNER_KEY.to_owned(), "law@here".to_owned()), ("cost".to_owned(), "a/b c".to_owned())])
}

fn trust(services: &[&str]) -> serde_json::Value {
    policy::canonical(json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": services}}],
    }))
}

fn queue_policy(arn: &str) -> serde_json::Value {
    policy::canonical(json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }],
    }))
}

fn package(content: &str) -> (Arc<[u8]>, String) {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let started =
        zip.start_file("pipeline.json", options).is_ok() && zip.write_all(content.as_bytes()).is_ok();
    let bytes = zip.finish().map(std::io::Cursor::into_inner).unwrap_or_default();
    assert!(started && !bytes.is_empty(), "the zip cannot be written");
    let sha = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(&bytes));
    (bytes.into(), sha)
}

fn queue(name: &str) -> Queue {
    Queue {
        queue_name: name.to_owned(),
        visibility_timeout_seconds: 120,
        message_retention_seconds: 345_600,
        dead_letter: None,
        kms_key_arn: None,
        policy: serde_json::Value::Null,
        tags: tags(),
    }
}

fn role() -> Role {
    Role {
        role_name: "law-role".to_owned(),
        description: "A role.".to_owned(),
        trust: trust(&["lambda.amazonaws.com", "events.amazonaws.com"]),
        policy: policy::canonical(json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": ["sqs:*"], "Resource": ["*"]}],
        })),
        permissions_boundary_arn: None,
        tags: tags(),
    }
}

fn log_group() -> LogGroup {
    LogGroup {
        log_group_name: "/aws/lambda/law-function".to_owned(),
        retention_days: 14,
        kms_key_arn: None,
        tags: tags(),
    }
}

fn layer(content: &str) -> Layer {
    let (package, code_sha256) = package(content);
    Layer { layer_name: "law-layer".to_owned(), architecture: "x86_64".to_owned(), code_sha256, package }
}

fn layer_of(content: &str) -> Layer {
    Layer { layer_name: "law-layer-two".to_owned(), ..layer(content) }
}

fn function(role_arn: &str, layer: &Layer) -> Function {
    let (package, code_sha256) = package("{}");
    Function {
        function_name: "law-function".to_owned(),
        role_arn: role_arn.to_owned(),
        handler: "ingest".to_owned(),
        layer_name: layer.layer_name.clone(),
        layer_sha256: layer.code_sha256.clone(),
        architecture: "x86_64".to_owned(),
        memory_mb: 256,
        timeout_seconds: 60,
        ephemeral_storage_mb: 512,
        reserved_concurrency: None,
        environment: BTreeMap::from([("A".to_owned(), "1".to_owned())]),
        kms_key_arn: None,
        log_group_name: "/aws/lambda/law-function".to_owned(),
        tracing: true,
        code_sha256,
        package,
        tags: tags(),
    }
}

fn mapping(queue_arn: &str) -> Mapping {
    Mapping {
        function_name: "law-function".to_owned(),
        queue_arn: queue_arn.to_owned(),
        batch_size: 10,
        batching_window_seconds: 0,
        maximum_concurrency: None,
        report_item_failures: true,
        enabled: true,
        tags: tags(),
    }
}

fn bus() -> EventBus {
    EventBus {
        bus_name: "law-bus".to_owned(),
        description: "A bus.".to_owned(),
        kms_key_arn: None,
        tags: tags(),
    }
}

fn rule(bus: &str, queue_arn: &str, dead_arn: &str) -> Rule {
    let target =
        Target { arn: queue_arn.to_owned(), role_arn: None, dead_letter_arn: Some(dead_arn.to_owned()) };
    Rule {
        rule_name: "law-rule".to_owned(),
        bus_name: bus.to_owned(),
        description: "A rule.".to_owned(),
        pattern: json!({"source": ["datalake.ingestion"], "detail": {"pipeline": ["law"]}}),
        enabled: true,
        targets: BTreeMap::from([("queue".to_owned(), target)]),
        tags: tags(),
    }
}
