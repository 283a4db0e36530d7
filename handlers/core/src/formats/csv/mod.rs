//! Comma separated values as RFC 4180 has them, and the dialects of it.
//!
//! A record's fields lie in its own bytes; only what is quoted within quotes is put together elsewhere. A record that
//! is ragged, too long or no text spoils only itself.

mod scan;
#[cfg(test)]
mod tests;

use crate::dialect::Dialect;

use self::scan::{Kind, Scan, Span, assemble};
use super::{
    Framer, LONGEST_RECORD, MOST_FIELDS, Place, Record, Resume, Stop, Take, Utf8, kept, line_ends, refused,
};

/// The fields of one record.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    record: &'a str,
    assembled: &'a str,
    spans: &'a [Span],
}

impl<'a> Fields<'a> {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// One field, unquoted.
    #[inline]
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&'a str> {
        let span = self.spans.get(index)?;
        let text = if span.kind == Kind::Assembled { self.assembled } else { self.record };
        text.get(span.start..span.end)
    }
}

/// Cuts CSV into records.
#[derive(Debug)]
pub struct Csv {
    dialect: Dialect,
    scan: Scan,
    /// The beginning of a record whose end has not arrived.
    carry: Vec<u8>,
    assembled: String,
    /// Names of the header, once it is known.
    header: Option<Vec<String>>,
    /// Whether names were given and not read, so that they have to be handed on first.
    given: bool,
    /// Whether the record under way was too long and is only being passed over.
    skipping: bool,
    next: Place,
}

impl Csv {
    /// A framer for an object whose first byte has this offset; without `names` they are read from the first record.
    #[must_use]
    pub fn new(offset: u64, dialect: Dialect, names: Option<Vec<String>>) -> Self {
        Self {
            dialect,
            scan: Scan::new(dialect),
            carry: Vec::new(),
            assembled: String::new(),
            given: names.is_some(),
            header: names,
            skipping: false,
            next: Place { line: 1, offset },
        }
    }

    /// A framer that goes on at the beginning of a record; it hands the names on once more.
    #[must_use]
    pub fn at(next: Place, dialect: Dialect, names: Vec<String>) -> Self {
        Self { next, ..Self::new(next.offset, dialect, Some(names)) }
    }

    /// Moves the place past bytes between records.
    fn pass(&mut self, bytes: &[u8]) {
        self.next.line += line_ends(bytes);
        self.next.offset += bytes.len() as u64;
    }

    /// Handles the record in `bytes[..end]`, which was scanned, and makes the scan ready for the next.
    fn record(
        &mut self,
        bytes: &Utf8<'_>,
        start: usize,
        end: usize,
        take: &mut Take<'_>,
    ) -> Result<(), Stop> {
        let record = bytes.slice(start, end);
        let place = self.next;
        self.next.offset += record.len() as u64;
        self.next.line +=
            if self.scan.quoted { line_ends(record) } else { u64::from(record.ends_with(b"\n")) };
        let result = self.judge(place, bytes, start, record, take);
        self.scan.reset();
        self.skipping = false;
        result
    }

    fn judge(
        &mut self,
        place: Place,
        bytes: &Utf8<'_>,
        start: usize,
        record: &[u8],
        take: &mut Take<'_>,
    ) -> Result<(), Stop> {
        let line = record.strip_suffix(b"\n").unwrap_or(record);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.skipping || self.scan.comment() {
            return Ok(());
        }
        let Some(text) = bytes.text(start, start + record.len()) else {
            return match &self.header {
                None => refused("bad_header", "the header is not UTF-8"),
                Some(_) => take(place, Record::not_utf8(line)),
            };
        };
        let (count, header) = (self.scan.count, self.header.as_ref());
        if header.is_some_and(|names| names.len() != count) {
            let message = "the number of fields differs from the header's";
            return take(place, Record::Broken(line, "row.ragged", message));
        }
        self.assembled.clear();
        for span in self.scan.spans.iter_mut().filter(|span| span.kind == Kind::Quoted) {
            let begun = self.assembled.len();
            let field = text.get(span.start..span.end).unwrap_or_default();
            assemble(field, self.dialect, &mut self.assembled);
            *span = Span { start: begun, end: self.assembled.len(), kind: Kind::Assembled };
        }
        let fields = Fields { record: text, assembled: &self.assembled, spans: &self.scan.spans };
        if header.is_some() {
            return take(place, Record::Csv(line, fields));
        }
        let names = header_names(fields)?;
        take(place, Record::Header(&names))?;
        self.header = Some(names);
        Ok(())
    }

