//! Tokens to a tree: the document and its sections. After a fault inside a rule the parser goes on at the next rule, so
//! that one run names them all.

mod condition;
mod cursor;
mod rule;

use super::DqdlError;
use super::ast::{Analyzer, Entry, EntryValue, Label, RuleExpression, Ruleset, Variable};
use super::lexer::Kind;
use crate::nearest::nearest;
use cursor::{Cursor, Noted, Parsed};

/// The longest document taken, in bytes (Glue's own limit is 64 KiB).
const LONGEST: usize = 64 << 10;
/// Most labels of a document and of a rule, as in Glue.
const MOST_LABELS: usize = 10;
const SECTIONS: [&str; 5] = ["Metadata", "DataSources", "DefaultLabels", "Rules", "Analyzers"];

/// Parses a document.
///
/// # Errors
/// Every fault found, in order.
pub fn parse(text: &str) -> Result<Ruleset, Vec<DqdlError>> {
    run(text, Cursor::document)
}

/// Parses one rule (which may be several joined) that stands outside a document.
///
/// # Errors
/// Every fault found, in order.
pub fn parse_rule(text: &str) -> Result<RuleExpression, Vec<DqdlError>> {
    run(text, |cursor| cursor.expression(0))
}

fn run<T>(text: &str, read: impl FnOnce(&mut Cursor) -> Parsed<T>) -> Result<T, Vec<DqdlError>> {
    if text.len() > LONGEST {
        let message = format!("the document has {} bytes; at most {LONGEST} are allowed", text.len());
        return Err(vec![DqdlError { line: 1, column: 1, message }]);
    }
    let mut cursor = Cursor::new(text);
    let read = read(&mut cursor);
    if read.is_ok() && cursor.errors.is_empty() && *cursor.kind() != Kind::End {
        let _ = cursor.expected::<()>("the end");
    }
    cursor.errors.sort_by_key(|error| (error.line, error.column));
    match read {
        Ok(read) if cursor.errors.is_empty() => Ok(read),
        _ => Err(cursor.errors),
    }
}

impl Cursor {
    fn document(&mut self) -> Parsed<Ruleset> {
        let mut ruleset = Ruleset::default();
        if self.section("Metadata")? {
            ruleset.metadata = self.dictionary()?;
        }
        if self.section("DataSources")? {
            ruleset.data_sources = self.dictionary()?;
        }
        while let Kind::Word(name) = self.kind().clone() {
            if SECTIONS.contains(&name.as_str()) {
                break;
            }
            self.declaration(name)?;
        }
        ruleset.variables.clone_from(&self.variables);
        if self.section("DefaultLabels")? {
            ruleset.default_labels = self.labels()?;
        }
        self.rules_and_analyzers(&mut ruleset)?;
        Ok(ruleset)
    }

    fn rules_and_analyzers(&mut self, ruleset: &mut Ruleset) -> Parsed<()> {
        let start = self.place();
        let rules = self.section("Rules")?;
        if rules {
            ruleset.rules = self.many("a rule", |cursor| cursor.expression(0))?;
        }
        let analyzers = self.section("Analyzers")?;
        if analyzers {
            ruleset.analyzers = self.many("an analyzer", Self::analyzer)?;
        }
        if !rules && !analyzers {
            return self.expected("`Rules = [ … ]`");
        }
        if let Kind::Word(word) = self.kind().clone()
            && SECTIONS.contains(&word.as_str())
        {
            let order = SECTIONS.join(", ");
            return self
                .fail(format!("`{word}` is out of order; sections stand once each, in the order {order}"));
        }
        if ruleset.rules.is_empty() && ruleset.analyzers.is_empty() && self.errors.is_empty() {
            return self.fail_at(&start, "expected at least one rule or analyzer in the document".to_owned());
        }
        Ok(())
    }

    /// Whether a section begins here; if so, its word and `=` are taken.
    fn section(&mut self, word: &str) -> Parsed<bool> {
        if !self.take_word(word) {
            return Ok(false);
        }
        self.sign("=").map(|()| true)
    }

