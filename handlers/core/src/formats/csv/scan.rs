//! Where the fields of one record begin and end. The scan can stop anywhere and go on when more bytes have come.
//!
//! As RFC 4180 has it, and for what it leaves open as the `csv` crate has it: a quote within a bare field is a byte like
//! any other, and what follows a closing quote belongs to the field.

use wide::u8x16;

use crate::dialect::Dialect;
use crate::formats::MOST_FIELDS;

/// Bytes that are looked at in one step.
const STEP: usize = 32;

/// One field: its bytes in the record, and how they are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
}

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As it stands; of a quoted field, what is between the quotes.
    Plain,
    /// With quotes or escapes in it that have to be taken out; the span holds the outer quotes too.
    Quoted,
    /// Taken out already, into the memory beside the record.
    Assembled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// In a bare field or before a field.
    Bare,
    /// Within quotes.
    Quoted,
    /// After a quote within quotes: the closing one, or the first of two.
    Quote,
    /// After an escape within quotes.
    Escape,
    /// In a line that is passed over.
    Comment,
}

/// A scan of one record.
#[derive(Debug)]
pub(super) struct Scan {
    dialect: Dialect,
    /// Bytes that may end a field: the delimiter, line ends, the quote.
    needles: [u8; 4],
    mode: Mode,
    /// The next byte.
    at: usize,
    /// First byte of the field under way, unless bytes of it were thrown away.
    start: Option<usize>,
    /// Whether the field under way needs more than its outer quotes taken off.
    inner: bool,
    /// Whether a field of the record is quoted, so that it may have several lines.
    pub quoted: bool,
    /// Fields that are complete; at most one more than [`MOST_FIELDS`] are kept.
    pub spans: Vec<Span>,
    /// How many there are.
    pub count: usize,
}

impl Scan {
    pub fn new(dialect: Dialect) -> Self {
        // Without a quote, a line end is looked for twice.
        let needles = [dialect.delimiter, b'\n', b'\r', dialect.quote.unwrap_or(b'\n')];
        Self {
            dialect,
            needles,
            mode: Mode::Bare,
            at: 0,
            start: Some(0),
            inner: false,
            quoted: false,
            spans: Vec::new(),
            count: 0,
        }
    }

    /// For the next record.
    #[inline]
    pub fn reset(&mut self) {
        self.mode = Mode::Bare;
        self.at = 0;
        self.start = Some(0);
        self.inner = false;
        self.quoted = false;
        self.spans.clear();
        self.count = 0;
    }

    /// Whether this is no record, but a comment.
    pub fn comment(&self) -> bool {
        self.mode == Mode::Comment
    }

    /// Whether the bytes ended within quotes.
    pub fn unclosed(&self) -> bool {
        matches!(self.mode, Mode::Quoted | Mode::Escape)
    }

    /// The bytes seen so far were thrown away; only the record's end is looked for.
    pub fn forget(&mut self) {
        self.at = 0;
        self.start = None;
        self.spans.clear();
    }

    /// Goes on in `record`, of which more has come: the length of the record with its line end, once that is there.
    #[inline]
    pub fn run(&mut self, record: &[u8]) -> Option<usize> {
        if self.dialect.comment.is_some()
            && (self.at, self.start) == (0, Some(0))
            && record.first() == self.dialect.comment.as_ref()
        {
            self.mode = Mode::Comment;
        }
        loop {
            match self.mode {
                Mode::Comment => {
                    let end = record.get(self.at..).and_then(|rest| memchr::memchr(b'\n', rest));
                    let Some(end) = end else {
                        self.at = record.len();
                        return None;
                    };
                    return Some(self.at + end + 1);
                }
                Mode::Bare => match self.bare(record) {
                    Step::End(end) => return Some(end),
                    Step::Quote => self.mode = Mode::Quoted,
                    Step::More => return None,
                },
                Mode::Quoted => self.within(record)?,
                Mode::Escape => {
                    record.get(self.at)?;
                    self.at += 1;
                    self.mode = Mode::Quoted;
                }
                Mode::Quote => {
                    let byte = *record.get(self.at)?;
                    self.at += 1;
                    if Some(byte) == self.dialect.quote && self.dialect.escape.is_none() {
                        self.inner = true;
                        self.mode = Mode::Quoted;
                    } else if self.boundary(byte) {
                        let at = self.at - 1;
                        self.end_quoted(at);
                        if byte != self.dialect.delimiter {
                            return Some(self.at);
                        }
                        self.mode = Mode::Bare;
                    } else {
                        self.inner = true;
                        self.mode = Mode::Bare;
                    }
                }
            }
        }
    }

