//! The layer, and for each function its role, log group, package and the mapping to its queue.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;

use base64::Engine as _;
use datalake_core::rules::lower;
use sha2::{Digest, Sha256};

use super::{DesignError, Draft, node, policies};
use crate::components::function::Function;
use crate::components::layer::Layer;
use crate::components::log_group::LogGroup;
use crate::components::mapping::Mapping;
use crate::components::role::Role;

/// Adds the layer that all functions share.
pub fn add_layer(draft: &mut Draft<'_>) {
    let layer = Layer {
        layer_name: draft.names.part("handlers"),
        architecture: draft.settings().architecture.clone(),
        code_sha256: draft.plan.bundle.sha256.clone(),
        package: Arc::clone(&draft.plan.bundle.package),
    };
    draft.add("layer.handlers", layer, &[]);
}

/// The package of every function: the document that the handlers read.
///
/// # Errors
/// When it cannot be packed.
pub fn package(spec_json: &[u8]) -> Result<Arc<[u8]>, DesignError> {
    Ok(zip_of_one("pipeline.json", spec_json)?.into())
}

/// Adds a function with role, log group and mapping.
pub fn add_function(draft: &mut Draft<'_>, function: &str, package: &Arc<[u8]>) {
    add_role(draft, function);
    let log_group = LogGroup {
        log_group_name: draft.names.log_group(function),
        retention_days: draft.settings().retention.log_days,
        kms_key_arn: draft.settings().kms_key_arn.clone(),
        tags: draft.tags.clone(),
    };
    draft.add(format!("log_group.{function}"), log_group, &[]);
    add_lambda(draft, function, package);
    add_mapping(draft, function);
}

fn add_role(draft: &mut Draft<'_>, function: &str) {
    let role = Role {
        role_name: draft.names.role(function),
        description: format!("What the {function} function of {} may do", draft.settings().name),
        trust: policies::trust("lambda.amazonaws.com", None),
        policy: policies::function(function, &draft.names, &compared_with(draft), draft.settings()),
        permissions_boundary_arn: draft.settings().permissions_boundary_arn.clone(),
        tags: draft.tags.clone(),
    };
    draft.add(format!("role.{function}"), role, &[]);
}

/// Datasets that rules of others name.
fn compared_with(draft: &Draft<'_>) -> BTreeSet<String> {
    // What does not lower was refused before there was a design.
    let rules = draft.settings().datasets.values().filter_map(|dataset| lower(dataset).ok());
    rules.flat_map(|rules| rules.references().into_keys()).collect()
}

fn add_lambda(draft: &mut Draft<'_>, function: &str, package: &Arc<[u8]>) {
    let settings = draft.settings();
    let limits = settings.functions.get(function);
    let object = Function {
        function_name: draft.names.part(function),
        role_arn: draft.scope().global_arn("iam", &format!("role/{}", draft.names.role(function))),
        handler: function.to_owned(),
        layer_name: draft.names.part("handlers"),
        layer_sha256: draft.plan.bundle.sha256.clone(),
        architecture: settings.architecture.clone(),
        memory_mb: limits.memory_mb,
        timeout_seconds: limits.timeout_seconds,
        ephemeral_storage_mb: 512,
        reserved_concurrency: limits.reserved_concurrency,
        environment: BTreeMap::from([("DATALAKE_PIPELINE".to_owned(), settings.name.clone())]),
        kms_key_arn: settings.kms_key_arn.clone(),
        log_group_name: draft.names.log_group(function),
        tracing: true,
        code_sha256: sha256_base64(package),
        package: Arc::clone(package),
        tags: draft.tags.clone(),
    };
    let needs = [
        (format!("role.{function}"), "it runs under it"),
        ("layer.handlers".to_owned(), "its program is there"),
        (format!("log_group.{function}"), "Lambda would make one without retention"),
    ];
    draft.add(format!("function.{function}"), object, &needs);
}

fn add_mapping(draft: &mut Draft<'_>, function: &str) {
    let limits = draft.settings().functions.get(function);
    let mapping = Mapping {
        function_name: draft.names.part(function),
        queue_arn: draft.names.queue_arn(function),
        batch_size: limits.batch_size,
        batching_window_seconds: 0,
        maximum_concurrency: limits.maximum_concurrency,
        report_item_failures: true,
        enabled: true,
        tags: draft.tags.clone(),
        uuid: None,
    };
    let called = format!("function.{function}");
    let needs = [(called.clone(), "it calls it"), (format!("queue.{function}"), "it reads it")];
    // Lambda itself says when the function is not ready for it yet, and lets function and queue go before it.
    draft.nodes.push(node(format!("mapping.{function}"), mapping, &needs).begins_with(called).goes_alone());
}

/// A zip with one file and no clock in it: equal content gives equal bytes, hence an equal hash at plan.
fn zip_of_one(name: &str, content: &[u8]) -> Result<Vec<u8>, DesignError> {
    let failed = |error: &dyn std::fmt::Display| DesignError::Package(error.to_string());
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file(name, options).map_err(|error| failed(&error))?;
    writer.write_all(content).map_err(|error| failed(&error))?;
    Ok(writer.finish().map_err(|error| failed(&error))?.into_inner())
}

/// SHA-256 as Lambda gives it: base64.
#[must_use]
pub fn sha256_base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(bytes))
}
