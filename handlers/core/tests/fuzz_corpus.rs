//! The corpus of the fuzz targets, once over: what fuzzing has reached stays right without a fuzzer.

#![allow(clippy::expect_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::Path;

#[path = "../fuzz/properties.rs"]
mod properties;

/// Runs every file of a target's corpus; how many there are.
fn run(target: &str, property: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = fs::read_dir(folder).expect("the corpus is there");
    files
        .map(|file| property(&fs::read(file.expect("it can be listed").path()).expect("it can be read")))
        .count()
}

#[test]
fn every_input_of_the_corpus_holds() {
    type Target = (&'static str, fn(&[u8]));
    let targets: [Target; 3] =
        [("json", properties::json), ("csv", properties::csv), ("dqdl", properties::dqdl)];
    for (target, property) in targets {
        assert!(run(target, property) >= 8, "{target}");
    }
}
