//! A Glue table over Parquet files in S3.
//!
//! AWS surprises: a table cannot be tagged, so the owner mark is a parameter; an update replaces all parameters, to which
//! crawlers and Athena add their own, so theirs are read and put back; names are kept in lower case; deleting a table
//! deletes no file.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_glue::types::{Column, SerDeInfo, StorageDescriptor, Table, TableInput};
use serde::Serialize;

use super::database::catalog_path;
use super::{Component, On, Permission};
use crate::aws::tags::OWNER_KEY;
use crate::aws::{AwsError, Calls, Cx, Scope, wait};
use crate::engine::Owner;

/// A catalog table as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CatalogTable {
    /// Database it is in.
    pub database_name: String,
    /// Table name.
    pub table_name: String,
    /// Sentence shown in the catalogue.
    pub description: String,
    /// `s3://` location of its files.
    pub location: String,
    /// Columns in order.
    pub columns: Vec<CatalogColumn>,
    /// Partition columns in order.
    pub partition_keys: Vec<CatalogColumn>,
    /// Parameters we manage: classification, projection, the owner mark.
    pub parameters: BTreeMap<String, String>,
}

/// One column of a catalogue table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CatalogColumn {
    /// Column name.
    pub name: String,
    /// Hive type, e.g. `bigint`.
    pub column_type: String,
    /// Comment; empty for none.
    pub comment: String,
}

const INPUT_FORMAT: &str = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat";
const OUTPUT_FORMAT: &str = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat";
const SERDE: &str = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
const TEMPLATE: &str = "storage.location.template";
/// The parameter that says what files hold.
pub const CLASSIFICATION: &str = "classification";
/// The parameter that says that files stay when the table goes.
pub const EXTERNAL: &str = "EXTERNAL";

impl Component for CatalogTable {
    const TYPE: &'static str = "aws_glue_catalog_table";
    const PERMISSIONS: &'static [Permission] = &[
        Permission { action: "glue:CreateTable", on: On::Path },
        Permission { action: "glue:DeleteTable", on: On::Path },
        Permission { action: "glue:GetTable", on: On::Path },
        Permission { action: "glue:UpdateTable", on: On::Path },
    ];

    fn name(&self) -> String {
        format!("{}.{}", self.database_name, self.table_name)
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.arn("glue", &format!("table/{}/{}", self.database_name, self.table_name))
    }

    fn path(&self, scope: &Scope) -> Vec<String> {
        catalog_path(scope, &self.database_name)
    }

    fn owner(&self) -> Owner {
        self.parameters.get(OWNER_KEY).map_or(Owner::Unmarked, |owner| Owner::Marked(owner.clone()))
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        Ok(self.found(cx).await?.map(|table| self.observed(table)))
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.glue.create_table().database_name(&self.database_name);
        let call = call.table_input(self.input(self.parameters.clone().into_iter().collect())?);
        wait::while_not_ready(cx, || async { call.clone().send().await.call("glue:CreateTable").map(drop) })
            .await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Creation sets every field in its one call.
        if observed.is_none_or(|observed| observed == self) {
            return Ok(());
        }
        wait::while_not_ready(cx, || self.replace_definition(cx)).await
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.glue.delete_table().database_name(&self.database_name).name(&self.table_name);
        wait::while_not_ready(cx, || async { call.clone().send().await.or_gone("glue:DeleteTable") }).await
    }
}

impl CatalogTable {
    async fn found(&self, cx: &Cx) -> Result<Option<Table>, AwsError> {
        let call = cx.clients.glue.get_table().database_name(&self.database_name).name(&self.table_name);
        Ok(call.send().await.optional("glue:GetTable")?.and_then(|answer| answer.table))
    }

    /// Puts our definition in the place of the one found, with other people's parameters; if somebody else changes the
    /// table in between, its version tells and the call is refused.
    async fn replace_definition(&self, cx: &Cx) -> Result<(), AwsError> {
        let found = self.found(cx).await?;
        let version = found.as_ref().and_then(|table| table.version_id.clone());
        let mut parameters = found.and_then(|table| table.parameters).unwrap_or_default();
        parameters.retain(|key, _| !is_managed(key));
        parameters.extend(self.parameters.clone());
        let call = cx.clients.glue.update_table().database_name(&self.database_name).set_version_id(version);
        call.table_input(self.input(parameters)?).send().await.call("glue:UpdateTable").map(drop)
    }

    fn input(&self, parameters: HashMap<String, String>) -> Result<TableInput, AwsError> {
        let serde = SerDeInfo::builder().serialization_library(SERDE).parameters("serialization.format", "1");
        let storage = StorageDescriptor::builder()
            .location(&self.location)
            .input_format(INPUT_FORMAT)
            .output_format(OUTPUT_FORMAT)
            .serde_info(serde.build())
            .set_columns(Some(columns(&self.columns)?));
        let input = TableInput::builder()
            .name(&self.table_name)
            .description(&self.description)
            .table_type("EXTERNAL_TABLE")
            .storage_descriptor(storage.build())
            .set_partition_keys(Some(columns(&self.partition_keys)?))
            .set_parameters(Some(parameters));
        Ok(input.build()?)
    }

