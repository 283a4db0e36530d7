//! One datum as JSON text, so that it is read, judged and kept as every other row is.

use super::schema::Schema;
use crate::engine::quote;
use crate::formats::moments::{push_date, push_decimal, push_instant};

/// Bytes of a block and how far they were read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'a> {
    pub rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// A whole number: seven bits a byte, the least first, signs interleaved.
    pub fn long(&mut self) -> Option<i64> {
        let mut number = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = *self.take(1)?.first()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some((number >> 1) as i64 ^ -((number & 1) as i64));
            }
        }
        None
    }

    /// Bytes with their length before them.
    pub fn prefixed(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.long()?).ok()?;
        self.take(length)
    }
}

/// Appends the datum that comes next; nothing when the bytes are none of this schema, or the text grows too long.
pub(super) fn push(schema: &Schema, bytes: &mut Bytes<'_>, most: usize, into: &mut String) -> Option<()> {
    if into.len() > most {
        return None;
    }
    match schema {
        Schema::Null => into.push_str("null"),
        Schema::Boolean => into.push_str(if *bytes.take(1)?.first()? == 0 { "false" } else { "true" }),
        Schema::Long => into.push_str(&bytes.long()?.to_string()),
        Schema::Float => float(f32::from_le_bytes(*bytes.take(4)?.first_chunk()?).into(), into),
        Schema::Double => float(f64::from_le_bytes(*bytes.take(8)?.first_chunk()?), into),
        Schema::Bytes => latin(bytes.prefixed()?, into),
        Schema::Fixed(size) => latin(bytes.take(*size)?, into),
        Schema::String => quote(std::str::from_utf8(bytes.prefixed()?).ok()?, into),
        Schema::Enum(symbols) => quote(symbols.get(usize::try_from(bytes.long()?).ok()?)?, into),
        Schema::Union(branches) => {
            let branch = branches.get(usize::try_from(bytes.long()?).ok()?)?;
            push(branch, bytes, most, into)?;
        }
        Schema::Record(fields) => {
            into.push('{');
            for (at, (name, field)) in fields.iter().enumerate() {
                into.push_str(if at == 0 { "" } else { "," });
                quote(name, into);
                into.push(':');
                push(field, bytes, most, into)?;
            }
            into.push('}');
        }
        Schema::Array(items) => {
            into.push('[');
            blocks(bytes, into, |bytes, into| push(items, bytes, most, into))?;
            into.push(']');
        }
        Schema::Map(values) => {
            into.push('{');
            blocks(bytes, into, |bytes, into| {
                quote(std::str::from_utf8(bytes.prefixed()?).ok()?, into);
                into.push(':');
                push(values, bytes, most, into)
            })?;
            into.push('}');
        }
        Schema::Date => push_date(i32::try_from(bytes.long()?).ok()?, into),
        Schema::Timestamp(parts) => push_instant(bytes.long()?, *parts, into),
        Schema::Decimal(scale, size) => {
            let digits = match size {
                Some(size) => bytes.take(*size)?,
                None => bytes.prefixed()?,
            };
            push_decimal(big_endian(digits)?, i32::try_from(*scale).ok()?, into);
        }
    }
    Some(())
}

/// Items in blocks, a comma between two: a count before each block, negative when its size follows, and 0 at the end.
fn blocks(
    bytes: &mut Bytes<'_>,
    into: &mut String,
    mut item: impl FnMut(&mut Bytes<'_>, &mut String) -> Option<()>,
) -> Option<()> {
    let mut first = true;
    loop {
        let count = bytes.long()?;
        if count == 0 {
            return Some(());
        }
        if count < 0 {
            bytes.long()?;
        }
        for _ in 0..count.unsigned_abs() {
            into.push_str(if first { "" } else { "," });
            first = false;
            item(bytes, into)?;
        }
    }
}

/// A floating point number; JSON has no text for those that are none.
fn float(number: f64, into: &mut String) {
    match serde_json::Number::from_f64(number) {
        Some(number) => into.push_str(&number.to_string()),
        None => quote(&number.to_string(), into),
    }
}

/// Bytes as Avro's own JSON has them: a character for each.
fn latin(bytes: &[u8], into: &mut String) {
    quote(&bytes.iter().map(|byte| char::from(*byte)).collect::<String>(), into);
}

fn big_endian(bytes: &[u8]) -> Option<i128> {
    let (first, rest) = bytes.split_first()?;
    if bytes.len() > 16 {
        return None;
    }
    let sign = i128::from(first.cast_signed());
    Some(rest.iter().fold(sign, |number, byte| number << 8 | i128::from(*byte)))
}