    fn cut(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        if self.carry.len() <= LONGEST_RECORD {
            return Ok(());
        }
        if self.header.is_none() {
            return refused("bad_header", "the header line is longer than 16 MiB");
        }
        if !self.skipping {
            take(self.next, Record::too_long(kept(&self.carry)))?;
        }
        self.skipping = true;
        let carry = std::mem::take(&mut self.carry);
        self.pass(&carry);
        self.scan.forget();
        Ok(())
    }

    /// Goes on with the record that is in the carry: what is left of `bytes`.
    fn carried<'b>(&mut self, mut bytes: &'b [u8], take: &mut Take<'_>) -> Result<&'b [u8], Stop> {
        while (!self.carry.is_empty() || self.skipping) && !bytes.is_empty() {
            // Only a line end can end a record, so only then it is worth looking.
            let part = memchr::memchr2(b'\n', b'\r', bytes).map_or(bytes.len(), |end| end + 1);
            self.carry.extend_from_slice(&bytes[..part]);
            bytes = &bytes[part..];
            let carry = std::mem::take(&mut self.carry);
            if let Some(end) = self.scan.run(&carry) {
                self.record(&Utf8::check(&carry), 0, end, take)?;
            } else {
                self.carry = carry;
                self.cut(take)?;
            }
        }
        Ok(bytes)
    }

    fn hand_on_names(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        match &self.header {
            Some(names) if std::mem::take(&mut self.given) => take(self.next, Record::Header(names)),
            _ => Ok(()),
        }
    }
}

/// The names of the header line.
fn header_names(fields: Fields<'_>) -> Result<Vec<String>, Stop> {
    if fields.len() > MOST_FIELDS {
        return refused("bad_header", format!("the header has more than {MOST_FIELDS} names"));
    }
    let mut names: Vec<String> = Vec::with_capacity(fields.len());
    for index in 0..fields.len() {
        let name = fields.get(index).unwrap_or_default().trim();
        if name.is_empty() {
            return refused("bad_header", format!("name {} of the header is empty", index + 1));
        }
        if names.iter().any(|known| known == name) {
            return refused("bad_header", format!("name {} of the header stands twice", index + 1));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

impl Framer for Csv {
    fn resume(&self) -> Option<Resume> {
        let names = self.header.clone().filter(|_| !self.skipping && !self.given)?;
        Some(Resume { names: Some(names), ..self.next.resume() })
    }

    fn push(&mut self, bytes: &[u8], take: &mut Take<'_>) -> Result<(), Stop> {
        self.hand_on_names(take)?;
        let bytes = self.carried(bytes, take)?;
        let checked = Utf8::check(bytes);
        let mut at = 0;
        loop {
            let blank = bytes[at..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if blank > 0 {
                self.pass(&bytes[at..at + blank]);
                at += blank;
            }
            if at == bytes.len() {
                return Ok(());
            }
            let Some(length) = self.scan.run(&bytes[at..]) else {
                self.carry.extend_from_slice(&bytes[at..]);
                return self.cut(take);
            };
            self.record(&checked, at, at + length, take)?;
            at += length;
        }
    }

    fn finish(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        let carry = std::mem::take(&mut self.carry);
        if carry.is_empty() && !self.scan.unclosed() {
            return Ok(());
        }
        // A quoted field that was never closed has swallowed the rest.
        if self.scan.unclosed() && self.header.is_some() {
            let message = "a quoted field of this row is never closed";
            if !self.skipping {
                take(self.next, Record::Broken(&carry, "row.unclosed_quote", message))?;
            }
            let line = self.next.line;
            return refused(
                "malformed_csv",
                format!("a quoted field that begins after line {line} is never closed"),
            );
        }
        self.scan.finish(&carry);
        self.record(&Utf8::check(&carry), 0, carry.len(), take)
    }
}
