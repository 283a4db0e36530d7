//! How an object is read: what its content says, then what was declared, then what its name says.

use super::CompiledDataset;
use crate::spec::Format;

/// Text that begins with a bracket: one document, or a line a row?
pub(super) fn json_format(text: &[u8], declared: Format, complete: bool) -> Format {
    let body = text.trim_ascii_start();
    if body.starts_with(b"[") {
        return Format::Json;
    }
    let first_line_end = memchr::memchr(b'\n', body);
    let first_line = &body[..first_line_end.unwrap_or(body.len())];
    let whole_value = serde_json::from_slice::<serde::de::IgnoredAny>(first_line).is_ok();
    let more = first_line_end.is_some_and(|end| !body[end..].trim_ascii().is_empty() || !complete);
    match declared {
        // Several objects on lines of their own, whatever was declared.
        _ if whole_value && more => Format::Ndjson,
        // A lone bracket on the first line is a document written for people.
        Format::Ndjson if first_line.trim_ascii() == b"{" => Format::Json,
        Format::Ndjson => Format::Ndjson,
        _ => Format::Json,
    }
}

/// Text that does not begin with a bracket.
pub(super) fn text_format(text: &[u8], declared: Format, key: &str, dataset: &CompiledDataset) -> Format {
    if declared != Format::Json {
        return declared;
    }
    let name = key.to_lowercase();
    let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let names: Vec<&str> =
        std::str::from_utf8(first_line).unwrap_or_default().trim_end().split(',').collect();
    let looks_like_header =
        names.len() > 1 && names.iter().any(|name| dataset.spec.columns.contains_key(name.trim()));
    if looks_like_header || name.ends_with(".csv") || name.ends_with(".csv.gz") {
        Format::Csv
    } else {
        Format::Json
    }
}
