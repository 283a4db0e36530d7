//! How often each key occurs: exact up to a bound of memory, and past it nothing, never a guess.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::hash::{BuildHasherDefault, Hasher};

use serde::{Deserialize, Serialize};

use super::entries::{self, Entries};
use super::hash::Key;

/// Bytes a key may take at worst: while the table grows, the old one (7/8 full) and the new one (7/16) both lie in memory.
pub const BYTES_A_KEY: usize = 88;

/// Parts that keys are put out of memory in; a part holds some one in so many of all keys.
pub const PARTS: usize = 64;
/// Bytes of keys that are given away at once.
const PIECE: usize = 256 << 10;

/// Hands on pieces of bytes, in order.
pub type ReadPieces<'a> = dyn FnMut(&mut dyn FnMut(&[u8])) -> Result<(), String> + 'a;

/// Why counts were given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Unkept {
    /// There was no room for one more.
    #[error(
        "there are more different values than fit into quality.uniqueness_memory_mb, and nothing is guessed"
    )]
    Full,
    /// What was put out of memory cannot be had back.
    #[error("the values that were put out of memory are lost: {0}")]
    Lost(String),
}

/// Counts of keys. The seam at which counts can move out of memory: all that is asked of them is here.
pub trait KeyCounts: Debug + Send + Sync {
    /// Counts `key` so many times more.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn add(&mut self, key: Key, times: u64) -> Result<(), Unkept>;
    /// Visits every key once, with its count, in no particular order.
    ///
    /// # Errors
    /// When not every key can be had.
    fn each(&self, visit: &mut dyn FnMut(Key, u64)) -> Result<(), Unkept>;
    /// Whether [`count`](Self::count) knows every key.
    fn is_at_hand(&self) -> bool;
    /// How often a key that is in memory was counted.
    fn count(&self, key: &Key) -> u64;
    /// The keys of one of [`PARTS`] parts, which are parted alike wherever keys are kept.
    ///
    /// # Errors
    /// When not every key of it can be had.
    fn part(&self, part: usize) -> Result<KeyMap, Unkept>;
    /// Most keys there is room for.
    fn most(&self) -> usize;
}

/// The part of a key. The first half is its place in a table; the second parts as well, and is not used for that.
#[must_use]
pub fn part_of(key: &Key) -> usize {
    (key[1] % PARTS as u64) as usize
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

/// Counts by key.
pub type KeyMap = HashMap<Key, u64, BuildHasherDefault<Taken>>;

/// Counts in memory.
#[derive(Debug)]
pub struct InMemory {
    counts: KeyMap,
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
    fn add(&mut self, key: Key, times: u64) -> Result<(), Unkept> {
        if let Some(count) = self.counts.get_mut(&key) {
            *count += times;
            return Ok(());
        }
        if self.counts.len() >= self.most {
            return Err(Unkept::Full);
        }
        self.counts.insert(key, times);
        Ok(())
    }

    fn each(&self, visit: &mut dyn FnMut(Key, u64)) -> Result<(), Unkept> {
        self.counts.iter().for_each(|(key, count)| visit(*key, *count));
        Ok(())
    }

    fn is_at_hand(&self) -> bool {
        true
    }

    fn count(&self, key: &Key) -> u64 {
        self.counts.get(key).copied().unwrap_or_default()
    }

    fn part(&self, part: usize) -> Result<KeyMap, Unkept> {
        let of_it = self.counts.iter().filter(|(key, _)| part_of(key) == part);
        Ok(of_it.map(|(key, count)| (*key, *count)).collect())
    }

    fn most(&self) -> usize {
        self.most
    }
}

/// Keys of some columns, counted as long as they can be kept.
#[derive(Debug, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Frequencies {
    counts: Result<Box<dyn KeyCounts>, Unkept>,
}

/// Counts as they are written down: the room there is, and every key with its count. Read again they are in memory.
#[derive(Serialize, Deserialize)]
struct Written(Result<(usize, Vec<(Key, u64)>), Unkept>);

impl Clone for Frequencies {
    fn clone(&self) -> Self {
        Written::from(self).into()
    }
}

impl From<&Frequencies> for Written {
    fn from(frequencies: &Frequencies) -> Self {
        let all = |counts: &dyn KeyCounts| {
            let mut all = Vec::new();
            counts.each(&mut |key, count| all.push((key, count)))?;
            // In an order of its own, so that equal counts are written equally.
            all.sort_unstable();
            Ok((counts.most(), all))
        };
        Self(frequencies.kept().and_then(all))
    }
}

impl From<Frequencies> for Written {
    fn from(frequencies: Frequencies) -> Self {
        Self::from(&frequencies)
    }
}

