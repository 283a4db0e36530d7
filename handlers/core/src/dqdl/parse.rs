//! Tokens to a tree. After a fault inside a rule the parser goes on at the next rule, so that one run names them all.

use super::DqdlError;
use super::ast::{
    Comparison, Condition, KNOWN_TYPES, Literal, Range, Rule, RuleExpression, RuleType, Ruleset,
};
use super::lexer::{Kind, Token, tokens};
use crate::columns::Pattern;
use crate::nearest::nearest;

/// The longest document taken, in bytes (Glue's own limit is 64 KiB).
const LONGEST: usize = 64 << 10;
/// How deep rules may be joined.
const DEEPEST: usize = 16;

/// Parses a document.
///
/// # Errors
/// Every fault found, in order.
pub fn parse(text: &str) -> Result<Ruleset, Vec<DqdlError>> {
    if text.len() > LONGEST {
        let message = format!("the document has {} bytes; at most {LONGEST} are allowed", text.len());
        return Err(vec![DqdlError { line: 1, column: 1, message }]);
    }
    let (tokens, errors) = tokens(text);
    let mut parser = Parser { tokens, at: 0, errors };
    let rules = parser.document();
    parser.errors.sort_by_key(|error| (error.line, error.column));
    if parser.errors.is_empty() { Ok(Ruleset { rules }) } else { Err(parser.errors) }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    errors: Vec<DqdlError>,
}

/// A fault that has been noted already.
struct Noted;

type Parsed<T> = Result<T, Noted>;

impl Parser {
    fn document(&mut self) -> Vec<RuleExpression> {
        let rules = self.rules().unwrap_or_default();
        if self.errors.is_empty() && *self.kind() != Kind::End {
            let found = self.kind().describe();
            let _ = self.fail::<()>(format!("expected the end, found {found}"));
        }
        rules
    }

    fn rules(&mut self) -> Parsed<Vec<RuleExpression>> {
        match self.kind().clone() {
            Kind::Word(word) if word == "Rules" => self.advance(),
            Kind::Word(word)
                if ["Analyzers", "Metadata", "DataSources", "DefaultLabels"].contains(&word.as_str()) =>
            {
                return self
                    .fail(format!("the section `{word}` is not supported yet; expected `Rules = [ … ]`"));
            }
            other => return self.fail(format!("expected `Rules = [ … ]`, found {}", other.describe())),
        }
        self.sign("=")?;
        self.sign("[")?;
        let mut rules = Vec::new();
        loop {
            if self.is_sign("]") {
                if rules.is_empty() && self.errors.is_empty() {
                    return self.fail("expected at least one rule".to_owned());
                }
                self.advance();
                return Ok(rules);
            }
            match self.expression(0) {
                Ok(rule) => rules.push(rule),
                Err(Noted) => self.recover(),
            }
            if self.is_sign(",") {
                self.advance();
            } else if !self.is_sign("]") {
                let found = self.kind().describe();
                let _ = self.fail::<()>(format!("expected `,` or `]` after a rule, found {found}"));
                self.recover();
                if *self.kind() == Kind::End {
                    return Err(Noted);
                }
                if self.is_sign(",") {
                    self.advance();
                }
            }
        }
    }

    fn expression(&mut self, depth: usize) -> Parsed<RuleExpression> {
        if depth > DEEPEST {
            return self.fail(format!("rules may be joined {DEEPEST} deep"));
        }
        if !self.is_sign("(") {
            return self.rule().map(RuleExpression::Rule);
        }
        let mut parts = vec![self.parenthesized(depth)?];
        let mut joined_by: Option<String> = None;
        while let Kind::Word(word) = self.kind().clone() {
            let word = word.to_lowercase();
            if word != "and" && word != "or" {
                break;
            }
            if joined_by.as_ref().is_some_and(|first| *first != word) {
                return self.fail("`and` and `or` cannot be mixed without parentheses".to_owned());
            }
            self.advance();
            joined_by = Some(word);
            parts.push(self.parenthesized(depth)?);
        }
        Ok(match joined_by.as_deref() {
            Some("and") => RuleExpression::And(parts),
            Some(_) => RuleExpression::Or(parts),
            None => parts.remove(0),
        })
    }

