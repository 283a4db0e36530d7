//! `evaluate_quality`: what a pipeline would say of a file, by the engine that would judge it.

mod evaluation;

use async_trait::async_trait;
use datalake_core::columns::parse_timestamp;
use datalake_core::engine::{CompiledDataset, ObjectFacts, ObjectRun};
use datalake_core::rules::{Capabilities, FileFacts, Surroundings, lower_with};
use datalake_core::spec::DatasetSpec;
use datalake_host::Dynamic;
use serde::Deserialize;
use tf_provider::schema::{Description, FunctionSchema, Parameter, Type};
use tf_provider::{Diagnostics, Function};

use super::{answer, schema, told};
use crate::resources::model::Dataset;
use crate::resources::schema as resource_schema;
use crate::resources::settings::{Problem, Settings};
pub use evaluation::Evaluation;

/// Longest content in bytes: it goes through the plan.
const LONGEST: usize = 1 << 20;
/// What the dataset is called; nothing in the result says so.
const NAME: &str = "dataset";

/// The function.
#[derive(Debug, Clone, Copy)]
pub struct EvaluateQuality;

/// What it is called with.
#[derive(Debug, Deserialize)]
pub struct Arguments {
    dataset: Dynamic,
    content: String,
    #[serde(default)]
    at: Option<String>,
}

#[async_trait]
impl Function for EvaluateQuality {
    type Input<'a> = Arguments;
    type Output<'a> = Evaluation;

    fn schema(&self, _: &mut Diagnostics) -> Option<FunctionSchema> {
        let content = "The file's text, such as `file(\"sample.ndjson\")`; at most 1 MiB.";
        let dataset = Parameter {
            name: "dataset".to_owned(),
            param_type: Type::Any,
            description: Description::markdown(
                "The dataset as `datasets.<name>` of `datalake_pipeline` takes it; what is left out has the same defaults.",
            ),
            ..Parameter::default()
        };
        let at = Parameter {
            name: "at".to_owned(),
            param_type: Type::String,
            description: Description::markdown(
                "When the file is judged, once at most, such as `2026-01-31T12:00:00Z`: needed by rules that look at the clock.",
            ),
            ..Parameter::default()
        };
        let mut schema = schema(
            "What a pipeline would say of a file.",
            "Judges a text as a pipeline judges a file of a dataset, with the engine that runs in its functions, and returns the \
             verdict, so that a contract can be held against samples in `terraform test`, in `check` blocks and in `terraform \
             console` before anything is deployed. A dataset that `datalake_pipeline` would refuse is an error.\n\n\
             The result has `passed`; `verdict`, which is `passed` or the word for why the file is refused as a whole \
             (`score_below_threshold`, `dataset_rule_failed`, …), and a sentence about that in `message`; `score` (0 to 100); \
             `rows` with the counts `total`, `good`, `quarantined` and `dropped`; `failed_rules`, the number of rows that fail each \
             rule; `object_rules`, a `name`, `rule`, `result` (`PASS`, `FAIL`, `ERROR`) and `message` for each rule about the file \
             as a whole; and `reasons`, a `line`, `column`, `rule` and `message` for each reason for which a row is quarantined, \
             those of the first thousand.\n\n\
             The file is taken for the first of its dataset. What only a running pipeline knows is unknown here: a rule that needs \
             the digest of the file, or another dataset, does not hold.",
            &[("content", content)],
            Evaluation::schema(),
        );
        schema.parameters.insert(0, dataset);
        schema.variadic = Some(at);
        Some(schema)
    }

    async fn call<'a>(&self, diags: &mut Diagnostics, given: Arguments) -> Option<Evaluation> {
        let Arguments { dataset, content, at } = given;
        let dataset = dataset
            .read(&resource_schema::dataset())
            .map_err(|problem| told(&problem))
            .and_then(dataset_spec);
        let spec = answer(diags, "The dataset cannot be used", 0, dataset)?;
        let at = answer(diags, "The time cannot be used", 2, moment(at.as_deref()))?;
        let compiled = answer(diags, "The dataset cannot be used", 0, compiled(&spec, at))?;
        answer(diags, "The content cannot be judged", 1, evaluate(&compiled, &spec, &content, at))
    }
}

fn dataset_spec(dataset: Dataset) -> Result<DatasetSpec, String> {
    let all = |problems: Vec<Problem>| problems.iter().map(told).collect::<Vec<_>>().join("; ");
    Settings::of_dataset(NAME, dataset).map_err(all)
}

fn moment(text: Option<&str>) -> Result<Option<i64>, String> {
    let wrong = |text: &str| format!("`{text}` is no time such as `2026-01-31T12:00:00Z`");
    text.map(|text| parse_timestamp(text).ok_or_else(|| wrong(text))).transpose()
}

/// The dataset with its rules; without a time none may ask for it.
fn compiled(spec: &DatasetSpec, at: Option<i64>) -> Result<CompiledDataset, String> {
    let all = |problems: Vec<datalake_core::check::Problem>| {
        problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; ")
    };
    let compiled = CompiledDataset::compile(NAME, spec).map_err(all)?;
    let timeless = Capabilities { clock: false, file_time: false, ..Capabilities::HANDLERS };
    if at.is_none() && lower_with(spec, timeless).is_err() {
        let message = "a rule looks at the clock: say when the file is judged in a third argument, such as \
                       `\"2026-01-31T12:00:00Z\"`, or `plantimestamp()` for now";
        return Err(message.to_owned());
    }
    Ok(compiled)
}

/// The verdict on a file that holds this text and is the first of its dataset.
fn evaluate(
    dataset: &CompiledDataset,
    spec: &DatasetSpec,
    content: &str,
    at: Option<i64>,
) -> Result<Evaluation, String> {
    if content.len() > LONGEST {
        return Err(format!("it has {} bytes; at most {LONGEST} are read", content.len()));
    }
    let size_bytes = content.len() as u64;
    let surroundings = Surroundings {
        now: at,
        file: FileFacts { last_modified: at, ..Surroundings::of_size(size_bytes).file },
        history: Some(Vec::new()),
        ..Surroundings::default()
    };
    let key = format!("{}content", spec.prefix);
    let run = ObjectRun::of_text(dataset, ObjectFacts { process_id: NAME, key: &key, size_bytes });
    let judged = run.surrounded_by(surroundings).judge_whole(content.as_bytes());
    let (verdict, files) = judged.map_err(|error| error.to_string())?;
    Evaluation::of(verdict, &files)
}

#[cfg(test)]
mod tests;
