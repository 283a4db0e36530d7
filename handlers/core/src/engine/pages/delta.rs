//! `DELTA_BINARY_PACKED`: whole numbers as differences from the number before, in blocks with a least difference and
//! miniblocks with a width.

use super::bits::{BitWriter, varint, zigzag};

/// Differences of a block, and of each of its miniblocks.
const BLOCK: usize = 128;
const MINIBLOCK: usize = 32;

/// Appends numbers of 64 bits.
pub fn encode(values: impl ExactSizeIterator<Item = i64>, into: &mut Vec<u8>) {
    with(values, i64::wrapping_sub, into);
}

/// Appends numbers of 32 bits: their differences have 32 bits too, whatever they are.
pub fn encode_narrow(values: impl ExactSizeIterator<Item = i32>, into: &mut Vec<u8>) {
    with(values.map(i64::from), |value, before| i64::from((value as i32).wrapping_sub(before as i32)), into);
}

#[inline]
fn with(
    mut values: impl ExactSizeIterator<Item = i64>,
    difference: impl Fn(i64, i64) -> i64,
    into: &mut Vec<u8>,
) {
    varint(BLOCK as u64, into);
    varint((BLOCK / MINIBLOCK) as u64, into);
    varint(values.len() as u64, into);
    let mut before = values.next().unwrap_or_default();
    zigzag(before, into);
    let mut block = [0; BLOCK];
    while values.len() > 0 {
        let length = values.len().min(BLOCK);
        for (to, value) in block.iter_mut().zip(values.by_ref().take(length)) {
            *to = difference(value, before);
            before = value;
        }
        pack(&block[..length], into);
    }
}

/// Appends the differences of one block.
fn pack(differences: &[i64], into: &mut Vec<u8>) {
    let least = differences.iter().copied().min().unwrap_or_default();
    zigzag(least, into);
    let above = |difference: &i64| difference.wrapping_sub(least) as u64;
    let mut widths = [0u8; BLOCK / MINIBLOCK];
    for (width, miniblock) in widths.iter_mut().zip(differences.chunks(MINIBLOCK)) {
        let used = miniblock.iter().fold(0, |used, difference| used | above(difference));
        *width = (u64::BITS - used.leading_zeros()) as u8;
    }
    into.extend_from_slice(&widths);
    for (width, miniblock) in widths.iter().zip(differences.chunks(MINIBLOCK)) {
        let mut bits = BitWriter::new(into);
        miniblock.iter().for_each(|difference| bits.put_wide(above(difference), u32::from(*width)));
        (miniblock.len()..MINIBLOCK).for_each(|_| bits.put_wide(0, u32::from(*width)));
        bits.finish();
    }
}
