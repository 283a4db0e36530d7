//! Refused rows: one NDJSON line each, with every reason and the original bytes.

use std::ops::Range;

use super::json::text::quote;
use super::{OutputFile, Sink, SinkError};
use crate::formats::Place;
use crate::layout::quarantined_rows_part_key;
use crate::rules::{Ordered, RowCheck, Rules};

/// Bytes collected before they are handed to the sink.
const PIECE: usize = 256 << 10;

/// Why one row was refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reason<'a> {
    pub rule: &'a str,
    /// The index into `Rules::row_checks`, when it is one of them.
    pub check: Option<usize>,
    pub column: &'a str,
    pub message: &'a str,
}

impl<'a> Reason<'a> {
    /// The reason that the check of this index into `Rules::row_checks` gives.
    pub fn of(check: &'a RowCheck, at: usize) -> Self {
        Self { rule: &check.rule, check: Some(at), column: &check.column, message: &check.message }
    }
}

/// The quarantine file of one object.
#[derive(Debug)]
pub(super) struct Quarantine {
    file: OutputFile,
    process_id: String,
    /// The rules of the language in the order written: the index into `Rules::row_checks` of those about rows, and the text
    /// as it stands in JSON.
    rules: Vec<(Option<usize>, String)>,
    /// The reason that each of `Rules::row_checks` gives, as it stands in JSON, and where in it the rule's name stands.
    checks: Vec<(String, Range<usize>)>,
    buffer: String,
    /// Quarantine files of the object before this one.
    pub number: usize,
    /// Whether there is a row in it.
    pub used: bool,
}

impl Quarantine {
    /// The quarantine of an object, or of its part after so many quarantine files.
    pub fn new(dataset: &str, process_id: &str, number: usize, rules: &Rules) -> Self {
        let rule = |ordered: &Ordered| {
            let (check, text) = match *ordered {
                Ordered::Row(at) => (Some(at), &rules.row_checks[at].text),
                Ordered::Object(at) => (None, &rules.object_checks[at].text),
            };
            let mut quoted = String::new();
            quote(text, &mut quoted);
            (check, quoted)
        };
        Self {
            rules: rules.order.iter().map(rule).collect(),
            checks: rules.row_checks.iter().map(|check| written(&Reason::of(check, 0))).collect(),
            file: OutputFile::Quarantine(quarantined_rows_part_key(dataset, process_id, number)),
            number,
            process_id: process_id.to_owned(),
            buffer: String::new(),
            used: false,
        }
    }

    /// A quarantine at a key of its own, for rows that were held to no rule.
    pub fn at(key: String, process_id: &str) -> Self {
        Self {
            rules: Vec::new(),
            checks: Vec::new(),
            file: OutputFile::Quarantine(key),
            number: 0,
            process_id: process_id.to_owned(),
            buffer: String::new(),
            used: false,
        }
    }

    /// Adds one row; one that is not `readable` was held to no rule.
    pub fn add(
        &mut self,
        place: Place,
        reasons: &[Reason<'_>],
        original: &[u8],
        readable: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), SinkError> {
        // Written by hand, the names in order: a refused row must not cost more than an accepted one.
        let line = &mut self.buffer;
        line.push_str("{\"DataQualityEvaluationResult\":\"Failed\",\"DataQualityRulesFail\":");
        let checks = &self.checks;
        let known = |reason: &Reason<'_>| reason.check.and_then(|at| checks.get(at));
        list(line, reasons, |line, reason| match known(reason) {
            Some((text, rule)) => line.push_str(text.get(rule.clone()).unwrap_or_default()),
            None => quote(reason.rule, line),
        });
        outcomes(line, &self.rules, reasons, readable);
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
        list(line, reasons, |line, reason| match known(reason) {
            Some((text, _)) => line.push_str(text),
            None => line.push_str(&written(reason).0),
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

/// A reason as it stands in JSON, and where in it the rule's name stands.
fn written(reason: &Reason<'_>) -> (String, Range<usize>) {
    let mut text = String::from("{\"column\":");
    quote(reason.column, &mut text);
    text.push_str(",\"message\":");
    quote(reason.message, &mut text);
    text.push_str(",\"rule\":");
    let start = text.len();
    quote(reason.rule, &mut text);
    let rule = start..text.len();
    text.push('}');
    (text, rule)
}

/// Rules of the language that the row passes, and those that have no outcome for it, if the dataset has any.
fn outcomes(line: &mut String, rules: &[(Option<usize>, String)], reasons: &[Reason<'_>], readable: bool) {
    if rules.is_empty() {
        return;
    }
    let is_judged = |check: Option<usize>| readable && check.is_some();
    let fails = |check: Option<usize>| reasons.iter().any(|reason| reason.check == check);
    line.push_str(",\"DataQualityRulesPass\":");
    let passed = rules.iter().filter(|(check, _)| is_judged(*check) && !fails(*check));
    list(line, passed, |line, (_, text)| line.push_str(text));
    line.push_str(",\"DataQualityRulesSkip\":");
    let skipped = rules.iter().filter(|(check, _)| !is_judged(*check));
    list(line, skipped, |line, (_, text)| line.push_str(text));
}

/// A JSON list.
fn list<T>(line: &mut String, items: impl IntoIterator<Item = T>, write: impl Fn(&mut String, T)) {
    line.push('[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        write(line, item);
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
