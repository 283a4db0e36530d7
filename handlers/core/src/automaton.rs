//! A pattern as a table that is walked two or three bytes at a time.
//!
//! Each step of an automaton waits for the step before, so the number of steps is what a match costs. Bytes that no
//! state tells apart share a class; with few classes, a table of all pairs of classes, or of all triples, stays small.

use std::collections::HashMap;

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;

/// Most states; an automaton with more is walked as it is.
const MOST_STATES: usize = 512;
/// Most entries of a table of steps: what is used of the tables of some patterns stays in a processor's first cache.
const MOST_STEPS: usize = 16_384;

/// An automaton for whole texts.
#[derive(Debug)]
pub struct Table {
    /// The class of each byte.
    classes: [u8; 256],
    /// Binary digits of a class: rows have places for a power of two of classes, so that a shift finds them.
    digits: u32,
    /// The state after one byte: a row of classes for each state.
    singles: Vec<u16>,
    /// Where the row of the state after a step begins: a row of pairs or triples of classes for each state; empty when it
    /// would be too large.
    steps: Vec<u16>,
    /// Bytes of a step.
    stride: u32,
    /// States in which a text may end.
    accepting: Vec<bool>,
}

/// The state from which there is no way to a match.
const DEAD: u16 = 0;
/// The state in which every text begins.
const START: u16 = 1;

impl Table {
    /// The table of an automaton that was built for anchored searches; none when it would be too large.
    #[must_use]
    pub fn new(automaton: &dense::DFA<Vec<u32>>) -> Option<Self> {
        let states = States::of(automaton)?;
        let (classes, representatives) = states.classes();
        let digits = representatives.len().next_power_of_two().trailing_zeros();
        let width = 1 << digits;
        let mut singles = vec![DEAD; states.next.len() * width];
        for (row, next) in singles.chunks_exact_mut(width).zip(&states.next) {
            for (to, byte) in row.iter_mut().zip(&representatives) {
                *to = next[usize::from(*byte)];
            }
        }
        let (mut steps, mut stride) = (singles.clone(), 1);
        while stride < 3 && steps.len() * width <= MOST_STEPS {
            let next = |state: &u16| &singles[usize::from(*state) * width..][..width];
            steps = steps.iter().flat_map(next).copied().collect();
            stride += 1;
        }
        if stride == 1 {
            steps.clear();
        }
        steps.iter_mut().for_each(|state| *state <<= stride * digits);
        Some(Self { classes, digits, singles, steps, stride, accepting: states.accepting })
    }

    /// Whether the whole text matches.
    #[inline]
    #[must_use]
    pub fn matches(&self, text: &[u8]) -> bool {
        let (mut state, rest) = match self.stride {
            3 => self.walk::<3>(text),
            2 => self.walk::<2>(text),
            _ => (START, text),
        };
        if state == DEAD {
            return false;
        }
        for byte in rest {
            state = self.singles[usize::from(state) << self.digits | self.class(*byte)];
            if state == DEAD {
                return false;
            }
        }
        self.accepting[usize::from(state)]
    }

    /// The state after as many steps of so many bytes as there are, and the bytes that are left.
    #[inline]
    fn walk<'t, const STRIDE: usize>(&self, text: &'t [u8]) -> (u16, &'t [u8]) {
        let (chunks, rest) = text.as_chunks::<STRIDE>();
        // The beginning of a row instead of the state: a step waits for nothing but the step before.
        let mut row = START << (STRIDE as u32 * self.digits);
        for chunk in chunks {
            let column = chunk.iter().fold(0, |column, byte| column << self.digits | self.class(*byte));
            row = self.steps[usize::from(row) | column];
            if row == DEAD {
                return (DEAD, rest);
            }
        }
        (row >> (STRIDE as u32 * self.digits), rest)
    }

    #[inline]
    fn class(&self, byte: u8) -> usize {
        usize::from(self.classes[usize::from(byte)])
    }
}

/// The states that can be reached, numbered from [`DEAD`] and [`START`] on.
struct States {
    next: Vec<[u16; 256]>,
    accepting: Vec<bool>,
}

