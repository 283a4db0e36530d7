//! One JSON object into the slots of a row, in one pass and without a tree. Only declared keys are followed.
//!
//! Two guesses make it fast, and neither changes what is accepted: the keys of a row come in the order of the row
//! before, and texts hold no escapes. Of a key that stands twice the last value counts. What is not declared is kept
//! as it stands.

mod cursor;
mod depth;
mod raw;
#[cfg(test)]
mod tests;
pub(crate) mod text;

use self::cursor::{Cursor, Number, Text};
pub use self::depth::DEEPEST;
use super::CompiledDataset;
use super::compiled::{Key, KeyNode, KeyTree};
use super::row::{FrontEnd, Row, Unreadable, rescue, typed_text};
use crate::rules::Value;
use crate::spec::ColumnType;

/// Reads the rows of one object.
#[derive(Debug)]
pub(super) struct JsonReader<'d> {
    dataset: &'d CompiledDataset,
    /// For each key of each tree, and for each tree's beginning, the key that came next the last time.
    followers: Vec<usize>,
    /// What escaped texts stand for.
    unescaped: String,
    /// Slots whose text lies in `unescaped`, and where.
    escaped: Vec<(usize, usize, usize)>,
}

impl<'d> JsonReader<'d> {
    pub fn new(dataset: &'d CompiledDataset) -> Self {
        Self {
            dataset,
            followers: vec![0; dataset.tree.places()],
            unescaped: String::new(),
            escaped: Vec::new(),
        }
    }
}

impl FrontEnd for JsonReader<'_> {
    type Record<'a>
        = &'a str
    where
        Self: 'a;

    fn read<'a>(&'a mut self, record: &'a str, row: &mut Row<'a>) -> Result<(), Unreadable> {
        self.unescaped.clear();
        self.escaped.clear();
        let dataset = self.dataset;
        let mut cursor = Cursor::new(record);
        cursor.blank();
        if cursor.peek() != Some(b'{') {
            cursor.skip()?;
            cursor.end()?;
            return Err(Unreadable::NotAnObject);
        }
        if dataset.keeps_rows_whole() {
            cursor.skip()?;
            return cursor.end();
        }
        let mut pass = Pass {
            followers: &mut self.followers,
            values: &mut row.values,
            rescued: &mut row.rescued,
            unescaped: &mut self.unescaped,
            escaped: &mut self.escaped,
        };
        cursor.at = pass.object(&dataset.tree, record, cursor.at + 1)?;
        cursor.end()?;
        // Only now may the texts be lent: none can be added to any more.
        let this: &'a Self = self;
        for (slot, start, end) in &this.escaped {
            let text = this.unescaped.get(*start..*end).unwrap_or_default();
            row.values[*slot] = typed_text(text, this.dataset.rules.columns[*slot].column_type);
        }
        if dataset.rescues_mistyped() && row.values.contains(&Value::Mistyped) {
            keep_mistyped(dataset, record, row);
        }
        Ok(())
    }
}

/// Keeps the values that are not of their column's type, as they stand in the record.
#[cold]
fn keep_mistyped(dataset: &CompiledDataset, record: &str, row: &mut Row<'_>) {
    let columns = dataset.rules.columns.iter().zip(&row.values);
    for (column, _) in columns.filter(|(_, value)| **value == Value::Mistyped) {
        // What stands in place of the objects on the way has been rescued whole.
        if let Some(value) = raw::find(record, &column.name) {
            rescue(&mut row.mistyped, &[&column.name], value);
        }
    }
}

/// One pass over one record: the parts of the reader and of the row, each at hand.
struct Pass<'p, 'a> {
    followers: &'p mut [usize],
    values: &'p mut [Value<'a>],
    rescued: &'p mut String,
    unescaped: &'p mut String,
    escaped: &'p mut Vec<(usize, usize, usize)>,
}

