//! What an object is, by its first bytes.

use super::unpack::word;
use super::{avro, columnar};
use crate::spec::Compression;

/// What the first bytes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// No bytes, or only blanks.
    Empty,
    /// Packed.
    Packed(Compression),
    /// Parquet.
    Parquet,
    /// Avro's container file.
    Avro,
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
    (b"ORC", "ORC"),
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
    if let Some(compression) = packed(head) {
        return Content::Packed(compression);
    }
    if head.starts_with(columnar::MAGIC) {
        return Content::Parquet;
    }
    if head.starts_with(avro::MAGIC) {
        return Content::Avro;
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

/// Bytes after which it is certain whether an object is packed.
pub const PACKED_HEAD: usize = 10;

fn packed(head: &[u8]) -> Option<Compression> {
    match head {
        [0x1f, 0x8b, ..] => Some(Compression::Gzip),
        // A frame, or one that a reader passes over.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Compression::Zstd),
        // `BZh` alone might be a word: the first block, or the end of an empty stream, has to follow.
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y', ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, b'r', b'E', b'8', b'P', 0x90, ..] => Some(Compression::Bzip2),
        _ => None,
    }
}

/// The word for events: `json`, `text`, `gzip`, `parquet`, ….
#[must_use]
pub fn data_type(head: &[u8]) -> String {
    match sniff(head) {
        Content::Empty => "empty".to_owned(),
        Content::Packed(compression) => word(compression).to_owned(),
        Content::Parquet => "parquet".to_owned(),
        Content::Avro => "avro".to_owned(),
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
            (b"\x1f\x8b\x08", Content::Packed(Compression::Gzip)),
            (b"\x28\xb5\x2f\xfd\x04", Content::Packed(Compression::Zstd)),
            (b"\x50\x2a\x4d\x18\x04", Content::Packed(Compression::Zstd)),
            (b"BZh91AY&SY\x01", Content::Packed(Compression::Bzip2)),
            (b"BZhonk,b\n", Content::Text),
            (b"PAR1....", Content::Parquet),
            (b"Obj\x01....", Content::Avro),
            (b"ORC....", Content::Unsupported("ORC")),
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
