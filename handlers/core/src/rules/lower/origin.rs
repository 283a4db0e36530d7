//! What a rule is called and what it brings about: said by the spec, by its labels, or by what it is about.

use crate::dqdl::{Label, RuleExpression};
use crate::rules::Consequence;
use crate::spec::{Action, RuleSpec, Severity};

/// Labels that say what a rule of the document brings about.
const ACTION: &str = "datalake.action";
const SEVERITY: &str = "datalake.severity";
const WEIGHT: &str = "datalake.weight";

/// One rule on its way.
pub(super) struct Origin {
    /// `Rule_1`, or the user's name.
    pub name: String,
    /// How a named rule is called in reasons and counts; others by their text.
    pub reason: Option<String>,
    /// What was said about this rule.
    action: Option<Action>,
    /// What was said about all, for the rules it fits.
    default: Option<Action>,
    severity: Severity,
    weight: u32,
    labels: Vec<(String, String)>,
}

impl Origin {
    /// Of a rule of a document, from its labels, the document's, and the dataset's action.
    ///
    /// # Errors
    /// A label that says nothing.
    pub fn of(
        name: String,
        rule: &RuleExpression,
        defaults: &[Label],
        default: Option<Action>,
    ) -> Result<Self, String> {
        let mut origin = Self {
            name,
            reason: None,
            action: None,
            default,
            severity: Severity::default(),
            weight: 1,
            labels: Vec::new(),
        };
        let own = rule.labels(&[]);
        for label in rule.labels(defaults) {
            let wrong = || format!("the label `{}` cannot be `{}`", label.key, label.value);
            let word = || serde_json::Value::from(label.value.as_str());
            match label.key.as_str() {
                ACTION => {
                    let action = Some(serde_json::from_value(word()).map_err(|_| wrong())?);
                    *(if own.contains(&label) { &mut origin.action } else { &mut origin.default }) = action;
                }
                SEVERITY => origin.severity = serde_json::from_value(word()).map_err(|_| wrong())?,
                WEIGHT => origin.weight = label.value.parse().map_err(|_| wrong())?,
                _ => origin.labels.push((label.key, label.value)),
            }
        }
        Ok(origin)
    }

    /// As a rule that the user has named.
    pub fn named(self, spec: &RuleSpec) -> Self {
        Self {
            reason: Some(self.name.clone()),
            action: spec.action.or(self.action),
            severity: if spec.severity == Severity::default() { self.severity } else { spec.severity },
            weight: spec.weight.unwrap_or(self.weight),
            ..self
        }
    }

    /// What follows when the rule does not hold.
    ///
    /// # Errors
    /// When the rule has no rows and its own action needs one; a default that does not fit is passed over.
    pub fn consequence(self, row_level: bool) -> Result<Consequence, String> {
        let needs_row = |action: &Action| matches!(action, Action::DropRow | Action::QuarantineRow);
        if !row_level && self.action.as_ref().is_some_and(needs_row) {
            return Err("the rule is about the whole object: it has no row to drop or quarantine".to_owned());
        }
        let default = self.default.filter(|action| row_level || !needs_row(action));
        let last = if row_level { Action::QuarantineRow } else { Action::QuarantineObject };
        Ok(Consequence {
            action: self.action.or(default).unwrap_or(last),
            severity: self.severity,
            weight: self.weight,
            labels: self.labels,
        })
    }
}
