//! Texts, one behind the other, and two ways to write them down.

use super::delta;

/// The texts of a page.
#[derive(Debug, Default)]
pub struct Texts {
    bytes: Vec<u8>,
    lengths: Vec<u32>,
}

impl Texts {
    #[inline]
    pub fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        // A text ends long before four gigabytes: a record has a most length.
        self.lengths.push(text.len() as u32);
    }

    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Bytes of the texts and their lengths.
    pub fn size(&self) -> usize {
        self.bytes.len() + 4 * self.lengths.len()
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.bytes.capacity() + 4 * self.lengths.capacity()
    }

    /// Forgets the texts and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.lengths.clear();
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.bytes.as_slice();
        self.lengths.iter().map(move |length| {
            let (text, after) = rest.split_at(*length as usize);
            rest = after;
            text
        })
    }

    /// Whether texts begin like the text before them, by half their length.
    pub fn are_prefixed(&self, sample: usize) -> bool {
        let (mut common, mut all) = (0, 0);
        let mut before: &[u8] = b"";
        for text in self.iter().take(sample) {
            common += shared(before, text);
            all += text.len();
            before = text;
        }
        2 * common >= all
    }

    /// Appends them as `DELTA_LENGTH_BYTE_ARRAY`: the lengths, then the texts side by side.
    pub fn encode_lengths(&self, into: &mut Vec<u8>) {
        delta::encode_narrow(self.lengths.iter().map(|length| *length as i32), into);
        into.extend_from_slice(&self.bytes);
    }

    /// Appends them as `DELTA_BYTE_ARRAY`: how much each shares with the text before, and the rest of it.
    pub fn encode_prefixes(&self, into: &mut Vec<u8>) {
        let mut before: &[u8] = b"";
        let mut prefixes = Vec::with_capacity(self.lengths.len());
        let mut suffixes = Self::default();
        for text in self.iter() {
            let common = shared(before, text);
            prefixes.push(common as i32);
            suffixes.push(&text[common..]);
            before = text;
        }
        delta::encode_narrow(prefixes.into_iter(), into);
        suffixes.encode_lengths(into);
    }
}

/// How many bytes two texts have in common from their beginning.
#[inline]
fn shared(one: &[u8], other: &[u8]) -> usize {
    let mut at = 0;
    while let (Some(a), Some(b)) = (chunk(one, at), chunk(other, at)) {
        let different = a ^ b;
        if different != 0 {
            return at + different.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let (one, other) = (&one[at.min(one.len())..], &other[at.min(other.len())..]);
    at + one.iter().zip(other).take_while(|(a, b)| a == b).count()
}

#[inline]
fn chunk(text: &[u8], at: usize) -> Option<u64> {
    text.get(at..)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}
