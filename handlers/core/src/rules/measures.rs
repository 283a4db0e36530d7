//! What is counted over the rows while they stream by. Measures of parts merge into the measures of the whole.

use serde::{Deserialize, Serialize};

use super::frequencies::{BYTES_A_KEY, Frequencies, InMemory, KeyCounts};
use super::literal::text;
use super::moments::{Moments, Pairs};
use super::numbers::Numbers;
use super::{Rules, Test, Value, hash};

/// One thing that is measured.
#[derive(Debug)]
pub struct Measure {
    /// What it is.
    pub measured: Measured,
    /// The index into `Rules::filters` of the predicate its rows must satisfy.
    pub filter: Option<usize>,
    /// Two measures of one name (and filter) are one.
    pub name: String,
}

/// What is measured.
#[derive(Debug)]
pub enum Measured {
    /// The number of rows.
    Rows,
    /// The number of rows that pass.
    Passing(Test),
    /// The number of rows that have a value in every slot.
    Complete(Vec<usize>),
    /// Sums and moments of numbers.
    Moments(usize),
    /// Sums and moments of pairs.
    Pairs(usize, usize),
    /// How often values occur.
    Frequencies(Vec<usize>),
    /// Shortest and longest text.
    Lengths(usize),
    /// Every number, as long as there is room.
    Numbers(usize),
}

/// Hands on the pieces of keys of the measure with that number, in order.
pub type ReadKeys<'a> = dyn FnMut(usize, &mut dyn FnMut(&[u8])) -> Result<(), String> + 'a;

/// What was counted. Parts of an object can be measured apart and merged, and what was counted so far can be written down
/// and read again by a process that goes on with the same rules.
#[derive(Debug, Serialize, Deserialize)]
pub struct Measures {
    /// Rows.
    pub rows: u64,
    states: Vec<State>,
    /// Scratch: which filters admit the row at hand.
    admitted: Vec<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
struct State {
    /// Rows the filter admits.
    rows: u64,
    kind: Kind,
}

#[derive(Debug, Serialize, Deserialize)]
enum Kind {
    Count(u64),
    Moments(Box<Moments>),
    Pairs(Box<Pairs>),
    Frequencies(Frequencies),
    Lengths(Option<(u64, u64)>),
    Numbers(Numbers),
}

impl Measures {
    /// Nothing counted yet; keys are kept in memory.
    #[must_use]
    pub fn new(rules: &Rules) -> Self {
        Self::with(rules, &mut |most| Box::new(InMemory::new(most)))
    }

    /// Nothing counted yet; `keep` gives a place for the keys of one measure, of which so many fit into memory. Only
    /// such a place decides what happens to more.
    #[must_use]
    pub fn with(rules: &Rules, keep: &mut dyn FnMut(usize) -> Box<dyn KeyCounts>) -> Self {
        let most = rules.keys_a_place();
        let mut state = |measure: &Measure| State {
            rows: 0,
            kind: match measure.measured {
                Measured::Moments(_) => Kind::Moments(Box::default()),
                Measured::Pairs(..) => Kind::Pairs(Box::default()),
                Measured::Frequencies(_) => Kind::Frequencies(Frequencies::kept_in(keep(most))),
                Measured::Lengths(_) => Kind::Lengths(None),
                Measured::Numbers(_) => Kind::Numbers(Numbers::new(most)),
                _ => Kind::Count(0),
            },
        };
        Self {
            rows: 0,
            states: rules.measures.iter().map(&mut state).collect(),
            admitted: vec![false; rules.filters.len()],
        }
    }

    /// Counts one row; an unreadable one has no values and passes nothing.
    pub fn count(&mut self, rules: &Rules, row: Option<&[Value<'_>]>) {
        self.count_at(rules, row, None);
    }

    /// Counts one row at the moment `now`.
    pub fn count_at(&mut self, rules: &Rules, row: Option<&[Value<'_>]>, now: Option<i64>) {
        self.rows += 1;
        if self.states.is_empty() {
            return;
        }
        for (admitted, (_, filter)) in self.admitted.iter_mut().zip(&rules.filters) {
            *admitted = row.is_some_and(|row| filter.holds(row) == Some(true));
        }
        for (state, measure) in self.states.iter_mut().zip(&rules.measures) {
            if measure.filter.is_some_and(|filter| !self.admitted[filter]) {
                continue;
            }
            state.rows += 1;
            if let Some(row) = row {
                state.count(&measure.measured, row, now);
            }
        }
    }

    /// Adds the measures of another part of the object.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        for (state, other) in self.states.iter_mut().zip(&other.states) {
            state.rows += other.rows;
            match (&mut state.kind, &other.kind) {
                (Kind::Count(count), Kind::Count(other)) => *count += other,
                (Kind::Moments(moments), Kind::Moments(other)) => moments.merge(other),
                (Kind::Pairs(pairs), Kind::Pairs(other)) => pairs.merge(other),
                (Kind::Frequencies(counts), Kind::Frequencies(other)) => counts.merge(other),
                (Kind::Numbers(numbers), Kind::Numbers(other)) => numbers.merge(other),
                (Kind::Lengths(lengths), Kind::Lengths(Some((shortest, longest)))) => {
                    widen(lengths, *shortest, *longest);
                }
                _ => {}
            }
        }
    }

