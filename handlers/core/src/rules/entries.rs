//! Keys with their counts as bytes: how they are put out of memory, and how a pass hands them to the one that goes on.

use super::hash::Key;

/// Bytes of a key and its count.
const ENTRY: usize = 24;

/// Adds one key to `into`.
pub(super) fn push(key: Key, count: u64, into: &mut Vec<u8>) {
    for word in [key[0], key[1], count] {
        into.extend_from_slice(&word.to_le_bytes());
    }
}

/// Reads keys from pieces of any length.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// The beginning of an entry whose end has not arrived.
    cut: Vec<u8>,
}

impl Entries {
    /// Takes the next piece and visits what is complete.
    pub fn read(&mut self, piece: &[u8], visit: &mut dyn FnMut(Key, u64)) {
        self.cut.extend_from_slice(piece);
        let whole = self.cut.len() / ENTRY * ENTRY;
        for entry in self.cut[..whole].chunks_exact(ENTRY) {
            let word = |at: usize| entry[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
            visit([word(0), word(8)], word(16));
        }
        self.cut.drain(..whole);
    }

    /// Whether the pieces ended with an entry.
    pub fn is_whole(&self) -> bool {
        self.cut.is_empty()
    }
}
