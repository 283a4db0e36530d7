//! One JSON value a line. A line that cannot be read spoils only itself.

use super::{Framer, LONGEST_RECORD, Place, Record, Resume, Stop, Take, Utf8, kept};

/// Cuts at line ends; blank lines are passed over.
#[derive(Debug)]
pub struct Lines {
    /// The beginning of a line whose end has not arrived.
    carry: Vec<u8>,
    /// Whether the rest of a line that was too long is being thrown away.
    skipping: bool,
    next: Place,
}

impl Lines {
    /// A framer for an object whose first byte has this offset.
    #[must_use]
    pub fn new(offset: u64) -> Self {
        Self::at(Place { line: 1, offset })
    }

    /// A framer that goes on at the beginning of a line.
    #[must_use]
    pub fn at(next: Place) -> Self {
        Self { carry: Vec::new(), skipping: false, next }
    }

    /// Moves the place past a line of `length` bytes; the place where it began.
    fn pass(&mut self, length: usize) -> Place {
        let place = self.next;
        self.next = Place { line: place.line + 1, offset: place.offset + length as u64 };
        place
    }

    /// The line that is in the carry, whose end has arrived.
    fn carried(&mut self, end: usize, take: &mut Take<'_>) -> Result<(), Stop> {
        let mut carry = std::mem::take(&mut self.carry);
        let place = self.pass(carry.len() + end);
        if !std::mem::take(&mut self.skipping) {
            one(place, &Utf8::check(&carry), 0, carry.len(), take)?;
        }
        carry.clear();
        self.carry = carry;
        Ok(())
    }

    /// Refuses a line that has grown too long and remembers to skip its rest.
    fn cut(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        if self.carry.len() <= LONGEST_RECORD {
            return Ok(());
        }
        if !self.skipping {
            take(self.next, Record::too_long(kept(&self.carry)))?;
        }
        self.skipping = true;
        self.next.offset += self.carry.len() as u64;
        self.carry.clear();
        Ok(())
    }
}

/// Hands on one line, without its end.
#[inline]
fn one(place: Place, bytes: &Utf8<'_>, start: usize, end: usize, take: &mut Take<'_>) -> Result<(), Stop> {
    let line = bytes.slice(start, end);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // Most lines begin with a bracket; the others may be blank.
    if line.first() != Some(&b'{') && line.trim_ascii().is_empty() {
        return Ok(());
    }
    match bytes.text(start, start + line.len()) {
        Some(text) => take(place, Record::Json(text)),
        None => take(place, Record::not_utf8(line)),
    }
}

impl Framer for Lines {
    fn resume(&self) -> Option<Resume> {
        (!self.skipping).then(|| self.next.resume())
    }

    fn push(&mut self, bytes: &[u8], take: &mut Take<'_>) -> Result<(), Stop> {
        let mut bytes = bytes;
        if !self.carry.is_empty() || self.skipping {
            let Some(end) = memchr::memchr(b'\n', bytes) else {
                self.carry.extend_from_slice(bytes);
                return self.cut(take);
            };
            self.carry.extend_from_slice(&bytes[..end]);
            self.carried(1, take)?;
            bytes = &bytes[end + 1..];
        }
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |last| last + 1);
        let checked = Utf8::check(&bytes[..whole]);
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', &bytes[..whole]) {
            let place = self.pass(end + 1 - start);
            one(place, &checked, start, end, take)?;
            start = end + 1;
        }
        self.carry.extend_from_slice(&bytes[whole..]);
        self.cut(take)
    }

    fn finish(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        if self.carry.is_empty() { Ok(()) } else { self.carried(0, take) }
    }
}
