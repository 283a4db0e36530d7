//! `datalake_replay`: has what is in a dataset's quarantine judged again, whenever its triggers change.
//!
//! An action in the form of a resource: creating it sends one request, and there is nothing to read, change or destroy.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use datalake_core::requests::{self, Ask, EPOCH, Replay};
use datalake_core::{identity, layout};
use datalake_host::{Val, diag};
use serde::{Deserialize, Serialize};
use tf_provider::schema::AttributeType::String as Text;
use tf_provider::schema::Schema;
use tf_provider::value::ValueEmpty;
use tf_provider::{AttributePath, Diagnostics, Resource};

use super::schema::attribute::{map_of_text, members, optional, output, required, schema_of};
use super::validate::words;
use crate::components::queue;
use crate::names::Names;
use crate::provider::Shared;

/// The resource type.
#[derive(Debug, Clone)]
pub struct ReplayResource {
    /// What the provider block gave.
    pub shared: Arc<Shared>,
}

/// Its attributes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Model {
    /// The pipeline's name.
    pub pipeline: Val<String>,
    /// The dataset.
    pub dataset: Val<String>,
    /// Only this object.
    pub key: Val<String>,
    /// Only what arrived at or after this instant.
    pub since: Val<String>,
    /// Only what arrived before this instant.
    pub until: Val<String>,
    /// Only objects in which this rule failed.
    pub rule: Val<String>,
    /// What has it asked again.
    pub triggers: Val<BTreeMap<String, Val<String>>>,
    /// The id of the request.
    pub request_id: Val<String>,
}

type Private = ValueEmpty;

#[async_trait]
impl Resource for ReplayResource {
    type State<'a> = Model;
    type PrivateState<'a> = Private;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _diags: &mut Diagnostics) -> Option<Schema> {
        Some(schema())
    }

    async fn validate<'a>(&self, diags: &mut Diagnostics, config: Model) -> Option<()> {
        for (attribute, message) in problems(&config) {
            diag::error(diags, format!("Invalid {attribute}"), message, AttributePath::new(attribute));
        }
        Some(())
    }

    async fn read<'a>(
        &self,
        _diags: &mut Diagnostics,
        state: Model,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Model, Private)> {
        Some((state, private))
    }

    async fn plan_create<'a>(
        &self,
        _diags: &mut Diagnostics,
        _proposed: Model,
        config: Model,
        _: ValueEmpty,
    ) -> Option<(Model, Private)> {
        Some((Model { request_id: Val::Unknown, ..config }, Private::default()))
    }

    async fn plan_update<'a>(
        &self,
        _diags: &mut Diagnostics,
        prior: Model,
        _proposed: Model,
        config: Model,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Model, Private, Vec<AttributePath>)> {
        let changed: Vec<AttributePath> = changed(&prior, &config).map(AttributePath::new).collect();
        let request_id = if changed.is_empty() { prior.request_id } else { Val::Unknown };
        Some((Model { request_id, ..config }, private, changed))
    }

    async fn plan_destroy<'a>(
        &self,
        _diags: &mut Diagnostics,
        _prior: Model,
        private: Private,
        _: ValueEmpty,
    ) -> Option<Private> {
        Some(private)
    }

    async fn create<'a>(
        &self,
        diags: &mut Diagnostics,
        planned: Model,
        _config: Model,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Model, Private)> {
        let request_id = self.ask(diags, &planned).await?;
        Some((Model { request_id: Val::Known(request_id), ..planned }, private))
    }

    async fn update<'a>(
        &self,
        _diags: &mut Diagnostics,
        _prior: Model,
        planned: Model,
        _config: Model,
        private: Private,
        _: ValueEmpty,
    ) -> Option<(Model, Private)> {
        Some((planned, private))
    }

    async fn destroy<'a>(
        &self,
        _diags: &mut Diagnostics,
        _state: Model,
        _private: Private,
        _: ValueEmpty,
    ) -> Option<()> {
        Some(())
    }

    async fn import<'a>(&self, diags: &mut Diagnostics, _id: String) -> Option<(Model, Private)> {
        let detail = "A replay is a request that was sent; there is nothing to import.";
        diag::error(diags, "Not importable", detail, AttributePath::default());
        None
    }
}

impl ReplayResource {
    /// Sends the request; its id.
    async fn ask(&self, diags: &mut Diagnostics, model: &Model) -> Option<String> {
        let configured = self.shared.configured(diags).await?;
        let pipeline = model.pipeline.known().cloned().unwrap_or_default();
        let request = request(model);
        // Two requests that say the same are two all the same.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let id = identity::fingerprint(format!("{pipeline} {request:?} {now}").as_bytes());
        let queue_name = Names::new(&pipeline, &configured.scope).part("ingest");
        let body = match request.detail() {
            Ok(detail) => requests::event(request.detail_type(), &detail, &id, EPOCH).to_string(),
            Err(error) => {
                diag::error(diags, "Replay not requested", error.to_string(), AttributePath::default());
                return None;
            }
        };
        match queue::send(&configured.clients, &configured.scope, &queue_name, &body, 0).await {
            Ok(()) => Some(id),
            Err(error) => {
                let detail = format!(
                    "The request could not be sent to the queue `{queue_name}` of the pipeline `{pipeline}` (region {}, account {}): \
                     {error}. The pipeline must exist, and you must be allowed sqs:SendMessage on the queue.",
                    configured.scope.region, configured.scope.account
                );
                diag::error(diags, "Replay not requested", detail, AttributePath::new("pipeline"));
                None
            }
        }
    }
}

