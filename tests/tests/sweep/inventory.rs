//! Everything of an account, by kind and name: what the components say is not taken for it.

use std::collections::BTreeSet;

use terraform_provider_datalake::aws::Clients;

use crate::Done;

/// Names with their kind in front, each as often as there are objects of it.
pub type Inventory = Vec<String>;

/// All objects whose names do not begin with one of `others`.
///
/// # Errors
/// When something cannot be listed.
pub async fn inventory(clients: &Clients, others: &[&str]) -> Done<Inventory> {
    let (messaging, storage, compute, catalog) =
        futures::try_join!(messaging(clients), storage(clients), compute(clients), catalog(clients))?;
    let mut all: Inventory = [messaging, storage, compute, catalog].concat();
    let name = |entry: &String| entry.split_once(' ').map_or_else(String::new, |(_, name)| name.to_owned());
    all.retain(|entry| !others.iter().any(|other| name(entry).starts_with(other)));
    all.sort();
    Ok(all)
}

/// The entries of the one that the other lacks, counted.
pub fn missing_in(one: &Inventory, other: &Inventory) -> Vec<String> {
    let mut rest = other.clone();
    let lacks = |entry: &&String| match rest.iter().position(|found| found == *entry) {
        Some(index) => {
            rest.remove(index);
            false
        }
        None => true,
    };
    one.iter().filter(lacks).cloned().collect()
}

async fn messaging(clients: &Clients) -> Done<Inventory> {
    let events = &clients.events;
    let mut found = Inventory::new();
    let queues = clients.sqs.list_queues().send().await?;
    found.extend(
        queues.queue_urls().iter().filter_map(|url| Some(format!("queue {}", url.rsplit('/').next()?))),
    );
    let buses = events.list_event_buses().send().await?;
    for bus in buses.event_buses().iter().filter_map(|bus| bus.name()) {
        if bus != "default" {
            found.push(format!("bus {bus}"));
        }
        let rules = events.list_rules().event_bus_name(bus).send().await?;
        found.extend(rules.rules().iter().filter_map(|rule| Some(format!("rule {} on {bus}", rule.name()?))));
    }
    Ok(found)
}

async fn storage(clients: &Clients) -> Done<Inventory> {
    let buckets = clients.s3.list_buckets().send().await?;
    let mut found: Inventory =
        buckets.buckets().iter().filter_map(|bucket| Some(format!("bucket {}", bucket.name()?))).collect();
    let tables = clients.dynamodb.list_tables().send().await?;
    found.extend(tables.table_names().iter().map(|table| format!("table {table}")));
    let groups = clients.logs.describe_log_groups().send().await?;
    let name = |group: &str| group.rsplit('/').next().unwrap_or_default().to_owned();
    found.extend(
        groups
            .log_groups()
            .iter()
            .filter_map(|group| Some(format!("log_group {}", name(group.log_group_name()?)))),
    );
    Ok(found)
}

async fn compute(clients: &Clients) -> Done<Inventory> {
    let lambda = &clients.lambda;
    let mut found = Inventory::new();
    let functions = lambda.list_functions().send().await?;
    found.extend(
        functions.functions().iter().filter_map(|found| Some(format!("function {}", found.function_name()?))),
    );
    let layers = lambda.list_layers().send().await?;
    let names: BTreeSet<&str> = layers.layers().iter().filter_map(|layer| layer.layer_name()).collect();
    for name in names {
        let versions = lambda.list_layer_versions().layer_name(name).send().await?;
        found.extend(versions.layer_versions().iter().map(|_| format!("layer_version {name}")));
    }
    let mappings = lambda.list_event_source_mappings().send().await?;
    let function = |arn: &str| arn.rsplit(':').next().unwrap_or_default().to_owned();
    found.extend(
        mappings
            .event_source_mappings()
            .iter()
            .filter_map(|mapping| Some(format!("mapping {}", function(mapping.function_arn()?)))),
    );
    let mut marker = None;
    loop {
        let roles = clients.iam.list_roles().set_marker(marker).send().await?;
        found.extend(roles.roles().iter().map(|role| format!("role {}", role.role_name())));
        marker = roles.marker;
        if marker.is_none() {
            return Ok(found);
        }
    }
}

async fn catalog(clients: &Clients) -> Done<Inventory> {
    let glue = &clients.glue;
    let mut found = Inventory::new();
    for database in glue.get_databases().send().await?.database_list() {
        let name = database.name();
        found.push(format!("database {name}"));
        let tables = glue.get_tables().database_name(name).send().await?;
        found
            .extend(tables.table_list().iter().map(|table| format!("catalog_table {name}.{}", table.name())));
    }
    let crawlers = glue.get_crawlers().send().await?;
    found.extend(
        crawlers.crawlers().iter().filter_map(|crawler| Some(format!("crawler {}", crawler.name()?))),
    );
    let groups = clients.athena.list_work_groups().send().await?;
    let names = groups.work_groups().iter().filter_map(|group| group.name());
    found.extend(names.filter(|name| *name != "primary").map(|name| format!("workgroup {name}")));
    Ok(found)
}
