//! `cargo build` and `cargo test` compile the same dependencies: what only tests need switches on nothing that programs
//! do not have as well, or everything that rests on it (the AWS SDK) is compiled twice.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The features of each package, in each form in which it is compiled.
type Features = BTreeMap<String, BTreeSet<String>>;

#[test]
fn tests_switch_on_nothing_that_programs_lack() {
    let (programs, tests) = (features("normal,build"), features("normal,build,dev"));
    assert!(programs.len() > 100, "cargo lists the dependencies");
    for (package, forms) in programs {
        assert_eq!(
            Some(&forms),
            tests.get(&package),
            "{package}: name the features on the right in tests/Cargo.toml"
        );
    }
}

fn features(edges: &str) -> Features {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--prefix", "none", "--format", "{p}|{f}", "--edges"])
        .arg(format!("features,{edges}"))
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut features = Features::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        // `name v1.2.3|one,two`; a second mention ends with ` (*)`, and names of features have lines of their own.
        if let Some((package, list)) = line.trim_end_matches(" (*)").split_once('|') {
            features.entry(package.trim_end_matches(" (*)").to_owned()).or_default().insert(list.to_owned());
        }
    }
    features
}
