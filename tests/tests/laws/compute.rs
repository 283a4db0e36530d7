//! Cases of roles, log groups, layers, functions and mappings.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use terraform_provider_datalake::aws::{Scope, policy};
use terraform_provider_datalake::components::Component as _;
use terraform_provider_datalake::components::function::Function;
use terraform_provider_datalake::components::layer::Layer;
use terraform_provider_datalake::components::log_group::LogGroup;
use terraform_provider_datalake::components::mapping::Mapping;
use terraform_provider_datalake::components::role::Role;
use terraform_provider_datalake::resources::bundle::Bundle;

use crate::case::{Case, case, key, other_tags, tags, text};
use crate::messaging::queue;

const LAMBDA: &[&str] = &["lambda.amazonaws.com", "events.amazonaws.com"];
/// Where AWS keeps policies of its own.
const AWS_POLICIES: &str = "arn:aws:iam::aws:policy";

/// What a function needs before the function, and that before its mapping.
pub fn cases(scope: &Scope) -> Vec<Case> {
    let other_role = role("laws-other-role", LAMBDA);
    let other_layer = Layer { layer_name: text("laws-other-layer"), ..layer("other") };
    vec![
        role_case(),
        case(other_role.clone()).into(),
        log_group_case(scope),
        layer_case(),
        case(other_layer.clone()).into(),
        function_case(scope, &other_role, &other_layer),
        case(queue("laws")).into(),
        mapping_case(scope),
    ]
}

fn role_case() -> Case {
    case(function_role())
        .fixed("role_name", "its name")
        .vary(|it| it.description = text("Other."))
        .vary(|it| it.trust = trust(&["lambda.amazonaws.com", "glue.amazonaws.com"]))
        .vary(|it| it.policy = Value::Null)
        .vary(|it| it.policy = allowed(&["sqs:*", "logs:*"]))
        .vary(|it| it.permissions_boundary_arn = Some(format!("{AWS_POLICIES}/PowerUserAccess")))
        .vary(|it| it.tags = other_tags())
        .into()
}

fn log_group_case(scope: &Scope) -> Case {
    case(log_group())
        .fixed("log_group_name", "its name")
        .vary(|it| it.retention_days = 0)
        .vary(|it| it.retention_days = 30)
        .vary(|it| it.kms_key_arn = key(scope))
        .vary(|it| it.tags = other_tags())
        .into()
}

fn layer_case() -> Case {
    case(layer("one"))
        .fixed("layer_name", "its name")
        .vary(|it| it.architecture = text("arm64"))
        .vary(|it| *it = layer("two"))
        .into()
}

fn function_case(scope: &Scope, other_role: &Role, other_layer: &Layer) -> Case {
    case(function(scope))
        .fixed("function_name", "its name")
        .fixed("layer_name", "its content is known only of our own layer: varied together with its hash")
        .vary(|it| it.role_arn = other_role.arn(scope))
        .vary(|it| it.handler = text("validate"))
        // Both versions were published when the layer was tried.
        .vary(|it| it.layer_sha256 = layer("two").code_sha256)
        .vary(|it| {
            it.layer_name.clone_from(&other_layer.layer_name);
            it.layer_sha256.clone_from(&other_layer.code_sha256);
        })
        .vary(|it| it.architecture = text("arm64"))
        .vary(|it| it.memory_mb = 512)
        .vary(|it| it.timeout_seconds = 30)
        .vary(|it| it.ephemeral_storage_mb = 1024)
        .vary(|it| it.reserved_concurrency = Some(7))
        .vary(|it| it.reserved_concurrency = Some(0))
        .vary(|it| it.environment.clear())
        .vary(|it| it.environment = [(text("A"), text("2")), (text("B"), text("ß"))].into())
        .vary(|it| it.kms_key_arn = key(scope))
        .vary(|it| it.log_group_name = text("/other"))
        .vary(|it| it.tracing = false)
        .vary(|it| Bundle { sha256: it.code_sha256, package: it.package } = package("other"))
        .vary(|it| it.tags = other_tags())
        .into()
}

fn mapping_case(scope: &Scope) -> Case {
    case(mapping(scope))
        .fixed("function_name", "function and queue are its name")
        .fixed("queue_arn", "function and queue are its name")
        .vary(|it| it.batch_size = 5)
        .vary(|it| it.batching_window_seconds = 2)
        .vary(|it| it.maximum_concurrency = Some(4))
        .vary(|it| it.report_item_failures = false)
        .vary(|it| it.enabled = false)
        .vary(|it| it.tags = other_tags())
        .into()
}

/// The function's role.
pub fn function_role() -> Role {
    role("laws-role", LAMBDA)
}

/// A role of this name that these services may assume.
pub fn role(name: &str, services: &[&str]) -> Role {
    Role {
        role_name: text(name),
        description: text("A role."),
        trust: trust(services),
        policy: allowed(&["sqs:*"]),
        permissions_boundary_arn: None,
        tags: tags(),
    }
}

fn trust(services: &[&str]) -> Value {
    let principal = json!({"Service": services});
    statement(json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}))
}

fn allowed(actions: &[&str]) -> Value {
    statement(json!({"Effect": "Allow", "Action": actions, "Resource": "*"}))
}

fn statement(statement: Value) -> Value {
    policy::canonical(json!({"Version": "2012-10-17", "Statement": [statement]}))
}

/// The function's log group.
pub fn log_group() -> LogGroup {
    LogGroup {
        log_group_name: text("/aws/lambda/laws-function"),
        retention_days: 14,
        kms_key_arn: None,
        tags: tags(),
    }
}

/// The function's layer, with this in it.
pub fn layer(content: &str) -> Layer {
    let Bundle { sha256, package } = package(content);
    Layer { layer_name: text("laws-layer"), architecture: text("x86_64"), code_sha256: sha256, package }
}

/// A function with the role and layer `one`.
pub fn function(scope: &Scope) -> Function {
    let (layer, code) = (layer("one"), package("{}"));
    Function {
        function_name: text("laws-function"),
        role_arn: function_role().arn(scope),
        handler: text("ingest"),
        layer_name: layer.layer_name,
        layer_sha256: layer.code_sha256,
        architecture: text("x86_64"),
        memory_mb: 256,
        timeout_seconds: 60,
        ephemeral_storage_mb: 512,
        reserved_concurrency: None,
        environment: [(text("A"), text("1"))].into(),
        kms_key_arn: None,
        log_group_name: log_group().log_group_name,
        tracing: true,
        code_sha256: code.sha256,
        package: code.package,
        tags: tags(),
    }
}

fn mapping(scope: &Scope) -> Mapping {
    Mapping {
        function_name: function(scope).function_name,
        queue_arn: queue("laws").arn(scope),
        batch_size: 10,
        batching_window_seconds: 0,
        maximum_concurrency: None,
        report_item_failures: true,
        enabled: true,
        tags: tags(),
        uuid: None,
    }
}

/// A zip with this in it.
fn package(content: &str) -> Bundle {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("pipeline.json", zip::write::SimpleFileOptions::default()).expect("a zip takes a file");
    zip.write_all(content.as_bytes()).expect("a file takes bytes");
    Bundle::new(zip.finish().expect("a zip can be finished").into_inner())
}
