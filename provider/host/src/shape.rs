//! For tests: does what a state struct writes agree with its schema?
//!
//! Terraform refuses a value that lacks an attribute or has one too many, without saying which. These
//! functions say which, for every nested object, before Terraform is asked.

use serde::Serialize;
use tf_provider::schema::Schema;

use crate::any::Any;
use crate::tree::{Kind, Node};

/// Every attribute of the schema with its type: `datasets[*].columns[*].minimum` is a `number`.
///
/// `[*]` stands for any key, index or element; what holds others is an `object`, `list`, `set` or `map`.
pub fn schema_keys(schema: &Schema) -> Vec<(String, String)> {
    let mut keys = Vec::new();
    collect(Node::of(schema), "", &mut keys);
    keys
}

/// How a value differs from the schema in its keys and types; empty if it does not.
///
/// # Assumptions
///
/// The value is a full example: each nested object is set and each collection of objects has at least one
/// element. Where that is not so, the members cannot be compared, and that is reported too.
pub fn check_shape(schema: &Schema, value: &impl Serialize) -> Vec<String> {
    let read = rmp_serde::to_vec_named(value)
        .map_err(|error| error.to_string())
        .and_then(|bytes| rmp_serde::from_slice::<Any>(&bytes).map_err(|error| error.to_string()));
    let mut faults = Vec::new();
    match read {
        Ok(any) => compare(Node::of(schema), &any, "", &mut faults),
        Err(error) => faults.push(format!("the value cannot be encoded: {error}")),
    }
    faults
}

fn collect(node: Node<'_>, at: &str, keys: &mut Vec<(String, String)>) {
    match node.kind() {
        Kind::Object(members) => {
            for (name, member) in members {
                let at = join(at, name);
                keys.push((at.clone(), type_name(member).to_owned()));
                collect(member, &at, keys);
            }
        }
        Kind::List(element) | Kind::Set(element) | Kind::Map(element) => {
            collect(element, &format!("{at}[*]"), keys);
        }
        Kind::Tuple(types) => {
            for (index, it) in types.iter().enumerate() {
                collect(Node::Type(it), &format!("{at}[{index}]"), keys);
            }
        }
        Kind::Scalar(_) | Kind::Dynamic => {}
    }
}

fn compare(node: Node<'_>, value: &Any, at: &str, faults: &mut Vec<String>) {
    match (node.kind(), value) {
        (_, Any::Null | Any::Unknown) => {
            if node.holds_members() {
                faults.push(format!("{at}: not set, so its members cannot be compared"));
            }
        }
        (Kind::Object(members), Any::Map(entries)) => compare_members(&members, entries, at, faults),
        (Kind::List(element) | Kind::Set(element), Any::Seq(items)) => {
            let items = items.iter().enumerate().map(|(index, item)| (format!("{at}[{index}]"), item));
            compare_elements(element, items.collect(), at, faults);
        }
        (Kind::Map(element), Any::Map(entries)) => {
            let entries = entries.iter().map(|(key, item)| (format!("{at}[{key:?}]"), item));
            compare_elements(element, entries.collect(), at, faults);
        }
        (Kind::Tuple(types), Any::Seq(items)) if types.len() == items.len() => {
            for (index, (it, item)) in types.iter().zip(items).enumerate() {
                compare(Node::Type(it), item, &format!("{at}[{index}]"), faults);
            }
        }
        (Kind::Scalar(name), value) if is_a(name, value) => {}
        (Kind::Dynamic, _) => {}
        _ => faults.push(format!(
            "{at}: the schema says {}, the value is {}",
            type_name(node),
            describe(value)
        )),
    }
}

