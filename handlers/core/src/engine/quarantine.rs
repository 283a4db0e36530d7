//! Refused rows: one NDJSON line each, with every reason and the original bytes.

use super::json::text::quote;
use super::{OutputFile, Sink, SinkError};
use crate::formats::Place;
use crate::layout::quarantined_rows_part_key;

/// Bytes collected before they are handed to the sink.
const PIECE: usize = 256 << 10;

/// Why one row was refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reason<'a> {
    pub rule: &'a str,
    pub column: &'a str,
    pub message: &'a str,
}

/// The quarantine file of one object.
#[derive(Debug)]
pub(super) struct Quarantine {
    file: OutputFile,
    process_id: String,
    buffer: String,
    /// Quarantine files of the object before this one.
    pub number: usize,
    /// Whether there is a row in it.
    pub used: bool,
}

impl Quarantine {
    /// The quarantine of an object, or of its part after so many quarantine files.
    pub fn new(dataset: &str, process_id: &str, number: usize) -> Self {
        Self {
            file: OutputFile::Quarantine(quarantined_rows_part_key(dataset, process_id, number)),
            number,
            process_id: process_id.to_owned(),
            buffer: String::new(),
            used: false,
        }
    }

    /// Adds one row.
    pub fn add(
        &mut self,
        place: Place,
        reasons: &[Reason<'_>],
        original: &[u8],
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        // Written by hand, the names in order: a refused row must not cost more than an accepted one.
        let line = &mut self.buffer;
        line.push_str("{\"DataQualityEvaluationResult\":\"Failed\",\"DataQualityRulesFail\":");
        list(line, reasons, |line, reason| quote(reason.rule, line));
        line.push_str(",\"byteOffset\":");
        line.push_str(&place.offset.to_string());
        line.push_str(",\"line\":");
        line.push_str(&place.line.to_string());
        match std::str::from_utf8(original) {
            Ok(text) => {
                line.push_str(",\"original\":");
                quote(text, line);
            }
            Err(_) => {
                line.push_str(",\"originalBase64\":");
                quote(&base64(original), line);
            }
        }
        line.push_str(",\"processId\":");
        quote(&self.process_id, line);
        line.push_str(",\"reasons\":");
        list(line, reasons, |line, reason| {
            let parts = [
                ("{\"column\":", reason.column),
                (",\"message\":", reason.message),
                (",\"rule\":", reason.rule),
            ];
            for (name, value) in parts {
                line.push_str(name);
                quote(value, line);
            }
            line.push('}');
        });
        line.push_str("}\n");
        self.used = true;
        if self.buffer.len() < PIECE {
            return Ok(());
        }
        // As much again will come, so that nothing is moved while it grows.
        let next = String::with_capacity(self.buffer.capacity());
        sink.write(&self.file, std::mem::replace(&mut self.buffer, next).into_bytes(), false)
    }

    /// Ends the file, if there is one.
    pub fn finish(self, sink: &mut dyn Sink) -> Result<(), SinkError> {
        if !self.used {
            return Ok(());
        }
        sink.write(&self.file, self.buffer.into_bytes(), true)
    }
}

/// A JSON list.
fn list(line: &mut String, reasons: &[Reason<'_>], item: impl Fn(&mut String, &Reason<'_>)) {
    for (at, reason) in reasons.iter().enumerate() {
        line.push(if at == 0 { '[' } else { ',' });
        item(line, reason);
    }
    line.push(']');
}

/// RFC 4648 base64, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let symbol = ALPHABET[(group >> (18 - 6 * at) & 63) as usize];
            text.push(if at <= chunk.len() { char::from(symbol) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_of_every_length() {
        let cases: &[(&[u8], &str)] = &[
            (b"", ""),
            (b"f", "Zg=="),
            (b"fo", "Zm8="),
            (b"foo", "Zm9v"),
            (b"\xff\xfe\xfd\x00", "//79AA=="),
        ];
        for (bytes, expected) in cases {
            assert_eq!(super::base64(bytes), *expected);
        }
    }
}