impl States {
    fn of(automaton: &dense::DFA<Vec<u32>>) -> Option<Self> {
        let start = automaton.start_state(&start::Config::new().anchored(Anchored::Yes)).ok()?;
        let mut numbers: HashMap<StateID, u16> = HashMap::from([(start, START)]);
        let mut found = vec![start];
        let mut states = Self { next: vec![[DEAD; 256]], accepting: vec![false] };
        let mut at = 0;
        while let Some(state) = found.get(at).copied() {
            let mut next = [DEAD; 256];
            for byte in 0..=255 {
                let to = automaton.next_state(state, byte);
                if automaton.is_dead_state(to) {
                    continue;
                }
                // A table that gives up on a byte says nothing about the text.
                if automaton.is_quit_state(to) || numbers.len() > MOST_STATES {
                    return None;
                }
                let free = u16::try_from(numbers.len() + 1).ok()?;
                next[usize::from(byte)] = *numbers.entry(to).or_insert_with(|| {
                    found.push(to);
                    free
                });
            }
            states.next.push(next);
            states.accepting.push(automaton.is_match_state(automaton.next_eoi_state(state)));
            at += 1;
        }
        Some(states)
    }

    /// The class of each byte, and one byte of each class.
    fn classes(&self) -> ([u8; 256], Vec<u8>) {
        let mut classes = [0; 256];
        let mut representatives: Vec<u8> = Vec::new();
        for byte in 0..=255u8 {
            let same = |other: &u8| {
                self.next.iter().all(|next| next[usize::from(byte)] == next[usize::from(*other)])
            };
            let class = representatives.iter().position(same).unwrap_or_else(|| {
                representatives.push(byte);
                representatives.len() - 1
            });
            classes[usize::from(byte)] = class as u8;
        }
        (classes, representatives)
    }
}

#[cfg(test)]
mod tests {
    use regex_automata::dfa::StartKind;

    use super::*;

    fn table(expression: &str) -> Table {
        let config = dense::Config::new().start_kind(StartKind::Anchored);
        let whole = format!(r"\A(?:{expression})\z");
        Table::new(&dense::Builder::new().configure(config).build(&whole).unwrap()).unwrap()
    }

    /// Every text of up to four letters of an alphabet that the expressions know.
    fn texts() -> Vec<String> {
        let mut texts = vec![String::new()];
        let mut from = 0;
        for _ in 0..4 {
            let to = texts.len();
            for at in from..to {
                texts.extend(["a", "b", "1", ".", "é"].map(|letter| format!("{}{letter}", texts[at])));
            }
            from = to;
        }
        texts
    }

    #[test]
    fn tables_match_what_the_expression_matches() {
        let expressions = [
            "",
            "a*",
            "[ab]{2,3}",
            r"(a|b)+\.1",
            "é+",
            "(a|é1)*",
            ".",
            r"\w+",
            "(?:a?b){1,4}",
            "[^a]*",
            "$^",
            "a{3}",
        ];
        for expression in expressions {
            let (table, regex) =
                (table(expression), regex::Regex::new(&format!(r"\A(?:{expression})\z")).unwrap());
            for text in texts() {
                assert_eq!(table.matches(text.as_bytes()), regex.is_match(&text), "{expression} {text:?}");
            }
        }
    }

    #[test]
    fn large_tables_have_short_steps() {
        let strides = [
            ("[A-Z]{2}", 3),
            (r"[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}", 3),
            ("(?:[a-y][0-9]?){1,40}z", 3),
            ("abcdefghij", 2),
            ("abcdefghijklmnopqrstuvwxyz0123456789", 1),
        ];
        for (expression, stride) in strides {
            let table = table(expression);
            assert_eq!(table.stride, stride, "{expression}");
            assert!(table.steps.len() <= MOST_STEPS && table.steps.is_empty() == (stride == 1));
        }
        let table = table("(?:[a-y][0-9]?){1,40}z");
        assert!(table.matches(b"a1b2cdz") && !table.matches(b"a12z") && !table.matches(b"z"));
    }
}
