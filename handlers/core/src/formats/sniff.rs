//! What an object is, by its first bytes.

/// What the first bytes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// No bytes, or only blanks.
    Empty,
    /// gzip.
    Gzip,
    /// Something known that cannot be read here: its name.
    Unsupported(&'static str),
    /// Text that begins like a JSON document.
    Json,
    /// Other text.
    Text,
    /// Bytes that are no text.
    Binary,
}

/// Beginnings by which formats are known.
const MAGIC: &[(&[u8], &str)] = &[
    (b"PAR1", "Parquet"),
    (b"Obj\x01", "Avro"),
    (b"ORC", "ORC"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"PK\x03\x04", "a zip or Office file"),
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"SQLite format 3", "SQLite"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"<?xml", "XML"),
];

/// What `head`, the first bytes of an object, looks like.
#[must_use]
pub fn sniff(head: &[u8]) -> Content {
    if head.starts_with(b"\x1f\x8b") {
        return Content::Gzip;
    }
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Content::Unsupported(name);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if text.contains(&0) {
        return Content::Binary;
    }
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => Content::Empty,
        Some(b'{' | b'[') => Content::Json,
        Some(_) => Content::Text,
    }
}

/// The word for events: `json`, `text`, `gzip`, `parquet`, ….
#[must_use]
pub fn data_type(head: &[u8]) -> String {
    match sniff(head) {
        Content::Empty => "empty".to_owned(),
        Content::Gzip => "gzip".to_owned(),
        Content::Unsupported(name) => name.to_lowercase().replace(' ', "-"),
        Content::Json => "json".to_owned(),
        Content::Text => "text".to_owned(),
        Content::Binary => "binary".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings() {
        let cases: &[(&[u8], Content)] = &[
            (b"", Content::Empty),
            (b" \n\t", Content::Empty),
            (b"\xef\xbb\xbf", Content::Empty),
            (b"\x1f\x8b\x08", Content::Gzip),
            (b"PAR1....", Content::Unsupported("Parquet")),
            (b"\xff\xfe{\0", Content::Unsupported("UTF-16 text")),
            (b"{\"a\":1}", Content::Json),
            (b"\xef\xbb\xbf\n [1]", Content::Json),
            (b"id,name\n", Content::Text),
            (b"42", Content::Text),
            (b"a\0b", Content::Binary),
        ];
        for (head, expected) in cases {
            assert_eq!(sniff(head), *expected, "{head:?}");
        }
    }
}
