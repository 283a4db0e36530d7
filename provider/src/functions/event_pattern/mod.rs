//! EventBridge's pattern language: a pattern read once, and whether an event matches it.
//!
//! Objects of a pattern follow those of the event; a list holds what a value may be, any one of which is enough. A list
//! in the event matches when one element does; of a list of objects one has to match all of the pattern below.

mod matcher;
mod wildcard;

use serde_json::{Map, Value};

use matcher::Matcher;

/// How deep patterns may be nested.
const DEEPEST: usize = 32;

/// A pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    fields: Vec<(String, Node)>,
    /// For each `$or` the alternatives.
    choices: Vec<Vec<Pattern>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Object(Pattern),
    AnyOf(Vec<Matcher>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
        let Value::Object(object) = value else { return Err("is not an object".to_owned()) };
        read(&object, "", 0)
    }

    /// Whether an event matches.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        self.fields.iter().all(|(name, node)| node.matches(event.get(name)))
            && self.choices.iter().all(|choice| choice.iter().any(|pattern| pattern.matches(event)))
    }
}

impl Node {
    fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Object(pattern) => match value {
                Some(Value::Array(items)) if items.iter().any(Value::is_object) => {
                    items.iter().any(|item| item.is_object() && pattern.matches(item))
                }
                Some(object @ Value::Object(_)) => pattern.matches(object),
                // In what is no object nothing exists, which a pattern may ask for.
                _ => pattern.matches(&Value::Null),
            },
            Self::AnyOf(matchers) => matchers.iter().any(|matcher| match matcher {
                Matcher::Exists(wanted) => exists(value) == *wanted,
                matcher => leaves(value).any(|leaf| matcher.matches(leaf)),
            }),
        }
    }
}

/// Whether there is a value: an object or an empty list is none.
fn exists(value: Option<&Value>) -> bool {
    leaves(value).next().is_some()
}

/// The values to be matched: the value, or those of a list.
fn leaves(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let items = match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(value) => std::slice::from_ref(value),
        None => &[],
    };
    items.iter().filter(|leaf| !leaf.is_object() && !leaf.is_array())
}

fn read(object: &Map<String, Value>, at: &str, depth: usize) -> Result<Pattern, String> {
    let here = if at.is_empty() { "the pattern" } else { at };
    if object.is_empty() {
        return Err(format!("{here}: an empty object says nothing"));
    }
    if depth > DEEPEST {
        return Err(format!("{here}: objects are nested more than {DEEPEST} deep"));
    }
    let mut pattern = Pattern { fields: Vec::new(), choices: Vec::new() };
    for (name, value) in object {
        let place = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        match value {
            Value::Array(list) if name == "$or" => pattern.choices.push(choice(list, at, &place, depth)?),
            Value::Array(list) if list.is_empty() => {
                return Err(format!("{place}: an empty list matches nothing"));
            }
            Value::Array(list) => {
                let matchers: Result<Vec<Matcher>, String> = list.iter().map(Matcher::read).collect();
                let matchers = matchers.map_err(|message| format!("{place}: {message}"))?;
                pattern.fields.push((name.clone(), Node::AnyOf(matchers)));
            }
            Value::Object(inner) => {
                pattern.fields.push((name.clone(), Node::Object(read(inner, &place, depth + 1)?)));
            }
            other => return Err(format!("{place}: {other} has to stand in a list: [{other}]")),
        }
    }
    Ok(pattern)
}

fn choice(list: &[Value], at: &str, place: &str, depth: usize) -> Result<Vec<Pattern>, String> {
    if list.len() < 2 {
        return Err(format!("{place}: needs at least two patterns to choose from"));
    }
    let one = |value: &Value| match value {
        Value::Object(object) => read(object, at, depth + 1),
        _ => Err(format!("{place}: holds patterns, each an object")),
    };
    list.iter().map(one).collect()
}

#[cfg(test)]
mod tests;
