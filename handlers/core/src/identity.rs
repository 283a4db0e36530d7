//! Identities that are the same however often an event is delivered.

use sha2::{Digest, Sha256};

/// What identifies one version of one object in one pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectVersion<'a> {
    /// The pipeline's name.
    pub pipeline: &'a str,
    /// The bucket the object arrived in.
    pub bucket: &'a str,
    /// The object's key, decoded.
    pub key: &'a str,
    /// S3 version id; without versioning, the event's sequencer, else the ETag.
    pub version: &'a str,
    /// [`fingerprint`] of the pipeline's spec document.
    pub spec_hash: &'a str,
}

/// The process id: 32 hexadecimal digits of SHA-256 over the length-prefixed parts.
///
/// Lengths are part of the input, so no two different versions share one text.
#[must_use]
pub fn process_id(version: &ObjectVersion<'_>) -> String {
    let parts = [version.pipeline, version.bucket, version.key, version.version, version.spec_hash];
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize()[..16])
}

/// 16 hexadecimal digits that identify a document: the first 8 bytes of its SHA-256.
#[must_use]
pub fn fingerprint(document: &[u8]) -> String {
    hex(&Sha256::digest(document)[..8])
}

/// Lower-case hexadecimal digits of `bytes`.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares two S3 sequencers: hexadecimal numbers without a fixed width (AWS: pad the shorter one on the right with
/// zeros, then compare as text).
#[must_use]
pub fn compare_sequencers(left: &str, right: &str) -> std::cmp::Ordering {
    let width = left.len().max(right.len());
    format!("{left:0<width$}").cmp(&format!("{right:0<width$}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering;

    #[test]
    fn the_id_depends_on_every_part_and_on_where_they_end() {
        let base = ObjectVersion { pipeline: "p", bucket: "b", key: "k", version: "v", spec_hash: "s" };
        let others = [
            ObjectVersion { pipeline: "q", ..base },
            ObjectVersion { bucket: "c", ..base },
            ObjectVersion { key: "l", ..base },
            ObjectVersion { version: "w", ..base },
            ObjectVersion { spec_hash: "t", ..base },
            ObjectVersion { pipeline: "pb", bucket: "", ..base },
        ];
        for other in others {
            assert_ne!(process_id(&base), process_id(&other), "{other:?}");
        }
        assert_eq!(process_id(&base).len(), 32);
    }

    #[test]
    fn sequencers_compare_padded_on_the_right() {
        let cases = [
            ("0055AED6DCD90281E5", "0055AED6DCD90281E6", Ordering::Less),
            ("0055AED6DCD90281E5", "0055AED6DCD90281E500", Ordering::Equal),
            ("01", "001", Ordering::Greater),
        ];
        for (left, right, expected) in cases {
            assert_eq!(compare_sequencers(left, right), expected, "{left} {right}");
        }
    }
}
