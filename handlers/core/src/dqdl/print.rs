//! A tree to its text: parsing the text gives the same tree.

use std::fmt::{self, Display, Formatter};

use super::ast::{Condition, Literal, Rule, RuleExpression, Ruleset};

impl Display for Ruleset {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "Rules = [")?;
        for (number, rule) in self.rules.iter().enumerate() {
            let comma = if number + 1 < self.rules.len() { "," } else { "" };
            writeln!(out, "    {rule}{comma}")?;
        }
        write!(out, "]")
    }
}

impl Display for RuleExpression {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let (parts, word) = match self {
            Self::Rule(rule) => return write!(out, "{rule}"),
            Self::And(parts) => (parts, " and "),
            Self::Or(parts) => (parts, " or "),
        };
        for (number, part) in parts.iter().enumerate() {
            write!(out, "{}({part})", if number > 0 { word } else { "" })?;
        }
        Ok(())
    }
}

impl Display for Rule {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.rule_type.word())?;
        if let Some(column) = &self.column {
            write!(out, " {}", quoted(column))?;
        }
        if let Some(condition) = &self.condition {
            write!(out, " {condition}")?;
        }
        if let Some(threshold) = &self.threshold {
            write!(out, " with threshold {threshold}")?;
        }
        Ok(())
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
            Self::In { negated, values } => {
                let values: Vec<String> = values.iter().map(Literal::to_string).collect();
                write!(out, "{}in [{}]", not(negated), values.join(", "))
            }
            Self::Matches { negated, pattern } => write!(out, "{}matches {}", not(negated), quoted(pattern)),
        }
    }
}

impl Display for Literal {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(out, "{number}"),
            Self::Text(text) => write!(out, "{}", quoted(text)),
            Self::Null => write!(out, "NULL"),
            Self::Empty => write!(out, "EMPTY"),
            Self::WhitespacesOnly => write!(out, "WHITESPACES_ONLY"),
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
