//! One rule: type, parameters, condition and what may follow.

use super::super::ast::{Connector, EntryValue, Parameter, ParameterForm, Quoted, Rule, RuleExpression, Tag};
use super::super::condition::{Comparison, Condition, OperandKind};
use super::super::lexer::Kind;
use super::super::rule_types::{Need, RULE_TYPES, RuleType, TAGS};
use super::cursor::{Cursor, Parsed};
use crate::columns::{Pattern, parse_date, parse_timestamp};
use crate::nearest::nearest;

/// How deep rules may be joined.
const DEEPEST: usize = 16;
/// Words that end the parameters of a rule.
const AFTER_PARAMETERS: [&str; 9] =
    ["between", "in", "not", "matches", "where", "labels", "with", "or", "OR"];

impl Cursor {
    /// A rule or several joined; `and` binds more tightly than `or`.
    pub fn expression(&mut self, depth: usize) -> Parsed<RuleExpression> {
        if depth > DEEPEST {
            return self.fail(format!("rules may be joined {DEEPEST} deep"));
        }
        if !self.is_sign("(") {
            return self.rule().map(|rule| RuleExpression::Rule(Box::new(rule)));
        }
        let mut either = vec![self.all(depth)?];
        while self.take_word("or") || self.take_word("OR") {
            either.push(self.all(depth)?);
        }
        Ok(if either.len() == 1 { either.remove(0) } else { RuleExpression::Or(either) })
    }