    fn parenthesized(&mut self, depth: usize) -> Parsed<RuleExpression> {
        self.sign("(")?;
        let inner = self.expression(depth + 1)?;
        self.sign(")")?;
        Ok(inner)
    }

    fn rule(&mut self) -> Parsed<Rule> {
        let rule_type = self.rule_type()?;
        let column = if rule_type == RuleType::RowCount { None } else { Some(self.column(rule_type)?) };
        let condition = match rule_type {
            RuleType::IsComplete => None,
            _ => Some(self.condition()?),
        };
        let threshold = self.tags(rule_type)?;
        let rule = Rule { rule_type, column, condition, threshold };
        self.check(&rule)?;
        Ok(rule)
    }

    fn rule_type(&mut self) -> Parsed<RuleType> {
        let Kind::Word(word) = self.kind().clone() else {
            let found = self.kind().describe();
            return self.fail(format!("expected a rule, found {found}"));
        };
        if let Some(found) = RuleType::ALL.into_iter().find(|rule_type| rule_type.word() == word) {
            self.advance();
            return Ok(found);
        }
        if KNOWN_TYPES.contains(&word.as_str()) {
            return self.fail(format!("the rule type `{word}` is not supported yet"));
        }
        let hint = nearest(&word, KNOWN_TYPES.iter().copied())
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        self.fail(format!("there is no rule type `{word}`{hint}"))
    }

    fn column(&mut self, rule_type: RuleType) -> Parsed<String> {
        match self.kind().clone() {
            Kind::Text(name) | Kind::Word(name) if !name.is_empty() => {
                self.advance();
                Ok(name)
            }
            other => self.fail(format!(
                "expected the column of `{}`, found {}",
                rule_type.word(),
                other.describe()
            )),
        }
    }

    fn condition(&mut self) -> Parsed<Condition> {
        const SIGNS: [Comparison; 6] = [
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
            Comparison::Less,
            Comparison::LessOrEqual,
        ];
        if let Some(comparison) = SIGNS.into_iter().find(|comparison| self.is_sign(comparison.sign())) {
            self.advance();
            return Ok(Condition::Compare(comparison, self.literal()?));
        }
        let negated = self.take_word("not");
        if self.take_word("between") {
            let low = self.literal()?;
            if !self.take_word("and") {
                let found = self.kind().describe();
                return self.fail(format!("expected `and` and the upper end, found {found}"));
            }
            return Ok(Condition::Between(Range { negated, low, high: self.literal()? }));
        }
        if self.take_word("in") {
            return Ok(Condition::In { negated, values: self.list()? });
        }
        if self.take_word("matches") {
            return self.pattern().map(|pattern| Condition::Matches { negated, pattern });
        }
        let found = self.kind().describe();
        self.fail(format!("expected a condition (=, !=, >, >=, <, <=, between, in, matches), found {found}"))
    }

    fn pattern(&mut self) -> Parsed<String> {
        let Kind::Text(pattern) = self.kind().clone() else {
            let found = self.kind().describe();
            return self.fail(format!("expected a quoted regular expression, found {found}"));
        };
        if let Err(error) = Pattern::compile(&pattern) {
            return self.fail(format!("the regular expression cannot be used: {error}"));
        }
        self.advance();
        Ok(pattern)
    }

    fn list(&mut self) -> Parsed<Vec<Literal>> {
        self.sign("[")?;
        let mut values = vec![self.literal()?];
        while self.is_sign(",") {
            self.advance();
            values.push(self.literal()?);
        }
        self.sign("]")?;
        Ok(values)
    }

