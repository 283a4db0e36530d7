//! A text of the rule language.

#![no_main]

#[path = "../properties.rs"]
#[allow(dead_code, reason = "each target has its own")]
mod properties;

libfuzzer_sys::fuzz_target!(|input: &[u8]| properties::dqdl(input));
