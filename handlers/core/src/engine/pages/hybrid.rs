//! The hybrid of runs and packed bits that Parquet has for small numbers: levels and numbers of a dictionary.

use super::bits::{BitWriter, varint};

/// Packed numbers come in groups of so many.
const GROUP: usize = 8;

/// Appends one number that stands `count` times.
pub fn run(value: u32, count: usize, width: u32, into: &mut Vec<u8>) {
    varint((count as u64) << 1, into);
    into.extend_from_slice(&value.to_le_bytes()[..width.div_ceil(8) as usize]);
}

/// Appends numbers of `width` bits, at least one.
pub fn encode<T: Copy + PartialEq + Into<u32>>(values: &[T], width: u32, into: &mut Vec<u8>) {
    // A run shorter than that takes more bytes than its numbers side by side.
    let worth = (64 / width.max(1) as usize).next_multiple_of(GROUP);
    let (mut packed, mut at) = (0, 0);
    while at < values.len() {
        let value = values[at];
        let same = values[at..].iter().take_while(|other| **other == value).count();
        if same >= worth {
            pack(&values[packed..at], width, into);
            run(value.into(), same, width, into);
            at += same;
            packed = at;
        } else {
            // Packed numbers can only end with a group.
            at = values.len().min(at + GROUP);
        }
    }
    pack(&values[packed..], width, into);
}

fn pack<T: Copy + Into<u32>>(values: &[T], width: u32, into: &mut Vec<u8>) {
    if values.is_empty() {
        return;
    }
    varint((values.len().div_ceil(GROUP) as u64) << 1 | 1, into);
    let mut bits = BitWriter::new(into);
    values.iter().for_each(|value| bits.put((*value).into(), width));
    (values.len()..values.len().next_multiple_of(GROUP)).for_each(|_| bits.put(0, width));
    bits.finish();
}
