//! The grammar of RFC 8259, one token at a time, over text that is UTF-8 already. Nothing is allocated here.
//!
//! Stricter than many readers where the RFC leaves it open: half a surrogate pair is refused, since no text can hold it.

use wide::u8x16;

use super::Unreadable;
use super::depth::Brackets;

/// A place in the text of one record.
///
/// What is done for every key and value is inlined, and what is rare takes the cursor as a value: so the place stays in
/// a register instead of being written to memory and read back with every step. And a step that can fail is a branch, not
/// a sum: the next step would have to wait for the byte, which the processor otherwise guesses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub text: &'a str,
    pub at: usize,
}

/// A JSON text between its quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    pub start: usize,
    pub end: usize,
    /// Whether there is a backslash in it.
    pub escaped: bool,
}

/// A number by its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    /// A whole number of 64 bits, and whether it is minus nought.
    Integer(i64, bool),
    /// Any other; infinite when it is too large.
    Float(f64),
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;
/// Powers of ten that a double holds exactly and that a quotient with fifteen digits needs.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Bytes that are looked at in one step: longer than most texts.
const STEP: usize = 32;

/// The first byte from `at` on that cannot stand in a JSON text by itself: a quote, a backslash, a control character.
#[inline(always)]
pub(super) fn special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<STEP>()) {
        let marks = marks(chunk);
        if marks != 0 {
            return at + marks.trailing_zeros() as usize;
        }
        at += STEP;
    }
    special_near_end(bytes, at)
}

/// The same where fewer bytes are left than a step has: the step ends with them and begins before `at`.
#[inline]
fn special_near_end(bytes: &[u8], at: usize) -> usize {
    let Some(last) = bytes.last_chunk::<STEP>() else { return special_of_few(bytes, at) };
    let before = (at + STEP).saturating_sub(bytes.len());
    let marks = u64::from(marks(last)).checked_shr(before as u32).unwrap_or_default();
    if marks == 0 { bytes.len() } else { at + marks.trailing_zeros() as usize }
}

