//! Whether two texts are equal, where most are short: a call that compares costs more than comparing them.

/// Whether the bytes are the same.
#[inline]
pub(crate) fn equal(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        0..4 => one.iter().zip(other).all(|(one, other)| one == other),
        4..8 => ends::<4>(one) == ends::<4>(other),
        8..=16 => ends::<8>(one) == ends::<8>(other),
        _ => one == other,
    }
}

/// The first and the last bytes, which together are all when there are at most twice as many.
#[inline]
fn ends<const COUNT: usize>(bytes: &[u8]) -> Option<(&[u8; COUNT], &[u8; COUNT])> {
    bytes.first_chunk().zip(bytes.last_chunk())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_every_length_differ_by_one_byte_or_not_at_all() {
        let text: Vec<u8> = (0..40).collect();
        for length in 0..=text.len() {
            let one = &text[..length];
            let copy = one.to_vec();
            assert!(equal(one, one) && equal(one, &copy));
            assert!(length == 0 || !equal(one, &one[..length - 1]));
            for at in 0..length {
                let mut other = one.to_vec();
                other[at] ^= 0x80;
                assert!(!equal(one, &other), "{length} {at}");
            }
        }
    }
}
