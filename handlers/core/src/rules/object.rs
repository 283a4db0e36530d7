//! Rules about the object as a whole, decided at its end.

use std::collections::{BTreeMap, BTreeSet};

use super::files::FileRule;
use super::history::{self, Dynamic};
use super::literal::constant;
use super::metric::{Metric, Missing};
use super::references::ReferenceRule;
use super::{Measures, NumberCondition, ObjectCheck, Rules, Surroundings};
use crate::dqdl::Condition;
use crate::verdict::{RuleOutcome, RuleResult};

/// The digest that tells files apart.
pub const CONTENT: &str = "SHA-256";

/// A rule about the object as a whole.
#[derive(Debug)]
pub enum ObjectRule {
    /// A metric satisfies the condition, which may look at earlier objects.
    Metric(Metric, Condition),
    /// Every one of these shares is all.
    Every(Vec<Metric>),
    /// Decided before any object arrives; with what was found.
    Fixed(bool, String),
    /// About the object as a file; with a threshold its share of 0 or 1 must satisfy it.
    File(FileRule, Option<NumberCondition>),
    /// A comparison with another dataset: the metric's name, what is compared, and the condition on the share.
    Reference(String, ReferenceRule, Condition),
    /// A metric is not far from what it was.
    NoAnomaly(Metric),
    /// Every part holds.
    All(Vec<ObjectRule>),
    /// At least one part holds.
    Any(Vec<ObjectRule>),
}

impl ObjectRule {
    /// Adds the names of the digests it asks for.
    pub(super) fn digests(&self, found: &mut BTreeSet<&'static str>) {
        match self {
            Self::File(FileRule::Digest { algorithm, .. }, _) => {
                found.insert(algorithm);
            }
            Self::File(FileRule::Unique { .. }, _) => {
                found.insert(CONTENT);
            }
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.digests(found)),
            _ => {}
        }
    }

    /// How many files of the dataset it looks at, if it does at others than this one.
    pub(super) fn siblings(&self) -> Option<usize> {
        match self {
            Self::File(FileRule::Unique { recent, .. }, _) => Some(recent.unwrap_or(usize::MAX)),
            Self::All(parts) | Self::Any(parts) => parts.iter().filter_map(Self::siblings).max(),
            _ => None,
        }
    }
}

/// What one rule came to.
#[derive(Debug, Clone, PartialEq)]
struct Judged {
    result: RuleResult,
    message: String,
    metrics: BTreeMap<String, f64>,
}

/// The outcome of every rule about the object, when nothing is known but its rows.
#[must_use]
pub fn judge(rules: &Rules, measures: &Measures) -> Vec<RuleOutcome> {
    judge_in(rules, measures, &Surroundings::default())
}

/// The outcome of every rule about the object, in the order of `Rules::object_checks`.
#[must_use]
pub fn judge_in(rules: &Rules, measures: &Measures, surroundings: &Surroundings) -> Vec<RuleOutcome> {
    let outcome = |check: &ObjectCheck| {
        let judged = evaluate(&check.rule, measures, surroundings);
        RuleOutcome {
            name: check.name.clone(),
            evaluated_rule: check.text.clone(),
            result: judged.result,
            message: judged.message,
            evaluated_metrics: judged.metrics,
            labels: check.consequence.labels.iter().cloned().collect(),
            severity: check.consequence.severity,
            action: Some(check.consequence.action),
        }
    };
    rules.object_checks.iter().map(outcome).collect()
}

fn evaluate(rule: &ObjectRule, measures: &Measures, surroundings: &Surroundings) -> Judged {
    match rule {
        ObjectRule::Metric(metric, condition) => on_metric(metric, condition, measures, surroundings),
        ObjectRule::Every(metrics) => every(metrics, measures),
        ObjectRule::Fixed(holds, found) => {
            let result = if *holds { RuleResult::Pass } else { RuleResult::Fail };
            Judged { result, message: found.clone(), metrics: BTreeMap::new() }
        }
        ObjectRule::File(rule, threshold) => match rule.evaluate(surroundings) {
            Ok(found) => {
                let share = f64::from(u8::from(found.holds));
                let holds = threshold.as_ref().map_or(found.holds, |threshold| threshold.holds(share));
                Judged { metrics: found.metrics, ..told(holds, &found.text) }
            }
            Err(reason) => error(&reason),
        },
        ObjectRule::Reference(name, rule, condition) => {
            let share = rule.share(measures, surroundings);
            match share.and_then(|share| Ok((share, NumberCondition::compile(condition, &mut constant)?))) {
                Ok((share, condition)) => {
                    with_metric(told(condition.holds(share), &shown(share)), name, share)
                }
                Err(reason) => error(&reason),
            }
        }
        ObjectRule::NoAnomaly(metric) => anomaly(metric, measures, surroundings),
        ObjectRule::All(parts) => joined(parts, measures, surroundings, RuleResult::Fail),
        ObjectRule::Any(parts) => joined(parts, measures, surroundings, RuleResult::Pass),
    }
}

