//! A JSON Schema document as declared columns, so that both are one thing to the engine.
//!
//! Taken are the keywords that columns can say: `type`, `properties`, `required`, `enum`, `const`, `pattern`, `format`
//! (`email`, `uuid`, `ipv4`, `hostname`, `date`, `date-time`), `minimum`, `maximum`, both exclusive ones, `minLength` and
//! `maxLength`; nested objects become dotted columns. Every other keyword is a fault with its JSON pointer: a document is
//! never taken for less than it says. To the engine a value that is null is absent.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::spec::{ColumnSpec, ColumnType};

/// Keywords that say nothing about values.
const NOTES: [&str; 10] = [
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
];
/// Keywords of values.
const OF_VALUES: [&str; 11] = [
    "type",
    "enum",
    "const",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
];
/// How deep objects may be nested.
const DEEPEST: usize = 16;

/// Something that cannot be taken, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", if pointer.is_empty() { "the document" } else { pointer })]
pub struct SchemaFault {
    /// JSON pointer to it.
    pub pointer: String,
    /// What is wrong, and what can be done.
    pub message: String,
}

/// The columns a document declares.
///
/// # Errors
/// Everything that cannot be taken.
pub fn columns(document: &str) -> Result<BTreeMap<String, ColumnSpec>, Vec<SchemaFault>> {
    let fault = |message: String| vec![SchemaFault { pointer: String::new(), message }];
    let root: Value =
        serde_json::from_str(document).map_err(|error| fault(format!("is not JSON: {error}")))?;
    let Value::Object(root) = root else { return Err(fault("is not an object".to_owned())) };
    let mut reader = Reader::default();
    reader.object(&root, "", "", true, 0);
    if reader.faults.is_empty() && reader.columns.is_empty() {
        reader.fault("", "declares no property, so there would be no column");
    }
    if reader.faults.is_empty() { Ok(reader.columns) } else { Err(reader.faults) }
}

#[derive(Default)]
struct Reader {
    columns: BTreeMap<String, ColumnSpec>,
    faults: Vec<SchemaFault>,
}

impl Reader {
    fn fault(&mut self, pointer: &str, message: impl Into<String>) {
        self.faults.push(SchemaFault { pointer: pointer.to_owned(), message: message.into() });
    }

    /// An object's properties; `must` when rows always have the object.
    fn object(&mut self, schema: &Map<String, Value>, pointer: &str, prefix: &str, must: bool, depth: usize) {
        for (keyword, value) in schema {
            let at = format!("{pointer}/{}", escaped(keyword));
            match keyword.as_str() {
                "type" | "properties" | "required" => {}
                "additionalProperties" if *value == Value::Bool(true) => {}
                "additionalProperties" => self.fault(
                    &at,
                    "is not supported; quality.schema_drift.new_columns says what undeclared fields bring about",
                ),
                note if NOTES.contains(&note) => {}
                other => self.fault(&at, format!("`{other}` is not supported for objects")),
            }
        }
        if schema.get("type").is_some_and(|kind| *kind != "object") && prefix.is_empty() {
            self.fault(&format!("{pointer}/type"), "a row is an object");
        }
        if depth > DEEPEST {
            return self.fault(pointer, format!("objects are nested more than {DEEPEST} deep"));
        }
        let required = self.required(schema, pointer);
        let Some(properties) = schema.get("properties") else { return };
        let at = format!("{pointer}/properties");
        let Value::Object(properties) = properties else { return self.fault(&at, "is not an object") };
        for name in required.iter().filter(|name| !properties.contains_key(**name)) {
            self.fault(&format!("{pointer}/required"), format!("`{name}` is not among the properties"));
        }
        for (name, property) in properties {
            let at = format!("{at}/{}", escaped(name));
            let Value::Object(property) = property else {
                self.fault(&at, "is not an object");
                continue;
            };
            if name.contains('.') {
                self.fault(&at, "a dot in a name cannot be told from a nested object");
                continue;
            }
            let needed = required.contains(&name.as_str());
            if needed && !must {
                self.fault(
                    &format!("{pointer}/required"),
                    format!("`{name}` cannot be required where its object is not"),
                );
            }
            self.property(property, &at, &format!("{prefix}{name}"), needed && must, depth);
        }
    }

