//! JSON Schema documents and the columns they become, and what is refused with its pointer.

#![allow(clippy::unwrap_used, reason = "a case that cannot be read is a fault of the test")]

use datalake_core::json_schema::columns;
use serde_json::{Value, json};

/// Properties, the required ones, and the columns as they are written into `pipeline.json`.
#[test]
fn documents_that_are_taken() {
    let cases = [
        (json!({"a": {"type": "string"}}), json!([]), json!({"a": {"type": "string"}})),
        (json!({"a": {"type": "integer"}}), json!(["a"]), json!({"a": {"type": "bigint", "required": true}})),
        (json!({"a": {"type": "number"}}), json!([]), json!({"a": {"type": "double"}})),
        (json!({"a": {"type": "boolean"}}), json!([]), json!({"a": {"type": "boolean"}})),
        (json!({"a": {"type": ["string", "null"]}}), json!([]), json!({"a": {"type": "string"}})),
        (json!({"a": {"type": "array"}}), json!([]), json!({"a": {"type": "json"}})),
        (json!({"a": {"type": "object"}}), json!([]), json!({"a": {"type": "json"}})),
        (json!({"a": {"type": "string", "format": "date"}}), json!([]), json!({"a": {"type": "date"}})),
        (
            json!({"a": {"type": "string", "format": "date-time"}}),
            json!([]),
            json!({"a": {"type": "timestamp"}}),
        ),
        (
            json!({"a": {"type": "string", "format": "email"}}),
            json!([]),
            json!({"a": {"type": "string", "pattern": "email"}}),
        ),
        (
            json!({"a": {"type": "string", "format": "uuid", "title": "Id", "description": "x"}}),
            json!([]),
            json!({"a": {"type": "string", "pattern": "uuid"}}),
        ),
        (
            json!({"a": {"type": "string", "pattern": "^x"}}),
            json!([]),
            json!({"a": {"type": "string", "pattern": "(?s:.*)(?:^x)(?s:.*)"}}),
        ),
        (
            json!({"a": {"type": "string", "enum": ["x", "y", null]}}),
            json!([]),
            json!({"a": {"type": "string", "enum": ["x", "y"]}}),
        ),
        (
            json!({"a": {"type": "integer", "const": 5}}),
            json!([]),
            json!({"a": {"type": "bigint", "enum": ["5"]}}),
        ),
        (
            json!({"a": {"type": "number", "minimum": -1.5, "maximum": 10}}),
            json!([]),
            json!({"a": {"type": "double", "minimum": "-1.5", "maximum": "10"}}),
        ),
        (
            json!({"a": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 5}}),
            json!([]),
            json!({"a": {"type": "bigint", "exclusive_minimum": "0", "exclusive_maximum": "5"}}),
        ),
        (
            json!({"a": {"type": "string", "minLength": 1, "maxLength": 5}}),
            json!([]),
            json!({"a": {"type": "string", "minimum_length": 1, "maximum_length": 5}}),
        ),
        (
            json!({"data": {"type": "object", "required": ["t"], "properties": {"t": {"type": "number"}, "u": {"type": "string"}}}}),
            json!(["data"]),
            json!({"data.t": {"type": "double", "required": true}, "data.u": {"type": "string"}}),
        ),
    ];
    for (properties, required, expected) in cases {
        let document = json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
            "properties": properties, "required": required, "additionalProperties": true});
        let found = columns(&document.to_string()).unwrap_or_else(|faults| panic!("{document}: {faults:?}"));
        assert_eq!(serde_json::to_value(found).unwrap(), expected, "{document}");
    }
}

#[test]
fn documents_that_are_refused() {
    let property = |property: Value| json!({"type": "object", "properties": {"a": property}});
    let cases = [
        (json!([]), "", "is not an object"),
        (json!({}), "", "declares no property"),
        (json!({"type": "array"}), "/type", "a row is an object"),
        (json!({"$ref": "#/x"}), "/$ref", "`$ref` is not supported"),
        (json!({"oneOf": []}), "/oneOf", "`oneOf` is not supported"),
        (json!({"properties": []}), "/properties", "is not an object"),
        (json!({"additionalProperties": false, "properties": {}}), "/additionalProperties", "new_columns"),
        (json!({"patternProperties": {}}), "/patternProperties", "is not supported"),
        (json!({"properties": {}, "required": ["a"]}), "/required", "`a` is not among the properties"),
        (json!({"properties": {}, "required": "a"}), "/required", "is not a list"),
        (json!({"properties": {"a.b": {"type": "string"}}}), "/properties/a.b", "a dot in a name"),
        (
            json!({"properties": {"a/b": {"x": 1, "type": "string"}}}),
            "/properties/a~1b/x",
            "is not supported",
        ),
        (property(json!({})), "/properties/a/type", "needs one type"),
        (property(json!({"type": "date"})), "/properties/a/type", "needs one of"),
        (property(json!({"type": ["string", "integer"]})), "/properties/a/type", "needs one of"),
        (property(json!({"type": "string", "format": "iri"})), "/properties/a/format", "only email"),
        (property(json!({"type": "integer", "format": "date"})), "/properties/a/format", "only email"),
        (property(json!({"type": "string", "pattern": "("})), "/properties/a/pattern", "cannot be used"),
        (property(json!({"type": "integer", "pattern": "x"})), "/properties/a/pattern", "is for strings"),
        (
            property(json!({"type": "string", "pattern": "x", "format": "email"})),
            "/properties/a/pattern",
            "beside a format",
        ),
        (property(json!({"type": "string", "minimum": 5})), "/properties/a/minimum", "for numbers"),
        (
            property(json!({"type": "number", "exclusiveMinimum": true})),
            "/properties/a/exclusiveMinimum",
            "for numbers",
        ),
        (property(json!({"type": "number", "minLength": 1})), "/properties/a/minLength", "is for strings"),
        (property(json!({"type": "string", "minLength": -1})), "/properties/a/minLength", "means nothing"),
        (
            property(json!({"type": "string", "enum": [5]})),
            "/properties/a/enum",
            "not of the property's type",
        ),
        (
            property(json!({"type": "string", "enum": ["x"], "const": "x"})),
            "/properties/a/const",
            "beside enum",
        ),
        (
            property(json!({"type": "array", "items": {"type": "string"}})),
            "/properties/a/items",
            "is not supported",
        ),
        (
            property(json!({"type": "number", "multipleOf": 5})),
            "/properties/a/multipleOf",
            "is not supported",
        ),
        (property(json!({"type": "string", "anyOf": []})), "/properties/a/anyOf", "is not supported"),
        (
            property(json!({"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]})),
            "/properties/a/required",
            "cannot be required where its object is not",
        ),
        (
            json!({"properties": {"a": {"type": ["string", "null"]}}, "required": ["a"]}),
            "/properties/a/type",
            "null counts as absent",
        ),
    ];
    for (document, pointer, part) in cases {
        let faults = columns(&document.to_string()).expect_err(&document.to_string());
        let found = faults.iter().find(|fault| fault.pointer == pointer);
        let found = found.unwrap_or_else(|| panic!("{document}: {faults:?}"));
        assert!(found.message.contains(part), "{document}: {found}");
    }
    assert!(columns("{").expect_err("no JSON")[0].message.contains("is not JSON"));
}
