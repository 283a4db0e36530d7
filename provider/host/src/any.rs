//! [`Any`]: a value of any type, to be looked through or mended without knowing its schema.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_bytes::{ByteBuf, Bytes};

/// A value as it is on the wire.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Any {
    Null,
    Unknown,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Seq(Vec<Any>),
    Map(Vec<(String, Any)>),
}

impl Any {
    /// Turns every unknown into null, and tells where they were.
    pub(crate) fn settle(&mut self) -> Vec<String> {
        let mut found = Vec::new();
        self.settle_at(String::new(), &mut found);
        found
    }

    fn settle_at(&mut self, at: String, found: &mut Vec<String>) {
        match self {
            Any::Unknown => {
                *self = Any::Null;
                found.push(at);
            }
            Any::Seq(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    item.settle_at(format!("{at}[{index}]"), found);
                }
            }
            Any::Map(entries) => {
                for (key, value) in entries {
                    value.settle_at(if at.is_empty() { key.clone() } else { format!("{at}.{key}") }, found);
                }
            }
            _ => {}
        }
    }
}

impl Serialize for Any {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Any::Null => serializer.serialize_unit(),
            Any::Unknown => crate::value::unknown(serializer),
            Any::Bool(value) => serializer.serialize_bool(*value),
            Any::Int(value) => serializer.serialize_i64(*value),
            Any::Uint(value) => serializer.serialize_u64(*value),
            Any::Float(value) => serializer.serialize_f64(*value),
            Any::Text(value) => serializer.serialize_str(value),
            Any::Bytes(value) => Bytes::new(value).serialize(serializer),
            Any::Seq(items) => serializer.collect_seq(items),
            Any::Map(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, value))),
        }
    }
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVisitor)
    }
}

struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Any;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Any, E> {
        Ok(Any::Null)
    }

    fn visit_none<E>(self) -> Result<Any, E> {
        Ok(Any::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Any, E> {
        Ok(Any::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Any, E> {
        Ok(Any::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Any, E> {
        Ok(Any::Uint(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Any, E> {
        Ok(Any::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Any, E> {
        Ok(Any::Text(value.to_owned()))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Any, E> {
        Ok(Any::Bytes(value.to_owned()))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Any, D::Error> {
        <(i8, ByteBuf)>::deserialize(deserializer).map(|_| Any::Unknown)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Any, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Any::Seq(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Any, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Any::Map(entries))
    }
}