impl From<Written> for Frequencies {
    fn from(Written(written): Written) -> Self {
        let (most, all) = match written {
            Ok(written) => written,
            Err(reason) => return Self { counts: Err(reason) },
        };
        let mut frequencies = Self::new(most);
        all.into_iter().for_each(|(key, count)| frequencies.add_times(key, count));
        frequencies
    }
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
    /// Nothing counted yet; counts are kept in memory.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self::kept_in(Box::new(InMemory::new(most)))
    }

    /// Nothing counted yet; counts are kept where the caller says.
    #[must_use]
    pub fn kept_in(counts: Box<dyn KeyCounts>) -> Self {
        Self { counts: Ok(counts) }
    }

    /// Counts a key; without room everything counted so far is given up.
    pub fn add(&mut self, key: Key) {
        self.add_times(key, 1);
    }

    fn add_times(&mut self, key: Key, times: u64) {
        if let Ok(counts) = &mut self.counts
            && let Err(reason) = counts.add(key, times)
        {
            self.counts = Err(reason);
        }
    }

    fn kept(&self) -> Result<&dyn KeyCounts, Unkept> {
        self.counts.as_ref().map(AsRef::as_ref).map_err(Clone::clone)
    }

    /// Adds other counts.
    pub fn merge(&mut self, other: &Self) {
        let merged =
            other.kept().and_then(|counts| counts.each(&mut |key, times| self.add_times(key, times)));
        if let Err(reason) = merged {
            self.counts = Err(reason);
        }
    }

    /// What follows.
    ///
    /// # Errors
    /// Why the counts were given up.
    pub fn summary(&self) -> Result<Summary, Unkept> {
        let mut summary = Summary::default();
        // How many keys have each count, in order: the sum must not depend on where the keys lie.
        let mut repeated: BTreeMap<u64, u64> = BTreeMap::new();
        self.kept()?.each(&mut |_, count| {
            summary.rows += count;
            summary.distinct += 1;
            match count {
                1 => summary.unique += 1,
                count => *repeated.entry(count).or_default() += 1,
            }
        })?;
        let part = |(count, keys): (&u64, &u64)| *keys as f64 * *count as f64 * (*count as f64).ln();
        let sum: f64 = repeated.iter().map(part).sum();
        if summary.rows > 0 {
            // Σ -(c/n) ln(c/n) = ln n - (Σ c ln c) / n
            summary.entropy = ((summary.rows as f64).ln() - sum / summary.rows as f64).max(0.0);
        }
        Ok(summary)
    }

    /// Hands all keys to `give`, in pieces of which the last is said to be, and forgets them; what was given up stays so.
    ///
    /// # Errors
    /// When `give` fails.
    pub fn give<E>(&mut self, give: &mut dyn FnMut(Vec<u8>, bool) -> Result<(), E>) -> Result<(), E> {
        let Ok(counts) = &self.counts else { return Ok(()) };
        let (mut piece, mut given) = (Vec::new(), Ok(()));
        let visited = counts.each(&mut |key, count| {
            entries::push(key, count, &mut piece);
            if piece.len() >= PIECE && given.is_ok() {
                given = give(std::mem::take(&mut piece), false);
            }
        });
        given?;
        let most = counts.most();
        match visited {
            Ok(()) => give(piece, true)?,
            Err(reason) => {
                self.counts = Err(reason);
                return Ok(());
            }
        }
        *self = Self::new(most);
        Ok(())
    }

    /// Takes keys that were given, and keeps them where `keep` says; nothing to take when they were given up.
    ///
    /// # Errors
    /// When `read` fails, which hands on the pieces it was given, in order.
    pub fn take(
        &mut self,
        keep: &mut dyn FnMut(usize) -> Box<dyn KeyCounts>,
        read: &mut ReadPieces<'_>,
    ) -> Result<(), String> {
        let Ok(counts) = &self.counts else { return Ok(()) };
        let mut taken = Self::kept_in(keep(counts.most()));
        let mut entries = Entries::default();
        read(&mut |piece| entries.read(piece, &mut |key, count| taken.add_times(key, count)))?;
        if !entries.is_whole() {
            return Err("the keys end within a key".to_owned());
        }
        *self = taken;
        Ok(())
    }

    /// Rows whose key is among the keys of others, wherever either are kept.
    ///
    /// # Errors
    /// Why either counts were given up.
    pub fn rows_among(&self, others: &Self) -> Result<u64, Unkept> {
        let (ours, theirs) = (self.kept()?, others.kept()?);
        let mut rows = 0;
        if theirs.is_at_hand() {
            ours.each(&mut |key, times| rows += if theirs.count(&key) > 0 { times } else { 0 })?;
        } else if ours.is_at_hand() {
            theirs.each(&mut |key, _| rows += ours.count(&key))?;
        } else {
            for part in 0..PARTS {
                let theirs = theirs.part(part)?;
                let ours = ours.part(part)?;
                rows += ours
                    .iter()
                    .filter(|(key, _)| theirs.contains_key(*key))
                    .map(|(_, times)| times)
                    .sum::<u64>();
            }
        }
        Ok(rows)
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
        let mut others = Frequencies::new(10);
        [1, 1, 7].into_iter().for_each(|key| others.add([key, 0]));
        assert_eq!((counts.rows_among(&others), others.rows_among(&counts)), (Ok(2), Ok(2)));
        assert_eq!(Frequencies::new(1).summary(), Ok(Summary::default()));
    }

    #[test]
    fn past_the_bound_there_is_nothing() {
        let mut counts = Frequencies::new(2);
        for key in [1, 2, 1, 2] {
            counts.add([key, 0]);
        }
        assert!(counts.summary().is_ok());
        counts.add([3, 0]);
        assert_eq!(counts.summary(), Err(Unkept::Full));
        let mut other = Frequencies::new(2);
        other.add([1, 0]);
        other.merge(&counts);
        assert_eq!(other.summary(), Err(Unkept::Full), "what was given up stays given up");
    }
}
