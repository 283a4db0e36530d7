//! The Glue database, a declared table per dataset, the crawler, and the Athena workgroup.

use std::collections::BTreeMap;

use datalake_core::layout::{QUERY_RESULTS, catalog_column, validated_prefix};
use datalake_core::spec::{ColumnSpec, ColumnType, DatasetSpec};

use super::{Draft, policies};
use crate::aws::tags::OWNER_KEY;
use crate::components::catalog_table::{CatalogColumn, CatalogTable};
use crate::components::crawler::Crawler;
use crate::components::database::Database;
use crate::components::role::Role;
use crate::components::workgroup::Workgroup;

/// Adds database, tables, crawler with its role, and workgroup.
pub fn add(draft: &mut Draft<'_>) {
    let bucket = draft.names.bucket("processed");
    let database_name = draft.names.database();
    let database = Database {
        database_name: database_name.clone(),
        description: format!("Accepted rows of the data lake pipeline {}", draft.settings().name),
        location: format!("s3://{bucket}/validated/"),
        tags: draft.tags.clone(),
    };
    draft.add("database.catalog", database, &[("bucket.processed".to_owned(), "its location")]);
    let mut crawler_needs = vec![("role.crawler".to_owned(), "it runs under it")];
    let mut table_names = Vec::new();
    for (name, dataset) in draft.plan.settings.datasets.clone() {
        let table = catalog_table(&name, &dataset, &bucket, &database_name, &draft.names.owner());
        let key = format!("catalog_table.{name}");
        draft.add(key.clone(), table, &[("database.catalog".to_owned(), "it is in it")]);
        crawler_needs.push((key, "it keeps its partitions up to date"));
        table_names.push(name);
    }
    add_crawler(draft, &database_name, table_names, &crawler_needs);
    let workgroup = Workgroup {
        workgroup_name: draft.settings().name.clone(),
        result_location: format!("s3://{bucket}/{QUERY_RESULTS}"),
        kms_key_arn: draft.settings().kms_key_arn.clone(),
        tags: draft.tags.clone(),
    };
    draft.add("workgroup.main", workgroup, &[("bucket.processed".to_owned(), "results go there")]);
}

fn add_crawler(draft: &mut Draft<'_>, database: &str, tables: Vec<String>, needs: &[(String, &'static str)]) {
    let kms_key_arn = draft.settings().kms_key_arn.clone();
    let role = Role {
        role_name: draft.names.role("crawler"),
        description: format!("What the crawler of {} may do", draft.settings().name),
        trust: policies::trust("glue.amazonaws.com", None),
        policy: policies::crawler(&draft.names, kms_key_arn.as_deref()),
        permissions_boundary_arn: draft.settings().permissions_boundary_arn.clone(),
        tags: draft.tags.clone(),
    };
    let crawler = Crawler {
        crawler_name: draft.names.part("crawler"),
        role_arn: draft.scope().global_arn("iam", &format!("role/{}", role.role_name)),
        database_name: database.to_owned(),
        table_names: tables,
        schedule: draft.settings().crawler_schedule.clone(),
        tags: draft.tags.clone(),
    };
    draft.add("role.crawler", role, &[]);
    draft.add("crawler.catalog", crawler, needs);
}

fn catalog_table(
    name: &str,
    dataset: &DatasetSpec,
    bucket: &str,
    database: &str,
    owner: &str,
) -> CatalogTable {
    let location = format!("s3://{bucket}/{}", validated_prefix(name));
    let mut parameters = BTreeMap::from([
        ("classification".to_owned(), "parquet".to_owned()),
        ("EXTERNAL".to_owned(), "TRUE".to_owned()),
        (OWNER_KEY.to_owned(), owner.to_owned()),
    ]);
    parameters.extend(projection(dataset, &location));
    CatalogTable {
        database_name: database.to_owned(),
        table_name: name.to_owned(),
        description: format!("Accepted rows of the dataset {name}"),
        columns: columns(dataset),
        partition_keys: dataset
            .output
            .partition_by
            .iter()
            .filter_map(|column| Some(catalog_entry(column, dataset.columns.get(column)?)))
            .collect(),
        location,
        parameters,
    }
}

/// The columns in the files: the declared ones that are not folders, then what was found beside them.
fn columns(dataset: &DatasetSpec) -> Vec<CatalogColumn> {
    let text = |name: &str, comment: &str| CatalogColumn {
        name: name.to_owned(),
        column_type: "string".to_owned(),
        comment: comment.to_owned(),
    };
    if dataset.columns.is_empty() {
        return vec![text("record", "The row as JSON text")];
    }
    let declared = dataset.columns.iter().filter(|(name, _)| !dataset.output.partition_by.contains(name));
    let mut columns: Vec<CatalogColumn> =
        declared.map(|(name, column)| catalog_entry(name, column)).collect();
    columns.push(text("_rescued", "Fields that are not declared, as JSON text"));
    columns
}

fn catalog_entry(name: &str, column: &ColumnSpec) -> CatalogColumn {
    CatalogColumn {
        name: catalog_column(name),
        column_type: hive_type(column.column_type).to_owned(),
        comment: column
            .classification
            .as_ref()
            .map(|word| format!("classification: {word}"))
            .unwrap_or_default(),
    }
}

fn hive_type(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::String | ColumnType::Json => "string",
        ColumnType::Bigint => "bigint",
        ColumnType::Double => "double",
        ColumnType::Boolean => "boolean",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "timestamp",
    }
}

/// Partition projection: Athena computes the folders from these parameters, so no partition is ever registered.
fn projection(dataset: &DatasetSpec, location: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    if dataset.output.partition_by.is_empty() {
        return parameters;
    }
    parameters.insert("projection.enabled".to_owned(), "true".to_owned());
    let mut template = location.to_owned();
    for name in &dataset.output.partition_by {
        let Some(column) = dataset.columns.get(name) else { continue };
        let folder = catalog_column(name);
        template.push_str(&format!("{folder}=${{{folder}}}/"));
        for (parameter, value) in projected(column) {
            parameters.insert(format!("projection.{folder}.{parameter}"), value);
        }
    }
    parameters.insert("storage.location.template".to_owned(), template);
    parameters
}

/// How one partition column's values are known. A text without `enum` can only be found by queries that name it
/// (`injected`).
fn projected(column: &ColumnSpec) -> Vec<(&'static str, String)> {
    let kind = |word: &str| ("type", word.to_owned());
    match (column.column_type, &column.allowed, &column.minimum, &column.maximum) {
        (ColumnType::Boolean, ..) => vec![kind("enum"), ("values", "true,false".to_owned())],
        (ColumnType::Date, ..) => vec![
            kind("date"),
            ("format", "yyyy-MM-dd".to_owned()),
            ("range", "2000-01-01,NOW+1DAYS".to_owned()),
        ],
        (_, Some(values), ..) => vec![kind("enum"), ("values", values.join(","))],
        (ColumnType::Bigint, None, Some(minimum), Some(maximum)) => {
            vec![kind("integer"), ("range", format!("{minimum},{maximum}"))]
        }
        _ => vec![kind("injected")],
    }
}