fn compare_members(
    members: &[(&str, Node<'_>)],
    entries: &[(String, Any)],
    at: &str,
    faults: &mut Vec<String>,
) {
    for (name, member) in members {
        match entries.iter().find(|(key, _)| key == name) {
            Some((_, value)) => compare(*member, value, &join(at, name), faults),
            None => faults.push(format!("{}: in the schema only", join(at, name))),
        }
    }
    for (key, _) in entries.iter().filter(|(key, _)| members.iter().all(|(name, _)| name != key)) {
        faults.push(format!("{}: in the value only", join(at, key)));
    }
}

fn compare_elements(element: Node<'_>, items: Vec<(String, &Any)>, at: &str, faults: &mut Vec<String>) {
    if items.is_empty() && element.holds_members() {
        faults.push(format!("{at}: empty, so its members cannot be compared"));
    }
    for (at, item) in items {
        compare(element, item, &at, faults);
    }
}

/// Whether a value may be sent for a scalar type; a number may be its decimal text.
fn is_a(name: &str, value: &Any) -> bool {
    match (name, value) {
        ("string", Any::Text(_)) | ("bool", Any::Bool(_)) => true,
        ("number", Any::Int(_) | Any::Uint(_) | Any::Float(_)) => true,
        ("number", Any::Text(text)) => text.parse::<crate::Num>().is_ok(),
        _ => false,
    }
}

fn type_name(node: Node<'_>) -> &'static str {
    match node.kind() {
        Kind::Object(_) => "object",
        Kind::List(_) => "list",
        Kind::Set(_) => "set",
        Kind::Map(_) => "map",
        Kind::Tuple(_) => "tuple",
        Kind::Scalar(name) => name,
        Kind::Dynamic => "dynamic",
    }
}

fn describe(value: &Any) -> &'static str {
    match value {
        Any::Null => "null",
        Any::Unknown => "unknown",
        Any::Bool(_) => "a bool",
        Any::Int(_) | Any::Uint(_) | Any::Float(_) => "a number",
        Any::Text(_) => "a string",
        Any::Bytes(_) => "bytes",
        Any::Seq(_) => "a sequence",
        Any::Map(_) => "a map or object",
    }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;
    use tf_provider::schema::{Attribute, AttributeType as T, Block};

    use super::*;

    fn members(all: Vec<(&str, T)>) -> HashMap<String, Attribute> {
        let attribute = |attr_type| Attribute { attr_type, ..Attribute::default() };
        all.into_iter().map(|(name, it)| (name.to_owned(), attribute(it))).collect()
    }

    fn schema() -> Schema {
        let part = T::AttributeMap(members(vec![("ratio", T::Number), ("note", T::String)]));
        let attributes =
            members(vec![("name", T::String), ("parts", part), ("tags", T::Map(T::String.into()))]);
        Schema { version: 0, block: Block { attributes, ..Block::default() } }
    }

    fn check(value: serde_json::Value, expect: &[&str]) {
        assert_eq!(check_shape(&schema(), &value), expect, "{value}");
    }

    #[test]
    fn every_attribute_is_listed_with_its_type() {
        let keys = schema_keys(&schema());
        let keys: Vec<_> = keys.iter().map(|(path, it)| (path.as_str(), it.as_str())).collect();
        let parts = [("parts", "map"), ("parts[*].note", "string"), ("parts[*].ratio", "number")];
        assert_eq!(keys, [&[("name", "string")][..], &parts, &[("tags", "map")]].concat());
    }

    #[test]
    fn a_full_example_agrees() {
        check(json!({"name": "n", "tags": null, "parts": {"a": {"ratio": "0.1", "note": null}}}), &[]);
    }

    #[test]
    fn every_difference_is_named() {
        check(
            json!({"name": 1, "tags": {"t": true}, "more": 1, "parts": {"a": {"ratio": "x", "notes": ""}}}),
            &[
                "name: the schema says string, the value is a number",
                "parts[\"a\"].note: in the schema only",
                "parts[\"a\"].ratio: the schema says number, the value is a string",
                "parts[\"a\"].notes: in the value only",
                "tags[\"t\"]: the schema says string, the value is a bool",
                "more: in the value only",
            ],
        );
    }

    #[test]
    fn an_example_that_is_not_full_is_reported() {
        check(
            json!({"name": "n", "tags": {}, "parts": {}}),
            &["parts: empty, so its members cannot be compared"],
        );
    }
}
