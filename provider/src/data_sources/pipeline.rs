//! `datalake_pipeline`: an existing pipeline by its name, with the attributes of the resource.
//!
//! One document and one set of tags are read: whoever may read the data can use it. So it tells what the pipeline was
//! configured to be; whether all of it still is, only the resource knows, which looks at every object.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use datalake_host::{Val, diag};
use tf_provider::schema::{Attribute, AttributeConstraint, AttributeType, Schema};
use tf_provider::value::ValueEmpty;
use tf_provider::{AttributePath, DataSource, Diagnostics};

use super::{Found, check_name, find};
use crate::aws::tags::{self, OWNER_KEY, Tags};
use crate::aws::{AwsError, Calls};
use crate::provider::Shared;
use crate::resources::bundle::Bundle;
use crate::resources::design::{Plan, design};
use crate::resources::model::{Map, Model};
use crate::resources::outputs;
use crate::resources::schema::attribute::{Members, required, schema_of};
use crate::resources::settings::{Settings, to_definition};

/// The data source.
#[derive(Debug, Clone)]
pub struct PipelineSource {
    /// What the provider block gave.
    pub shared: Arc<Shared>,
}

#[async_trait]
impl DataSource for PipelineSource {
    type State<'a> = Model;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(schema())
    }

    async fn validate<'a>(&self, diags: &mut Diagnostics, config: Model) -> Option<()> {
        check_name(diags, "name", &config.name);
        Some(())
    }

    async fn read<'a>(&self, diags: &mut Diagnostics, config: Model, _: ValueEmpty) -> Option<Model> {
        let found = find(diags, &self.shared, "name", &config.name).await?;
        let tags = match tags_of(&found).await {
            Ok(tags) => tags,
            Err(error) => {
                let detail = format!("The tags of the pipeline could not be read: {error}");
                diag::error(diags, "Pipeline not read", detail, AttributePath::new("name"));
                return None;
            }
        };
        told(&found, tags)
            .map_err(|message| {
                diag::error(diags, "Pipeline not understood", message, AttributePath::new("name"));
            })
            .ok()
    }
}

/// The resource's attributes, of which only the name is to be written.
fn schema() -> Schema {
    let about = "An existing pipeline by its name: its configuration as it was applied last, and the names and ARNs that follow from \
                 it. It needs `s3:GetObject` and `s3:GetBucketTagging` on the bucket `processed`, nothing else.";
    let mut attributes: Members = crate::resources::schema::schema().block.attributes;
    attributes.values_mut().for_each(only_told);
    attributes.insert("name".to_owned(), required(AttributeType::String, "Name of the pipeline."));
    schema_of(0, attributes, about)
}

fn only_told(attribute: &mut Attribute) {
    attribute.constraint = AttributeConstraint::Computed;
    members_of(&mut attribute.attr_type).into_iter().flat_map(HashMap::values_mut).for_each(only_told);
}

fn members_of(attr_type: &mut AttributeType) -> Option<&mut HashMap<String, Attribute>> {
    match attr_type {
        AttributeType::AttributeSingle(members)
        | AttributeType::AttributeList(members)
        | AttributeType::AttributeSet(members)
        | AttributeType::AttributeMap(members) => Some(members),
        _ => None,
    }
}

/// The tags on the pipeline's bucket: those of its resource and of whatever provider block it was applied with.
async fn tags_of(found: &Found) -> Result<Tags, AwsError> {
    let bucket = found.names.bucket("processed");
    let answer = found.configured.clients.s3.get_bucket_tagging().bucket(bucket).send().await;
    let set = answer.optional("s3:GetBucketTagging")?.map(|answer| answer.tag_set).unwrap_or_default();
    let mut tags = tags::managed(set.into_iter().map(|tag| (tag.key, tag.value)));
    tags.remove(OWNER_KEY);
    Ok(tags)
}

/// The configuration with what follows from it. What only a look at the objects can tell is null.
fn told(found: &Found, tags: Tags) -> Result<Model, String> {
    let scope = &found.configured.scope;
    let settings = Settings::decode(&found.model).map_err(|problems| {
        problems.iter().map(|(path, message)| format!("{path}: {message}")).collect::<Vec<_>>().join("; ")
    })?;
    let bundle = Bundle::load(&settings.architecture).map_err(|error| error.to_string())?;
    let definition = to_definition(&found.model);
    let plan =
        Plan { settings: &settings, scope, default_tags: &tags, bundle: &bundle, definition: &definition };
    let design = design(plan).map_err(|error| error.to_string())?;
    let entries = outputs::desired(&design, scope);
    let mut model = outputs::known(found.model.clone(), &settings, &design, scope, &entries);
    model.tags_all = tags.into_iter().map(|(key, value)| (key, value.into())).collect::<Map<_>>().into();
    if let Some(layer) = model.layer.known_mut() {
        layer.sha256 = Val::Null;
    }
    for entry in model.resources.known_mut().into_iter().flat_map(|map| map.values_mut()) {
        if let Some(entry) = entry.known_mut() {
            entry.hash = Val::Null;
        }
    }
    Ok(model)
}

#[cfg(test)]
mod tests {
    use datalake_host::check_shape;

    use super::*;
    use crate::resources::model::examples::full;

    #[test]
    fn everything_but_the_name_is_told() {
        fn written(members: &Members) -> Vec<&String> {
            let own = members.iter().filter(|(_, it)| it.constraint != AttributeConstraint::Computed);
            own.map(|(name, _)| name).collect()
        }
        let schema = schema();
        assert_eq!(written(&schema.block.attributes), ["name"]);
        let AttributeType::AttributeMap(datasets) = &schema.block.attributes["datasets"].attr_type else {
            panic!("datasets are a map")
        };
        assert_eq!(written(datasets), Vec::<&String>::new());
        assert_eq!(check_shape(&schema, &full()), Vec::<String>::new());
    }
}