impl<'a> Pass<'_, 'a> {
    /// The members of an object in `text` whose bracket was passed before `at`; the place behind its end.
    fn object(&mut self, tree: &KeyTree, text: &'a str, at: usize) -> Result<usize, Unreadable> {
        let mut cursor = Cursor { text, at };
        cursor.blank();
        if cursor.peek() == Some(b'}') {
            return Ok(cursor.at + 1);
        }
        let mut place = tree.first;
        loop {
            cursor.expect(b'"')?;
            let guess = self.followers[place];
            let found = match tree.keys.get(guess) {
                Some(key) if key.begins(cursor.rest()) => {
                    cursor.at += key.quoted.len();
                    Ok(guess)
                }
                _ => {
                    let (found, at) = self.key(tree, place, cursor)?;
                    cursor.at = at;
                    found
                }
            };
            cursor.blank();
            match found {
                Ok(at) => {
                    place = tree.first + 1 + at;
                    match &tree.keys[at].node {
                        KeyNode::Slot(slot, column_type) => self.value(&mut cursor, *slot, *column_type)?,
                        KeyNode::Nested(nested) => cursor.at = self.nested(nested, &tree.keys[at], cursor)?,
                    }
                }
                Err(strange) => cursor.at = self.rescue(tree, strange, cursor)?,
            }
            cursor.blank();
            match cursor.peek() {
                Some(b',') => cursor.at += 1,
                Some(b'}') => return Ok(cursor.at + 1),
                _ => return Err(Unreadable::Malformed),
            }
            cursor.blank();
        }
    }

    /// A key that was not guessed, and its colon: its index in the tree, or the key itself when it is not declared; and
    /// where it ends.
    #[inline(never)]
    fn key(
        &mut self,
        tree: &KeyTree,
        place: usize,
        mut cursor: Cursor<'a>,
    ) -> Result<(Result<usize, Text>, usize), Unreadable> {
        let text = cursor.string()?;
        cursor.colon()?;
        let found = if text.escaped {
            let mut key = String::new();
            text::unescape(cursor.slice(text.start, text.end), &mut key);
            tree.find(key.as_bytes())
        } else {
            tree.find(cursor.raw(text))
        };
        if let Some(at) = found {
            self.followers[place] = at;
        }
        Ok((found.ok_or(text), cursor.at))
    }

    /// The value of a declared column.
    #[inline(always)]
    fn value(
        &mut self,
        cursor: &mut Cursor<'a>,
        slot: usize,
        column_type: ColumnType,
    ) -> Result<(), Unreadable> {
        if !self.escaped.is_empty() {
            self.forget(slot);
        }
        let start = cursor.at;
        // Every arm writes to the slot itself: a value on the way would be written in parts and read whole, which waits.
        let target = &mut self.values[slot];
        match cursor.peek() {
            Some(b'"') => {
                cursor.at += 1;
                let text = cursor.string()?;
                match column_type {
                    ColumnType::String if !text.escaped => {
                        *target = Value::Text(cursor.slice(text.start, text.end));
                    }
                    ColumnType::Json => *target = Value::Json(cursor.slice(start, cursor.at)),
                    _ if text.escaped => {
                        *target = Value::Null;
                        self.unescape(slot, cursor.slice(text.start, text.end));
                    }
                    _ => *target = typed_text(cursor.slice(text.start, text.end), column_type),
                }
            }
            Some(b'-' | b'0'..=b'9') => match (cursor.number()?, column_type) {
                (Number::Integer(value, _), ColumnType::Bigint) => *target = Value::Bigint(value),
                (Number::Integer(_, true), ColumnType::Double) => *target = Value::Double(-0.0),
                // A whole number is a floating point number too; beyond 2^53 it is rounded, as everywhere in JSON.
                (Number::Integer(value, _), ColumnType::Double) => *target = Value::Double(value as f64),
                (Number::Float(value), ColumnType::Double) if value.is_finite() => {
                    *target = Value::Double(value)
                }
                (_, ColumnType::Json) => *target = Value::Json(cursor.slice(start, cursor.at)),
                _ => *target = Value::Mistyped,
            },
            Some(b'n') => {
                cursor.word(b"null")?;
                *target = Value::Null;
            }
            first => {
                cursor.skip()?;
                *target = match (column_type, first) {
                    (ColumnType::Json, _) => Value::Json(cursor.slice(start, cursor.at)),
                    (ColumnType::Boolean, Some(b't')) => Value::Boolean(true),
                    (ColumnType::Boolean, Some(b'f')) => Value::Boolean(false),
                    _ => Value::Mistyped,
                };
            }
        }
        Ok(())
    }

    /// What an earlier value of the same key has left among the escaped texts.
    #[cold]
    fn forget(&mut self, slot: usize) {
        self.escaped.retain(|(known, ..)| *known != slot);
    }

    #[inline(never)]
    fn unescape(&mut self, slot: usize, raw: &str) {
        let start = self.unescaped.len();
        text::unescape(raw, self.unescaped);
        self.escaped.push((slot, start, self.unescaped.len()));
    }

    /// A value on the way to declared columns: an object, null, or a mistake that every column below it shows; where it
    /// ends.
    fn nested(&mut self, tree: &KeyTree, key: &Key, mut cursor: Cursor<'a>) -> Result<usize, Unreadable> {
        let start = cursor.at;
        // What an earlier value of the same key has left.
        let first = cursor.peek();
        let found = if matches!(first, Some(b'{' | b'n')) { Value::Null } else { Value::Mistyped };
        for slot in &tree.slots {
            self.values[*slot] = found;
        }
        if !self.escaped.is_empty() {
            tree.slots.iter().for_each(|slot| self.forget(*slot));
        }
        if first == Some(b'{') {
            return self.object(tree, cursor.text, cursor.at + 1);
        }
        cursor.skip()?;
        if found == Value::Mistyped {
            rescue(self.rescued, &[&key.parent, &key.name], cursor.slice(start, cursor.at));
        }
        Ok(cursor.at)
    }

    /// The value of a key that is not declared; where it ends.
    #[inline(never)]
    fn rescue(&mut self, tree: &KeyTree, key: Text, mut cursor: Cursor<'a>) -> Result<usize, Unreadable> {
        let start = cursor.at;
        cursor.skip()?;
        let value = cursor.slice(start, cursor.at);
        let raw = cursor.slice(key.start, key.end);
        if key.escaped {
            let mut name = String::new();
            text::unescape(raw, &mut name);
            rescue(self.rescued, &[&tree.path, &name], value);
        } else {
            rescue(self.rescued, &[&tree.path, raw], value);
        }
        Ok(cursor.at)
    }
}

/// The whole of `text` as a number, if it is written as JSON writes them.
#[inline]
pub(super) fn number(text: &str) -> Option<f64> {
    let mut cursor = Cursor::new(text);
    if !matches!(cursor.peek(), Some(b'-' | b'0'..=b'9')) {
        return None;
    }
    let number = cursor.number().ok()?;
    if cursor.at < text.len() {
        return None;
    }
    Some(match number {
        Number::Integer(_, true) => -0.0,
        Number::Integer(value, _) => value as f64,
        Number::Float(value) => value,
    })
}
