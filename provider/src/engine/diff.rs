//! The only comparison of desired with observed in the program.

use datalake_core::identity::fingerprint;
use serde_json::Value;

use super::Item;

/// What has to happen to make the observed object the desired one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing: they are equal.
    Keep,
    /// There is none yet.
    Create,
    /// These fields differ and can be changed in place.
    Update(Vec<String>),
    /// These fields differ and at least one of them cannot be changed in place.
    Replace(Vec<String>),
}

/// Compares desired with observed. Total; [`Change::Keep`] exactly when every managed field is equal.
pub fn change<I: Item>(desired: &I, observed: Option<&I>) -> Change {
    let Some(observed) = observed else { return Change::Create };
    let fields = differing_fields(&desired.document(), &observed.document());
    if fields.is_empty() {
        Change::Keep
    } else if fields.iter().any(|field| desired.immutable_fields().contains(&field.as_str())) {
        Change::Replace(fields)
    } else {
        Change::Update(fields)
    }
}

/// Names of the top-level fields in which two documents differ, sorted.
#[must_use]
pub fn differing_fields(left: &Value, right: &Value) -> Vec<String> {
    let empty = serde_json::Map::new();
    let (left, right) = (left.as_object().unwrap_or(&empty), right.as_object().unwrap_or(&empty));
    let mut fields: Vec<String> = left
        .keys()
        .chain(right.keys())
        .filter(|field| left.get(*field) != right.get(*field))
        .cloned()
        .collect();
    fields.sort();
    fields.dedup();
    fields
}

/// 16 hexadecimal digits that change exactly when a managed field changes.
pub fn hash<I: Item>(item: &I) -> String {
    // serde_json keeps object keys sorted, so equal documents have equal texts.
    fingerprint(item.document().to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_that_differ() {
        let cases = [
            (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}), vec![]),
            (json!({"a": 1}), json!({"a": 2}), vec!["a"]),
            (json!({"a": 1}), json!({"b": 1}), vec!["a", "b"]),
            (json!({"t": {"x": "1"}}), json!({"t": {"x": "1", "y": "2"}}), vec!["t"]),
        ];
        for (left, right, expected) in cases {
            assert_eq!(differing_fields(&left, &right), expected, "{left} {right}");
        }
    }
}
