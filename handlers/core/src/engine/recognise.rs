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

/// Text that does not begin with a bracket: what its first line looks like, then what was declared, then its name.
pub(super) fn text_format(text: &[u8], declared: Format, key: &str, dataset: &CompiledDataset) -> Format {
    let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first_line = std::str::from_utf8(first_line).unwrap_or_default().trim_end();
    let named = |delimiter: char| {
        let names: Vec<&str> = first_line.split(delimiter).map(str::trim).collect();
        names.len() > 1 && names.iter().any(|name| dataset.spec.columns.contains_key(*name))
    };
    // A delimiter of one's own is not guessed over.
    let own = dataset.spec.csv.as_ref().is_some_and(|csv| csv.delimiter.is_some() || !csv.header);
    match declared {
        Format::Csv | Format::Tsv if own => declared,
        _ if named(',') => Format::Csv,
        _ if named('\t') => Format::Tsv,
        Format::Json => by_name(key),
        _ => declared,
    }
}

/// The format that a name speaks of, whatever it is packed in.
fn by_name(key: &str) -> Format {
    let key = key.to_lowercase();
    let bare = [".gz", ".zst", ".bz2"].iter().find_map(|packed| key.strip_suffix(packed)).unwrap_or(&key);
    match bare.rsplit('.').next() {
        Some("csv") => Format::Csv,
        Some("tsv" | "tab") => Format::Tsv,
        _ => Format::Json,
    }
}
