//! The rules that do not hold, for people: what each is called, how bad it is and what follows.

use std::cmp::Reverse;

use super::{RowCheck, Rules};
use crate::events::RuleFailure;
use crate::spec::Action;
use crate::verdict::{RuleOutcome, RuleResult};

/// Every rule that does not hold, the sternest first; `failures` are the rows that fail each of `Rules::row_checks`.
#[must_use]
pub fn rule_failures(rules: &Rules, failures: &[u64], outcomes: &[RuleOutcome]) -> Vec<RuleFailure> {
    let about_rows = rules.row_checks.iter().zip(failures).filter(|(_, rows)| **rows > 0).map(of_rows);
    let about_object = outcomes.iter().filter(|outcome| outcome.result != RuleResult::Pass).map(of_object);
    let mut all: Vec<RuleFailure> = about_object.chain(about_rows).collect();
    // Stable: what is equally stern stays in the order written.
    all.sort_by_key(|failure| Reverse((failure.severity, failure.action)));
    all
}

fn of_rows((check, rows): (&RowCheck, &u64)) -> RuleFailure {
    let or_path = |text: &String| if text.is_empty() { check.rule.clone() } else { text.clone() };
    RuleFailure {
        name: or_path(&check.name),
        rule: or_path(&check.text),
        result: RuleResult::Fail,
        severity: check.consequence.severity,
        action: check.consequence.action,
        rows: Some(*rows),
    }
}

fn of_object(outcome: &RuleOutcome) -> RuleFailure {
    RuleFailure {
        name: outcome.name.clone(),
        rule: outcome.evaluated_rule.clone(),
        result: outcome.result,
        severity: outcome.severity,
        action: outcome.action.unwrap_or(Action::QuarantineObject),
        rows: None,
    }
}