    fn required<'s>(&mut self, schema: &'s Map<String, Value>, pointer: &str) -> Vec<&'s str> {
        let Some(required) = schema.get("required") else { return Vec::new() };
        let names: Option<Vec<&str>> =
            required.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        names.unwrap_or_else(|| {
            self.fault(&format!("{pointer}/required"), "is not a list of names");
            Vec::new()
        })
    }

    fn property(
        &mut self,
        schema: &Map<String, Value>,
        pointer: &str,
        name: &str,
        required: bool,
        depth: usize,
    ) {
        let Some((kind, nullable)) = self.kind(schema, pointer) else { return };
        if nullable && required {
            let message = "null counts as absent here, so a required property cannot allow it";
            return self.fault(&format!("{pointer}/type"), message);
        }
        if kind == "object" && schema.contains_key("properties") {
            return self.object(schema, pointer, &format!("{name}."), required && !nullable, depth + 1);
        }
        for keyword in schema.keys() {
            if !OF_VALUES.contains(&keyword.as_str()) && !NOTES.contains(&keyword.as_str()) {
                let at = format!("{pointer}/{}", escaped(keyword));
                self.fault(&at, format!("`{keyword}` is not supported"));
            }
        }
        let mut column = ColumnSpec { required, column_type: type_of(&kind), ..ColumnSpec::default() };
        self.format(schema, pointer, &kind, &mut column);
        self.texts(schema, pointer, &kind, &mut column);
        self.values(schema, pointer, &mut column);
        self.numbers(schema, pointer, &kind, &mut column);
        self.columns.insert(name.to_owned(), column);
    }

    /// The one type that is not null, and whether null is allowed beside it.
    fn kind(&mut self, schema: &Map<String, Value>, pointer: &str) -> Option<(String, bool)> {
        let at = format!("{pointer}/type");
        let known = ["string", "integer", "number", "boolean", "object", "array"];
        let words: Vec<&str> = match schema.get("type") {
            Some(Value::String(word)) => vec![word],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => {
                self.fault(&at, "a property needs one type");
                return None;
            }
        };
        let others: Vec<&str> = words.iter().copied().filter(|word| *word != "null").collect();
        match others.as_slice() {
            [one] if known.contains(one) => Some(((*one).to_owned(), others.len() < words.len())),
            _ => {
                self.fault(
                    &at,
                    format!("a property needs one of {}, and may allow null beside it", known.join(", ")),
                );
                None
            }
        }
    }

    fn format(&mut self, schema: &Map<String, Value>, pointer: &str, kind: &str, column: &mut ColumnSpec) {
        let Some(format) = schema.get("format") else { return };
        match (kind, format.as_str()) {
            ("string", Some("date")) => column.column_type = ColumnType::Date,
            ("string", Some("date-time")) => column.column_type = ColumnType::Timestamp,
            ("string", Some(named @ ("email" | "uuid" | "ipv4" | "hostname"))) => {
                column.pattern = Some(named.to_owned());
            }
            _ => self.fault(
                &format!("{pointer}/format"),
                "only email, uuid, ipv4, hostname, date and date-time of strings are supported",
            ),
        }
    }

    fn texts(&mut self, schema: &Map<String, Value>, pointer: &str, kind: &str, column: &mut ColumnSpec) {
        for keyword in ["pattern", "minLength", "maxLength"] {
            let Some(value) = schema.get(keyword) else { continue };
            let at = format!("{pointer}/{keyword}");
            if kind != "string" || column.column_type != ColumnType::String {
                self.fault(&at, "is for strings without a date format");
                continue;
            }
            let length = value.as_u64().and_then(|length| u32::try_from(length).ok());
            match (keyword, value.as_str(), length) {
                ("pattern", Some(_), _) if column.pattern.is_some() => {
                    self.fault(&at, "cannot stand beside a format");
                }
                // A pattern of JSON Schema may match anywhere in the text.
                ("pattern", Some(pattern), _) => {
                    column.pattern = Some(format!("(?s:.*)(?:{pattern})(?s:.*)"));
                    if let Err(error) = crate::columns::Pattern::regex(pattern) {
                        self.fault(&at, format!("cannot be used: {error}"));
                    }
                }
                ("minLength", _, Some(length)) => column.minimum_length = Some(length),
                ("maxLength", _, Some(length)) => column.maximum_length = Some(length),
                _ => self.fault(&at, "has a value that means nothing here"),
            }
        }
    }

    fn values(&mut self, schema: &Map<String, Value>, pointer: &str, column: &mut ColumnSpec) {
        let (keyword, list) = match (schema.get("enum"), schema.get("const")) {
            (None, None) => return,
            (Some(_), Some(_)) => return self.fault(&format!("{pointer}/const"), "cannot stand beside enum"),
            (Some(Value::Array(list)), None) => ("enum", list.clone()),
            (Some(_), None) => return self.fault(&format!("{pointer}/enum"), "is not a list"),
            (None, Some(value)) => ("const", vec![value.clone()]),
        };
        let mut allowed = Vec::new();
        for value in list {
            match (&value, column.column_type) {
                (Value::Null, _) => {}
                (Value::String(text), ColumnType::String | ColumnType::Date | ColumnType::Timestamp) => {
                    allowed.push(text.clone());
                }
                (Value::Number(number), ColumnType::Bigint | ColumnType::Double) => {
                    allowed.push(number.to_string())
                }
                (Value::Bool(value), ColumnType::Boolean) => allowed.push(value.to_string()),
                _ => self
                    .fault(&format!("{pointer}/{keyword}"), format!("{value} is not of the property's type")),
            }
        }
        column.allowed = Some(allowed);
    }

    fn numbers(&mut self, schema: &Map<String, Value>, pointer: &str, kind: &str, column: &mut ColumnSpec) {
        for (keyword, field) in [
            ("minimum", &mut column.minimum),
            ("maximum", &mut column.maximum),
            ("exclusiveMinimum", &mut column.exclusive_minimum),
            ("exclusiveMaximum", &mut column.exclusive_maximum),
        ] {
            match schema.get(keyword) {
                None => {}
                Some(Value::Number(number)) if matches!(kind, "integer" | "number") => {
                    *field = Some(number.to_string());
                }
                Some(_) => self.faults.push(SchemaFault {
                    pointer: format!("{pointer}/{keyword}"),
                    message: "is a number, for numbers".to_owned(),
                }),
            }
        }
    }
}

fn type_of(kind: &str) -> ColumnType {
    match kind {
        "string" => ColumnType::String,
        "integer" => ColumnType::Bigint,
        "number" => ColumnType::Double,
        "boolean" => ColumnType::Boolean,
        _ => ColumnType::Json,
    }
}

/// A key as a JSON pointer has it.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
