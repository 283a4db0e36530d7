//! A tree to its text: parsing the text gives the same tree.

use std::fmt::{self, Display, Formatter};

use super::ast::{
    Analyzer, Connector, Entry, EntryValue, Label, Parameter, ParameterForm, Rule, RuleExpression, Ruleset,
    Tag,
};
use super::condition::{Condition, Duration, DurationUnit, Operand, Size, SizeUnit, Values};

impl Display for Ruleset {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        dictionary(out, "Metadata", &self.metadata)?;
        dictionary(out, "DataSources", &self.data_sources)?;
        for variable in &self.variables {
            writeln!(out, "{} = {}", variable.name, variable.value)?;
        }
        if !self.default_labels.is_empty() {
            writeln!(out, "DefaultLabels = {}", Labels(&self.default_labels))?;
        }
        if !self.rules.is_empty() {
            section(out, "Rules", &self.rules)?;
        }
        if !self.analyzers.is_empty() {
            if !self.rules.is_empty() {
                writeln!(out)?;
            }
            section(out, "Analyzers", &self.analyzers)?;
        }
        Ok(())
    }
}

fn section<T: Display>(out: &mut Formatter<'_>, name: &str, items: &[T]) -> fmt::Result {
    writeln!(out, "{name} = [")?;
    for (number, item) in items.iter().enumerate() {
        let comma = if number + 1 < items.len() { "," } else { "" };
        writeln!(out, "    {item}{comma}")?;
    }
    write!(out, "]")
}

fn dictionary(out: &mut Formatter<'_>, name: &str, entries: &[Entry]) -> fmt::Result {
    if entries.is_empty() {
        return Ok(());
    }
    let shown = entries.iter().map(|entry| format!("{}: {}", quoted(&entry.key), entry.value));
    writeln!(out, "{name} = {{ {} }}", shown.collect::<Vec<_>>().join(", "))
}

impl Display for EntryValue {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(out, "{}", quoted(text)),
            Self::List(texts) => {
                write!(out, "[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

struct Labels<'a>(&'a [Label]);

impl Display for Labels<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|label| format!("{}={}", quoted(&label.key), quoted(&label.value)));
        write!(out, "[{}]", shown.collect::<Vec<_>>().join(", "))
    }
}

impl Display for RuleExpression {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let (parts, word) = match self {
            Self::Rule(rule) => return write!(out, "{rule}"),
            Self::Labelled(inner, labels) => return write!(out, "({inner}) labels={}", Labels(labels)),
            Self::And(parts) => (parts, " and "),
            Self::Or(parts) => (parts, " or "),
        };
        for (number, part) in parts.iter().enumerate() {
            write!(out, "{}", if number > 0 { word } else { "" })?;
            match part {
                // Labels bring their own parentheses.
                Self::Labelled(..) => write!(out, "{part}")?,
                _ => write!(out, "({part})")?,
            }
        }
        Ok(())
    }
}

impl Display for Rule {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.rule_type.word())?;
        self.parameters.iter().try_for_each(|parameter| write!(out, " {parameter}"))?;
        if let Some(condition) = &self.condition {
            write!(out, " {condition}")?;
        }
        if let Some(filter) = &self.filter {
            write!(out, " where {}", quoted(&filter.text))?;
        }
        if !self.labels.is_empty() {
            write!(out, " labels={}", Labels(&self.labels))?;
        }
        self.tags.iter().try_for_each(|tag| write!(out, " {tag}"))
    }
}

impl Display for Analyzer {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.rule_type.word())?;
        self.parameters.iter().try_for_each(|parameter| write!(out, " {parameter}"))
    }
}

impl Display for Parameter {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self.connector {
            Some(Connector::Of) => write!(out, "of ")?,
            Some(Connector::And) => write!(out, "and ")?,
            None => {}
        }
        match &self.form {
            ParameterForm::Quoted(text) => write!(out, "{}", quoted(&text.text)),
            ParameterForm::Bare(text) => write!(out, "{text}"),
            ParameterForm::Variable { name, .. } => write!(out, "${name}"),
        }
    }
}

impl Display for Tag {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "with {} {}", self.name, self.condition)
    }
}

impl Display for Condition {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let not = |negated: &bool| if *negated { "not " } else { "" };
        match self {
            Self::Compare(comparison, value) => write!(out, "{} {value}", comparison.sign()),
            Self::Between(range) => {
                write!(out, "{}between {} and {}", not(&range.negated), range.low, range.high)
            }
            Self::In { negated, values: Values::Variable { name, .. } } => {
                write!(out, "{}in ${name}", not(negated))
            }
            Self::In { negated, values: Values::List(values) } => {
                write!(out, "{}in [{}]", not(negated), joined(values))
            }
            Self::Matches { negated, pattern } => {
                write!(out, "{}matches {}", not(negated), quoted(&pattern.text))
            }
        }
    }
}

impl Display for Operand {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(out, "{number}"),
            Self::Text(text) => write!(out, "{}", quoted(text)),
            Self::Variable { name, .. } => write!(out, "${name}"),
            Self::Null => write!(out, "NULL"),
            Self::Empty => write!(out, "EMPTY"),
            Self::WhitespacesOnly => write!(out, "WHITESPACES_ONLY"),
            Self::Now => write!(out, "now()"),
            Self::NowOffset { later, duration } => {
                write!(out, "(now() {} {duration})", if *later { "+" } else { "-" })
            }
            Self::Duration(duration) => write!(out, "{duration}"),
            Self::Size(size) => write!(out, "{size}"),
            Self::Call { function, arguments } => write!(out, "{function}({})", joined(arguments)),
            Self::Arithmetic(left, operator, right) => write!(out, "{left} {} {right}", operator.sign()),
            Self::Parenthesized(inner) => write!(out, "({inner})"),
        }
    }
}

impl Display for Duration {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let word =
            DurationUnit::WORDS.iter().find(|(_, unit)| *unit == self.unit).map_or("", |(word, _)| word);
        write!(out, "{} {word}", self.amount)
    }
}

impl Display for Size {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let word = SizeUnit::WORDS.iter().find(|(_, unit)| *unit == self.unit).map_or("", |(word, _)| word);
        write!(out, "{} {word}", self.amount)
    }
}

fn joined(operands: &[Operand]) -> String {
    operands.iter().map(Operand::to_string).collect::<Vec<_>>().join(", ")
}

/// In quotes, with the two characters escaped that the language escapes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
