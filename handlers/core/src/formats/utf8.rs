//! Bytes that are looked at once: whether they are UTF-8 is asked for a whole block, not for each record.

/// A block, checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Utf8<'a> {
    bytes: &'a [u8],
    /// The beginning of the block that is text: nearly always all of it.
    text: &'a str,
}

impl<'a> Utf8<'a> {
    /// Checks a block.
    pub fn check(bytes: &'a [u8]) -> Self {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        };
        Self { bytes, text }
    }

    /// Some of its bytes.
    #[inline]
    pub fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Some of its text; nothing when it is no text.
    #[inline]
    pub fn text(&self, start: usize, end: usize) -> Option<&'a str> {
        // Behind a byte that is no text, each piece is asked for itself.
        self.text.get(start..end).or_else(|| std::str::from_utf8(self.slice(start, end)).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_text_or_not_whatever_stands_elsewhere() {
        let bytes = b"a\xc3\xa9\xffb\xc3\xa9";
        let checked = Utf8::check(bytes);
        let cases = [
            (0, 3, Some("aé")),
            (0, 2, None),
            (2, 3, None),
            (3, 4, None),
            (4, 7, Some("bé")),
            (0, 0, Some("")),
        ];
        for (start, end, expected) in cases {
            assert_eq!(checked.text(start, end), expected, "{start}..{end}");
        }
    }
}
