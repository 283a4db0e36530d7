//! Making values unreadable.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::datum::Datum;
use crate::identity::hex;

/// How, with everything it needs.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Mask {
    /// SHA-256 of the value's text, or HMAC-SHA-256 with a key.
    Hash(Option<Vec<u8>>),
    /// This text.
    Redact(String),
    /// Stars, but for so many characters at the beginning and at the end.
    Partial(usize, usize),
    /// No value.
    Null,
}

/// Without the key.
impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hash(key) => write!(f, "Hash({})", if key.is_some() { "keyed" } else { "plain" }),
            Self::Redact(text) => write!(f, "Redact({text:?})"),
            Self::Partial(first, last) => write!(f, "Partial({first}, {last})"),
            Self::Null => write!(f, "Null"),
        }
    }
}

impl Mask {
    /// The value made unreadable; null stays null.
    pub fn apply<'b>(&'b self, value: &Datum<'_>) -> Datum<'b> {
        let Some(text) = value.text() else { return Datum::Null };
        match self {
            Self::Hash(None) => owned(hex(&Sha256::digest(text.as_bytes()))),
            Self::Hash(Some(key)) => owned(hex(&hmac(key, text.as_bytes()))),
            Self::Redact(replacement) => Datum::Text(Cow::Borrowed(replacement)),
            Self::Partial(first, last) => owned(partial(&text, *first, *last)),
            Self::Null => Datum::Null,
        }
    }
}

fn owned<'b>(text: String) -> Datum<'b> {
    Datum::Text(Cow::Owned(text))
}

/// A text that is no longer than what may stay is hidden whole.
fn partial(text: &str, first: usize, last: usize) -> String {
    let length = text.chars().count();
    let hides_all = first.saturating_add(last) >= length;
    let stays = |at: usize| !hides_all && (at < first || at >= length - last);
    text.chars().enumerate().map(|(at, character)| if stays(at) { character } else { '*' }).collect()
}

/// HMAC-SHA-256 as RFC 2104 has it.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyed_hashes_are_those_of_rfc_4231() {
        let cases: [(&[u8], &[u8], &str); 3] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, message, expected) in cases {
            assert_eq!(hex(&hmac(key, message)), expected);
        }
    }

    #[test]
    fn what_stays_of_a_text() {
        let cases = [
            ("DE89370400440532013000", 2, 4, "DE****************3000"),
            ("größe", 1, 1, "g***e"),
            ("abc", 2, 1, "***"),
            ("ab", 9, 9, "**"),
            ("abc", 0, 0, "***"),
            ("", 1, 0, ""),
        ];
        for (text, first, last, expected) in cases {
            assert_eq!(partial(text, first, last), expected, "{text}");
        }
    }
}
