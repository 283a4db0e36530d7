//! A JSON document: one object, objects one after the other, or an array whose elements are the rows. Only the outermost
//! level is followed; the document is never held whole.

use serde::{Deserialize, Serialize};

use super::{Framer, LONGEST_RECORD, Place, Record, Resume, Stop, Take, kept, line_ends, refused};

/// Where in the document the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first value.
    Start,
    /// Between the elements of the array; whether an element must follow, may follow, or must not.
    Elements(Expect),
    /// Between objects that stand one after the other.
    Between,
    /// Within a record, at this depth of brackets, in a text or not, after a backslash or not.
    Record { depth: u32, in_text: bool, escaped: bool },
    /// After the array's end.
    End,
}

/// Where between two records a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Within {
    /// Before its first value.
    Start,
    /// Between objects that stand one after the other.
    Objects,
    /// In an array, where an element has to follow.
    Element,
    /// In an array, where an element may follow or the array end.
    ElementOrEnd,
    /// In an array, after an element.
    CommaOrEnd,
    /// After the array.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    ElementOrEnd,
    Element,
    CommaOrEnd,
}

/// Cuts a document into the values of its outermost level.
#[derive(Debug)]
pub struct Frames {
    state: State,
    in_array: bool,
    carry: Vec<u8>,
    /// Whether the record under way was too long and is only being passed over.
    skipping: bool,
    begun: Place,
    next: Place,
}

impl Frames {
    /// A framer for an object whose first byte has this offset.
    #[must_use]
    pub fn new(offset: u64) -> Self {
        let place = Place { line: 1, offset };
        Self {
            state: State::Start,
            in_array: false,
            carry: Vec::new(),
            skipping: false,
            begun: place,
            next: place,
        }
    }

    /// A framer that goes on between two records.
    #[must_use]
    pub fn at(next: Place, within: Within) -> Self {
        let (state, in_array) = match within {
            Within::Start => (State::Start, false),
            Within::Objects => (State::Between, false),
            Within::Element => (State::Elements(Expect::Element), true),
            Within::ElementOrEnd => (State::Elements(Expect::ElementOrEnd), true),
            Within::CommaOrEnd => (State::Elements(Expect::CommaOrEnd), true),
            Within::End => (State::End, true),
        };
        Self { state, in_array, next, begun: next, ..Self::new(next.offset) }
    }

    /// What one byte outside of records means.
    fn outside(&mut self, byte: u8) -> Result<(), Stop> {
        self.state = match (self.state, byte) {
            (state, byte) if byte.is_ascii_whitespace() => state,
            (State::Start, b'[') => {
                self.in_array = true;
                State::Elements(Expect::ElementOrEnd)
            }
            (State::Start | State::Between, b'{') => self.begin(byte),
            (State::Start, _) => {
                return refused("not_an_object", "the document is neither an object nor an array of objects");
            }
            (State::Elements(Expect::ElementOrEnd | Expect::CommaOrEnd), b']') => State::End,
            (State::Elements(Expect::CommaOrEnd), b',') => State::Elements(Expect::Element),
            (State::Elements(Expect::ElementOrEnd | Expect::Element), byte)
                if !matches!(byte, b',' | b']' | b'}' | b':') =>
            {
                self.begin(byte)
            }
            _ => return self.malformed("the JSON document cannot be read any further"),
        };
        Ok(())
    }

    fn malformed<T>(&self, what: &str) -> Result<T, Stop> {
        refused("malformed_json", format!("{what}, at line {}, byte {}", self.next.line, self.next.offset))
    }

    fn begin(&mut self, byte: u8) -> State {
        self.begun = self.next;
        let depth = u32::from(matches!(byte, b'{' | b'['));
        State::Record { depth, in_text: byte == b'"', escaped: false }
    }

