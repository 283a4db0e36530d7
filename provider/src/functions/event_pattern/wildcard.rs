//! Texts with `*`, which stands for any characters; a backslash takes the meaning from `*` and from itself.

/// The parts between the stars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wildcard(Vec<String>);

impl Wildcard {
    /// Reads a text with stars.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut parts = vec![String::new()];
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match (character, characters.peek()) {
                ('*', Some('*')) => return Err(format!("`{text}` has two `*` in a row")),
                ('*', _) => parts.push(String::new()),
                ('\\', Some('*' | '\\')) => {
                    let literal = characters.next();
                    parts.last_mut().into_iter().for_each(|part| part.extend(literal));
                }
                ('\\', _) => {
                    return Err(format!(
                        "in `{text}` a backslash stands before something else than `*` and `\\`"
                    ));
                }
                _ => parts.last_mut().into_iter().for_each(|part| part.push(character)),
            }
        }
        Ok(Self(parts))
    }

    /// Whether a text is like that. Each part between two stars may be taken where it comes first.
    pub fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.0.as_slice() else {
            return self.0.first().is_some_and(|only| only == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for part in middle {
            let Some(at) = rest.find(part.as_str()) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last.as_str())
    }
}
