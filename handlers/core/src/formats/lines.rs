//! One JSON value a line. A line that cannot be read spoils only itself.

use super::{Framer, KEPT_OF_TOO_LONG, LONGEST_RECORD, Place, Record, Stop, Take};

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
        Self { carry: Vec::new(), skipping: false, next: Place { line: 1, offset } }
    }

    /// Hands on one line without its end, and moves the place past `length` bytes.
    fn line(&mut self, line: &[u8], length: usize, take: &mut Take<'_>) -> Result<(), Stop> {
        let place = self.next;
        self.next = Place { line: place.line + 1, offset: place.offset + length as u64 };
        if std::mem::take(&mut self.skipping) || line.trim_ascii().is_empty() {
            return Ok(());
        }
        take(place, Record::Json(line.strip_suffix(b"\r").unwrap_or(line)))
    }

    /// Refuses a line that has grown too long and remembers to skip its rest.
    fn cut(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        if self.carry.len() <= LONGEST_RECORD {
            return Ok(());
        }
        if !self.skipping {
            let kept = &self.carry[..KEPT_OF_TOO_LONG];
            take(
                self.next,
                Record::Broken(kept, "row.too_long", "the row is longer than 16 MiB; its beginning is kept"),
            )?;
        }
        self.skipping = true;
        self.next.offset += self.carry.len() as u64;
        self.carry.clear();
        Ok(())
    }
}

impl Framer for Lines {
    fn push(&mut self, bytes: &[u8], take: &mut Take<'_>) -> Result<(), Stop> {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            let piece = &bytes[start..end];
            if self.carry.is_empty() {
                self.line(piece, piece.len() + 1, take)?;
            } else {
                let mut carry = std::mem::take(&mut self.carry);
                carry.extend_from_slice(piece);
                self.line(&carry, carry.len() + 1, take)?;
                carry.clear();
                self.carry = carry;
            }
            start = end + 1;
        }
        self.carry.extend_from_slice(&bytes[start..]);
        self.cut(take)
    }

    fn finish(&mut self, take: &mut Take<'_>) -> Result<(), Stop> {
        let carry = std::mem::take(&mut self.carry);
        if carry.is_empty() { Ok(()) } else { self.line(&carry, carry.len(), take) }
    }
}