    fn observed(&self, table: Table) -> Self {
        let storage = table.storage_descriptor.unwrap_or_else(|| StorageDescriptor::builder().build());
        let serde = storage.serde_info.and_then(|serde| serde.serialization_library);
        // Files that are read as something else than Parquet are not the files wanted.
        let location = storage.location.unwrap_or_default();
        let location = match serde.as_deref() {
            Some(SERDE) => location,
            other => format!("{location} ({})", other.unwrap_or("no format")),
        };
        let mut parameters: BTreeMap<_, _> = table.parameters.unwrap_or_default().into_iter().collect();
        parameters.retain(|key, _| self.parameters.contains_key(key) || is_managed(key));
        Self {
            database_name: self.database_name.clone(),
            table_name: self.table_name.clone(),
            description: table.description.unwrap_or_default(),
            location,
            columns: seen(storage.columns, &self.columns),
            partition_keys: seen(table.partition_keys, &self.partition_keys),
            parameters,
        }
    }
}

/// Whether a parameter is ours even where we do not want it, so that who knows no more of a table than its name sees the
/// same as who wants it.
fn is_managed(key: &str) -> bool {
    [OWNER_KEY, TEMPLATE, CLASSIFICATION, EXTERNAL].contains(&key) || key.starts_with("projection.")
}

fn columns(list: &[CatalogColumn]) -> Result<Vec<Column>, AwsError> {
    list.iter()
        .map(|column| {
            let comment = Some(column.comment.clone()).filter(|comment| !comment.is_empty());
            Ok(Column::builder()
                .name(&column.name)
                .r#type(&column.column_type)
                .set_comment(comment)
                .build()?)
        })
        .collect()
}

/// Columns as found, a name that differs only in its capitals spelled as wanted.
fn seen(found: Option<Vec<Column>>, wanted: &[CatalogColumn]) -> Vec<CatalogColumn> {
    let spelling = |name: &str| {
        wanted.iter().find(|column| column.name.eq_ignore_ascii_case(name)).map(|column| column.name.clone())
    };
    let found = found.unwrap_or_default().into_iter();
    found
        .map(|column| CatalogColumn {
            name: spelling(&column.name).unwrap_or(column.name),
            column_type: column.r#type.unwrap_or_default(),
            comment: column.comment.unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> CatalogTable {
        let text = |text: &str| text.to_owned();
        let column = |name: &str| CatalogColumn {
            name: text(name),
            column_type: text("bigint"),
            comment: String::new(),
        };
        CatalogTable {
            database_name: text("d"),
            table_name: text("t"),
            description: text("rows"),
            location: text("s3://b/validated/t/"),
            columns: vec![column("deviceId")],
            partition_keys: vec![column("day")],
            parameters: BTreeMap::from([
                (text("classification"), text("parquet")),
                (text(OWNER_KEY), text("us")),
                (text("projection.enabled"), text("true")),
            ]),
        }
    }

    fn found(edit: impl FnOnce(&mut Table)) -> CatalogTable {
        wanted().observed(table(edit))
    }

    fn table(edit: impl FnOnce(&mut Table)) -> Table {
        let input = wanted().input(wanted().parameters.into_iter().collect()).unwrap();
        let mut table = Table::builder().name("t").set_description(input.description).build().unwrap();
        table.storage_descriptor = input.storage_descriptor;
        table.partition_keys = input.partition_keys;
        table.parameters = input.parameters;
        edit(&mut table);
        table
    }

    #[test]
    fn who_wants_nothing_of_it_sees_the_same() {
        let lower = |mut table: CatalogTable| {
            table.columns.iter_mut().for_each(|column| column.name = column.name.to_lowercase());
            table
        };
        let stub = CatalogTable { columns: Vec::new(), parameters: BTreeMap::new(), ..wanted() };
        assert_eq!(lower(stub.observed(table(|_| ()))), lower(wanted()));
    }

    #[test]
    fn what_glue_and_crawlers_do_to_a_table_is_no_drift() {
        let same = found(|table| {
            let parameters = table.parameters.get_or_insert_default();
            parameters.insert("UPDATED_BY_CRAWLER".to_owned(), "c".to_owned());
            let columns = &mut table.storage_descriptor.as_mut().unwrap().columns;
            columns.as_mut().unwrap()[0].name = "deviceid".to_owned();
        });
        assert_eq!(same, wanted());
    }

    #[test]
    fn what_changes_the_meaning_is_drift() {
        let projection = found(|table| {
            table
                .parameters
                .get_or_insert_default()
                .insert("projection.day.type".to_owned(), "date".to_owned());
        });
        let unowned = found(|table| drop(table.parameters.get_or_insert_default().remove(OWNER_KEY)));
        assert_eq!(unowned.owner(), Owner::Unmarked);
        let format = found(|table| {
            table.storage_descriptor.as_mut().unwrap().serde_info = None;
        });
        for other in [projection, unowned, format] {
            assert_ne!(other, wanted());
        }
    }
}
