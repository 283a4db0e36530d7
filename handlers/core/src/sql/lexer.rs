//! Text to tokens, each with the character it begins at.

use super::SqlError;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A word, as written.
    Word(String),
    /// A word in backquotes.
    Name(String),
    /// A text.
    Text(String),
    /// A number as written.
    Number(String),
    /// Punctuation or an operator.
    Sign(&'static str),
    /// The end.
    End,
}

impl Token {
    pub fn describe(&self) -> String {
        match self {
            Self::Word(word) | Self::Name(word) => format!("`{word}`"),
            Self::Text(_) => "a text".to_owned(),
            Self::Number(number) => format!("the number {number}"),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

const SIGNS: [&str; 16] =
    ["||", "<>", "!=", "<=", ">=", "==", "=", "<", ">", "(", ")", ",", "+", "-", "*", "/"];

/// The tokens of a text, [`Token::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, SqlError> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        if characters[at].is_whitespace() {
            at += 1;
            continue;
        }
        let start = at;
        let token = token(&characters, &mut at)?;
        tokens.push((token, start));
    }
    tokens.push((Token::End, characters.len()));
    Ok(tokens)
}

fn token(characters: &[char], at: &mut usize) -> Result<Token, SqlError> {
    let first = characters[*at];
    let run = |from: usize, fits: &dyn Fn(char) -> bool| {
        characters[from..].iter().position(|c| !fits(*c)).map_or(characters.len(), |length| from + length)
    };
    if matches!(first, '\'' | '"' | '`') {
        return quoted(characters, at, first);
    }
    if first.is_ascii_digit() || (first == '.' && characters.get(*at + 1).is_some_and(char::is_ascii_digit)) {
        let end = run(*at, &|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
        let number: String = characters[*at..end].iter().collect();
        if number.parse::<f64>().is_err() {
            return Err(SqlError { offset: *at, message: format!("`{number}` is not a number") });
        }
        *at = end;
        return Ok(Token::Number(number));
    }
    if first.is_alphabetic() || first == '_' {
        let end = run(*at, &|c| c.is_alphanumeric() || c == '_' || c == '.');
        let word = characters[*at..end].iter().collect();
        *at = end;
        return Ok(Token::Word(word));
    }
    if first == '%' {
        *at += 1;
        return Ok(Token::Sign("%"));
    }
    let rest: String = characters[*at..(*at + 2).min(characters.len())].iter().collect();
    let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) else {
        return Err(SqlError {
            offset: *at,
            message: format!("the character `{first}` has no meaning here"),
        });
    };
    *at += sign.len();
    Ok(Token::Sign(sign))
}

/// A text in single or double quotes, or a name in backquotes; the quote is written twice, or after a backslash.
fn quoted(characters: &[char], at: &mut usize, quote: char) -> Result<Token, SqlError> {
    let start = *at;
    let mut text = String::new();
    let mut place = start + 1;
    while let Some(character) = characters.get(place) {
        let next = characters.get(place + 1).copied();
        if *character == quote && next == Some(quote) {
            text.push(quote);
            place += 2;
        } else if *character == '\\' && quote != '`' && next.is_some_and(|next| next == quote || next == '\\')
        {
            text.extend(next);
            place += 2;
        } else if *character == quote {
            *at = place + 1;
            return Ok(if quote == '`' { Token::Name(text) } else { Token::Text(text) });
        } else {
            text.push(*character);
            place += 1;
        }
    }
    Err(SqlError { offset: start, message: "this text is never closed".to_owned() })
}
