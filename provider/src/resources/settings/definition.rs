//! The definition: the inputs of a pipeline as a document kept beside its data, from which import rebuilds them.
//!
//! It keeps what the plan said, exactly: null is told from empty, a number keeps its digits. So the plan after an import
//! is empty where the configuration says the same.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::model::{FUNCTIONS, Function, Model};

/// The layout version of the document.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition<T> {
    version: u32,
    pipeline: T,
}

/// The document of a model's inputs, all of which must be known.
#[must_use]
pub fn to_definition(model: &Model) -> Value {
    let whole = serde_json::to_value(Definition { version: VERSION, pipeline: model });
    // Plain structs with text keys cannot fail; should they ever, the error itself is the document and cannot hide.
    let mut document = whole.unwrap_or_else(|error| Value::String(error.to_string()));
    remove(&mut document["pipeline"], Model::OUTPUTS);
    for function in FUNCTIONS {
        if let Some(function) = document.pointer_mut(&format!("/pipeline/functions/{function}")) {
            remove(function, Function::OUTPUTS);
        }
    }
    document
}

fn remove(object: &mut Value, keys: &[&str]) {
    if let Value::Object(members) = object {
        members.retain(|key, _| !keys.contains(&key.as_str()));
    }
}

/// The model of a document; its outputs are null.
///
/// # Errors
/// When the document is not one of ours, or of a newer version.
pub fn from_definition(document: &Value) -> Result<Model, String> {
    let version = document.get("version").and_then(Value::as_u64);
    if let Some(version) = version.filter(|version| *version > VERSION.into()) {
        return Err(format!(
            "the document has version {version}, written by a newer provider; this one reads {VERSION}"
        ));
    }
    let definition: Definition<Model> = Definition::deserialize(document)
        .map_err(|error| format!("the document is not a pipeline's definition: {error}"))?;
    if !definition.pipeline.inputs_known() {
        return Err("the document holds unknown values".to_owned());
    }
    Ok(definition.pipeline.with_outputs_of(None))
}
