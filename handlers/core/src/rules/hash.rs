//! Keys of values: MurmurHash3 of 128 bits (x64 variant), chained over columns, so that a key takes 16 bytes however long
//! the values are. Two different values share a key with a chance of about n² / 2¹²⁹: for 100 million values 10⁻²³.

use super::Value;

/// A key.
pub type Key = [u64; 2];

const C1: u64 = 0x87c3_7b91_1142_53d5;
const C2: u64 = 0x4cf5_ad43_2745_937f;

/// The key of the values in some slots of a row; none when all of them are null (or of the wrong type).
#[must_use]
pub fn key(row: &[Value<'_>], slots: &[usize]) -> Option<Key> {
    let mut key = [0, 0];
    let mut some = false;
    for slot in slots {
        let value = &row[*slot];
        some |= !matches!(value, Value::Null | Value::Mistyped);
        key = mix(key, value);
    }
    some.then_some(key)
}

/// Whether every one of the slots has a value.
#[must_use]
pub fn is_complete(row: &[Value<'_>], slots: &[usize]) -> bool {
    slots.iter().all(|slot| row[*slot] != Value::Null)
}

fn mix(key: Key, value: &Value<'_>) -> Key {
    let (tag, bytes): (u64, [u8; 8]) = match value {
        Value::Null => (1, [0; 8]),
        Value::Mistyped => (2, [0; 8]),
        Value::Boolean(value) => (3, u64::from(*value).to_le_bytes()),
        Value::Bigint(value) => (4, value.to_le_bytes()),
        // Both noughts are one value.
        Value::Double(value) => (5, (if *value == 0.0 { 0.0 } else { *value }).to_bits().to_le_bytes()),
        Value::Date(value) => (6, i64::from(*value).to_le_bytes()),
        Value::Timestamp(value) => (7, value.to_le_bytes()),
        Value::Text(text) => return murmur([key[0] ^ 8, key[1]], text.as_bytes()),
        Value::Json(text) => return murmur([key[0] ^ 9, key[1]], text.as_bytes()),
    };
    murmur([key[0] ^ tag, key[1]], &bytes)
}

fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

/// MurmurHash3_x64_128, its two halves begun with `seed`.
fn murmur(seed: Key, bytes: &[u8]) -> Key {
    let [mut h1, mut h2] = seed;
    let mut blocks = bytes.chunks_exact(16);
    for block in &mut blocks {
        h1 ^= word(&block[..8]).wrapping_mul(C1).rotate_left(31).wrapping_mul(C2);
        h1 = h1.rotate_left(27).wrapping_add(h2).wrapping_mul(5).wrapping_add(0x52dc_e729);
        h2 ^= word(&block[8..]).wrapping_mul(C2).rotate_left(33).wrapping_mul(C1);
        h2 = h2.rotate_left(31).wrapping_add(h1).wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    let tail = blocks.remainder();
    if tail.len() > 8 {
        h2 ^= word(&tail[8..]).wrapping_mul(C2).rotate_left(33).wrapping_mul(C1);
    }
    if !tail.is_empty() {
        h1 ^= word(&tail[..tail.len().min(8)]).wrapping_mul(C1).rotate_left(31).wrapping_mul(C2);
    }
    h1 ^= bytes.len() as u64;
    h2 ^= bytes.len() as u64;
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    h1 = finish(h1);
    h2 = finish(h2);
    h1 = h1.wrapping_add(h2);
    [h1, h2.wrapping_add(h1)]
}

fn finish(mut word: u64) -> u64 {
    word ^= word >> 33;
    word = word.wrapping_mul(0xff51_afd7_ed55_8ccd);
    word ^= word >> 33;
    word = word.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    word ^ (word >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published values of the function.
    #[test]
    fn known_answers() {
        let shown = |text: &str| {
            let [first, second] = murmur([0, 0], text.as_bytes());
            format!("{first:016x}{second:016x}")
        };
        assert_eq!(shown(""), "00000000000000000000000000000000");
        assert_eq!(shown("hello"), "cbd8a7b341bd9b025b1e906a48ae1d19");
        assert_eq!(shown("The quick brown fox jumps over the lazy dog"), "e34bbc7bbc071b6c7a433ca9c49a9347");
    }

    #[test]
    fn columns_do_not_run_into_each_other() {
        use Value::{Bigint, Double, Null, Text};
        let keys: Vec<Key> = [
            [Text("ab"), Text("c")],
            [Text("a"), Text("bc")],
            [Text("abc"), Null],
            [Null, Text("abc")],
            [Text(""), Text("abc")],
            [Bigint(1), Double(1.0)],
            [Double(1.0), Bigint(1)],
        ]
        .iter()
        .map(|row| key(row, &[0, 1]).unwrap())
        .collect();
        for (at, one) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(one), "{at}");
        }
        assert_eq!(key(&[Null, Value::Mistyped], &[0, 1]), None);
        assert_eq!(key(&[Double(0.0)], &[0]), key(&[Double(-0.0)], &[0]));
    }
}
