//! A sample of JSON: a document, an array, or an object a line.

use serde_json::{Map, Value};

use super::Seen;
use super::kind::{Kind, Shape};

/// How deep objects are taken apart; a deeper one is `json`.
const DEEPEST: usize = 16;

/// The columns of a sample.
pub fn read(sample: &str) -> Result<Seen, String> {
    let mut rows = Vec::new();
    for value in serde_json::Deserializer::from_str(sample).into_iter::<Value>() {
        match value.map_err(|error| format!("the sample is not JSON: {error}"))? {
            Value::Array(items) => rows.extend(items),
            row => rows.push(row),
        }
    }
    let mut seen = Seen::new();
    for (at, row) in rows.iter().enumerate() {
        let Value::Object(row) = row else {
            return Err(format!("row {} of the sample is not an object", at + 1));
        };
        object(row, "", 0, &mut seen)?;
    }
    // A place that holds an object in one row and something else in another cannot be both; one that is null says nothing.
    let parents: Vec<String> =
        seen.keys().filter(|name| seen.keys().any(|other| within(other, name))).cloned().collect();
    for name in parents {
        if seen.get(&name).is_some_and(|kind| kind.is_seen()) {
            seen.retain(|other, _| !within(other, &name));
            seen.insert(name, Kind::mixed());
        } else {
            seen.remove(&name);
        }
    }
    Ok(seen.into_iter().map(|(name, kind)| (name, kind.among(rows.len()))).collect())
}

fn within(name: &str, parent: &str) -> bool {
    name.strip_prefix(parent).is_some_and(|rest| rest.starts_with('.'))
}

fn object(row: &Map<String, Value>, prefix: &str, depth: usize, seen: &mut Seen) -> Result<(), String> {
    for (key, value) in row {
        if key.contains('.') {
            return Err(format!(
                "the field `{prefix}{key}`: a dot in a name cannot be told from a nested object"
            ));
        }
        let name = format!("{prefix}{key}");
        let shape = match value {
            Value::Object(inner) if !inner.is_empty() && depth < DEEPEST => {
                object(inner, &format!("{name}."), depth + 1, seen)?;
                continue;
            }
            // A null says nothing of what a value would be; alone it makes a column all the same.
            Value::Null => {
                seen.entry(name).or_default();
                continue;
            }
            Value::Object(inner) if inner.is_empty() => {
                seen.entry(name).or_default().add_empty_object();
                continue;
            }
            Value::Bool(_) => Shape::Boolean,
            Value::Number(number) if number.is_i64() => Shape::Bigint,
            Value::Number(_) => Shape::Double,
            Value::String(text) => Shape::of_text(text),
            Value::Array(_) | Value::Object(_) => Shape::Json,
        };
        seen.entry(name).or_default().add(shape, true);
    }
    Ok(())
}
