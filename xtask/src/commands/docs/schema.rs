//! The schema part of a page, in the form and words registries use: Required, Optional, Read-Only, nested schemas.

use std::fmt::Write as _;

use serde_json::Value;

/// A group of attributes: its heading, and which attributes belong to it.
type Group = (&'static str, fn(&Value) -> bool);

const GROUPS: [Group; 3] =
    [("Required", is_required), ("Optional", is_optional), ("Read-Only", is_read_only)];

fn is_required(attribute: &Value) -> bool {
    attribute["required"] == true
}

fn is_optional(attribute: &Value) -> bool {
    attribute["optional"] == true
}

fn is_read_only(attribute: &Value) -> bool {
    !is_required(attribute) && !is_optional(attribute)
}

/// A nested schema still to be written: where it is, and its attributes.
struct Nested<'a> {
    path: Vec<&'a str>,
    schema: &'a Value,
}

/// Every section about a block.
#[must_use]
pub fn sections(block: &Value) -> String {
    let mut text =
        "\n<!-- written by `cargo xtask docs` from the provider's schema -->\n\n## Schema\n".to_owned();
    let mut nested = groups(&mut text, block, &[], "### ", "");
    // Depth first, each nested schema right after the one it belongs to: the order of the registry's own pages.
    nested.reverse();
    while let Some(next) = nested.pop() {
        let _ = write!(
            text,
            "\n<a id=\"{}\"></a>\n### Nested Schema for `{}`\n",
            anchor(&next.path),
            next.path.join(".")
        );
        let mut deeper = groups(&mut text, next.schema, &next.path, "", ":");
        deeper.reverse();
        nested.append(&mut deeper);
    }
    text
}

/// Writes the groups of one schema; returns the schemas nested in it.
fn groups<'a>(
    text: &mut String,
    schema: &'a Value,
    path: &[&'a str],
    before: &str,
    after: &str,
) -> Vec<Nested<'a>> {
    let mut nested = Vec::new();
    for (heading, belongs) in GROUPS {
        let attributes = schema["attributes"].as_object().into_iter().flatten();
        let mut attributes = attributes.filter(|(_, attribute)| belongs(attribute)).peekable();
        if attributes.peek().is_some() {
            let _ = write!(text, "\n{before}{heading}{after}\n\n");
        }
        for (name, attribute) in attributes {
            let path: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
            let _ = writeln!(text, "{}", line(name, attribute, &path));
            if attribute["nested_type"].is_object() {
                nested.push(Nested { path, schema: &attribute["nested_type"] });
            }
        }
    }
    nested
}

fn line(name: &str, attribute: &Value, path: &[&str]) -> String {
    let kind = match attribute["nested_type"]["nesting_mode"].as_str() {
        Some("single") => "Attributes".to_owned(),
        Some(mode) => format!("Attributes {}", capitalised(mode)),
        None => type_word(&attribute["type"]),
    };
    let sensitive = if attribute["sensitive"] == true { ", Sensitive" } else { "" };
    let description = attribute["description"].as_str().unwrap_or_default().trim();
    let below = match attribute["nested_type"].is_object() {
        true => format!("(see [below for nested schema](#{}))", anchor(path)),
        false => String::new(),
    };
    let parts = [&*format!("- `{name}` ({kind}{sensitive})"), description, &below];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn anchor(path: &[&str]) -> String {
    format!("nestedatt--{}", path.join("--"))
}

/// A type as registries write it: `String`, `List of String`, `Map of Object`.
#[must_use]
pub fn type_word(kind: &Value) -> String {
    match (kind.as_str(), &kind[0], &kind[1]) {
        (Some("bool"), ..) => "Boolean".to_owned(),
        (Some(word), ..) => capitalised(word),
        (None, Value::String(word), _) if word == "object" => "Object".to_owned(),
        (None, Value::String(word), element) => format!("{} of {}", capitalised(word), type_word(element)),
        _ => "Dynamic".to_owned(),
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn types() {
        let cases = [
            (json!("string"), "String"),
            (json!("bool"), "Boolean"),
            (json!(["list", "string"]), "List of String"),
            (json!(["map", ["object", {"a": "string"}]]), "Map of Object"),
            (json!(null), "Dynamic"),
        ];
        for (kind, expected) in cases {
            assert_eq!(type_word(&kind), expected);
        }
    }

    #[test]
    fn nested_schemas_follow_their_attribute() {
        let column =
            json!({"nesting_mode": "map", "attributes": {"type": {"type": "string", "required": true}}});
        let dataset = json!({"nesting_mode": "map", "attributes": {
            "columns": {"nested_type": column, "optional": true, "description": "Its columns."},
            "format": {"type": "string", "required": true}}});
        let block = json!({"attributes": {
            "arn": {"type": "string", "computed": true, "sensitive": true},
            "datasets": {"nested_type": dataset, "required": true}}});
        let expected = "\n### Required\n\n- `datasets` (Attributes Map) (see [below for nested schema](#nestedatt--datasets))\n\
            \n### Read-Only\n\n- `arn` (String, Sensitive)\n\
            \n<a id=\"nestedatt--datasets\"></a>\n### Nested Schema for `datasets`\n\nRequired:\n\n- `format` (String)\n\
            \nOptional:\n\n- `columns` (Attributes Map) Its columns. (see [below for nested schema](#nestedatt--datasets--columns))\n\
            \n<a id=\"nestedatt--datasets--columns\"></a>\n### Nested Schema for `datasets.columns`\n\nRequired:\n\n- `type` (String)\n";
        let text = sections(&block);
        assert!(text.ends_with(expected), "{text}");
    }
}
