//! As much of JSON Schema as the schemas of our events use; a word it does not know is a failed test.

use regex::Regex;
use serde_json::Value;

/// Everything in `value` that `schema` does not allow.
pub fn problems(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let words = schema.as_object().unwrap();
    words.iter().flat_map(|(word, rule)| check(schema, word, rule, value, path)).collect()
}

fn check(schema: &Value, word: &str, rule: &Value, value: &Value, path: &str) -> Vec<String> {
    let holds = match word {
        "$schema" | "title" | "description" | "format" => true,
        "type" => has_type(rule.as_str().unwrap(), value),
        "const" => value == rule,
        "enum" => rule.as_array().unwrap().contains(value),
        "items" => {
            let items = value.as_array().into_iter().flatten().enumerate();
            return items.flat_map(|(at, item)| problems(rule, item, &format!("{path}[{at}]"))).collect();
        }
        "pattern" => {
            value.as_str().is_none_or(|text| Regex::new(rule.as_str().unwrap()).unwrap().is_match(text))
        }
        "minLength" => value.as_str().is_none_or(|text| text.len() as u64 >= rule.as_u64().unwrap()),
        "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
        "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
        "required" => rule.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
        "properties" => return properties(rule, value, path),
        "additionalProperties" => return additional(schema, rule, value, path),
        other => panic!("the schema uses {other:?}"),
    };
    if holds { Vec::new() } else { vec![format!("{path}: {word} {rule}, but {value}")] }
}

fn properties(rule: &Value, value: &Value, path: &str) -> Vec<String> {
    let known = rule.as_object().unwrap().iter();
    known
        .flat_map(|(name, schema)| {
            value.get(name).map(|value| problems(schema, value, &format!("{path}.{name}")))
        })
        .flatten()
        .collect()
}

fn additional(schema: &Value, rule: &Value, value: &Value, path: &str) -> Vec<String> {
    let others =
        value.as_object().unwrap().iter().filter(|(name, _)| schema["properties"].get(name).is_none());
    others
        .flat_map(|(name, value)| match rule {
            Value::Bool(false) => vec![format!("{path}.{name}: not in the schema")],
            schema => problems(schema, value, &format!("{path}.{name}")),
        })
        .collect()
}

fn has_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("the schema uses the type {other:?}"),
    }
}