fn request(model: &Model) -> Ask {
    let text = |value: &Val<String>| value.known().cloned();
    Ask::Replay(Replay {
        dataset: text(&model.dataset).unwrap_or_default(),
        key: text(&model.key),
        since: text(&model.since),
        until: text(&model.until),
        rule: text(&model.rule),
        continuation: None,
    })
}

/// Inputs in which two differ: each of them is another request.
fn changed<'m>(prior: &'m Model, config: &'m Model) -> impl Iterator<Item = &'static str> + use<'m> {
    let texts = [
        ("pipeline", &prior.pipeline, &config.pipeline),
        ("dataset", &prior.dataset, &config.dataset),
        ("key", &prior.key, &config.key),
        ("since", &prior.since, &config.since),
        ("until", &prior.until, &config.until),
        ("rule", &prior.rule, &config.rule),
    ];
    let texts = texts.into_iter().filter(|(_, prior, config)| prior != config).map(|(name, ..)| name);
    texts.chain((prior.triggers != config.triggers).then_some("triggers"))
}

/// What is wrong, by attribute.
fn problems(config: &Model) -> Vec<(&'static str, String)> {
    let checked = |name, value: &Val<String>, check: fn(&str) -> Result<(), String>| {
        Some((name, value.known().map(|text| check(text))?.err()?))
    };
    [
        checked("pipeline", &config.pipeline, words::pipeline_name),
        checked("dataset", &config.dataset, dataset),
        checked("since", &config.since, words::instant),
        checked("until", &config.until, words::instant),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn dataset(name: &str) -> Result<(), String> {
    if name == layout::NO_DATASET { Ok(()) } else { words::dataset_name(name) }
}

pub(super) fn schema() -> Schema {
    let attributes = members([
        (
            "pipeline",
            required(
                Text,
                "Name of the pipeline; refer to `datalake_pipeline.….name`, so that its changes come first. **A change asks again**, as that of every argument does.",
            ),
        ),
        (
            "dataset",
            required(
                Text,
                "The dataset in whose quarantine to look; `_unknown` for objects that were of no dataset.",
            ),
        ),
        ("key", optional(Text, "Only this object of the raw bucket.")),
        (
            "since",
            optional(
                Text,
                "Only objects that arrived at or after this instant, as RFC 3339: `2026-01-31T00:00:00Z`.",
            ),
        ),
        ("until", optional(Text, "Only objects that arrived before this instant, as RFC 3339.")),
        (
            "rule",
            optional(
                Text,
                "Only objects in which this rule failed: its text or its name, or the code of the reason an object was refused for.",
            ),
        ),
        (
            "triggers",
            optional(
                map_of_text(),
                "Texts of your choice; when one changes, the replay is asked for again. `{ rules = datalake_pipeline.….spec_hash }` follows the rules.",
            ),
        ),
        ("request_id", output("Id of the request: what is judged again carries it as `replay.requestId`.")),
    ]);
    schema_of(
        0,
        attributes,
        "Asks for what is in a dataset's quarantine to be judged again, under the rules as they are then. Creating it sends one request and \
         waits for nothing; destroying it does nothing. What is good by now leaves the quarantine, what was judged under these rules \
         already is left alone.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use datalake_host::check_shape;

    fn full() -> Model {
        let text = |text: &str| Val::Known(text.to_owned());
        Model {
            pipeline: text("sensors"),
            dataset: text("readings"),
            key: text("input/readings/a.json"),
            since: text("2026-01-31T00:00:00Z"),
            until: text("2026-02-01T00:00:00Z"),
            rule: text("RowCount > 0"),
            triggers: Val::Known([("rules".to_owned(), text("ab"))].into()),
            request_id: text("0123"),
        }
    }

    #[test]
    fn the_model_has_the_shape_of_the_schema() {
        assert_eq!(check_shape(&schema(), &full()), Vec::<String>::new());
    }

    #[test]
    fn every_input_is_a_reason_to_ask_again() {
        let all: Vec<&str> = changed(&full(), &Model::default()).collect();
        assert_eq!(all, ["pipeline", "dataset", "key", "since", "until", "rule", "triggers"]);
        let other_id = Model { request_id: Val::Unknown, ..full() };
        assert_eq!(changed(&full(), &other_id).count(), 0);
    }

    #[test]
    fn what_is_wrong_is_said_at_its_attribute() {
        let text = |text: &str| Val::Known(text.to_owned());
        let wrong = Model {
            pipeline: text("Sensors!"),
            dataset: text("Readings"),
            since: text("yesterday"),
            until: text("2026-01-31"),
            ..full()
        };
        let places: Vec<&str> = problems(&wrong).into_iter().map(|(attribute, _)| attribute).collect();
        assert_eq!(places, ["pipeline", "dataset", "since", "until"]);
        let unfiled = Model { dataset: text("_unknown"), since: Val::Unknown, ..full() };
        assert_eq!(problems(&unfiled), []);
    }
}
