//! What a pipeline tells: names and ARNs, all known at plan, and the map of every inner object. Pure.

use std::collections::BTreeMap;

use datalake_core::layout::{QUERY_RESULTS, catalog_column};
use datalake_core::spec::DatasetSpec;
use datalake_host::Val;

use super::apply_policy::apply_policy;
use super::design::{self, Design, FUNCTIONS, STATUS_INDEX};
use super::model::{
    Athena, Buckets, Glue, Layer, Map, MetadataTable, Model, NamedArn, Queue, Queues, ResourceEntry, Rule,
    Rules,
};
use super::settings::Settings;
use crate::aws::Scope;
use crate::components::Object;
use crate::engine::{Item, diff};
use crate::names::{Names, curated_table};

/// Entries of `resources` by logical name.
pub type Entries = BTreeMap<String, ResourceEntry>;

/// One entry of `resources`.
#[must_use]
pub fn entry(object: &Object, scope: &Scope, hash: String) -> ResourceEntry {
    ResourceEntry {
        type_name: object.type_name().into(),
        name: object.name().into(),
        arn: object.arn(scope).into(),
        hash: hash.into(),
    }
}

/// The entries of everything as it is wanted.
#[must_use]
pub fn desired(design: &Design, scope: &Scope) -> Entries {
    let nodes = design.graph.nodes();
    nodes.map(|node| (node.key.clone(), entry(&node.item, scope, diff::hash(&node.item)))).collect()
}

/// The inputs with outputs that are still to come.
#[must_use]
pub fn unknown(mut model: Model) -> Model {
    model.buckets = Val::Unknown;
    model.metadata_table = Val::Unknown;
    model.layer = Val::Unknown;
    model.queues = Val::Unknown;
    model.event_bus = Val::Unknown;
    model.rules = Val::Unknown;
    model.glue = Val::Unknown;
    model.athena = Val::Unknown;
    model.tags_all = Val::Unknown;
    model.resources = Val::Unknown;
    model.apply_policy_json = Val::Unknown;
    model.spec_hash = Val::Unknown;
    for name in FUNCTIONS {
        let function = model.functions.known_mut().and_then(|functions| functions.get_mut(name));
        if let Some(function) = function.and_then(Val::known_mut) {
            function.name = Val::Unknown;
            function.arn = Val::Unknown;
            function.role_arn = Val::Unknown;
            function.log_group_name = Val::Unknown;
        }
    }
    model
}

/// The inputs with all outputs; `resources` says what is in `entries`.
#[must_use]
pub fn known(
    mut model: Model,
    settings: &Settings,
    design: &Design,
    scope: &Scope,
    entries: &Entries,
) -> Model {
    let names = Names::new(&settings.name, scope);
    model.buckets = buckets(&names).into();
    model.metadata_table = metadata_table(&names).into();
    model.layer = layer(&names, design).into();
    model.queues = queues(&names, settings).into();
    model.event_bus = event_bus(&names).into();
    model.rules = rules(&names, settings).into();
    model.glue = glue(&names, settings).into();
    model.athena = athena(&names, settings).into();
    model.tags_all = texts(design.tags_all.clone()).into();
    model.resources =
        entries.iter().map(|(key, entry)| (key.clone(), entry.clone().into())).collect::<Map<_>>().into();
    model.apply_policy_json =
        apply_policy(&design.graph, scope, settings.kms_key_arn.as_deref()).to_string().into();
    model.spec_hash = design.spec_hash.clone().into();
    for name in design::functions(settings) {
        let function = model.functions.known_mut().and_then(|functions| functions.get_mut(name));
        if let Some(function) = function.and_then(Val::known_mut) {
            function.name = names.part(name).into();
            function.arn = scope.arn("lambda", &format!("function:{}", names.part(name))).into();
            function.role_arn = scope.global_arn("iam", &format!("role/{}", names.role(name))).into();
            function.log_group_name = names.log_group(name).into();
        }
    }
    model
}

fn texts(map: BTreeMap<String, String>) -> Map<String> {
    map.into_iter().map(|(key, value)| (key, value.into())).collect()
}

