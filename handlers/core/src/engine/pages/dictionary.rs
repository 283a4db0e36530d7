//! Values that are few, each with a code: a page holds the codes, and the row group the values once.

use ahash::RandomState;

use crate::equal::equal;

/// Most values, and most bytes of them: a dictionary that would grow beyond is left.
const MOST_CODES: usize = 1 << 16;
const MOST_BYTES: usize = 1 << 20;
/// Places of a table at first.
const FEWEST_PLACES: usize = 256;

/// The dictionary takes no more values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// Texts, one behind the other.
#[derive(Debug, Default)]
pub struct TextDictionary {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    index: Index,
}

/// Numbers.
#[derive(Debug, Default)]
pub struct NumberDictionary {
    numbers: Vec<i64>,
    index: Index,
}

/// Finds codes by hash. The hash has a key of each process's own, so that nobody can choose values that collide.
#[derive(Debug, Default)]
struct Index {
    /// A piece of a hash, and the code of its value plus one; nought where a place is free.
    places: Vec<(u32, u32)>,
    hashes: RandomState,
    count: usize,
}

impl TextDictionary {
    /// The code of a text.
    #[inline]
    pub fn code(&mut self, text: &[u8]) -> Result<u32, Full> {
        let hash = self.index.hashes.hash_one(text) as u32;
        if let Some(code) = self.index.find(hash, |code| equal(span(&self.bytes, &self.ends, code), text)) {
            return Ok(code);
        }
        if self.bytes.len() + text.len() > MOST_BYTES {
            return Err(Full);
        }
        let code = self.index.insert(hash)?;
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len() as u32);
        Ok(code)
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.bytes.capacity() + 4 * self.ends.capacity() + self.index.memory()
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len()).map(|code| span(&self.bytes, &self.ends, code))
    }

    /// Appends the values as `PLAIN`: each behind its length.
    pub fn encode(&self, into: &mut Vec<u8>) {
        for text in self.iter() {
            into.extend_from_slice(&(text.len() as u32).to_le_bytes());
            into.extend_from_slice(text);
        }
    }

    /// Forgets the values and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.index.clear();
    }
}

impl NumberDictionary {
    /// The code of a number.
    #[inline]
    pub fn code(&mut self, number: i64) -> Result<u32, Full> {
        let hash = self.index.hashes.hash_one(number) as u32;
        if let Some(code) = self.index.find(hash, |code| self.numbers[code] == number) {
            return Ok(code);
        }
        let code = self.index.insert(hash)?;
        self.numbers.push(number);
        Ok(code)
    }

    /// The values by code.
    pub fn numbers(&self) -> &[i64] {
        &self.numbers
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        8 * self.numbers.capacity() + self.index.memory()
    }

    /// Forgets the values and keeps the memory.
    pub fn clear(&mut self) {
        self.numbers.clear();
        self.index.clear();
    }
}

/// The text with a code.
#[inline]
fn span<'a>(bytes: &'a [u8], ends: &[u32], code: usize) -> &'a [u8] {
    let start = code.checked_sub(1).map_or(0, |before| ends[before] as usize);
    &bytes[start..ends[code] as usize]
}

impl Index {
    /// The code of a value with this hash that `is` the one.
    #[inline]
    fn find(&self, hash: u32, is: impl Fn(usize) -> bool) -> Option<u32> {
        let mask = self.places.len().checked_sub(1)?;
        let mut place = hash as usize & mask;
        loop {
            let (known, code) = self.places[place];
            let code = code.checked_sub(1)?;
            if known == hash && is(code as usize) {
                return Some(code);
            }
            place = (place + 1) & mask;
        }
    }

    /// The next code, for a value with this hash.
    #[cold]
    fn insert(&mut self, hash: u32) -> Result<u32, Full> {
        if self.count >= MOST_CODES {
            return Err(Full);
        }
        // At most half full, so that a search ends soon.
        if 2 * self.count >= self.places.len() {
            let places = FEWEST_PLACES.max(2 * self.places.len());
            let known = std::mem::replace(&mut self.places, vec![(0, 0); places]);
            known.into_iter().filter(|(_, code)| *code > 0).for_each(|entry| self.put(entry));
        }
        let code = self.count as u32;
        self.count += 1;
        self.put((hash, code + 1));
        Ok(code)
    }

    fn put(&mut self, entry: (u32, u32)) {
        let mask = self.places.len() - 1;
        let mut place = entry.0 as usize & mask;
        while self.places[place].1 > 0 {
            place = (place + 1) & mask;
        }
        self.places[place] = entry;
    }

    fn memory(&self) -> usize {
        8 * self.places.len()
    }

    fn clear(&mut self) {
        self.count = 0;
        self.places.fill((0, 0));
    }
}
