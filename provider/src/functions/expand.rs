//! `expand`: the objects that a configuration would make, without a word to AWS.
//!
//! It is the plan's own way from a configuration to objects (the same checks, defaults and design), with account and
//! region as arguments where the resource asks AWS for them.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use datalake_host::{Dynamic, diag};
use serde::Serialize;
use tf_provider::schema::{Description, FunctionSchema, Parameter, Type};
use tf_provider::{AttributePath, Diagnostics, Function};

use super::{answer, told};
use crate::aws::Scope;
use crate::aws::tags::Tags;
use crate::components::Object;
use crate::engine::{Item, Node};
use crate::resources::bundle::Bundle;
use crate::resources::defaults::plan_inputs;
use crate::resources::design::{Plan, design};
use crate::resources::limits;
use crate::resources::model::Model;
use crate::resources::schema;
use crate::resources::settings::{Problem, Settings, to_definition};
use crate::resources::validate::{tags, words};

/// The function.
#[derive(Debug, Clone, Copy)]
pub struct Expand;

/// One object that would be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expanded {
    /// Its type in the AWS provider's words.
    #[serde(rename = "type")]
    pub type_name: &'static str,
    /// Its name at AWS.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Every managed field, as JSON.
    pub document: String,
    /// What must exist first, by logical name, each with the reason.
    pub needs: BTreeMap<String, &'static str>,
    /// A function's own package, base64; none elsewhere.
    pub content_base64: Option<String>,
}

/// Objects by logical name.
pub type Expansion = BTreeMap<String, Expanded>;

#[async_trait]
impl Function for Expand {
    type Input<'a> = (Dynamic, String, String);
    type Output<'a> = Expansion;

    fn schema(&self, _: &mut Diagnostics) -> Option<FunctionSchema> {
        let about = "Says what a `datalake_pipeline` of this configuration would make, without calling AWS and without credentials: a map \
                     from logical names (`queue.ingest`), the keys of the resource's `resources`, to every object's `type` (in the \
                     words of the AWS provider), `name`, `arn`, `document` (JSON of every field that is managed) and `needs` (the logical \
                     names of what must exist first, each with the reason), and of a function `content_base64`, the zip with its rules. \
                     Defaults are filled in and mistakes are told as at a plan. The provider's `default_tags` are not known to a \
                     function: merge them into `tags` where they matter. Of the document of the handlers' layer and functions the \
                     hashes follow the package that came with the provider.";
        Some(FunctionSchema {
            parameters: parameters(),
            return_type: Type::Map(returned().into()),
            summary: "The AWS objects that a configuration of a pipeline would make.".to_owned(),
            description: Description::markdown(about),
            ..FunctionSchema::default()
        })
    }

    async fn call<'a>(&self, diags: &mut Diagnostics, input: (Dynamic, String, String)) -> Option<Expansion> {
        expansion(diags, input)
    }
}

/// What functions about a configuration take.
pub(super) fn parameters() -> Vec<Parameter> {
    let parameter = |name: &str, param_type, about: &'static str| Parameter {
        name: name.to_owned(),
        param_type,
        description: Description::markdown(about),
        ..Parameter::default()
    };
    vec![
        parameter(
            "configuration",
            Type::Any,
            "The arguments of a `datalake_pipeline` as an object: `{ name = \"sensors\", datasets = { … } }`. What is left out has its default.",
        ),
        parameter("account_id", Type::String, "The account it would live in: twelve digits."),
        parameter("region", Type::String, "The region it would live in, such as `eu-west-1`."),
    ]
}

/// The objects of what such a function is called with; what is wrong with it becomes a diagnostic.
pub(super) fn expansion(
    diags: &mut Diagnostics,
    (configuration, account, region): (Dynamic, String, String),
) -> Option<Expansion> {
    let account_fits = words::account(&account);
    answer(diags, "The account cannot be used", 1, account_fits)?;
    let region_fits = words::region(&region);
    answer(diags, "The region cannot be used", 2, region_fits)?;
    let config = configuration.read(&schema::schema()).map_err(|problem| vec![problem]);
    match config.and_then(|config| expand(config, &Scope::new(&account, &region))) {
        Ok(expansion) => Some(expansion),
        Err(problems) => {
            // A function answers one error: all of them in it.
            let message = problems.iter().map(told).collect::<Vec<_>>().join("; ");
            let argument = AttributePath::function_argument(0);
            diag::error(diags, "The configuration cannot be expanded", message, argument);
            None
        }
    }
}

fn returned() -> Type {
    let texts =
        ["type", "name", "arn", "document", "content_base64"].map(|name| (name.to_owned(), Type::String));
    let mut members = HashMap::from(texts);
    members.insert("needs".to_owned(), Type::Map(Type::String.into()));
    Type::Object(members)
}