    /// Hands the keys of every measure that has some to `give`: the measure, a piece of them, whether it is the last. What is
    /// written down after that is small.
    ///
    /// # Errors
    /// When `give` fails.
    pub fn give_keys<E>(
        &mut self,
        give: &mut dyn FnMut(usize, Vec<u8>, bool) -> Result<(), E>,
    ) -> Result<(), E> {
        for (at, state) in self.states.iter_mut().enumerate() {
            if let Kind::Frequencies(counts) = &mut state.kind {
                counts.give(&mut |piece, last| give(at, piece, last))?;
            }
        }
        Ok(())
    }

    /// Takes back what [`give_keys`](Self::give_keys) gave: `read` hands on the pieces of one measure.
    ///
    /// # Errors
    /// When `read` fails.
    pub fn take_keys(
        &mut self,
        keep: &mut dyn FnMut(usize) -> Box<dyn KeyCounts>,
        read: &mut ReadKeys<'_>,
    ) -> Result<(), String> {
        for (at, state) in self.states.iter_mut().enumerate() {
            if let Kind::Frequencies(counts) = &mut state.kind {
                counts.take(keep, &mut |take| read(at, take))?;
            }
        }
        Ok(())
    }

    /// Whether these were counted for `rules`, as far as can be told: what is read again may belong to older ones.
    #[must_use]
    pub fn fit(&self, rules: &Rules) -> bool {
        let same = |(state, fresh): (&State, &State)| {
            std::mem::discriminant(&state.kind) == std::mem::discriminant(&fresh.kind)
        };
        let fresh = Self::new(rules);
        self.admitted.len() == fresh.admitted.len()
            && self.states.len() == fresh.states.len()
            && self.states.iter().zip(&fresh.states).all(same)
    }

    /// Rows that the filter of a measure admits.
    #[must_use]
    pub fn rows_of(&self, measure: usize) -> u64 {
        self.states[measure].rows
    }

    pub(super) fn counted(&self, measure: usize) -> u64 {
        if let Kind::Count(count) = self.states[measure].kind { count } else { 0 }
    }

    pub(super) fn moments(&self, measure: usize) -> Option<&Moments> {
        if let Kind::Moments(moments) = &self.states[measure].kind { Some(moments) } else { None }
    }

    pub(super) fn pairs(&self, measure: usize) -> Option<&Pairs> {
        if let Kind::Pairs(pairs) = &self.states[measure].kind { Some(pairs) } else { None }
    }

    pub(super) fn frequencies(&self, measure: usize) -> Option<&Frequencies> {
        if let Kind::Frequencies(counts) = &self.states[measure].kind { Some(counts) } else { None }
    }

    pub(super) fn numbers(&self, measure: usize) -> Option<&Numbers> {
        if let Kind::Numbers(numbers) = &self.states[measure].kind { Some(numbers) } else { None }
    }

    pub(super) fn lengths(&self, measure: usize) -> Option<(u64, u64)> {
        if let Kind::Lengths(lengths) = self.states[measure].kind { lengths } else { None }
    }
}

impl State {
    fn count(&mut self, measured: &Measured, row: &[Value<'_>], now: Option<i64>) {
        match (measured, &mut self.kind) {
            (Measured::Passing(test), Kind::Count(count)) => *count += u64::from(test.passes_at(row, now)),
            (Measured::Complete(slots), Kind::Count(count)) => {
                *count += u64::from(hash::is_complete(row, slots));
            }
            (Measured::Moments(slot), Kind::Moments(moments)) => match row[*slot] {
                Value::Bigint(number) => moments.add_whole(number),
                Value::Double(number) if number.is_finite() => moments.add_float(number),
                _ => {}
            },
            (Measured::Pairs(x, y), Kind::Pairs(pairs)) => {
                if let Some((x, y)) = float(&row[*x]).zip(float(&row[*y])) {
                    pairs.add(x, y);
                }
            }
            (Measured::Frequencies(slots), Kind::Frequencies(counts)) => {
                if let Some(key) = hash::key(row, slots) {
                    counts.add(key);
                }
            }
            (Measured::Numbers(slot), Kind::Numbers(numbers)) => {
                if let Some(number) = float(&row[*slot]) {
                    numbers.add(number);
                }
            }
            (Measured::Lengths(slot), Kind::Lengths(lengths)) => {
                if let Some(text) = text(&row[*slot]) {
                    let length = text.chars().count() as u64;
                    widen(lengths, length, length);
                }
            }
            _ => {}
        }
    }
}

fn widen(lengths: &mut Option<(u64, u64)>, shortest: u64, longest: u64) {
    let (low, high) = lengths.unwrap_or((shortest, longest));
    *lengths = Some((low.min(shortest), high.max(longest)));
}

fn float(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Bigint(number) => Some(*number as f64),
        Value::Double(number) if number.is_finite() => Some(*number),
        _ => None,
    }
}

/// Keys that fit into so many MiB.
#[must_use]
pub fn keys_in(mebibytes: u32) -> usize {
    (mebibytes as usize).saturating_mul(1 << 20) / BYTES_A_KEY
}
