//! `infer_columns`: a first declaration of columns from a sample, to be looked at and tightened by its reader.

mod csv;
mod json;
mod kind;

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use datalake_core::check::{Step, check_dataset};
use datalake_core::spec::DatasetSpec;
use serde::Serialize;
use serde_json::json;
use tf_provider::schema::{FunctionSchema, Type};
use tf_provider::{Diagnostics, Function};

use super::{answer, schema};
use kind::Kind;

/// Longest sample in bytes: it goes through the plan.
const LONGEST: usize = 1 << 20;

/// The function.
#[derive(Debug, Clone, Copy)]
pub struct InferColumns;

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Inferred {
    /// Type of the values.
    #[serde(rename = "type")]
    pub column_type: &'static str,
    /// Whether every row has one.
    pub required: bool,
}

#[async_trait]
impl Function for InferColumns {
    type Input<'a> = (String,);
    type Output<'a> = BTreeMap<String, Inferred>;

    fn schema(&self, _: &mut Diagnostics) -> Option<FunctionSchema> {
        let column = [("type".to_owned(), Type::String), ("required".to_owned(), Type::Bool)];
        Some(schema(
            "Columns as a sample suggests them.",
            "Reads a sample of rows and returns what `columns` of a dataset may be: by name the narrowest type that fits every \
             value, and whether every row has a value. The sample is JSON (an object, an array of objects, or an object a line) or \
             else CSV with a header line, with tabs if the header has any. Nested objects become dotted columns; what differs in \
             kind from row to row becomes `json`, texts that are no numbers throughout stay `string`. At most 1 MiB. A sample says \
             little about the data to come: look at the result before you rely on it.",
            &[("sample", "The text of the sample, such as `file(\"sample.ndjson\")`.")],
            Type::Map(Type::Object(HashMap::from(column)).into()),
        ))
    }

    async fn call<'a>(
        &self,
        diags: &mut Diagnostics,
        (sample,): (String,),
    ) -> Option<BTreeMap<String, Inferred>> {
        answer(diags, "No columns can be inferred", 0, infer(&sample))
    }
}

/// The columns of a sample.
///
/// # Errors
/// When it cannot be read, or its columns could not be declared.
pub fn infer(sample: &str) -> Result<BTreeMap<String, Inferred>, String> {
    if sample.len() > LONGEST {
        return Err(format!("the sample has {} bytes; at most {LONGEST} are read", sample.len()));
    }
    let sample = sample.strip_prefix('\u{feff}').unwrap_or(sample);
    let seen = match sample.trim_start().chars().next() {
        None => return Err("the sample is empty".to_owned()),
        Some('{' | '[') => json::read(sample)?,
        Some(_) => csv::read(sample)?,
    };
    let columns = seen.into_iter().map(|(name, kind)| (name, kind.column()));
    let columns: BTreeMap<_, _> = columns.collect();
    if columns.is_empty() {
        return Err("no row of the sample has a field".to_owned());
    }
    declarable(&columns)?;
    Ok(columns)
}

/// Columns by name, as far as they have been seen.
type Seen = BTreeMap<String, Kind>;

/// What a dataset could not declare must not be suggested.
fn declarable(columns: &BTreeMap<String, Inferred>) -> Result<(), String> {
    let dataset = json!({
        "format": "json", "prefix": "x/", "compression": "auto", "columns": columns,
        "quality": {"threshold_percent": 0.0}, "output": {"partition_by": [], "compression": "none"},
    });
    let dataset: DatasetSpec = serde_json::from_value(dataset).map_err(|error| error.to_string())?;
    let problems = check_dataset(&dataset);
    let Some(problem) = problems.first() else { return Ok(()) };
    match problem.path.last() {
        Some(Step::Key(name)) => Err(format!("the field `{name}`: {}", problem.message)),
        _ => Err(problem.message.clone()),
    }
}

#[cfg(test)]
mod tests;