/// The objects of a configuration, which must be known throughout.
///
/// # Errors
/// Everything that a plan would find wrong, each with its attribute.
pub fn expand(config: Model, scope: &Scope) -> Result<Expansion, Vec<Problem>> {
    let inputs = plan_inputs(&config, None);
    let settings = Settings::decode(&inputs)?;
    let bundle = Bundle::load(&settings.architecture).map_err(|error| whole(error.to_string()))?;
    expand_with(&inputs, &settings, scope, &bundle)
}

fn expand_with(
    inputs: &Model,
    settings: &Settings,
    scope: &Scope,
    bundle: &Bundle,
) -> Result<Expansion, Vec<Problem>> {
    let definition = to_definition(inputs);
    let plan = Plan { settings, scope, default_tags: &Tags::new(), bundle, definition: &definition };
    let design = design(plan).map_err(|error| whole(error.to_string()))?;
    if let Some(problem) = tags::too_many(&design.tags_all) {
        return Err(vec![(AttributePath::new("tags"), problem)]);
    }
    let problems = limits::problems(&design.graph, scope, settings);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(design.graph.nodes().map(|node| (node.key.clone(), expanded(node, scope))).collect())
}

fn expanded(node: &Node<Object>, scope: &Scope) -> Expanded {
    Expanded {
        type_name: node.item.type_name(),
        name: node.item.name(),
        arn: node.item.arn(scope),
        document: node.item.document().to_string(),
        needs: node.needs.clone(),
        content_base64: match &node.item {
            Object::Function(function) => Some(STANDARD.encode(&function.package)),
            _ => None,
        },
    }
}

fn whole(message: String) -> Vec<Problem> {
    vec![(AttributePath::root(), message)]
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::resources::design::sha256_base64;
    use crate::resources::model::examples::config;

    fn scope() -> Scope {
        Scope::new("123456789012", "eu-west-1")
    }

    /// The objects of the example.
    pub fn sample() -> Expansion {
        of(&[]).unwrap()
    }

    fn of(changes: &[(&str, Value)]) -> Result<Expansion, Vec<Problem>> {
        let inputs = plan_inputs(&config(changes), None);
        let settings = Settings::decode(&inputs)?;
        expand_with(&inputs, &settings, &scope(), &Bundle::new(vec![1, 2, 3]))
    }

    #[test]
    fn an_object_is_told_with_everything_that_is_managed() {
        let expansion = of(&[]).unwrap();
        let queue = &expansion["queue.ingest"];
        assert_eq!(queue.type_name, "aws_sqs_queue");
        assert_eq!(queue.name, "sensors-ingest");
        assert_eq!(queue.arn, "arn:aws:sqs:eu-west-1:123456789012:sensors-ingest");
        let document: Value = serde_json::from_str(&queue.document).unwrap();
        assert_eq!(document["message_retention_seconds"], json!(345_600));
        assert_eq!(document["tags"]["datalake:pipeline"], json!("sensors@eu-west-1"));
        assert_eq!(queue.content_base64, None);
    }

    #[test]
    fn a_function_comes_with_the_package_its_hash_is_of() {
        let expansion = of(&[]).unwrap();
        let function = &expansion["function.validate"];
        let document: Value = serde_json::from_str(&function.document).unwrap();
        let package = STANDARD.decode(function.content_base64.as_deref().unwrap()).unwrap();
        assert_eq!(document["code_sha256"], json!(sha256_base64(&package)));
    }

    #[test]
    fn every_need_is_an_object_of_the_expansion() {
        let expansion = of(&[]).unwrap();
        for (key, object) in &expansion {
            for need in object.needs.keys() {
                assert!(expansion.contains_key(need), "{key} needs {need}");
            }
        }
        assert!(expansion.values().any(|object| !object.needs.is_empty()));
    }

    #[test]
    fn a_default_spelt_out_changes_no_object_but_the_definition() {
        let spelt = of(&[("/retention", json!({"log_days": 30}))]).unwrap();
        assert_eq!(spelt, of(&[]).unwrap());
        let other = of(&[("/retention", json!({"log_days": 60}))]).unwrap();
        let differing: Vec<_> = other.iter().filter(|(key, object)| spelt[*key] != **object).collect();
        assert!(
            differing.iter().all(|(key, _)| key.starts_with("log_group.") || *key == "definition.pipeline"),
            "{differing:?}"
        );
        assert_eq!(differing.len(), 4);
    }

    #[test]
    fn mistakes_are_told_with_their_attribute() {
        let problems =
            of(&[("/name", json!("Sensors")), ("/retention", json!({"log_days": 2}))]).unwrap_err();
        let told: Vec<_> = problems.iter().map(told).collect();
        assert!(told[0].starts_with("name: "), "{told:?}");
        assert!(told[1].starts_with("retention.log_days: "), "{told:?}");
    }

    #[test]
    fn many_tags_are_refused() {
        let tags: BTreeMap<_, _> = (0..46).map(|number| (format!("t{number}"), "x")).collect();
        assert!(told(&of(&[("/tags", json!(tags))]).unwrap_err()[0]).starts_with("tags: 46 tags"));
    }
}