    /// Length of the part of `bytes` that still belongs to the record, and whether the record ends there.
    fn record_part(&mut self, bytes: &[u8]) -> (usize, bool) {
        let State::Record { mut depth, mut in_text, mut escaped } = self.state else { return (0, false) };
        let mut at = 0;
        let mut ended = false;
        while at < bytes.len() && !ended {
            let byte = bytes[at];
            if in_text {
                if escaped {
                    escaped = false;
                } else if byte == b'\\' {
                    escaped = true;
                } else if byte == b'"' {
                    in_text = false;
                    ended = depth == 0;
                } else if let Some(skip) = memchr::memchr2(b'"', b'\\', &bytes[at..]) {
                    at += skip;
                    continue;
                } else {
                    at = bytes.len();
                    continue;
                }
            } else {
                match byte {
                    b'"' => in_text = true,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' if depth > 0 => {
                        depth -= 1;
                        ended = depth == 0;
                    }
                    // A number or word among an array's elements ends before the next comma, bracket or blank.
                    b',' | b']' | b'}' if depth == 0 => return (at, true),
                    byte if depth == 0 && byte.is_ascii_whitespace() => return (at, true),
                    _ => {}
                }
            }
            at += 1;
        }
        self.state = State::Record { depth, in_text, escaped };
        (at, ended)
    }

    fn end_record(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        self.state = if self.in_array { State::Elements(Expect::CommaOrEnd) } else { State::Between };
        let carry = std::mem::take(&mut self.carry);
        if !std::mem::take(&mut self.skipping) {
            match std::str::from_utf8(&carry) {
                Ok(text) => take(self.begun, Record::Json(text))?,
                Err(_) => take(self.begun, Record::not_utf8(&carry))?,
            }
        }
        self.carry = carry;
        self.carry.clear();
        Ok(())
    }

    fn cut(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        if self.carry.len() <= LONGEST_RECORD {
            return Ok(());
        }
        if !self.skipping {
            take(self.begun, Record::too_long(kept(&self.carry)))?;
        }
        self.skipping = true;
        self.carry.clear();
        Ok(())
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.next.line += line_ends(bytes);
        self.next.offset += bytes.len() as u64;
    }
}

impl Framer for Frames {
    fn resume(&self) -> Option<Resume> {
        let (place, within) = match self.state {
            _ if self.skipping => return None,
            State::Start => (self.next, Within::Start),
            State::Between => (self.next, Within::Objects),
            State::Elements(Expect::Element) => (self.next, Within::Element),
            State::Elements(Expect::ElementOrEnd) => (self.next, Within::ElementOrEnd),
            State::Elements(Expect::CommaOrEnd) => (self.next, Within::CommaOrEnd),
            State::End => (self.next, Within::End),
            // The record under way is read again from its first byte.
            State::Record { .. } if self.in_array => (self.begun, Within::Element),
            State::Record { .. } => (self.begun, Within::Objects),
        };
        Some(Resume { within: Some(within), ..place.resume() })
    }

    fn push(&mut self, bytes: &[u8], take: &mut Take<'_>) -> Result<(), Stop> {
        let mut at = 0;
        while at < bytes.len() {
            if !matches!(self.state, State::Record { .. }) {
                self.outside(bytes[at])?;
                let begun = matches!(self.state, State::Record { .. });
                if begun {
                    self.carry.push(bytes[at]);
                }
                self.pass(&bytes[at..=at]);
                at += 1;
                continue;
            }
            let (length, ended) = self.record_part(&bytes[at..]);
            let part = &bytes[at..at + length];
            self.carry.extend_from_slice(part);
            self.pass(part);
            at += length;
            if ended {
                self.end_record(take)?;
            }
        }
        self.cut(take)
    }

    fn finish(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        match self.state {
            State::Start | State::Between | State::End => Ok(()),
            State::Elements(_) => self.malformed("the array is never closed"),
            State::Record { .. } => {
                let carry = std::mem::take(&mut self.carry);
                if !self.skipping {
                    let message = "the document ends in the middle of this row";
                    take(self.begun, Record::Broken(&carry, "row.malformed_json", message))?;
                }
                self.malformed("the document ends in the middle of a row")
            }
        }
    }
}
