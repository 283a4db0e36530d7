//! Refused rows: one NDJSON line each, with every reason and the original bytes.

use serde_json::{Value, json};

use super::{OutputFile, Sink, SinkError};
use crate::formats::Place;

/// Bytes collected before they are handed to the sink.
const PIECE: usize = 4 << 20;

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
    buffer: Vec<u8>,
    used: bool,
}

impl Quarantine {
    pub fn new(key: String, process_id: &str) -> Self {
        Self {
            file: OutputFile::Quarantine(key),
            process_id: process_id.to_owned(),
            buffer: Vec::new(),
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
        let listed: Vec<Value> = reasons
            .iter()
            .map(|reason| json!({"rule": reason.rule, "column": reason.column, "message": reason.message}))
            .collect();
        let failed: Vec<&str> = reasons.iter().map(|reason| reason.rule).collect();
        let mut line = json!({
            "processId": self.process_id,
            "line": place.line,
            "byteOffset": place.offset,
            "reasons": listed,
            "DataQualityRulesFail": failed,
            "DataQualityEvaluationResult": "Failed",
        });
        match std::str::from_utf8(original) {
            Ok(text) => line["original"] = text.into(),
            Err(_) => line["originalBase64"] = base64(original).into(),
        }
        self.buffer.extend_from_slice(line.to_string().as_bytes());
        self.buffer.push(b'\n');
        self.used = true;
        if self.buffer.len() < PIECE {
            return Ok(());
        }
        sink.write(&self.file, std::mem::take(&mut self.buffer), false)
    }

    /// Ends the file, if there is one.
    pub fn finish(mut self, sink: &mut dyn Sink) -> Result<(), SinkError> {
        if !self.used {
            return Ok(());
        }
        sink.write(&self.file, std::mem::take(&mut self.buffer), true)
    }
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
