//! Counts of more keys than fit into memory: what is too much goes out, parted by key, and comes back part by part. Exact,
//! and bounded by memory only in each part. Where it goes the caller says: this crate reads and writes nothing.

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use super::frequencies::{KeyCounts, KeyMap, PARTS, Unkept, part_of};
use super::hash::Key;

/// Bytes of a key and its count.
const ENTRY: usize = 24;
/// Bytes of a part that are handed over at once.
const PIECE: usize = 64 << 10;

/// A place outside of memory, in parts.
pub trait Spill: Debug + Send {
    /// Adds bytes to the end of a part.
    ///
    /// # Errors
    /// Why that cannot be done.
    fn append(&mut self, part: usize, bytes: &[u8]) -> Result<(), String>;
    /// Gives everything that was added to a part, in order, in pieces of any length.
    ///
    /// # Errors
    /// Why that cannot be done.
    fn read(&mut self, part: usize, take: &mut dyn FnMut(&[u8])) -> Result<(), String>;
}

/// Counts that go out of memory when there are too many.
#[derive(Debug)]
pub struct Spilling {
    state: Mutex<State>,
    most: usize,
}

#[derive(Debug)]
struct State {
    memory: KeyMap,
    outside: Box<dyn Spill>,
    /// Whether anything has gone out.
    spilled: bool,
}

impl Spilling {
    /// Nothing counted yet; so many keys fit into memory.
    #[must_use]
    pub fn new(most: usize, outside: Box<dyn Spill>) -> Self {
        let state = State { memory: KeyMap::default(), outside, spilled: false };
        Self { state: Mutex::new(state), most: most.max(1) }
    }
}

impl KeyCounts for Spilling {
    fn add(&mut self, key: Key, times: u64) -> Result<(), Unkept> {
        let most = self.most;
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if state.memory.len() >= most && !state.memory.contains_key(&key) {
            state.spill()?;
        }
        *state.memory.entry(key).or_default() += times;
        Ok(())
    }

    fn each(&self, visit: &mut dyn FnMut(Key, u64)) -> Result<(), Unkept> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.spilled {
            state.memory.iter().for_each(|(key, count)| visit(*key, *count));
            return Ok(());
        }
        state.spill()?;
        for part in 0..PARTS {
            let counts = state.part(part, self.most)?;
            counts.into_iter().for_each(|(key, count)| visit(key, count));
        }
        Ok(())
    }

    fn is_at_hand(&self) -> bool {
        !self.state.lock().unwrap_or_else(PoisonError::into_inner).spilled
    }

    fn count(&self, key: &Key) -> u64 {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.memory.get(key).copied().unwrap_or_default()
    }

    fn part(&self, part: usize) -> Result<KeyMap, Unkept> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.spill()?;
        state.part(part, self.most)
    }

    fn most(&self) -> usize {
        self.most
    }
}

impl State {
    /// Puts all that is in memory outside.
    fn spill(&mut self) -> Result<(), Unkept> {
        self.spilled = true;
        let mut pieces = vec![Vec::new(); PARTS];
        for (key, count) in self.memory.drain() {
            let part = part_of(&key);
            let piece: &mut Vec<u8> = &mut pieces[part];
            for word in [key[0], key[1], count] {
                piece.extend_from_slice(&word.to_le_bytes());
            }
            if piece.len() >= PIECE {
                self.outside.append(part, piece).map_err(Unkept::Lost)?;
                piece.clear();
            }
        }
        for (part, piece) in pieces.iter().enumerate().filter(|(_, piece)| !piece.is_empty()) {
            self.outside.append(part, piece).map_err(Unkept::Lost)?;
        }
        Ok(())
    }