    /// The bytes are over: ends the last field.
    pub fn finish(&mut self, record: &[u8]) {
        match self.mode {
            Mode::Quote => self.end_quoted(record.len()),
            _ => self.end(record.len()),
        }
    }

    fn boundary(&self, byte: u8) -> bool {
        byte == self.dialect.delimiter || byte == b'\n' || byte == b'\r'
    }

    /// Bare fields, one after the other.
    #[inline]
    fn bare(&mut self, record: &[u8]) -> Step {
        while let Some(chunk) = record.get(self.at..).and_then(|rest| rest.first_chunk::<STEP>()) {
            let mut marks = self.marks(chunk);
            while marks != 0 {
                let at = self.at + marks.trailing_zeros() as usize;
                if let Some(step) = self.mark(record, at) {
                    return step;
                }
                marks &= marks - 1;
            }
            self.at += STEP;
        }
        while let Some(byte) = record.get(self.at) {
            if self.boundary(*byte) || Some(*byte) == self.dialect.quote {
                let at = self.at;
                if let Some(step) = self.mark(record, at) {
                    return step;
                }
            }
            self.at += 1;
        }
        Step::More
    }

    /// A bit for each byte, set for those that are a delimiter, a line end or a quote.
    #[inline]
    fn marks(&self, chunk: &[u8; STEP]) -> u32 {
        let (halves, _) = chunk.as_chunks::<16>();
        halves.iter().rev().fold(0, |marks, half| {
            let bytes = u8x16::from(*half);
            let [a, b, c, d] = self.needles.map(|needle| bytes.simd_eq(u8x16::splat(needle)));
            marks << 16 | (a | b | c | d).to_bitmask()
        })
    }

    /// What the byte at `at`, which may end a field, means; nothing when the scan goes on behind it.
    #[inline]
    fn mark(&mut self, record: &[u8], at: usize) -> Option<Step> {
        let byte = record[at];
        if byte == self.dialect.delimiter {
            self.end(at);
            self.start = Some(at + 1);
            return None;
        }
        if byte == b'\n' || byte == b'\r' {
            self.end(at);
            return Some(Step::End(at + 1));
        }
        // A quote: it opens a field only as its first byte.
        if self.start != Some(at) {
            return None;
        }
        self.at = at + 1;
        self.quoted = true;
        Some(Step::Quote)
    }

    /// Within quotes, up to the byte after the next quote.
    fn within(&mut self, record: &[u8]) -> Option<()> {
        let quote = self.dialect.quote.unwrap_or(b'"');
        let rest = record.get(self.at..)?;
        let found = match self.dialect.escape {
            Some(escape) => memchr::memchr2(quote, escape, rest),
            None => memchr::memchr(quote, rest),
        };
        let Some(found) = found else {
            self.at = record.len();
            return None;
        };
        self.at += found + 1;
        self.mode = if rest[found] == quote { Mode::Quote } else { Mode::Escape };
        self.inner |= self.mode == Mode::Escape;
        Some(())
    }

    #[inline]
    fn end(&mut self, at: usize) {
        let kind = if self.inner { Kind::Quoted } else { Kind::Plain };
        self.keep(self.start.unwrap_or(at), at, kind);
    }

    /// Ends a field whose last byte is its closing quote.
    fn end_quoted(&mut self, at: usize) {
        match (self.start, self.inner) {
            (Some(start), false) => self.keep(start + 1, at - 1, Kind::Plain),
            _ => self.end(at),
        }
        self.start = Some(at + 1);
    }

    #[inline]
    fn keep(&mut self, start: usize, end: usize, kind: Kind) {
        self.inner = false;
        self.count += 1;
        if self.count <= MOST_FIELDS + 1 {
            self.spans.push(Span { start, end, kind });
        }
    }
}

enum Step {
    /// The record's length with its line end.
    End(usize),
    /// A quoted field has begun.
    Quote,
    /// The bytes are over.
    More,
}

/// Appends what a field with quotes or escapes in it stands for.
pub(super) fn assemble(field: &str, dialect: Dialect, into: &mut String) {
    let quote = dialect.quote.map_or('"', char::from);
    let escape = dialect.escape.map(char::from);
    let mut characters = field.chars().peekable();
    let mut quoted = false;
    if characters.peek() == Some(&quote) {
        characters.next();
        quoted = true;
    }
    while let Some(character) = characters.next() {
        if !quoted {
            into.push(character);
        } else if Some(character) == escape {
            into.extend(characters.next());
        } else if character != quote {
            into.push(character);
        } else if escape.is_none() && characters.peek() == Some(&quote) {
            characters.next();
            into.push(quote);
        } else {
            quoted = false;
        }
    }
}
