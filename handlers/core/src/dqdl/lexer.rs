//! Text to tokens with places.

use super::DqdlError;

/// A token and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// Kinds of token.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A word: rule type, keyword or bare column name.
    Word(String),
    /// A quoted text, unescaped.
    Text(String),
    /// A number as written.
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
const SIGNS: [&str; 17] =
    ["!=", ">=", "<=", "->", "=", ">", "<", "[", "]", "(", ")", ",", "{", "}", ":", "$", "*"];

/// The tokens of a text, [`Kind::End`] last, and what could not be read.
pub fn tokens(text: &str) -> (Vec<Token>, Vec<DqdlError>) {
    let mut lexer = Lexer { rest: text, line: 1, column: 1, errors: Vec::new() };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next() {
        tokens.push(token);
    }
    tokens.push(Token { kind: Kind::End, line: lexer.line, column: lexer.column });
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
            let (line, column) = (self.line, self.column);
            let kind = if first == '"' {
                self.text()
            } else if first.is_ascii_digit()
                || (first == '-' && self.rest[1..].starts_with(|next: char| next.is_ascii_digit()))
            {
                Some(self.number())
            } else if first.is_alphabetic() || first == '_' {
                let length = self
                    .rest
                    .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
                    .unwrap_or(self.rest.len());
                Some(Kind::Word(self.take(length)))
            } else if let Some(sign) = SIGNS.iter().find(|sign| self.rest.starts_with(**sign)) {
                self.take(sign.len());
                Some(Kind::Sign(sign))
            } else {
                self.take(first.len_utf8());
                self.errors.push(DqdlError {
                    line,
                    column,
                    message: format!("the character `{first}` has no meaning here"),
                });
                None
            };
            if let Some(kind) = kind {
                return Some(Token { kind, line, column });
            }
        }
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
    fn text(&mut self) -> Option<Kind> {
        let (line, column) = (self.line, self.column);
        let mut value = String::new();
        let mut characters = self.rest.char_indices().skip(1).peekable();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.take(at + 1);
                    return Some(Kind::Text(value));
                }
                '\\' if matches!(characters.peek(), Some((_, '"' | '\\'))) => {
                    value.extend(characters.next().map(|(_, escaped)| escaped));
                }
                other => value.push(other),
            }
        }
        self.take(self.rest.len());
        self.errors.push(DqdlError {
            line,
            column,
            message: "this text is never closed; expected `\"`".to_owned(),
        });
        None
    }

    fn number(&mut self) -> Kind {
        let bytes = self.rest.as_bytes();
        let mut length = 1;
        while bytes.get(length).is_some_and(u8::is_ascii_digit)
            || (bytes.get(length) == Some(&b'.')
                && bytes.get(length + 1).is_some_and(u8::is_ascii_digit)
                && !self.rest[..length].contains('.'))
        {
            length += 1;
        }
        Kind::Number(self.take(length))
    }
}
