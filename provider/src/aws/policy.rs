//! JSON policy documents: one canonical form, so that two texts that mean the same compare equal.

use serde_json::Value;

use super::AwsError;

/// A policy document as AWS returned it (plain, or percent-encoded as IAM does), in canonical form.
///
/// # Errors
/// When it is not JSON.
pub fn parse(operation: &'static str, text: &str) -> Result<Value, AwsError> {
    let text = if text.trim_start().starts_with('{') { text.to_owned() } else { percent_decode(text) };
    serde_json::from_str(&text).map(canonical).map_err(|error| {
        AwsError::ours(operation, "NotJson", format!("the policy returned is not JSON: {error}"))
    })
}

/// The canonical form: single-element lists become their element, other lists of texts are sorted.
///
/// `Action`, `Resource`, `Principal` values and condition values are sets in AWS's policy language, so order and
/// wrapping mean nothing there.
#[must_use]
pub fn canonical(document: Value) -> Value {
    match document {
        Value::Array(mut list) if list.len() == 1 => canonical(list.remove(0)),
        Value::Array(list) => {
            let mut list: Vec<Value> = list.into_iter().map(canonical).collect();
            if list.iter().all(Value::is_string) {
                list.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
            }
            Value::Array(list)
        }
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(key, value)| (key, canonical(value))).collect())
        }
        scalar => scalar,
    }
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok()))
            .flatten();
        decoded.push(escaped.unwrap_or(bytes[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equal_meanings_are_equal() {
        let wanted = canonical(json!({"Statement": [{"Action": ["b:B", "a:A"], "Resource": ["x"]}]}));
        let found = parse("t", r#"{"Statement":{"Resource":"x","Action":["a:A","b:B"]}}"#);
        assert_eq!(found.ok(), Some(wanted.clone()));
        let encoded = "%7B%22Statement%22%3A%7B%22Resource%22%3A%22x%22%2C%22Action%22%3A%5B%22a%3AA%22%2C%22b%3AB%22%5D%7D%7D";
        assert_eq!(parse("t", encoded).ok(), Some(wanted));
    }
}