fn on_metric(
    metric: &Metric,
    condition: &Condition,
    measures: &Measures,
    surroundings: &Surroundings,
) -> Judged {
    let value = match metric.value(measures) {
        Ok(value) => value,
        Err(missing) => return without(&missing),
    };
    let judged = match history::resolve(condition, &metric.name, surroundings) {
        Ok(Dynamic::Condition(condition)) => told(condition.holds(value), &shown(value)),
        Ok(Dynamic::NoHistory) => {
            passed(format!("Value: {}; there is no earlier object to compare with", shown(value)))
        }
        Err(reason) => error(&reason),
    };
    with_metric(judged, &metric.name, value)
}

fn every(metrics: &[Metric], measures: &Measures) -> Judged {
    let mut all = passed(String::new());
    let mut found = Vec::new();
    for metric in metrics {
        match metric.value(measures) {
            Ok(value) => {
                if value < 1.0 {
                    all.result = RuleResult::Fail;
                }
                found.push(shown(value));
                all.metrics.insert(metric.name.clone(), value);
            }
            Err(missing) => return without(&missing),
        }
    }
    Judged { message: message(all.result == RuleResult::Pass, &found.join(", ")), ..all }
}

fn anomaly(metric: &Metric, measures: &Measures, surroundings: &Surroundings) -> Judged {
    let value = match metric.value(measures) {
        Ok(value) => value,
        Err(missing) => return without(&missing),
    };
    let judged = match history::is_anomaly(&metric.name, value, surroundings) {
        Ok(Some(anomaly)) => told(!anomaly, &shown(value)),
        Ok(None) => {
            passed(format!("Value: {}; there are too few earlier objects to compare with", shown(value)))
        }
        Err(reason) => error(&reason),
    };
    with_metric(judged, &metric.name, value)
}

/// `decisive` decides alone; otherwise an error makes the whole an error.
fn joined(
    parts: &[ObjectRule],
    measures: &Measures,
    surroundings: &Surroundings,
    decisive: RuleResult,
) -> Judged {
    let judged: Vec<Judged> = parts.iter().map(|part| evaluate(part, measures, surroundings)).collect();
    let any = |result: RuleResult| judged.iter().any(|part| part.result == result);
    let result = if any(decisive) {
        decisive
    } else if any(RuleResult::Error) {
        RuleResult::Error
    } else if decisive == RuleResult::Fail {
        RuleResult::Pass
    } else {
        RuleResult::Fail
    };
    let messages: Vec<&str> = judged.iter().map(|part| part.message.as_str()).collect();
    let message = messages.join("; ");
    let metrics = judged.iter().flat_map(|part| part.metrics.clone()).collect();
    Judged { result, message, metrics }
}

fn message(holds: bool, found: &str) -> String {
    let asked = if holds { "meets" } else { "does not meet" };
    format!("Value: {found} {asked} the constraint requirement")
}

fn told(holds: bool, found: &str) -> Judged {
    let result = if holds { RuleResult::Pass } else { RuleResult::Fail };
    Judged { result, message: message(holds, found), metrics: BTreeMap::new() }
}

fn passed(message: String) -> Judged {
    Judged { result: RuleResult::Pass, message, metrics: BTreeMap::new() }
}

fn error(reason: &str) -> Judged {
    let message = format!("the rule cannot be evaluated: {reason}");
    Judged { result: RuleResult::Error, message, metrics: BTreeMap::new() }
}

fn without(missing: &Missing) -> Judged {
    match missing {
        Missing::Unkept(reason) => error(&reason.to_string()),
        Missing::Rows => passed(missing.describe()),
        Missing::Values => {
            Judged { result: RuleResult::Fail, message: missing.describe(), metrics: BTreeMap::new() }
        }
    }
}

fn with_metric(mut judged: Judged, name: &str, value: f64) -> Judged {
    judged.metrics.insert(name.to_owned(), value);
    judged
}

/// Whole numbers as such, others to four places.
fn shown(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { format!("{value:.4}") }
}
