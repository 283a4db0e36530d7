//! The answers to calls that go wrong, for a resource that does nothing right.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tf_provider::schema::{Attribute, AttributeType, Block, Schema};
use tf_provider::value::ValueEmpty;
use tf_provider::{AttributePath, Diagnostics, Provider, Resource};

use super::{resource, value};
use crate::codec::{NULL, decode};
use crate::host::Host;
use crate::{Val, wire};

struct Nobody;

#[async_trait]
impl Provider for Nobody {
    type Config<'a> = ValueEmpty;
    type MetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        panic!("no schema")
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct State {
    parts: Val<BTreeMap<String, Val<Part>>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Part {
    weight: Val<i64>,
}

struct Clumsy;
type D = Diagnostics;
type E = ValueEmpty;
type Saved = Option<(State, E)>;

#[async_trait]
impl Resource for Clumsy {
    type State<'a> = State;
    type PrivateState<'a> = E;
    type ProviderMetaState<'a> = E;

    fn schema(&self, _: &mut D) -> Option<Schema> {
        let weight = Attribute { attr_type: AttributeType::Number, ..Attribute::default() };
        let part = AttributeType::AttributeMap(HashMap::from([("weight".to_owned(), weight)]));
        let parts = Attribute { attr_type: part, ..Attribute::default() };
        let attributes = HashMap::from([("parts".to_owned(), parts)]);
        Some(Schema { version: 0, block: Block { attributes, ..Block::default() } })
    }

    async fn read<'a>(&self, _: &mut D, _: State, _: E, _: E) -> Saved {
        panic!("clumsy")
    }

    async fn plan_create<'a>(&self, _: &mut D, _: State, _: State, _: E) -> Saved {
        None
    }

    async fn plan_update<'a>(
        &self,
        _: &mut D,
        _: State,
        _: State,
        _: State,
        _: E,
        _: E,
    ) -> Option<(State, E, Vec<AttributePath>)> {
        None
    }

    async fn plan_destroy<'a>(&self, _: &mut D, _: State, _: E, _: E) -> Option<E> {
        None
    }

    async fn create<'a>(&self, _: &mut D, planned: State, _: State, _: E, _: E) -> Saved {
        Some((planned, E::Null))
    }

    async fn update<'a>(&self, _: &mut D, _: State, _: State, _: State, _: E, _: E) -> Saved {
        panic!("clumsy")
    }

    async fn destroy<'a>(&self, _: &mut D, _: State, _: E, _: E) -> Option<()> {
        panic!("clumsy")
    }
}

fn host() -> Host {
    Host::new("test", "example.com/test/test", "0", Nobody).resource("thing", Clumsy, None)
}

fn state(weight: impl Serialize) -> Vec<u8> {
    let parts = HashMap::from([("parts", HashMap::from([("a b", HashMap::from([("weight", weight)]))]))]);
    rmp_serde::to_vec_named(&parts).unwrap()
}

fn apply(prior: Vec<u8>, planned: Vec<u8>) -> wire::ApplyResourceChangeRequest {
    wire::ApplyResourceChangeRequest {
        type_name: "test_thing".to_owned(),
        prior_state: Some(value(prior)),
        config: Some(value(planned.clone())),
        planned_state: Some(value(planned)),
        planned_private: Vec::new(),
    }
}

#[tokio::test]
async fn a_panic_in_update_or_destroy_keeps_the_prior_state() {
    for planned in [state(2), NULL.to_vec()] {
        let response = resource::apply(&host(), apply(state(1), planned)).await;
        assert_eq!(response.new_state, Some(value(state(1))));
        assert_eq!(response.diagnostics[0].summary, "The provider panicked");
    }
}

#[tokio::test]
async fn a_panic_in_read_keeps_the_prior_state() {
    let request = wire::ReadResourceRequest {
        type_name: "test_thing".to_owned(),
        current_state: Some(value(state(1))),
        private: Vec::new(),
    };
    let response = resource::read(&host(), request).await;
    assert_eq!(response.new_state, Some(value(state(1))));
    assert!(response.diagnostics[0].detail.starts_with("test_thing: read: clumsy"));
}

#[tokio::test]
async fn a_forgotten_unknown_is_saved_as_null() {
    let response = resource::apply(&host(), apply(NULL.to_vec(), state(Val::<i64>::Unknown))).await;
    let saved: State = decode(&response.new_state.unwrap().msgpack).unwrap();
    assert!(saved.parts.known().unwrap()["a b"].known().unwrap().weight.is_null());
    assert!(response.diagnostics[0].detail.contains("parts.a b.weight"), "{:?}", response.diagnostics);
}

#[tokio::test]
async fn a_value_of_a_wrong_type_is_told_at_its_place() {
    let request = wire::ValidateResourceConfigRequest {
        type_name: "test_thing".to_owned(),
        config: Some(value(state(1.5))),
    };
    let diagnostic = resource::validate(&host(), request).await.diagnostics.remove(0);
    assert_eq!(
        diagnostic.detail,
        "invalid type: floating point `1.5`, expected i64\n\nAt parts[\"a b\"].weight."
    );
    assert_eq!(diagnostic.attribute.map(|it| it.steps.len()), Some(2));
}

#[tokio::test]
async fn a_type_that_is_not_served_is_an_error_and_keeps_the_state() {
    let mut request = apply(state(1), state(2));
    request.type_name = "test_other".to_owned();
    let response = resource::apply(&host(), request).await;
    assert_eq!(response.new_state, Some(value(state(1))));
    assert_eq!(response.diagnostics[0].summary, "Unknown resource type");
}

#[tokio::test]
async fn a_plan_without_a_word_and_a_schema_that_panics_are_errors() {
    let request = wire::PlanResourceChangeRequest {
        type_name: "test_thing".to_owned(),
        proposed_new_state: Some(value(state(1))),
        config: Some(value(state(1))),
        ..Default::default()
    };
    let response = resource::plan(&host(), request).await;
    assert_eq!(response.diagnostics[0].summary, "The provider gave no answer");
    let response = super::provider::schema(&host(), wire::Empty {}).await;
    assert!(response.resource_schemas.contains_key("test_thing") && response.provider.is_none());
    assert_eq!(response.diagnostics[0].summary, "The provider panicked");
}
