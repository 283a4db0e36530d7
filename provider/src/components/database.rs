//! A Glue database: the catalogue's folder of tables.
//!
//! AWS surprises: an update replaces the whole definition, so what others set in it is read and put back; tags are read
//! by ARN; deleting a database deletes its tables, later and silently.

use aws_sdk_glue::types::DatabaseInput;
use serde::Serialize;

use super::{Component, On, Permission, on_itself};
use crate::aws::tags::{self, Tags};
use crate::aws::{AwsError, Calls, Cx, Scope, wait};
use crate::engine::Owner;

/// A database as we want it or as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Database {
    /// Database name.
    pub database_name: String,
    /// Sentence shown in the catalogue.
    pub description: String,
    /// `s3://` location of its tables.
    pub location: String,
    /// All tags, with the owner mark.
    pub tags: Tags,
}

/// The ARNs Glue checks for an action on a database or on what is in it: each of these, whatever the action names.
pub(super) fn catalog_path(scope: &Scope, database: &str) -> Vec<String> {
    let below = [format!("database/{database}"), format!("table/{database}/*"), format!("userDefinedFunction/{database}/*")];
    ["catalog".to_owned()].iter().chain(&below).map(|path| scope.arn("glue", path)).collect()
}

impl Component for Database {
    const TYPE: &'static str = "aws_glue_catalog_database";
    const PERMISSIONS: &'static [Permission] = &[
        Permission { action: "glue:CreateDatabase", on: On::Path },
        Permission { action: "glue:DeleteDatabase", on: On::Path },
        Permission { action: "glue:GetDatabase", on: On::Path },
        on_itself("glue:GetTags"),
        on_itself("glue:TagResource"),
        on_itself("glue:UntagResource"),
        Permission { action: "glue:UpdateDatabase", on: On::Path },
    ];
    const HOLDS_DATA: bool = true;

    fn name(&self) -> String {
        self.database_name.clone()
    }

    fn arn(&self, scope: &Scope) -> String {
        scope.arn("glue", &format!("database/{}", self.database_name))
    }

    fn path(&self, scope: &Scope) -> Vec<String> {
        catalog_path(scope, &self.database_name)
    }

    fn owner(&self) -> Owner {
        tags::owner(&self.tags)
    }

    async fn read(&self, cx: &Cx) -> Result<Option<Self>, AwsError> {
        let (glue, arn) = (&cx.clients.glue, self.arn(&cx.scope));
        let database =
            async { glue.get_database().name(&self.database_name).send().await.optional("glue:GetDatabase") };
        let (database, tags) = futures::try_join!(database, glue_tags(cx, &arn, &self.tags))?;
        let Some(database) = database.and_then(|answer| answer.database) else { return Ok(None) };
        Ok(Some(Self {
            database_name: self.database_name.clone(),
            description: database.description.unwrap_or_default(),
            location: database.location_uri.unwrap_or_default(),
            tags,
        }))
    }

    async fn create(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.glue.create_database().database_input(self.input().build()?);
        let call = call.set_tags(Some(self.tags.clone().into_iter().collect()));
        wait::while_not_ready(cx, || async {
            call.clone().send().await.call("glue:CreateDatabase").map(drop)
        })
        .await
    }

    async fn update(&self, cx: &Cx, observed: Option<&Self>) -> Result<(), AwsError> {
        // Creation sets every field in its one call.
        let Some(observed) = observed else { return Ok(()) };
        let arn = self.arn(&cx.scope);
        let definition = wait::while_not_ready(cx, || self.set_definition(cx, observed));
        futures::try_join!(definition, set_glue_tags(cx, &arn, &self.tags, &observed.tags)).map(drop)
    }

    async fn delete(&self, cx: &Cx) -> Result<(), AwsError> {
        let call = cx.clients.glue.delete_database().name(&self.database_name);
        wait::while_not_ready(cx, || async { call.clone().send().await.or_gone("glue:DeleteDatabase") }).await
    }
}

impl Database {
    fn input(&self) -> aws_sdk_glue::types::builders::DatabaseInputBuilder {
        DatabaseInput::builder()
            .name(&self.database_name)
            .description(&self.description)
            .location_uri(&self.location)
    }

    async fn set_definition(&self, cx: &Cx, observed: &Self) -> Result<(), AwsError> {
        if (&self.description, &self.location) == (&observed.description, &observed.location) {
            return Ok(());
        }
        let (glue, name) = (&cx.clients.glue, &self.database_name);
        let found = glue.get_database().name(name).send().await.call("glue:GetDatabase")?.database;
        let mut input = self.input();
        if let Some(found) = found {
            input = input.set_parameters(found.parameters);
            input = input.set_create_table_default_permissions(found.create_table_default_permissions);
        }
        let call = glue.update_database().name(name).database_input(input.build()?);
        call.send().await.call("glue:UpdateDatabase").map(drop)
    }
}

/// The tags of a Glue object; none when it is missing.
pub(super) async fn glue_tags(cx: &Cx, arn: &str, wanted: &Tags) -> Result<Tags, AwsError> {
    if cx.tags_as_wanted(arn, wanted).await {
        return Ok(wanted.clone());
    }
    let answer = cx.clients.glue.get_tags().resource_arn(arn).send().await.optional("glue:GetTags")?;
    Ok(cx.managed(answer.and_then(|answer| answer.tags).unwrap_or_default()))
}

/// Brings the tags of a Glue object in line.
pub(super) async fn set_glue_tags(cx: &Cx, arn: &str, wanted: &Tags, found: &Tags) -> Result<(), AwsError> {
    let (set, remove) = tags::changes(wanted, Some(found));
    if !set.is_empty() {
        let call =
            cx.clients.glue.tag_resource().resource_arn(arn).set_tags_to_add(Some(set.into_iter().collect()));
        call.send().await.call("glue:TagResource")?;
    }
    if !remove.is_empty() {
        let call = cx.clients.glue.untag_resource().resource_arn(arn).set_tags_to_remove(Some(remove));
        call.send().await.call("glue:UntagResource")?;
    }
    Ok(())
}