    fn literal(&mut self) -> Parsed<Literal> {
        let literal = match self.kind().clone() {
            Kind::Number(number) => Literal::Number(number),
            Kind::Text(text) => Literal::Text(text),
            Kind::Word(word) => match word.as_str() {
                "NULL" => Literal::Null,
                "EMPTY" => Literal::Empty,
                "WHITESPACES_ONLY" => Literal::WhitespacesOnly,
                _ => {
                    return self
                        .fail(format!("expected a value, found `{word}`; texts are written in quotes"));
                }
            },
            other => return self.fail(format!("expected a value, found {}", other.describe())),
        };
        self.advance();
        Ok(literal)
    }

    /// What may follow a rule; returns the threshold.
    fn tags(&mut self, rule_type: RuleType) -> Parsed<Option<Condition>> {
        if matches!(self.kind(), Kind::Word(word) if word == "where") {
            return self.fail("`where` is not supported yet".to_owned());
        }
        if matches!(self.kind(), Kind::Word(word) if word == "labels") {
            return self.fail("`labels` are not supported yet".to_owned());
        }
        if !self.take_word("with") {
            return Ok(None);
        }
        if !matches!(self.kind(), Kind::Word(word) if word == "threshold") {
            let found = self.kind().describe();
            return self.fail(format!("expected `threshold` after `with`, found {found}"));
        }
        if !rule_type.is_row_level() {
            return self.fail(format!("`{}` has no rows to take a threshold of", rule_type.word()));
        }
        self.advance();
        self.condition().map(Some)
    }

    /// What grammar alone does not say: which values fit which measure.
    fn check(&mut self, rule: &Rule) -> Parsed<()> {
        let numbers_only = |condition: &Condition| match condition {
            Condition::Compare(_, value) => value.number().is_some(),
            Condition::Between(range) => range.low.number().is_some() && range.high.number().is_some(),
            Condition::In { values, .. } => values.iter().all(|value| value.number().is_some()),
            Condition::Matches { .. } => false,
        };
        let needs_numbers = rule.rule_type != RuleType::ColumnValues;
        let fits = rule.condition.as_ref().is_none_or(|condition| !needs_numbers || numbers_only(condition));
        if !fits || !rule.threshold.as_ref().is_none_or(numbers_only) {
            self.at = self.at.saturating_sub(1);
            return self.fail(format!("the condition of `{}` needs numbers", rule.rule_type.word()));
        }
        if let Some(Condition::Compare(comparison, value)) = &rule.condition
            && !matches!(comparison, Comparison::Equal | Comparison::NotEqual)
            && matches!(value, Literal::Null | Literal::Empty | Literal::WhitespacesOnly)
        {
            self.at = self.at.saturating_sub(1);
            return self.fail("NULL, EMPTY and WHITESPACES_ONLY can only be compared by = and !=".to_owned());
        }
        Ok(())
    }

    fn kind(&self) -> &Kind {
        // The last token is `End` and is never passed.
        &self.tokens[self.at.min(self.tokens.len() - 1)].kind
    }

    fn advance(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.kind(), Kind::Sign(found) if *found == sign)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.kind(), Kind::Word(found) if found == word);
        if found {
            self.advance();
        }
        found
    }

    fn sign(&mut self, sign: &'static str) -> Parsed<()> {
        if self.is_sign(sign) {
            self.advance();
            return Ok(());
        }
        let found = self.kind().describe();
        self.fail(format!("expected `{sign}`, found {found}"))
    }

    fn fail<T>(&mut self, message: String) -> Parsed<T> {
        let token = &self.tokens[self.at.min(self.tokens.len() - 1)];
        self.errors.push(DqdlError { line: token.line, column: token.column, message });
        Err(Noted)
    }

    /// Goes on to the comma after this rule or the end of the list, past nested brackets.
    fn recover(&mut self) {
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
