//! Records as DynamoDB attributes and back. Numbers are texts of type `N`, never floating point on the way.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use crate::failure::PortError;

/// One item.
pub type Attributes = HashMap<String, AttributeValue>;

/// A record as attributes; fields that are null are left out.
pub fn to_attributes(record: &impl Serialize) -> Result<Attributes, PortError> {
    match serde_json::to_value(record).map_err(|error| malformed(&error))? {
        Value::Object(fields) => Ok(attributes(fields)),
        _ => Err(PortError::Unavailable { operation: "item", message: "the record is no object".to_owned() }),
    }
}

/// Attributes as a record.
pub fn from_attributes<T: DeserializeOwned>(attributes: &Attributes) -> Result<T, PortError> {
    serde_json::from_value(object(attributes)).map_err(|error| malformed(&error))
}

fn attributes(fields: Map<String, Value>) -> Attributes {
    fields
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name, attribute(value)))
        .collect()
}

fn attribute(value: Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(value) => AttributeValue::Bool(value),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text),
        Value::Array(values) => AttributeValue::L(values.into_iter().map(attribute).collect()),
        Value::Object(fields) => AttributeValue::M(attributes(fields)),
    }
}

fn object(attributes: &Attributes) -> Value {
    Value::Object(attributes.iter().map(|(name, attribute)| (name.clone(), value(attribute))).collect())
}

fn value(attribute: &AttributeValue) -> Value {
    match attribute {
        AttributeValue::Bool(value) => Value::Bool(*value),
        AttributeValue::N(text) => number(text),
        AttributeValue::S(text) => Value::String(text.clone()),
        AttributeValue::L(values) => Value::Array(values.iter().map(value).collect()),
        AttributeValue::M(fields) => object(fields),
        // No record has bytes or sets.
        _ => Value::Null,
    }
}

/// DynamoDB gives `100.0` back as `100`, and may write an exponent.
fn number(text: &str) -> Value {
    let whole = text.parse::<u64>().map(Number::from).or_else(|_| text.parse::<i64>().map(Number::from));
    whole.ok().or_else(|| Number::from_f64(text.parse().ok()?)).map_or(Value::Null, Value::Number)
}

fn malformed(error: &serde_json::Error) -> PortError {
    let message = format!("an item of the metadata table is malformed: {:?}", error.classify());
    PortError::Unavailable { operation: "item", message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Left, Pointer};
    use serde_json::json;

    #[test]
    fn numbers_are_texts() {
        let record =
            json!({"score": 99.5, "rows": 18_446_744_073_709_551_615u64, "none": null, "deep": [{"a": -1}]});
        let attributes = to_attributes(&record).unwrap();
        assert_eq!(attributes["score"], AttributeValue::N("99.5".to_owned()));
        assert_eq!(attributes["rows"], AttributeValue::N("18446744073709551615".to_owned()));
        assert!(!attributes.contains_key("none"));
        let back: Value = from_attributes(&attributes).unwrap();
        assert_eq!(back, json!({"score": 99.5, "rows": 18_446_744_073_709_551_615u64, "deep": [{"a": -1}]}));
    }

    #[test]
    fn numbers_as_dynamodb_may_write_them() {
        for (text, expected) in
            [("100", json!(100)), ("1E+2", json!(100.0)), ("-3", json!(-3)), ("x", json!(null))]
        {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn records_round_trip() {
        let files = crate::files::FileList { files: vec!["a".into()], files_manifest: Some("m".into()) };
        let left = Left { process_id: "p".into(), files };
        let pointer = Pointer { revision: 3, order: "00".into(), current: left.clone(), stale: vec![left] };
        assert_eq!(from_attributes::<Pointer>(&to_attributes(&pointer).unwrap()).unwrap(), pointer);
    }
}