    /// The counts of one part.
    fn part(&mut self, part: usize, most: usize) -> Result<KeyMap, Unkept> {
        let mut counts = KeyMap::default();
        let mut full = false;
        let mut cut: Vec<u8> = Vec::new();
        let read = self.outside.read(part, &mut |piece| {
            cut.extend_from_slice(piece);
            let whole = cut.len() / ENTRY * ENTRY;
            for entry in cut[..whole].chunks_exact(ENTRY) {
                let word =
                    |at: usize| entry[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
                let key = [word(0), word(8)];
                full |= counts.len() >= most && !counts.contains_key(&key);
                if !full {
                    *counts.entry(key).or_default() += word(16);
                }
            }
            cut.drain(..whole);
        });
        read.map_err(Unkept::Lost)?;
        match (full, cut.is_empty()) {
            (true, _) => Err(Unkept::Full),
            (false, false) => Err(Unkept::Lost("a part ends within a key".to_owned())),
            (false, true) => Ok(counts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::frequencies::Frequencies;

    /// Parts in memory, given back in pieces of an awkward length; or lost.
    #[derive(Debug)]
    struct Held {
        parts: Vec<Vec<u8>>,
        lost: bool,
    }

    impl Spill for Held {
        fn append(&mut self, part: usize, bytes: &[u8]) -> Result<(), String> {
            self.parts[part].extend_from_slice(bytes);
            Ok(())
        }

        fn read(&mut self, part: usize, take: &mut dyn FnMut(&[u8])) -> Result<(), String> {
            if self.lost {
                return Err("the disk is gone".to_owned());
            }
            self.parts[part].chunks(7).for_each(take);
            Ok(())
        }
    }

    fn spilling(most: usize, lost: bool) -> Frequencies {
        let outside = Box::new(Held { parts: vec![Vec::new(); PARTS], lost });
        Frequencies::kept_in(Box::new(Spilling::new(most, outside)))
    }

    fn keys() -> impl Iterator<Item = Key> {
        (0..5_000_u64).map(|n| {
            let n = n % 3_000;
            [n.wrapping_mul(0x9e37_79b9_7f4a_7c15), n.wrapping_mul(0xc2b2_ae3d_27d4_eb4f)]
        })
    }

    #[test]
    fn spilled_counts_are_exact() {
        let mut expected = Frequencies::new(1 << 20);
        keys().for_each(|key| expected.add(key));
        for most in [100, 1_000, 2_999, 3_000] {
            let mut counts = spilling(most, false);
            keys().for_each(|key| counts.add(key));
            let (found, expected) = (counts.summary().unwrap(), expected.summary().unwrap());
            assert_eq!((found.rows, found.distinct, found.unique), (5_000, 3_000, 1_000), "{most}");
            assert!((found.entropy - expected.entropy).abs() < 1e-9);
            // Asked again, and after more was counted, they are still exact.
            counts.add([1, 1]);
            assert_eq!(counts.summary().unwrap().distinct, 3_001);
        }
    }

    /// Every pair of places: in memory, out of it.
    #[test]
    fn rows_are_found_among_others_wherever_both_are_kept() {
        let others = |most| {
            let mut others = spilling(most, false);
            // Every third key, twice; and as many that are not there.
            keys().step_by(3).take(2_000).for_each(|key| others.add(key));
            (0..900).for_each(|n| others.add([n, n + 1]));
            others
        };
        for (most, most_others) in [(10_000, 10_000), (10_000, 100), (100, 10_000), (100, 100)] {
            let mut ours = spilling(most, false);
            keys().for_each(|key| ours.add(key));
            // 1,000 of 3,000 keys; the first 2,000 keys occur twice.
            assert_eq!(ours.rows_among(&others(most_others)), Ok(1_667), "{most}, {most_others}");
        }
        let (lost, mut ours) = (spilling(100, true), spilling(100, false));
        keys().for_each(|key| ours.add(key));
        let mut lost = lost;
        keys().for_each(|key| lost.add(key));
        assert_eq!(ours.rows_among(&lost), Err(Unkept::Lost("the disk is gone".to_owned())));
    }

    #[test]
    fn what_cannot_be_had_back_is_never_guessed() {
        let mut counts = spilling(100, true);
        keys().for_each(|key| counts.add(key));
        assert_eq!(counts.summary(), Err(Unkept::Lost("the disk is gone".to_owned())));
        // So many keys that not even a part fits.
        let mut counts = spilling(10, false);
        keys().for_each(|key| counts.add(key));
        assert_eq!(counts.summary(), Err(Unkept::Full));
    }
}
