//! Text to tokens with places.

use super::DqdlError;
use super::ast::Place;

/// A token and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it begins, and in a text what is escaped.
    pub place: Place,
}

/// Kinds of token.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A word: rule type, keyword or bare column name.
    Word(String),
    /// A quoted text, unescaped.
    Text(String),
    /// A number as written, without a sign.
    Number(String),
    /// Punctuation or an operator.
    Sign(&'static str),
    /// The end.
    End,
}

impl Kind {
    /// For error messages.
    pub fn describe(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Text(_) => "a quoted text".to_owned(),
            Self::Number(number) => format!("the number {number}"),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end".to_owned(),
        }
    }
}

/// Longest first, so that `>=` is not `>` and `=`.
const SIGNS: [&str; 19] =
    ["!=", ">=", "<=", "=", ">", "<", "[", "]", "(", ")", ",", "{", "}", ":", "$", "*", "+", "-", "/"];

/// The tokens of a text, [`Kind::End`] last, and what could not be read.
pub fn tokens(text: &str) -> (Vec<Token>, Vec<DqdlError>) {
    let mut lexer = Lexer { rest: text, line: 1, column: 1, errors: Vec::new() };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next() {
        tokens.push(token);
    }
    let place = lexer.place();
    tokens.push(Token { kind: Kind::End, place });
    (tokens, lexer.errors)
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    column: usize,
    errors: Vec<DqdlError>,
}

impl Lexer<'_> {
    fn next(&mut self) -> Option<Token> {
        loop {
            self.skip_blank();
            let first = self.rest.chars().next()?;
            let mut place = self.place();
            let kind = if first == '"' {
                self.text(&mut place)
            } else if first.is_ascii_alphanumeric() || first == '_' {
                Some(self.word())
            } else if let Some(sign) = SIGNS.iter().find(|sign| self.rest.starts_with(**sign)) {
                self.take(sign.len());
                Some(Kind::Sign(sign))
            } else {
                self.take(first.len_utf8());
                let hint = if first == '\'' { "; texts are written in double quotes" } else { "" };
                self.error(&place, format!("the character `{first}` has no meaning here{hint}"));
                None
            };
            if let Some(kind) = kind {
                return Some(Token { kind, place });
            }
        }
    }

    fn place(&self) -> Place {
        Place { line: self.line, column: self.column, escaped: Vec::new() }
    }

    fn error(&mut self, place: &Place, message: String) {
        self.errors.push(DqdlError { line: place.line, column: place.column, message });
    }

    fn skip_blank(&mut self) {
        loop {
            let blank = self.rest.len() - self.rest.trim_start().len();
            self.take(blank);
            if !self.rest.starts_with('#') {
                return;
            }
            self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }

    /// Takes `length` bytes and moves the place along.
    fn take(&mut self, length: usize) -> String {
        let (taken, rest) = self.rest.split_at(length);
        for character in taken.chars() {
            if character == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.rest = rest;
        taken.to_owned()
    }

    /// A quoted text; only `\"` and `\\` are escapes, every other backslash is itself.
    fn text(&mut self, place: &mut Place) -> Option<Kind> {
        let mut value = String::new();
        let mut length = 0;
        let mut characters = self.rest.char_indices().skip(1).peekable();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.take(at + 1);
                    return Some(Kind::Text(value));
                }
                '\\' if matches!(characters.peek(), Some((_, '"' | '\\'))) => {
                    place.escaped.push(length);
                    value.extend(characters.next().map(|(_, escaped)| escaped));
                }
                other => value.push(other),
            }
            length += 1;
        }
        self.take(self.rest.len());
        self.error(place, "this text is never closed; expected `\"`".to_owned());
        None
    }

    /// A number, or a word, which may begin with a digit and have dots in it.
    fn word(&mut self) -> Kind {
        let length = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
            .unwrap_or(self.rest.len());
        let word = self.take(length);
        if is_number(&word) { Kind::Number(word) } else { Kind::Word(word) }
    }
}

/// Digits, with at most one dot that has digits on both sides.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match word.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(word),
    }
}
