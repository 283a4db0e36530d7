//! The Glue database, a declared table per dataset, the crawler, and the Athena workgroup.

use std::collections::BTreeMap;

use datalake_core::layout::{QUERY_RESULTS, catalog_column, curated_prefix, validated_prefix};
use datalake_core::spec::{ColumnSpec, ColumnType, DatasetSpec};
use datalake_core::transform::{Curated, Keys, Transformation};

use super::{Draft, node, policies};
use crate::aws::tags::OWNER_KEY;
use crate::components::catalog_table::{CLASSIFICATION, CatalogColumn, CatalogTable, EXTERNAL};
use crate::components::crawler::Crawler;
use crate::components::database::Database;
use crate::components::role::Role;
use crate::components::workgroup::Workgroup;
use crate::names;

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
    // Glue does not look at the location, so the database waits for no more of the bucket than its name, and goes when it may.
    let bucket_key = "bucket.processed".to_owned();
    let database = node("database.catalog", database, &[(bucket_key.clone(), "its location")]);
    draft.nodes.push(database.begins_with(bucket_key.clone()).goes_alone());
    let mut crawler_needs = vec![("role.crawler".to_owned(), "it runs under it")];
    let mut table_names = Vec::new();
    for (name, dataset) in draft.plan.settings.datasets.clone() {
        let place = Place { bucket: &bucket, database: &database_name, owner: &draft.names.owner() };
        let table = catalog_table(&name, &dataset, &place);
        let curated = curated_table(&name, &dataset, &place);
        let key = format!("catalog_table.{name}");
        draft.add(key.clone(), table, &[("database.catalog".to_owned(), "it is in it")]);
        crawler_needs.push((key, "it keeps its partitions up to date"));
        if let Some(table) = curated {
            let key = format!("catalog_table.{}", table.table_name);
            draft.add(key, table, &[("database.catalog".to_owned(), "it is in it")]);
        }
        table_names.push(name);
    }
    add_crawler(draft, &database_name, table_names, &crawler_needs);
    let workgroup = Workgroup {
        workgroup_name: draft.settings().name.clone(),
        result_location: format!("s3://{bucket}/{QUERY_RESULTS}"),
        kms_key_arn: draft.settings().kms_key_arn.clone(),
        tags: draft.tags.clone(),
    };
    let workgroup = node("workgroup.main", workgroup, &[(bucket_key, "results go there")]);
    draft.nodes.push(workgroup.goes_alone());
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

/// Where tables are, and whose.
struct Place<'a> {
    bucket: &'a str,
    database: &'a str,
    owner: &'a str,
}

fn catalog_table(name: &str, dataset: &DatasetSpec, place: &Place<'_>) -> CatalogTable {
    let folders = dataset.output.partition_by.iter();
    let folders = folders.filter_map(|column| Some((column.as_str(), dataset.columns.get(column)?)));
    let about = format!("Accepted rows of the dataset {name}");
    table(
        name.to_owned(),
        about,
        validated_prefix(name),
        columns(dataset),
        &folders.collect::<Vec<_>>(),
        place,
    )
}

/// The table of a dataset's transformed rows, if there are any.
fn curated_table(name: &str, dataset: &DatasetSpec, place: &Place<'_>) -> Option<CatalogTable> {
    // What is wrong with a transformation was said when the settings were read.
    let transformation = Transformation::compile(dataset, Keys::AtPlan).ok().flatten()?;
    let entry = |column: &Curated| catalog_entry(&column.name, &column.spec);
    let is_folder = |at: &usize| transformation.partition_by.contains(at);
    let stored = transformation.columns.iter().enumerate().filter(|(at, _)| !is_folder(at));
    let stored = stored.map(|(_, column)| entry(column)).collect();
    let folders = transformation.partition_by.iter().map(|at| &transformation.columns[*at]);
    let folders: Vec<(&str, &ColumnSpec)> =
        folders.map(|column| (column.name.as_str(), &column.spec)).collect();
    let about = format!("Transformed rows of the dataset {name}");
    Some(table(names::curated_table(name), about, curated_prefix(name), stored, &folders, place))
}

fn table(
    table_name: String,
    description: String,
    prefix: String,
    columns: Vec<CatalogColumn>,
    folders: &[(&str, &ColumnSpec)],
    place: &Place<'_>,
) -> CatalogTable {
    let location = format!("s3://{}/{prefix}", place.bucket);
    let mut parameters = BTreeMap::from([
        (CLASSIFICATION.to_owned(), "parquet".to_owned()),
        (EXTERNAL.to_owned(), "TRUE".to_owned()),
        (OWNER_KEY.to_owned(), place.owner.to_owned()),
    ]);
    parameters.extend(projection(folders, &location));
    CatalogTable {
        database_name: place.database.to_owned(),
        table_name,
        description,
        columns,
        partition_keys: folders.iter().map(|(name, column)| catalog_entry(name, column)).collect(),
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
fn projection(folders: &[(&str, &ColumnSpec)], location: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    if folders.is_empty() {
        return parameters;
    }
    parameters.insert("projection.enabled".to_owned(), "true".to_owned());
    let mut template = location.to_owned();
    for (name, column) in folders {
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
