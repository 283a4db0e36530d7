//! JSON texts: what their escapes stand for, and how a text is written as one.

use super::cursor::{hexadecimal, special};

/// Appends what `raw`, a text the cursor has passed, stands for.
pub(crate) fn unescape(raw: &str, into: &mut String) {
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        into.push_str(plain);
        let unit = |at: usize| escape.as_bytes().get(at..at + 4).and_then(hexadecimal).unwrap_or_default();
        let (character, length) = match escape.as_bytes().first() {
            Some(b'b') => ('\u{8}', 1),
            Some(b'f') => ('\u{c}', 1),
            Some(b'n') => ('\n', 1),
            Some(b'r') => ('\r', 1),
            Some(b't') => ('\t', 1),
            Some(b'u') => match unit(1) {
                high @ 0xd800..0xdc00 => {
                    let low = unit(7).wrapping_sub(0xdc00);
                    (char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + low).unwrap_or('\u{fffd}'), 11)
                }
                one => (char::from_u32(one).unwrap_or('\u{fffd}'), 5),
            },
            Some(other) => (char::from(*other), 1),
            None => return,
        };
        into.push(character);
        rest = escape.get(length..).unwrap_or_default();
    }
    into.push_str(rest);
}

/// Appends `text` as a JSON text, with its quotes.
pub(crate) fn quote(text: &str, into: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    into.push('"');
    let bytes = text.as_bytes();
    let (mut from, mut at) = (0, special(bytes, 0));
    while let Some(byte) = bytes.get(at) {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x8 => "\\b",
            0xc => "\\f",
            _ => "\\u00",
        };
        into.push_str(text.get(from..at).unwrap_or_default());
        into.push_str(escape);
        if escape.len() > 2 {
            into.push(char::from(DIGITS[usize::from(byte >> 4)]));
            into.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        from = at + 1;
        at = special(bytes, from);
    }
    into.push_str(text.get(from..).unwrap_or_default());
    into.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_as_serde_writes_them() {
        let all: String = (0..0x180).filter_map(char::from_u32).chain("✓😀\"\\".chars()).collect();
        let mut written = String::new();
        quote(&all, &mut written);
        assert_eq!(written, serde_json::to_string(&all).unwrap());
    }

    #[test]
    fn escapes_stand_for_what_serde_reads() {
        for raw in
            [r#"a\"\\\/\b\f\n\r\tz"#, r"\u0041\u00e9\u2713", r"\ud83d\ude00x", "", "plain é", r"\u0000"]
        {
            let mut text = String::new();
            unescape(raw, &mut text);
            assert_eq!(text, serde_json::from_str::<String>(&format!("\"{raw}\"")).unwrap());
        }
    }
}
