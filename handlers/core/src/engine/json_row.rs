//! One JSON object into the slots of a row, without a tree: a serde visitor that follows only declared keys.
//!
//! Of a key that stands twice the last value counts. What is not declared is kept as it stands, however deep.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::compiled::{KeyNode, KeyTree};
use super::row::{Cell, Row};
use crate::rules::Column;
use crate::spec::ColumnType;

/// Why a record is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Not JSON.
    Malformed,
    /// JSON, but not an object.
    NotAnObject,
}

/// Reads `text` into `row`.
pub(super) fn read<'a>(
    text: &'a str,
    tree: &KeyTree,
    columns: &[Column],
    row: &mut Row<'a>,
) -> Result<(), Unreadable> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let object = Object { tree, columns, row, path: "" };
    let read = object.deserialize(&mut reader).and_then(|()| reader.end());
    read.map_err(|_| {
        // A second look decides between the two only when the first has failed.
        let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
        if is_json { Unreadable::NotAnObject } else { Unreadable::Malformed }
    })
}

struct Object<'t, 'r, 'a> {
    tree: &'t KeyTree,
    columns: &'t [Column],
    row: &'r mut Row<'a>,
    /// Where the object is: empty, or a path that ends in a dot.
    path: &'r str,
}

impl<'a> DeserializeSeed<'a> for Object<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Object<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let mut hint = 0;
        while let Some(key) = map.next_key_seed(Key { tree: self.tree, hint })? {
            match key {
                Found::Known(at) => {
                    hint = at + 1;
                    let (key, node) = &self.tree.keys[at];
                    match node {
                        KeyNode::Slot(slot) if self.columns[*slot].column_type == ColumnType::Json => {
                            let raw: &'a RawValue = map.next_value()?;
                            self.row.cells[*slot] =
                                if raw.get() == "null" { Cell::Null } else { Cell::Json(raw.get()) };
                        }
                        KeyNode::Slot(slot) => self.row.cells[*slot] = map.next_value_seed(Scalar)?,
                        KeyNode::Nested(tree) => {
                            let path = format!("{}{key}.", self.path);
                            let nested =
                                Nested { tree, columns: self.columns, row: &mut *self.row, path: &path, key };
                            map.next_value_seed(nested)?;
                        }
                    }
                }
                Found::Unknown(key) => {
                    let raw: &'a RawValue = map.next_value()?;
                    self.row.rescue(&format!("{}{key}", self.path), raw.get());
                }
            }
        }
        Ok(())
    }
}

/// A key of the tree, or a strange one.
enum Found {
    Known(usize),
    Unknown(String),
}

struct Key<'t> {
    tree: &'t KeyTree,
    hint: usize,
}

impl<'a> DeserializeSeed<'a> for Key<'_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Found;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Found, E> {
        Ok(self.tree.find(key, self.hint).map_or_else(|| Found::Unknown(key.to_owned()), Found::Known))
    }
}

/// A value on the way to declared columns: an object, null, or a mistake that every column below it shows.
struct Nested<'t, 'r, 'a> {
    tree: &'t KeyTree,
    columns: &'t [Column],
    row: &'r mut Row<'a>,
    path: &'r str,
    key: &'r str,
}

impl<'a> DeserializeSeed<'a> for Nested<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        let raw = <&'a RawValue as serde::Deserialize>::deserialize(deserializer)?;
        let (row, text) = (self.row, raw.get());
        if text.starts_with('{') {
            let mut reader = serde_json::Deserializer::from_str(text);
            let object = Object { tree: self.tree, columns: self.columns, row, path: self.path };
            return object.deserialize(&mut reader).map_err(D::Error::custom);
        }
        let cell = if text == "null" { Cell::Null } else { Cell::Mistyped };
        self.tree.slots(&mut |slot| row.cells[slot] = cell.clone());
        if text != "null" {
            let path = self.path.strip_suffix('.').unwrap_or(self.key);
            row.rescue(path, text);
        }
        Ok(())
    }
}

/// The value of a declared column.
struct Scalar;

impl<'a> DeserializeSeed<'a> for Scalar {
    type Value = Cell<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Cell<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Scalar {
    type Value = Cell<'a>;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Cell<'a>, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Cell<'a>, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Cell<'a>, E> {
        Ok(Cell::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Cell<'a>, E> {
        Ok(Cell::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Cell<'a>, E> {
        Ok(i64::try_from(value).map_or(Cell::Float(value as f64), Cell::Integer))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Cell<'a>, E> {
        Ok(Cell::Float(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Cell<'a>, E> {
        Ok(Cell::Null)
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Cell<'a>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Json("[]"))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Cell<'a>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Json("{}"))
    }
}
