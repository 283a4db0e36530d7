//! Objects that arrived: S3's EventBridge events, and its older notification documents.
//!
//! The two spell keys differently: EventBridge events hold the key as it is, notification documents hold it
//! form-encoded. Decoding the first would break keys with `+` or `%`; not decoding the second, keys with spaces.

use std::time::SystemTime;

use serde::Deserialize;
use serde_json::Value;

use super::envelope::{Envelope, malformed};
use crate::failure::Failure;
use crate::time;

/// One object that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Bucket name.
    pub bucket: String,
    /// Key, decoded.
    pub key: String,
    /// Size, when the event says it.
    pub size_bytes: Option<u64>,
    /// ETag without quotes, when the event says it.
    pub etag: Option<String>,
    /// S3 version id, when the bucket has versions.
    pub version_id: Option<String>,
    /// For ordering the versions of a key.
    pub sequencer: Option<String>,
    /// When it was created.
    pub at: SystemTime,
}

/// What one message holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// Objects that arrived.
    pub objects: Vec<Arrival>,
    /// Events of other kinds, by name.
    pub ignored: Vec<String>,
    /// Why some records could not be read; the others still count.
    pub broken: Vec<String>,
}

#[derive(Deserialize)]
struct Detail {
    bucket: Bucket,
    object: Object,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Deserialize)]
struct Object {
    key: String,
    size: Option<u64>,
    #[serde(alias = "eTag")]
    etag: Option<String>,
    #[serde(rename = "version-id", alias = "versionId")]
    version_id: Option<String>,
    sequencer: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    event_name: String,
    event_time: String,
    s3: Value,
}

/// Reads a message of the ingest queue.
///
/// # Errors
/// [`Failure::Poison`] when it is no event of S3 at all.
pub fn arrivals(body: &str) -> Result<Arrivals, Failure> {
    let value: Value = serde_json::from_str(body).map_err(|error| malformed("message", &error))?;
    if value["Event"] == "s3:TestEvent" {
        return Ok(Arrivals { ignored: vec!["s3:TestEvent".to_owned()], ..Arrivals::default() });
    }
    let mut arrivals = Arrivals::default();
    match value.get("Records").and_then(Value::as_array) {
        Some(records) => records.iter().for_each(|record| arrivals.take(notified(record))),
        None => arrivals.take(enveloped(value)),
    }
    Ok(arrivals)
}

enum Read {
    Object(Arrival),
    Other(String),
}

impl Arrivals {
    fn take(&mut self, read: Result<Read, Failure>) {
        match read {
            Ok(Read::Object(arrival)) => self.objects.push(arrival),
            Ok(Read::Other(name)) => self.ignored.push(name),
            Err(Failure::Poison(reason) | Failure::Transient(reason)) => self.broken.push(reason),
        }
    }
}

fn enveloped(value: Value) -> Result<Read, Failure> {
    let envelope: Envelope = serde_json::from_value(value).map_err(|error| malformed("event", &error))?;
    if envelope.source != "aws.s3" {
        return Err(Failure::Poison("not an event of S3".to_owned()));
    }
    if envelope.detail_type != "Object Created" {
        return Ok(Read::Other(envelope.detail_type));
    }
    let detail: Detail =
        serde_json::from_value(envelope.detail).map_err(|error| malformed("detail", &error))?;
    let key = detail.object.key.clone();
    arrival(detail, key, &envelope.time)
}

fn notified(record: &Value) -> Result<Read, Failure> {
    let record = Record::deserialize(record).map_err(|error| malformed("record", &error))?;
    let name = record.event_name.trim_start_matches("s3:");
    if !name.starts_with("ObjectCreated:") {
        return Ok(Read::Other(record.event_name));
    }
    let detail = Detail::deserialize(&record.s3).map_err(|error| malformed("record", &error))?;
    let key = form_decoded(&detail.object.key)
        .ok_or_else(|| Failure::Poison("the key of a record is not form-encoded UTF-8".to_owned()))?;
    arrival(detail, key, &record.event_time)
}

fn arrival(detail: Detail, key: String, time: &str) -> Result<Read, Failure> {
    let at = time::parse_rfc3339(time)
        .ok_or_else(|| Failure::Poison("the time of an event is not an RFC 3339 instant".to_owned()))?;
    let Object { size, etag, version_id, sequencer, .. } = detail.object;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(Read::Object(Arrival {
        bucket: detail.bucket.name,
        key,
        size_bytes: size,
        etag: given(etag).map(|etag| etag.trim_matches('"').to_owned()),
        // S3 names the one version of a key written before versioning `null`: a version id like any other.
        version_id: given(version_id),
        sequencer: given(sequencer),
        at,
    }))
}

/// `+` is a space, `%XX` a byte.
fn form_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(rest.next()?)? * 16 + hex_digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_as_forms_are() {
        let cases = [
            ("a+b%2Bc.json", Some("a b+c.json")),
            ("M%C3%BCnchen/%E2%82%AC", Some("München/€")),
            ("plain/ö", Some("plain/ö")),
            ("100%", None),
            ("%zz", None),
            ("%FF", None),
        ];
        for (text, expected) in cases {
            assert_eq!(form_decoded(text).as_deref(), expected, "{text}");
        }
    }
}
