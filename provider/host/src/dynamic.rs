//! [`Dynamic`]: an argument of any type, read as a value of a schema.
//!
//! A function cannot name a type with attributes that may be left out, so one that takes a whole configuration takes any
//! value. Terraform then converts nothing; what it would convert for an attribute is converted here.

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_bytes::ByteBuf;
use tf_provider::AttributePath;
use tf_provider::schema::Schema;

use crate::any::Any;
use crate::tree::{Kind, Node};
use crate::{codec, path};

/// A value that came with its own type.
#[derive(Debug, Clone, PartialEq)]
pub struct Dynamic(Any);

impl Dynamic {
    /// The value as one of the schema, converted as Terraform converts: numbers and booleans to texts and back.
    ///
    /// # Errors
    /// What does not fit the type, and where it is.
    pub fn read<T: DeserializeOwned>(mut self, schema: &Schema) -> Result<T, (AttributePath, String)> {
        let node = Node::of(schema);
        convert(&mut self.0, node);
        let bytes =
            rmp_serde::to_vec_named(&self.0).map_err(|error| (AttributePath::root(), error.to_string()))?;
        codec::decode(&bytes).map_err(|error| (path::resolve(node, &error.segments), error.message))
    }
}

/// On the wire the type, as JSON, comes before the value; null comes alone.
impl<'de> Deserialize<'de> for Dynamic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pair: Option<(ByteBuf, Any)> = Deserialize::deserialize(deserializer)?;
        Ok(Self(pair.map_or(Any::Null, |(_, value)| value)))
    }
}

fn convert(value: &mut Any, node: Node<'_>) {
    match (node.kind(), value) {
        (Kind::Object(members), Any::Map(entries)) => {
            for (key, value) in entries {
                if let Some((_, member)) = members.iter().find(|(name, _)| name == key) {
                    convert(value, *member);
                }
            }
        }
        (Kind::Map(element), Any::Map(entries)) => {
            entries.iter_mut().for_each(|(_, value)| convert(value, element));
        }
        (Kind::List(element) | Kind::Set(element), Any::Seq(items)) => {
            items.iter_mut().for_each(|value| convert(value, element));
        }
        (Kind::Scalar(wanted), value) => {
            if let Some(converted) = scalar(value, wanted) {
                *value = converted;
            }
        }
        _ => {}
    }
}

/// The scalar in the type that is wanted, where it is of another and can be converted. (A number may be a text anyway.)
fn scalar(value: &Any, wanted: &str) -> Option<Any> {
    match (wanted, value) {
        ("string", Any::Int(number)) => Some(Any::Text(number.to_string())),
        ("string", Any::Uint(number)) => Some(Any::Text(number.to_string())),
        ("string", Any::Float(number)) => Some(Any::Text(number.to_string())),
        ("string", Any::Bool(value)) => Some(Any::Text(value.to_string())),
        ("bool", Any::Text(text)) => text.parse().ok().map(Any::Bool),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use serde_json::{Value, json};
    use tf_provider::schema::{Attribute, AttributeType as T, Block};

    use super::*;
    use crate::Val;

    type Read = BTreeMap<String, Val<BTreeMap<String, Val<String>>>>;

    fn schema() -> Schema {
        let attribute = |attr_type| Attribute { attr_type, ..Attribute::default() };
        let tags = T::Map(T::String.into());
        let attributes = HashMap::from([("tags".to_owned(), attribute(tags))]);
        Schema { version: 0, block: Block { attributes, ..Block::default() } }
    }

    fn read(value: &Value) -> Result<Read, (AttributePath, String)> {
        let bytes = rmp_serde::to_vec_named(&(ByteBuf::from("\"any\""), value)).unwrap();
        codec::decode::<Dynamic>(&bytes).unwrap().read(&schema())
    }

    #[test]
    fn scalars_become_the_texts_that_terraform_makes_of_them() {
        let tags = json!({"a": 1, "b": true, "c": 0.5, "d": "x", "e": -3, "f": null, "g": 1e21});
        let read = read(&json!({"tags": tags})).unwrap();
        let read = read["tags"].known().unwrap();
        let texts: Vec<_> = read.values().map(Val::as_deref).collect();
        let expected = ["1", "true", "0.5", "x", "-3", "", "1000000000000000000000"];
        assert_eq!(texts.iter().map(|text| text.unwrap_or_default()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place() {
        let (path, message) = read(&json!({"tags": {"a": ["x"]}})).unwrap_err();
        assert_eq!(path.to_string(), "tags[\"a\"]");
        assert!(message.contains("expected a string"), "{message}");
    }

    #[test]
    fn null_comes_without_a_type() {
        assert_eq!(codec::decode::<Dynamic>(&codec::NULL).unwrap(), Dynamic(Any::Null));
    }
}
