//! How often each key occurs: exact up to a bound of memory, and past it nothing, never a guess.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{BuildHasherDefault, Hasher};

use super::hash::Key;

/// Bytes a key may take at worst: while the table grows, the old one (7/8 full) and the new one (7/16) both lie in memory.
pub const BYTES_A_KEY: usize = 88;

/// There is no room for one more key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// Counts of keys. The seam at which counts can move out of memory: all that is asked of them is here.
pub trait KeyCounts: Debug + Send {
    /// Counts `key` once more.
    ///
    /// # Errors
    /// When it is new and there is no room.
    fn add(&mut self, key: Key, times: u64) -> Result<(), Full>;
    /// Visits every key with its count, in no particular order.
    fn each(&self, visit: &mut dyn FnMut(Key, u64));
}

/// Keys are hashes already: their first half is as good as any hash of them.
#[derive(Debug, Default)]
pub struct Taken(u64);

impl Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn write_usize(&mut self, _: usize) {}
}

/// Counts in memory.
#[derive(Debug)]
pub struct InMemory {
    counts: HashMap<Key, u64, BuildHasherDefault<Taken>>,
    most: usize,
}

impl InMemory {
    /// Nothing counted yet, and room for so many keys.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { counts: HashMap::default(), most }
    }
}

impl KeyCounts for InMemory {
    fn add(&mut self, key: Key, times: u64) -> Result<(), Full> {
        if let Some(count) = self.counts.get_mut(&key) {
            *count += times;
            return Ok(());
        }
        if self.counts.len() >= self.most {
            return Err(Full);
        }
        self.counts.insert(key, times);
        Ok(())
    }

    fn each(&self, visit: &mut dyn FnMut(Key, u64)) {
        self.counts.iter().for_each(|(key, count)| visit(*key, *count));
    }
}

/// Keys of some columns, counted as long as there is room.
#[derive(Debug)]
pub struct Frequencies {
    counts: Option<Box<dyn KeyCounts>>,
}

/// What follows from the counts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Summary {
    /// Rows with a value.
    pub rows: u64,
    /// Different values.
    pub distinct: u64,
    /// Values that occur once.
    pub unique: u64,
    /// Entropy in nats.
    pub entropy: f64,
}

impl Frequencies {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { counts: Some(Box::new(InMemory::new(most))) }
    }

    /// Counts a key; without room everything counted so far is given up.
    pub fn add(&mut self, key: Key) {
        self.add_times(key, 1);
    }

    fn add_times(&mut self, key: Key, times: u64) {
        if let Some(counts) = &mut self.counts
            && counts.add(key, times).is_err()
        {
            self.counts = None;
        }
    }

    /// Adds other counts.
    pub fn merge(&mut self, other: &Self) {
        match &other.counts {
            Some(counts) => counts.each(&mut |key, times| self.add_times(key, times)),
            None => self.counts = None,
        }
    }

    /// What follows, unless there was no room.
    #[must_use]
    pub fn summary(&self) -> Option<Summary> {
        let counts = self.counts.as_ref()?;
        let mut summary = Summary::default();
        let mut sum = 0.0;
        counts.each(&mut |_, count| {
            summary.rows += count;
            summary.distinct += 1;
            summary.unique += u64::from(count == 1);
            sum += count as f64 * (count as f64).ln();
        });
        if summary.rows > 0 {
            // Σ -(c/n) ln(c/n) = ln n - (Σ c ln c) / n
            summary.entropy = ((summary.rows as f64).ln() - sum / summary.rows as f64).max(0.0);
        }
        Some(summary)
    }

    /// Rows whose key is among `keys`, unless there was no room.
    #[must_use]
    pub fn rows_among(&self, keys: &dyn Fn(&Key) -> bool) -> Option<u64> {
        let counts = self.counts.as_ref()?;
        let mut rows = 0;
        counts.each(&mut |key, count| rows += if keys(&key) { count } else { 0 });
        Some(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_what_follows() {
        let mut counts = Frequencies::new(10);
        for key in [1, 1, 2, 3] {
            counts.add([key, 0]);
        }
        let summary = counts.summary().unwrap();
        assert_eq!((summary.rows, summary.distinct, summary.unique), (4, 3, 2));
        // Half the rows have one value, a quarter each the others.
        assert!((summary.entropy - 1.5 * 2f64.ln()).abs() < 1e-12);
        assert_eq!(counts.rows_among(&|key| key[0] == 1), Some(2));
        assert_eq!(Frequencies::new(1).summary(), Some(Summary::default()));
    }

    #[test]
    fn past_the_bound_there_is_nothing() {
        let mut counts = Frequencies::new(2);
        for key in [1, 2, 1, 2] {
            counts.add([key, 0]);
        }
        assert!(counts.summary().is_some());
        counts.add([3, 0]);
        assert_eq!(counts.summary(), None);
        let mut other = Frequencies::new(2);
        other.add([1, 0]);
        other.merge(&counts);
        assert_eq!(other.summary(), None, "what was given up stays given up");
    }
}
