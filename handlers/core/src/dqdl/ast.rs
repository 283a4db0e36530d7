//! The tree of a DQDL document.

use super::condition::Condition;
use super::rule_types::RuleType;

/// A document: what is said about the rules, the rules in order, and what is measured beside them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ruleset {
    /// `Metadata = { … }`, in order.
    pub metadata: Vec<Entry>,
    /// `DataSources = { … }`, in order.
    pub data_sources: Vec<Entry>,
    /// `name = "text"` and `name = [..]`, in order.
    pub variables: Vec<Variable>,
    /// `DefaultLabels = [ … ]`: labels of every rule that does not say otherwise.
    pub default_labels: Vec<Label>,
    /// `Rule_1`, `Rule_2`, ….
    pub rules: Vec<RuleExpression>,
    /// What is measured without being judged.
    pub analyzers: Vec<Analyzer>,
}

/// One key of a dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// A text, or a list of texts.
    pub value: EntryValue,
}

/// The value of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryValue {
    /// `"a"`
    Text(String),
    /// `["a", "b"]`
    List(Vec<String>),
}

/// A declared variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The name, without `$`.
    pub name: String,
    /// What it stands for.
    pub value: EntryValue,
}

/// `"key"="value"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

/// A rule, or several joined.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleExpression {
    /// One rule.
    Rule(Box<Rule>),
    /// `(a) and (b)`.
    And(Vec<RuleExpression>),
    /// `(a) or (b)`.
    Or(Vec<RuleExpression>),
    /// `((a) and (b)) labels = [..]`: labels of joined rules.
    Labelled(Box<RuleExpression>, Vec<Label>),
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What it measures.
    pub rule_type: RuleType,
    /// What it is about: columns, data sources, paths.
    pub parameters: Vec<Parameter>,
    /// What the measure must satisfy.
    pub condition: Option<Condition>,
    /// `where "…"`: the rows it is about, in SQL.
    pub filter: Option<Quoted>,
    /// `labels = [..]`.
    pub labels: Vec<Label>,
    /// `with threshold > 0.9` and the like.
    pub tags: Vec<Tag>,
    /// Where it stands.
    pub place: Place,
}

/// Something that is measured without being judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Analyzer {
    /// What is measured.
    pub rule_type: RuleType,
    /// What it is about.
    pub parameters: Vec<Parameter>,
    /// Where it stands.
    pub place: Place,
}

/// One parameter with the word before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// `of` or `and`.
    pub connector: Option<Connector>,
    /// How it was written.
    pub form: ParameterForm,
    /// Where it stands.
    pub place: Place,
}

/// Words between parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connector {
    /// `of`
    Of,
    /// `and`
    And,
}

/// How a parameter was written.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterForm {
    /// `"column"`
    Quoted(Quoted),
    /// `column` or `data.column`
    Bare(String),
    /// `$name`
    Variable {
        /// The name, without `$`.
        name: String,
        /// What it stands for.
        value: String,
    },
}

/// A quoted text; the place allows a fault inside it (in its SQL, say) to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Quoted {
    /// The text, unescaped.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// `with tag condition`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    /// The tag's word.
    pub name: String,
    /// What it says.
    pub condition: Condition,
}

/// Where something stands in the text. Two things that only stand in different places are equal.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// In a quoted text: the characters (counted unescaped, from 0) that have a backslash before them.
    pub escaped: Vec<usize>,
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Quoted {
    /// Line and column of the character number `offset` (from 0) of the text.
    #[must_use]
    pub fn place_of(&self, offset: usize) -> (usize, usize) {
        let (mut line, mut column) = (self.place.line, self.place.column + 1);
        for (at, character) in self.text.chars().take(offset).enumerate() {
            if character == '\n' {
                (line, column) = (line + 1, 1);
            } else {
                column += 1 + usize::from(self.place.escaped.contains(&at));
            }
        }
        (line, column)
    }
}

impl Parameter {
    /// The parameter's text, whichever way it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.form {
            ParameterForm::Quoted(quoted) => &quoted.text,
            ParameterForm::Bare(text) | ParameterForm::Variable { value: text, .. } => text,
        }
    }
}

impl Rule {
    /// The text of a parameter.
    #[must_use]
    pub fn parameter(&self, index: usize) -> Option<&str> {
        self.parameters.get(index).map(Parameter::text)
    }

    /// The condition of a tag.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&Condition> {
        self.tags.iter().find(|tag| tag.name == name).map(|tag| &tag.condition)
    }

    /// `with threshold`: what the share of rows that pass must satisfy.
    #[must_use]
    pub fn threshold(&self) -> Option<&Condition> {
        self.tag("threshold")
    }
}

impl RuleExpression {
    /// Visits every rule in it, in order.
    pub fn each_rule<'a>(&'a self, visit: &mut impl FnMut(&'a Rule)) {
        match self {
            Self::Rule(rule) => visit(rule),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.each_rule(visit)),
            Self::Labelled(inner, _) => inner.each_rule(visit),
        }
    }

    /// Its own labels over the document's.
    #[must_use]
    pub fn labels(&self, defaults: &[Label]) -> Vec<Label> {
        let own = match self {
            Self::Rule(rule) => &rule.labels[..],
            Self::Labelled(_, labels) => labels,
            Self::And(_) | Self::Or(_) => &[],
        };
        let missing = defaults.iter().filter(|label| own.iter().all(|own| own.key != label.key));
        own.iter().chain(missing).cloned().collect()
    }
}
