//! One JSON object into the slots of a row, in one pass and without a tree. Only declared keys are followed.
//!
//! Two guesses make it fast, and neither changes what is accepted: the keys of a row come in the order of the row
//! before, and texts hold no escapes. Of a key that stands twice the last value counts. What is not declared is kept
//! as it stands.

mod cursor;
mod depth;
#[cfg(test)]
mod tests;
pub(crate) mod text;

use self::cursor::{Cursor, Number, Text};
pub use self::depth::DEEPEST;
use super::CompiledDataset;
use super::compiled::{Key, KeyNode, KeyTree};
use super::row::{FrontEnd, Row, Unreadable, typed_text};
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
        let mut pass = Pass { reader: self, cursor: Cursor::new(record), row };
        pass.cursor.blank();
        if pass.cursor.peek() != Some(b'{') {
            pass.cursor.skip()?;
            pass.cursor.end()?;
            return Err(Unreadable::NotAnObject);
        }
        if dataset.keeps_rows_whole() {
            pass.cursor.skip()?;
            return pass.cursor.end();
        }
        pass.cursor.at += 1;
        pass.object(&dataset.tree)?;
        pass.cursor.end()?;
        // Only now may the texts be lent: none can be added to any more.
        let this: &'a Self = self;
        for (slot, start, end) in &this.escaped {
            let text = this.unescaped.get(*start..*end).unwrap_or_default();
            row.values[*slot] = typed_text(text, this.dataset.rules.columns[*slot].column_type);
        }
        Ok(())
    }
}

/// One pass over one record.
struct Pass<'p, 'd, 'a> {
    reader: &'p mut JsonReader<'d>,
    cursor: Cursor<'a>,
    row: &'p mut Row<'a>,
}

impl<'d> Pass<'_, 'd, '_> {
    /// The members of an object whose bracket was passed.
    fn object(&mut self, tree: &'d KeyTree) -> Result<(), Unreadable> {
        self.cursor.blank();
        if self.cursor.eat(b'}') {
            return Ok(());
        }
        let mut place = tree.first;
        loop {
            self.cursor.expect(b'"')?;
            match self.key(tree, place)? {
                Ok(at) => {
                    place = tree.first + 1 + at;
                    match &tree.keys[at].node {
                        KeyNode::Slot(slot, column_type) => self.value(*slot, *column_type)?,
                        KeyNode::Nested(nested) => self.nested(nested, &tree.keys[at])?,
                    }
                }
                Err(strange) => self.rescue(tree, strange)?,
            }
            self.cursor.blank();
            if !self.cursor.eat(b',') {
                return self.cursor.expect(b'}');
            }
            self.cursor.blank();
        }
    }

    /// A key and its colon: its index in the tree, or the key itself when it is not declared.
    #[inline]
    fn key(&mut self, tree: &KeyTree, place: usize) -> Result<Result<usize, Text>, Unreadable> {
        let guess = self.reader.followers[place];
        if let Some(key) = tree.keys.get(guess)
            && key.begins(self.cursor.rest())
        {
            self.cursor.at += key.quoted.len();
            self.cursor.blank();
            return Ok(Ok(guess));
        }
        let text = self.cursor.string()?;
        self.cursor.colon()?;
        let found = if text.escaped {
            let mut key = String::new();
            text::unescape(self.cursor.slice(text.start, text.end), &mut key);
            tree.find(key.as_bytes())
        } else {
            tree.find(self.cursor.raw(text))
        };
        if let Some(at) = found {
            self.reader.followers[place] = at;
        }
        Ok(found.ok_or(text))
    }

    /// The value of a declared column.
    #[inline]
    fn value(&mut self, slot: usize, column_type: ColumnType) -> Result<(), Unreadable> {
        if !self.reader.escaped.is_empty() {
            self.reader.escaped.retain(|(known, ..)| *known != slot);
        }
        let start = self.cursor.at;
        // Every arm writes to the slot itself: a value on the way would be written in parts and read whole, which waits.
        let target = &mut self.row.values[slot];
        match self.cursor.peek() {
            Some(b'"') => {
                self.cursor.at += 1;
                let text = self.cursor.string()?;
                match column_type {
                    ColumnType::String if !text.escaped => {
                        *target = Value::Text(self.cursor.slice(text.start, text.end));
                    }
                    ColumnType::Json => *target = Value::Json(self.cursor.slice(start, self.cursor.at)),
                    _ if text.escaped => {
                        *target = Value::Null;
                        self.unescape(slot, text);
                    }
                    _ => *target = typed_text(self.cursor.slice(text.start, text.end), column_type),
                }
            }
            Some(b'-' | b'0'..=b'9') => match (self.cursor.number()?, column_type) {
                (Number::Integer(value, _), ColumnType::Bigint) => *target = Value::Bigint(value),
                (Number::Integer(_, true), ColumnType::Double) => *target = Value::Double(-0.0),
                // A whole number is a floating point number too; beyond 2^53 it is rounded, as everywhere in JSON.
                (Number::Integer(value, _), ColumnType::Double) => *target = Value::Double(value as f64),
                (Number::Float(value), ColumnType::Double) if value.is_finite() => {
                    *target = Value::Double(value)
                }
                (_, ColumnType::Json) => *target = Value::Json(self.cursor.slice(start, self.cursor.at)),
                _ => *target = Value::Mistyped,
            },
            Some(b'n') => {
                self.cursor.word(b"null")?;
                *target = Value::Null;
            }
            first => {
                self.cursor.skip()?;
                *target = match (column_type, first) {
                    (ColumnType::Json, _) => Value::Json(self.cursor.slice(start, self.cursor.at)),
                    (ColumnType::Boolean, Some(b't')) => Value::Boolean(true),
                    (ColumnType::Boolean, Some(b'f')) => Value::Boolean(false),
                    _ => Value::Mistyped,
                };
            }
        }
        Ok(())
    }

    fn unescape(&mut self, slot: usize, text: Text) {
        let start = self.reader.unescaped.len();
        text::unescape(self.cursor.slice(text.start, text.end), &mut self.reader.unescaped);
        self.reader.escaped.push((slot, start, self.reader.unescaped.len()));
    }

    /// A value on the way to declared columns: an object, null, or a mistake that every column below it shows.
    fn nested(&mut self, tree: &'d KeyTree, key: &Key) -> Result<(), Unreadable> {
        let start = self.cursor.at;
        // What an earlier value of the same key has left.
        let first = self.cursor.peek();
        let found = if matches!(first, Some(b'{' | b'n')) { Value::Null } else { Value::Mistyped };
        tree.slots(&mut |slot| self.row.values[slot] = found);
        if !self.reader.escaped.is_empty() {
            tree.slots(&mut |slot| self.reader.escaped.retain(|(known, ..)| *known != slot));
        }
        if first == Some(b'{') {
            self.cursor.at += 1;
            return self.object(tree);
        }
        self.cursor.skip()?;
        if found == Value::Mistyped {
            self.row.rescue(&[&key.parent, &key.name], self.cursor.slice(start, self.cursor.at));
        }
        Ok(())
    }

    /// The value of a key that is not declared.
    fn rescue(&mut self, tree: &KeyTree, key: Text) -> Result<(), Unreadable> {
        let start = self.cursor.at;
        self.cursor.skip()?;
        let value = self.cursor.slice(start, self.cursor.at);
        let raw = self.cursor.slice(key.start, key.end);
        if key.escaped {
            let mut name = String::new();
            text::unescape(raw, &mut name);
            self.row.rescue(&[&tree.path, &name], value);
        } else {
            self.row.rescue(&[&tree.path, raw], value);
        }
        Ok(())
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