    fn all(&mut self, depth: usize) -> Parsed<RuleExpression> {
        let mut parts = vec![self.parenthesized(depth)?];
        while self.take_word("and") || self.take_word("AND") {
            parts.push(self.parenthesized(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { RuleExpression::And(parts) })
    }

    fn parenthesized(&mut self, depth: usize) -> Parsed<RuleExpression> {
        self.sign("(")?;
        let inner = self.expression(depth + 1)?;
        self.sign(")")?;
        if !self.take_word("labels") {
            return Ok(inner);
        }
        self.sign("=")?;
        Ok(RuleExpression::Labelled(Box::new(inner), self.labels()?))
    }

    fn rule(&mut self) -> Parsed<Rule> {
        let place = self.place();
        let rule_type = self.rule_type("a rule")?;
        let info = rule_type.info();
        if !info.rule {
            return self.fail_at(
                &place,
                format!("`{}` is only measured; it stands in `Analyzers = [ … ]`", info.word),
            );
        }
        let parameters = self.parameters(rule_type)?;
        let condition = self.rule_condition(rule_type, parameters.len())?;
        let filter = self.filter(rule_type)?;
        let labels = if self.take_word("labels") {
            self.sign("=")?;
            self.labels()?
        } else {
            Vec::new()
        };
        let mut tags: Vec<Tag> = Vec::new();
        while self.take_word("with") {
            let tag = self.tag(rule_type, &tags)?;
            tags.push(tag);
        }
        Ok(Rule { rule_type, parameters, condition, filter, labels, tags, place })
    }

    pub fn rule_type(&mut self, what: &str) -> Parsed<RuleType> {
        let Kind::Word(word) = self.kind().clone() else { return self.expected(what) };
        if let Some(found) = RuleType::of(&word) {
            self.advance();
            return Ok(found);
        }
        let hint = nearest(&word, RULE_TYPES.iter().map(|info| info.word))
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        self.fail(format!("there is no rule type `{word}`{hint}"))
    }

    pub fn parameters(&mut self, rule_type: RuleType) -> Parsed<Vec<Parameter>> {
        let (fewest, most) = rule_type.info().parameters;
        let (word, about) = (rule_type.word(), rule_type.info().about);
        let mut parameters = Vec::new();
        while let Some(connector) = self.parameter_begins() {
            // A bare word may be a column, but a rule type is far more likely the next rule, its comma forgotten.
            if let Kind::Word(next) = self.kind()
                && RuleType::of(next).is_some()
                && rule_type != RuleType::DetectAnomalies
            {
                return self.expected("`,` or `]` after a rule");
            }
            if parameters.len() == most {
                let takes = if most == 0 {
                    "takes no parameter".to_owned()
                } else {
                    format!("takes {about} and nothing more")
                };
                return self.fail(format!("`{word}` {takes}, found {}", self.kind().describe()));
            }
            if connector.is_some() {
                self.advance();
            }
            parameters.push(self.parameter(rule_type, connector)?);
        }
        if parameters.len() < fewest {
            return self.expected(&format!("{about} of `{word}`"));
        }
        Ok(parameters)
    }

    /// Whether a parameter begins here, with or without a connecting word.
    fn parameter_begins(&self) -> Option<Option<Connector>> {
        let begins = |kind: &Kind| match kind {
            Kind::Text(_) | Kind::Sign("$") => true,
            Kind::Word(word) => !AFTER_PARAMETERS.contains(&word.as_str()),
            _ => false,
        };
        let connector = match self.kind() {
            Kind::Word(word) if word == "of" || word == "OF" => Some(Connector::Of),
            Kind::Word(word) if word == "and" || word == "AND" => Some(Connector::And),
            other => return begins(other).then_some(None),
        };
        begins(self.ahead(1)).then_some(connector)
    }

    fn parameter(&mut self, rule_type: RuleType, connector: Option<Connector>) -> Parsed<Parameter> {
        let place = self.place();
        let form = match self.kind().clone() {
            Kind::Text(text) if !text.is_empty() => {
                self.advance();
                ParameterForm::Quoted(Quoted { text, place: place.clone() })
            }
            Kind::Word(word) => {
                self.advance();
                ParameterForm::Bare(word)
            }
            Kind::Sign("$") => match self.variable()? {
                (name, EntryValue::Text(value)) => ParameterForm::Variable { name, value },
                (name, EntryValue::List(_)) => {
                    let message = format!("`${name}` is a list; a parameter is one text");
                    return self.fail_at(&place, message);
                }
            },
            _ => {
                let info = rule_type.info();
                return self.fail(format!("expected {} of `{}`, found an empty text", info.about, info.word));
            }
        };
        if rule_type == RuleType::ColumnNamesMatchPattern {
            let pattern = match &form {
                ParameterForm::Quoted(quoted) => &quoted.text,
                ParameterForm::Bare(text) | ParameterForm::Variable { value: text, .. } => text,
            };
            if let Err(error) = Pattern::regex(pattern) {
                let message = format!("the regular expression cannot be used: {error}");
                return self.fail_at(&place, message);
            }
        }
        Ok(Parameter { connector, form, place })
    }

    fn rule_condition(&mut self, rule_type: RuleType, parameters: usize) -> Parsed<Option<Condition>> {
        let info = rule_type.info();
        if !self.condition_begins() {
            // Two files are compared with each other; fewer with a list of digests.
            let missing =
                info.condition == Need::Required || (rule_type == RuleType::FileMatch && parameters < 2);
            if missing {
                return self.expected("a condition (=, !=, >, >=, <, <=, between, in, matches)");
            }
            return Ok(None);
        }
        if info.condition == Need::None || (rule_type == RuleType::FileMatch && parameters == 2) {
            return self.fail(format!("`{}` takes no condition", info.word));
        }
        let place = self.place();
        let condition = self.condition()?;
        let kind = condition.kind();
        let fits = match kind {
            // NULL is a number to the grammar, but only of columns does it mean something.
            OperandKind::Keyword => rule_type == RuleType::ColumnValues,
            kind => info.kinds.contains(&kind),
        };
        if !fits {
            let kinds: Vec<&str> = info.kinds.iter().map(|kind| kind.describe()).collect();
            let message = format!("the condition of `{}` needs {}", info.word, kinds.join(" or "));
            return self.fail_at(&place, message);
        }
        if kind != OperandKind::Text && rule_type != RuleType::ColumnValues && has_keyword(&condition) {
            return self.fail_at(&place, format!("`{}` is never NULL", info.word));
        }
        self.check_order(&place, &condition)?;
        Ok(Some(condition))
    }

    /// Texts are ordered when they are days, instants or times of day; keywords never.
    fn check_order(&mut self, place: &super::super::ast::Place, condition: &Condition) -> Parsed<()> {
        let ordered = match condition {
            Condition::Compare(comparison, _) => {
                !matches!(comparison, Comparison::Equal | Comparison::NotEqual)
            }
            Condition::Between(_) => true,
            _ => false,
        };
        if !ordered {
            return Ok(());
        }
        if has_keyword(condition) {
            let message = "NULL, EMPTY and WHITESPACES_ONLY can only be compared by = and !=";
            return self.fail_at(place, message.to_owned());
        }
        let unordered = condition.operands().into_iter().filter_map(|operand| operand.text()).find(|text| {
            parse_date(text).is_none() && parse_timestamp(text).is_none() && !is_time_of_day(text)
        });
        match unordered {
            Some(_) => self.fail_at(
                place,
                "texts have no order here; a date is written as \"2026-01-31\", a time as \"9:30 AM\" or \"21:45\""
                    .to_owned(),
            ),
            None => Ok(()),
        }
    }

    fn filter(&mut self, rule_type: RuleType) -> Parsed<Option<Quoted>> {
        if !self.is_word("where") {
            return Ok(None);
        }
        if !rule_type.info().filter {
            return self.fail(format!("`{}` takes no `where`", rule_type.word()));
        }
        self.advance();
        let filter = self.quoted("the condition on rows, in quotes")?;
        if filter.text.trim().is_empty() {
            return self.fail_at(&filter.place.clone(), "the `where` is empty".to_owned());
        }
        Ok(Some(filter))
    }

    fn tag(&mut self, rule_type: RuleType, before: &[Tag]) -> Parsed<Tag> {
        let Kind::Word(name) = self.kind().clone() else {
            return self.expected("`threshold` or another tag after `with`");
        };
        if !TAGS.contains(&name.as_str()) {
            let hint = nearest(&name, TAGS.into_iter()).map(|near| format!("; did you mean `{near}`?"));
            return self.fail(format!(
                "there is no tag `{name}`; expected one of {}{}",
                TAGS.join(", "),
                hint.unwrap_or_default()
            ));
        }
        if before.iter().any(|tag| tag.name == name) {
            return self.fail(format!("the tag `{name}` stands twice"));
        }
        if name == "threshold" && !rule_type.info().threshold {
            return self.fail(format!("`{}` has no rows to take a threshold of", rule_type.word()));
        }
        self.advance();
        let place = self.place();
        let condition = self.condition()?;
        if name == "threshold" && (condition.kind() != OperandKind::Number || has_keyword(&condition)) {
            return self.fail_at(&place, "a threshold needs numbers".to_owned());
        }
        Ok(Tag { name, condition })
    }
}

fn has_keyword(condition: &Condition) -> bool {
    condition.operands().into_iter().any(|operand| operand.kind() == OperandKind::Keyword)
}

/// Whether a text is a time such as `9:30 AM` or `21:45`.
pub(crate) fn is_time_of_day(text: &str) -> bool {
    crate::columns::parse_time_of_day(text).is_some()
}
