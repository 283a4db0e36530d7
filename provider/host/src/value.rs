//! [`Val`]: a value that may also be null, or not known yet.
//!
//! tf-provider's own `Value` is an untagged enum: serde tries one variant after the other, and an error
//! reads "data did not match any variant". `Val` asks the input what it is, so an error keeps its text
//! and its place. On the wire an unknown is a MessagePack extension value.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_bytes::{ByteBuf, Bytes};

/// An attribute's value: known, null (not set), or unknown until apply.
///
/// # Caveats
///
/// Every attribute of a state struct must be a `Val`: a plain field or an `Option` cannot take an unknown.
/// A set is a `Vec` of `Val`s: two elements that are equal but for an unknown must stay two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Val<T> {
    /// A value.
    Known(T),
    /// No value.
    #[default]
    Null,
    /// A value that Terraform learns during apply.
    Unknown,
}

impl<T> Val<T> {
    /// The value, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Val::Known(value) => Some(value),
            Val::Null | Val::Unknown => None,
        }
    }

    /// The value to change, if there is one.
    pub fn known_mut(&mut self) -> Option<&mut T> {
        match self {
            Val::Known(value) => Some(value),
            Val::Null | Val::Unknown => None,
        }
    }

    /// The value itself, if there is one.
    pub fn into_known(self) -> Option<T> {
        match self {
            Val::Known(value) => Some(value),
            Val::Null | Val::Unknown => None,
        }
    }

    /// The target of the value (`&str` of a `String`), if there is one.
    pub fn as_deref(&self) -> Option<&T::Target>
    where
        T: Deref,
    {
        self.known().map(Deref::deref)
    }

    /// Whether there is a value.
    pub fn is_known(&self) -> bool {
        matches!(self, Val::Known(_))
    }

    /// Whether nothing is set.
    pub fn is_null(&self) -> bool {
        matches!(self, Val::Null)
    }

    /// Whether the value is told later.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Val::Unknown)
    }

    /// This, or `default` where it is null; an unknown stays one.
    #[must_use]
    pub fn or_default(self, default: impl Into<T>) -> Self {
        match self {
            Val::Null => Val::Known(default.into()),
            other => other,
        }
    }

    /// The same with the value changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Val<U> {
        match self {
            Val::Known(value) => Val::Known(change(value)),
            Val::Null => Val::Null,
            Val::Unknown => Val::Unknown,
        }
    }

    /// The same with the value borrowed.
    pub fn as_ref(&self) -> Val<&T> {
        match self {
            Val::Known(value) => Val::Known(value),
            Val::Null => Val::Null,
            Val::Unknown => Val::Unknown,
        }
    }
}

impl<T> From<T> for Val<T> {
    fn from(value: T) -> Self {
        Val::Known(value)
    }
}

impl From<&str> for Val<String> {
    fn from(value: &str) -> Self {
        Val::Known(value.to_owned())
    }
}

impl<T> From<Option<T>> for Val<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Val::Null, Val::Known)
    }
}

impl<T: Serialize> Serialize for Val<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Val::Known(value) => value.serialize(serializer),
            Val::Null => serializer.serialize_none(),
            Val::Unknown => unknown(serializer),
        }
    }
}

/// An unknown: an extension value of type 0 without content.
pub(crate) fn unknown<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_struct(rmp_serde::MSGPACK_EXT_STRUCT_NAME, &(0i8, Bytes::new(&[])))
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Val<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValVisitor(PhantomData))
    }
}

struct ValVisitor<T>(PhantomData<T>);

/// Hands each plain value on to `T`, whose errors are the exact ones.
macro_rules! hand_on {
    ($($visit:ident: $type:ty),*) => { $(
        fn $visit<E: Error>(self, value: $type) -> Result<Val<T>, E> {
            T::deserialize(value.into_deserializer()).map(Val::Known)
        }
    )* };
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ValVisitor<T> {
    type Value = Val<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value, null or an unknown")
    }

    hand_on!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str,
             visit_string: String, visit_bytes: &[u8]);

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Val<T>, E> {
        T::deserialize(BorrowedStrDeserializer::new(value)).map(Val::Known)
    }

    fn visit_unit<E>(self) -> Result<Val<T>, E> {
        Ok(Val::Null)
    }

    fn visit_none<E>(self) -> Result<Val<T>, E> {
        Ok(Val::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val<T>, D::Error> {
        T::deserialize(deserializer).map(Val::Known)
    }

    /// Any extension value is an unknown; what Terraform knows of it (a refinement) is not used.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Val<T>, D::Error> {
        <(i8, ByteBuf)>::deserialize(deserializer).map(|_| Val::Unknown)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<Val<T>, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(access)).map(Val::Known)
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Val<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(access)).map(Val::Known)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Stage {
        name: Val<String>,
        cpu: Val<i64>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct State {
        name: Val<String>,
        count: Val<i64>,
        on: Val<bool>,
        stages: Val<Vec<Val<Stage>>>,
        by_name: Val<BTreeMap<String, Val<Stage>>>,
    }

    fn state() -> State {
        let partly = Stage { name: Val::Unknown, cpu: Val::Known(-1) };
        let empty = Stage { name: Val::Null, cpu: Val::Null };
        State {
            name: "é".into(),
            count: Val::Unknown,
            on: Val::Null,
            stages: Val::Known(vec![Val::Known(partly), Val::Unknown, Val::Null]),
            by_name: Val::Known([("k".to_owned(), Val::Known(empty))].into()),
        }
    }

    #[test]
    fn msgpack_round_trips_at_every_depth() {
        let bytes = rmp_serde::to_vec_named(&state()).unwrap();
        assert_eq!(rmp_serde::from_slice::<State>(&bytes).unwrap(), state());
    }

    #[test]
    fn unknowns_of_every_form_are_read() {
        type List = Val<Vec<Val<String>>>;
        for bytes in [
            &[0xd4, 0, 0][..],                     // as Terraform writes it
            &[0xc7, 0, 0],                         // as we write it
            &[0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2], // refined: known not to be null
        ] {
            assert_eq!(rmp_serde::from_slice::<List>(bytes).unwrap(), Val::Unknown, "{bytes:x?}");
        }
    }

    #[test]
    fn json_is_read_too() {
        let read: Val<Vec<Val<i64>>> = serde_json::from_str("[1,null]").unwrap();
        assert_eq!(read, Val::Known(vec![Val::Known(1), Val::Null]));
    }

    #[test]
    fn an_error_keeps_its_place_and_text() {
        let json = serde_json::json!({"name": "a", "count": 1, "on": true, "by_name": {},
            "stages": [{"name": "x", "cpu": 1}, {"name": "y", "cpu": 1.5}]});
        let bytes = rmp_serde::to_vec_named(&json).unwrap();
        let mut from = rmp_serde::Deserializer::from_read_ref(&bytes);
        let error = serde_path_to_error::deserialize::<_, State>(&mut from).unwrap_err();
        assert_eq!(error.path().to_string(), "stages[1].cpu");
        assert_eq!(error.inner().to_string(), "invalid type: floating point `1.5`, expected i64");
    }

    #[test]
    fn a_default_fills_a_null_only() {
        assert_eq!(Val::<String>::Null.or_default("d"), "d".into());
        assert_eq!(Val::<String>::Unknown.or_default("d"), Val::Unknown);
        assert_eq!(Val::<String>::from("v").or_default("d"), "v".into());
    }
}