/// The same in a text that is shorter than a step.
#[inline(never)]
fn special_of_few(bytes: &[u8], mut at: usize) -> usize {
    // A borrow can only mark bytes above a true hit, so the lowest mark is exact.
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (ONES * b'"' as u64);
        let backslash = word ^ (ONES * b'\\' as u64);
        let marks = (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
            | (word.wrapping_sub(ONES * 0x20) & !word);
        let marks = marks & HIGH;
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let found = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
    found.map_or(bytes.len(), |found| at + found)
}

/// A bit for each byte, set for those that cannot stand in a JSON text by themselves.
#[inline(always)]
fn marks(chunk: &[u8; STEP]) -> u32 {
    let (halves, _) = chunk.as_chunks::<16>();
    halves.iter().rev().fold(0, |marks, half| marks << 16 | marks_of_half(*half))
}

#[inline(always)]
fn marks_of_half(half: [u8; 16]) -> u32 {
    let bytes = u8x16::from(half);
    // With this bit turned, the quote comes right after the control characters, and nothing else does.
    let turned = bytes ^ u8x16::splat(2);
    let low = turned.min(u8x16::splat(b'"' ^ 2)).simd_eq(turned);
    (low | bytes.simd_eq(u8x16::splat(b'\\'))).to_bitmask()
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    #[inline(always)]
    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The next byte.
    #[inline(always)]
    pub fn peek(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    /// What is left.
    #[inline(always)]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes().get(self.at..).unwrap_or_default()
    }

    /// The text between two offsets found here.
    #[inline(always)]
    pub fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The bytes between two offsets found here.
    #[inline(always)]
    pub fn raw(&self, text: Text) -> &'a [u8] {
        self.bytes().get(text.start..text.end).unwrap_or_default()
    }

    /// Passes over blanks.
    #[inline(always)]
    pub fn blank(&mut self) {
        // Mostly there are none, and one comparison says so.
        while let Some(byte) = self.peek().filter(|byte| *byte <= b' ') {
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return;
            }
            self.at += 1;
        }
    }

    /// Passes over one byte, if it is this one.
    #[inline(always)]
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Passes over this byte, or the record is malformed.
    #[inline(always)]
    pub fn expect(&mut self, byte: u8) -> Result<(), Unreadable> {
        if self.peek() != Some(byte) {
            return Err(Unreadable::Malformed);
        }
        self.at += 1;
        Ok(())
    }

    /// Passes over a word.
    #[inline(always)]
    pub fn word(&mut self, word: &[u8]) -> Result<(), Unreadable> {
        if !self.rest().starts_with(word) {
            return Err(Unreadable::Malformed);
        }
        self.at += word.len();
        Ok(())
    }

    /// Nothing but blanks is left.
    pub fn end(&mut self) -> Result<(), Unreadable> {
        self.blank();
        if self.at == self.bytes().len() { Ok(()) } else { Err(Unreadable::Malformed) }
    }

    /// A text whose first quote was passed.
    #[inline(always)]
    pub fn string(&mut self) -> Result<Text, Unreadable> {
        let start = self.at;
        let end = special(self.bytes(), start);
        if self.bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(Text { start, end, escaped: false });
        }
        let end = self.escaped(end)?;
        self.at = end + 1;
        Ok(Text { start, end, escaped: true })
    }

    /// Where a text ends whose first escape, or whatever stands there, is at `at`.
    #[inline(never)]
    fn escaped(self, mut at: usize) -> Result<usize, Unreadable> {
        loop {
            match self.bytes().get(at) {
                Some(b'"') => return Ok(at),
                Some(b'\\') => at = special(self.bytes(), at + self.escape(at)?),
                _ => return Err(Unreadable::Malformed),
            }
        }
    }

    /// The length of the escape at `at`.
    fn escape(&self, at: usize) -> Result<usize, Unreadable> {
        match self.bytes().get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
            Some(b'u') => match self.unit(at)? {
                0xd800..0xdc00 if self.bytes().get(at + 6) == Some(&b'\\') => match self.unit(at + 6)? {
                    0xdc00..0xe000 => Ok(12),
                    _ => Err(Unreadable::Malformed),
                },
                0xd800..0xe000 => Err(Unreadable::Malformed),
                _ => Ok(6),
            },
            _ => Err(Unreadable::Malformed),
        }
    }

    /// The sixteen bits of `\uXXXX` at `at`.
    fn unit(&self, at: usize) -> Result<u32, Unreadable> {
        let digits = self.bytes().get(at + 1..at + 6).and_then(|unit| unit.strip_prefix(b"u"));
        digits.and_then(hexadecimal).ok_or(Unreadable::Malformed)
    }

    /// A number, whose first byte is a digit or a minus sign.
    #[inline(always)]
    pub fn number(&mut self) -> Result<Number, Unreadable> {
        let start = self.at;
        let negative = self.eat(b'-');
        let first = self.peek();
        let (whole, digits) = self.digits(0);
        if digits == 0 || (digits > 1 && first == Some(b'0')) {
            return Err(Unreadable::Malformed);
        }
        match self.peek() {
            Some(b'.') => {
                self.at += 1;
                let (mantissa, decimals) = self.digits(whole);
                if decimals == 0 {
                    return Err(Unreadable::Malformed);
                }
                // Both are exact in a double, so their quotient is the nearest double.
                if digits + decimals <= 15 && !matches!(self.peek(), Some(b'e' | b'E')) {
                    let number = mantissa as i64 as f64 / POWERS[decimals];
                    return Ok(Number::Float(if negative { -number } else { number }));
                }
                self.float(start)
            }
            Some(b'e' | b'E') => self.float(start),
            _ if digits <= 18 => {
                let number = whole as i64;
                Ok(Number::Integer(if negative { -number } else { number }, negative && number == 0))
            }
            _ => match self.slice(start, self.at).parse() {
                Ok(number) => Ok(Number::Integer(number, false)),
                Err(_) => self.float(start),
            },
        }
    }

    /// Digits, as a continuation of `number`; and how many.
    #[inline(always)]
    fn digits(&mut self, mut number: u64) -> (u64, usize) {
        let start = self.at;
        let mut at = start;
        while let Some(digit) =
            self.bytes().get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9)
        {
            number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
            at += 1;
        }
        self.at = at;
        (number, at - start)
    }

    /// The exponent, if there is one, and the number from `start` on.
    #[inline(always)]
    fn float(&mut self, start: usize) -> Result<Number, Unreadable> {
        let (number, at) = self.float_from(start)?;
        self.at = at;
        Ok(Number::Float(number))
    }

    #[cold]
    fn float_from(mut self, start: usize) -> Result<(f64, usize), Unreadable> {
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits(0).1 == 0 {
                return Err(Unreadable::Malformed);
            }
        }
        let number = self.slice(start, self.at).parse().map_err(|_| Unreadable::Malformed)?;
        Ok((number, self.at))
    }

    /// Passes over a value of any kind; its first byte is next.
    #[inline(always)]
    pub fn skip(&mut self) -> Result<(), Unreadable> {
        self.at = self.skipped()?;
        Ok(())
    }

    #[inline(never)]
    fn skipped(mut self) -> Result<usize, Unreadable> {
        let mut open = Brackets::default();
        loop {
            let began = match self.peek() {
                Some(b'{') => self.open(&mut open, true)?,
                Some(b'[') => self.open(&mut open, false)?,
                _ => {
                    self.scalar()?;
                    false
                }
            };
            if !began && !self.next_due(&mut open)? {
                return Ok(self.at);
            }
        }
    }

    /// Passes over an opening bracket; false when the closing one came at once, so that a value is complete.
    fn open(&mut self, open: &mut Brackets, object: bool) -> Result<bool, Unreadable> {
        open.push(object)?;
        self.at += 1;
        self.blank();
        if self.eat(if object { b'}' } else { b']' }) {
            open.pop();
            return Ok(false);
        }
        if object {
            self.key()?;
        }
        Ok(true)
    }

    /// After a complete value: closes what closes here. False when nothing is open any more; else a value is next.
    fn next_due(&mut self, open: &mut Brackets) -> Result<bool, Unreadable> {
        while let Some(object) = open.top() {
            self.blank();
            if self.eat(b',') {
                self.blank();
                if object {
                    self.key()?;
                }
                return Ok(true);
            }
            self.expect(if object { b'}' } else { b']' })?;
            open.pop();
        }
        Ok(false)
    }

    fn key(&mut self) -> Result<(), Unreadable> {
        self.expect(b'"')?;
        self.string()?;
        self.colon()
    }

    /// Passes over the colon after a key and blanks round it.
    #[inline(always)]
    pub fn colon(&mut self) -> Result<(), Unreadable> {
        self.blank();
        self.expect(b':')?;
        self.blank();
        Ok(())
    }

    fn scalar(&mut self) -> Result<(), Unreadable> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.string().map(|_| ())
            }
            Some(b'-' | b'0'..=b'9') => self.number().map(|_| ()),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            _ => Err(Unreadable::Malformed),
        }
    }
}

/// Four hexadecimal digits.
pub(super) fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, byte| Some(sum << 4 | char::from(*byte).to_digit(16)?))
}
