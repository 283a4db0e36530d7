//! The corpus of the fuzz targets, once over, and inputs near it: what fuzzing has reached stays right without a fuzzer, and
//! every run of the tests searches a little further.

#![allow(clippy::expect_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::Path;

#[allow(dead_code, reason = "not every test needs all of it")]
mod dice;
#[path = "../fuzz/properties.rs"]
mod properties;

use dice::Dice;

type Target = (&'static str, fn(&[u8]));
const TARGETS: [Target; 3] =
    [("json", properties::json), ("csv", properties::csv), ("dqdl", properties::dqdl)];

/// The inputs of a target's corpus.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = fs::read_dir(folder).expect("the corpus is there");
    files.map(|file| fs::read(file.expect("it can be listed").path()).expect("it can be read")).collect()
}

/// The input with a few bytes changed, put in, taken out or taken from another.
fn near(input: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len() + 1);
        let byte = dice.one_of(b"\"\\,:{}[]()\n\r \t0-e.u\xc3\x00");
        match dice.below(4) {
            0 if at < bytes.len() => bytes[at] = byte,
            1 if at < bytes.len() => {
                let end = (at + 1 + dice.below(8)).min(bytes.len());
                bytes.drain(at..end);
            }
            2 if !other.is_empty() => {
                let from = dice.below(other.len());
                let end = (from + 1 + dice.below(16)).min(other.len());
                bytes.splice(at..at, other[from..end].iter().copied());
            }
            _ => bytes.insert(at, byte),
        }
    }
    bytes
}

/// Tries so many inputs near each of the corpus.
fn search(rounds: usize, seed: u64) {
    for (target, property) in TARGETS {
        let (corpus, mut dice) = (corpus(target), Dice(seed));
        for _ in 0..rounds {
            for input in &corpus {
                let other = &corpus[dice.below(corpus.len())];
                property(&near(input, other, &mut dice));
            }
        }
    }
}

#[test]
fn every_input_of_the_corpus_holds() {
    for (target, property) in TARGETS {
        let corpus = corpus(target);
        assert!(corpus.len() >= 8, "{target}");
        corpus.iter().for_each(|input| property(input));
    }
}

#[test]
fn inputs_near_the_corpus_hold() {
    search(5, 0x9e37_79b9_7f4a_7c15);
}

#[test]
#[ignore = "long: minutes"]
fn long_inputs_near_the_corpus_hold() {
    let seed = std::time::UNIX_EPOCH.elapsed().expect("the clock is right").as_nanos() as u64;
    eprintln!("seed {seed}");
    search(2_000, seed);
}
