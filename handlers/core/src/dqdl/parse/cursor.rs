//! The place in the tokens, and the faults noted so far.

use super::super::DqdlError;
use super::super::ast::{EntryValue, Place, Quoted, Variable};
use super::super::lexer::{Kind, Token, tokens};
use crate::nearest::nearest;

/// A fault that has been noted already.
pub(super) struct Noted;

pub(super) type Parsed<T> = Result<T, Noted>;

/// Reads tokens one after the other.
pub(super) struct Cursor {
    tokens: Vec<Token>,
    at: usize,
    pub errors: Vec<DqdlError>,
    /// Variables declared so far.
    pub variables: Vec<Variable>,
}

impl Cursor {
    pub fn new(text: &str) -> Self {
        let (tokens, errors) = tokens(text);
        Self { tokens, at: 0, errors, variables: Vec::new() }
    }

    fn token(&self, ahead: usize) -> &Token {
        // The last token is `End` and is never passed.
        &self.tokens[(self.at + ahead).min(self.tokens.len() - 1)]
    }

    pub fn kind(&self) -> &Kind {
        self.ahead(0)
    }

    pub fn ahead(&self, ahead: usize) -> &Kind {
        &self.token(ahead).kind
    }

    pub fn place(&self) -> Place {
        self.token(0).place.clone()
    }

    pub fn advance(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    pub fn is_sign(&self, sign: &str) -> bool {
        matches!(self.kind(), Kind::Sign(found) if *found == sign)
    }

    pub fn is_word(&self, word: &str) -> bool {
        matches!(self.kind(), Kind::Word(found) if found == word)
    }

    pub fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        if found {
            self.advance();
        }
        found
    }

    pub fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    pub fn sign(&mut self, sign: &'static str) -> Parsed<()> {
        if self.take_sign(sign) { Ok(()) } else { self.expected(&format!("`{sign}`")) }
    }

    /// A quoted text.
    pub fn quoted(&mut self, what: &str) -> Parsed<Quoted> {
        let Kind::Text(text) = self.kind().clone() else { return self.expected(what) };
        let place = self.place();
        self.advance();
        Ok(Quoted { text, place })
    }

    /// `[ item, … ]`, with at least `fewest` items.
    pub fn list<T>(&mut self, fewest: usize, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.sign("[")?;
        let mut items = Vec::new();
        if fewest == 0 && self.take_sign("]") {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if !self.take_sign(",") {
                break;
            }
        }
        if self.take_sign("]") { Ok(items) } else { self.expected("`,` or `]`") }
    }

    /// `$name`: the name and what it stands for. The `$` is the current token.
    pub fn variable(&mut self) -> Parsed<(String, EntryValue)> {
        self.advance();
        let (Kind::Word(name) | Kind::Number(name)) = self.kind().clone() else {
            return self.expected("the name of a variable after `$`");
        };
        let found = self.variables.iter().find(|variable| variable.name == name);
        let Some(value) = found.map(|variable| variable.value.clone()) else {
            let names = self.variables.iter().map(|variable| variable.name.as_str());
            let hint = nearest(&name, names).map(|near| format!("; did you mean `${near}`?"));
            return self
                .fail(format!("the variable `${name}` is not declared above{}", hint.unwrap_or_default()));
        };
        self.advance();
        Ok((name, value))
    }

    pub fn expected<T>(&mut self, what: &str) -> Parsed<T> {
        let found = self.kind().describe();
        self.fail(format!("expected {what}, found {found}"))
    }

    pub fn fail<T>(&mut self, message: String) -> Parsed<T> {
        let place = self.place();
        self.fail_at(&place, message)
    }

    pub fn fail_at<T>(&mut self, place: &Place, message: String) -> Parsed<T> {
        self.errors.push(DqdlError { line: place.line, column: place.column, message });
        Err(Noted)
    }

    /// Goes on to the comma after this rule or the end of the list, past nested brackets.
    pub fn recover(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.kind() {
                Kind::End => return,
                Kind::Sign("[" | "(") => depth += 1,
                Kind::Sign("]" | ")") if depth > 0 => depth -= 1,
                Kind::Sign("," | "]") if depth == 0 => return,
                _ => {}
            }
            self.advance();
        }
    }
}
