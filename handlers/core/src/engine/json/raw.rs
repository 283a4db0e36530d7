//! The text of one value of a record, found by its path: for the few values that are kept as they were written.

use std::borrow::Cow;

use super::cursor::{Cursor, Text};
use super::text;

/// The value at `path`, whose names are parted by dots, as it stands in the record; of a key that stands twice the last.
/// None where the way to it is missing or leads through something that is no object.
pub fn find<'a>(record: &'a str, path: &str) -> Option<&'a str> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let mut cursor = Cursor::new(record);
    cursor.blank();
    cursor.expect(b'{').ok()?;
    let mut found = None;
    loop {
        cursor.blank();
        if cursor.peek() == Some(b'}') {
            break;
        }
        cursor.expect(b'"').ok()?;
        let key = cursor.string().ok()?;
        cursor.colon().ok()?;
        cursor.blank();
        let start = cursor.at;
        cursor.skip().ok()?;
        if unescaped(&cursor, key) == name {
            found = Some(cursor.slice(start, cursor.at));
        }
        cursor.blank();
        if cursor.peek() == Some(b',') {
            cursor.at += 1;
        }
    }
    match rest {
        None => found,
        Some(rest) => find(found?, rest),
    }
}

fn unescaped<'a>(cursor: &Cursor<'a>, key: Text) -> Cow<'a, str> {
    let raw = cursor.slice(key.start, key.end);
    if !key.escaped {
        return Cow::Borrowed(raw);
    }
    let mut name = String::new();
    text::unescape(raw, &mut name);
    Cow::Owned(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_as_they_were_written() {
        let record = r#" { "a" : 1e999 , "b":{"c":[1, 2],"d":{}}, "\u00e9":"x\n", "a": "two" } "#;
        let cases = [
            ("a", Some(r#""two""#)),
            ("b.c", Some("[1, 2]")),
            ("b.d", Some("{}")),
            ("é", Some(r#""x\n""#)),
            ("b.d.e", None),
            ("a.b", None),
            ("c", None),
        ];
        for (path, expected) in cases {
            assert_eq!(find(record, path), expected, "{path}");
        }
        assert_eq!(find("{}", "a"), None);
        assert_eq!(find("[1]", "a"), None);
    }
}