fn buckets(names: &Names) -> Buckets {
    let bucket = |role: &str| {
        let name = names.bucket(role);
        let arn = names.scope.s3_arn(&name);
        Val::Known(NamedArn { name: name.into(), arn: arn.into() })
    };
    Buckets { raw: bucket("raw"), processed: bucket("processed"), quarantine: bucket("quarantine") }
}

fn metadata_table(names: &Names) -> MetadataTable {
    let name = names.part("metadata");
    let arn = names.scope.arn("dynamodb", &format!("table/{name}"));
    MetadataTable { name: name.into(), arn: arn.into(), index_name: STATUS_INDEX.into() }
}

/// The ARN is the layer's, without a version: the number of a version cannot be known before it is published.
fn layer(names: &Names, design: &Design) -> Layer {
    let name = names.part("handlers");
    let arn = names.scope.arn("lambda", &format!("layer:{name}"));
    let sha256 = design.graph.get("layer.handlers").and_then(|node| match &node.item {
        Object::Layer(layer) => Some(layer.code_sha256.clone()),
        _ => None,
    });
    Layer { name: name.into(), arn: arn.into(), sha256: sha256.into() }
}

fn queues(names: &Names, settings: &Settings) -> Queues {
    let queue = |function: &str| {
        let dead_letters = format!("{function}-dead-letters");
        Val::Known(Queue {
            name: names.part(function).into(),
            arn: names.queue_arn(function).into(),
            dead_letter_name: names.part(&dead_letters).into(),
            dead_letter_arn: names.queue_arn(&dead_letters).into(),
        })
    };
    let transform = settings.transformed().next().map(|_| queue("transform"));
    Queues {
        ingest: queue("ingest"),
        validate: queue("validate"),
        transform: transform.unwrap_or(Val::Null),
        quality: queue("quality"),
    }
}

fn event_bus(names: &Names) -> NamedArn {
    let name = names.part("bus");
    let arn = names.scope.arn("events", &format!("event-bus/{name}"));
    NamedArn { name: name.into(), arn: arn.into() }
}

fn rules(names: &Names, settings: &Settings) -> Rules {
    let bus = names.part("bus");
    let rule = |name: String, path: String, bus_name: &str| {
        let arn = names.scope.arn("events", &path);
        Val::Known(Rule { name: name.into(), arn: arn.into(), bus_name: bus_name.into() })
    };
    let on_bus = |function: &str| {
        let name = names.part(function);
        let path = format!("rule/{bus}/{name}");
        rule(name, path, &bus)
    };
    let raw = names.part("raw");
    Rules {
        raw: rule(raw.clone(), format!("rule/{raw}"), "default"),
        ingest: on_bus("ingest"),
        validate: on_bus("validate"),
        transform: settings.transformed().next().map_or(Val::Null, |_| on_bus("transform")),
        quality: on_bus("quality"),
    }
}

fn glue(names: &Names, settings: &Settings) -> Glue {
    let tables = settings.datasets.keys().map(|name| (name.clone(), name.clone())).collect();
    let curated = settings.transformed().map(|name| (name.to_owned(), curated_table(name))).collect();
    Glue {
        curated_table_names: texts(curated).into(),
        database_name: names.database().into(),
        crawler_name: names.part("crawler").into(),
        table_names: texts(tables).into(),
    }
}

fn athena(names: &Names, settings: &Settings) -> Athena {
    let queries =
        settings.datasets.iter().map(|(name, dataset)| (name.clone(), example_query(names, name, dataset)));
    Athena {
        workgroup_name: settings.name.as_str().into(),
        result_location: format!("s3://{}/{QUERY_RESULTS}", names.bucket("processed")).into(),
        example_queries: texts(queries.collect()).into(),
    }
}

/// A first query: rows per partition, or ten rows.
fn example_query(names: &Names, name: &str, dataset: &DatasetSpec) -> String {
    let table = format!("\"{}\".\"{name}\"", names.database());
    match dataset.output.partition_by.first() {
        Some(column) => {
            let column = catalog_column(column);
            format!(
                "SELECT \"{column}\", count(*) AS row_count FROM {table} GROUP BY \"{column}\" ORDER BY \"{column}\""
            )
        }
        None => format!("SELECT * FROM {table} LIMIT 10"),
    }
}