    /// `name = "text"` or `name = [..]`; the name is the current token.
    fn declaration(&mut self, name: String) -> Parsed<()> {
        let place = self.place();
        if !matches!(self.ahead(1), Kind::Sign("=")) {
            return self.expected("a section or a variable, such as `Rules = [ … ]` or `name = \"text\"`");
        }
        self.advance();
        self.advance();
        if let Some(section) = nearest(&name, SECTIONS.into_iter())
            && self.is_sign(if section == "Metadata" || section == "DataSources" { "{" } else { "[" })
            && !matches!(self.ahead(1), Kind::Text(_))
        {
            return self.fail_at(&place, format!("there is no section `{name}`; did you mean `{section}`?"));
        }
        let value = if self.is_sign("[") {
            EntryValue::List(self.list(1, |cursor| Ok(cursor.quoted("a quoted text")?.text))?)
        } else {
            EntryValue::Text(self.quoted("a quoted text or a list of them")?.text)
        };
        if self.variables.iter().any(|variable| variable.name == name) {
            return self.fail_at(&place, format!("the variable `{name}` is declared twice"));
        }
        self.variables.push(Variable { name, value });
        Ok(())
    }

    fn dictionary(&mut self) -> Parsed<Vec<Entry>> {
        self.sign("{")?;
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let place = self.place();
            let key = self.quoted("a quoted key")?.text;
            self.sign(":")?;
            let value = if self.is_sign("[") {
                EntryValue::List(self.list(1, |cursor| Ok(cursor.quoted("a quoted text")?.text))?)
            } else {
                EntryValue::Text(self.quoted("a quoted text or a list of them")?.text)
            };
            if entries.iter().any(|entry| entry.key == key) {
                return self.fail_at(&place, format!("the key `{key}` stands twice"));
            }
            entries.push(Entry { key, value });
            if !self.take_sign(",") {
                break;
            }
        }
        if self.take_sign("}") { Ok(entries) } else { self.expected("`,` or `}`") }
    }

    pub(super) fn labels(&mut self) -> Parsed<Vec<Label>> {
        let place = self.place();
        let labels: Vec<Label> = self.list(0, |cursor| {
            let key = cursor.quoted("a quoted label")?.text;
            cursor.sign("=")?;
            let value = cursor.quoted("the label's value in quotes")?.text;
            Ok(Label { key, value })
        })?;
        if labels.len() > MOST_LABELS {
            return self.fail_at(&place, format!("there are {} labels; at most {MOST_LABELS}", labels.len()));
        }
        let twice = labels
            .iter()
            .enumerate()
            .find(|(at, label)| labels[..*at].iter().any(|other| other.key == label.key));
        match twice {
            Some((_, label)) => self.fail_at(&place, format!("the label `{}` stands twice", label.key)),
            None => Ok(labels),
        }
    }

    /// `[ item, … ]`, which may be empty and may end in a comma; faults within an item do not end the list.
    fn many<T>(&mut self, what: &str, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.sign("[")?;
        let mut items = Vec::new();
        loop {
            if self.take_sign("]") {
                return Ok(items);
            }
            match item(self) {
                Ok(item) => items.push(item),
                Err(Noted) => self.recover(),
            }
            if self.take_sign(",") {
                continue;
            }
            if !self.is_sign("]") {
                let _ = self.expected::<()>(&format!("`,` or `]` after {what}"));
                self.recover();
                if *self.kind() == Kind::End {
                    return Err(Noted);
                }
                self.take_sign(",");
            }
        }
    }

    fn analyzer(&mut self) -> Parsed<Analyzer> {
        let place = self.place();
        let rule_type = self.rule_type("an analyzer")?;
        let parameters = self.parameters(rule_type)?;
        if !self.is_sign(",") && !self.is_sign("]") {
            return self.expected("`,` or `]` after an analyzer, which has no condition");
        }
        Ok(Analyzer { rule_type, parameters, place })
    }
}
