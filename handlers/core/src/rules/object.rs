//! Rules about the object as a whole, decided at its end.

use super::lower::ObjectRule;
use super::{Rules, Value};
use crate::verdict::{RuleOutcome, RuleResult};

/// What was counted over the rows. Sums of parts are the counts of the whole, so parts can be counted apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Measures {
    /// Rows.
    pub rows: u64,
    /// Rows that passed each of `Rules::counted`.
    pub counted: Vec<u64>,
    /// Rows with a value in each of `Rules::completeness_slots`.
    pub complete: Vec<u64>,
}

impl Measures {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(rules: &Rules) -> Self {
        Self {
            rows: 0,
            counted: vec![0; rules.counted.len()],
            complete: vec![0; rules.completeness_slots.len()],
        }
    }

    /// Counts one row; an unreadable one has no values and passes nothing.
    pub fn count(&mut self, rules: &Rules, row: Option<&[Value<'_>]>) {
        self.rows += 1;
        let Some(row) = row else { return };
        for (count, test) in self.counted.iter_mut().zip(&rules.counted) {
            *count += u64::from(test.passes(row));
        }
        for (count, slot) in self.complete.iter_mut().zip(&rules.completeness_slots) {
            *count += u64::from(!matches!(row[*slot], Value::Null));
        }
    }

    fn share(&self, count: u64) -> f64 {
        if self.rows == 0 { 0.0 } else { count as f64 / self.rows as f64 }
    }
}

/// The outcome of every rule about the object.
#[must_use]
pub fn judge(rules: &Rules, measures: &Measures) -> Vec<RuleOutcome> {
    let outcome = |(number, (text, rule)): (usize, &(String, ObjectRule))| {
        let (holds, measured) = evaluate(rule, measures);
        let asked = if holds { "meets" } else { "does not meet" };
        RuleOutcome {
            name: format!("Rule_{}", number + 1),
            evaluated_rule: text.clone(),
            result: if holds { RuleResult::Pass } else { RuleResult::Fail },
            message: format!("Value: {measured} {asked} the constraint requirement"),
        }
    };
    rules.object_rules.iter().enumerate().map(outcome).collect()
}

fn evaluate(rule: &ObjectRule, measures: &Measures) -> (bool, String) {
    let share = |count: u64, condition: &super::Condition| {
        let share = measures.share(count);
        (condition.holds(&Value::Double(share)), format!("{share:.4}"))
    };
    match rule {
        ObjectRule::RowCount(condition) => {
            let rows = i64::try_from(measures.rows).unwrap_or(i64::MAX);
            (condition.holds(&Value::Bigint(rows)), rows.to_string())
        }
        ObjectRule::Completeness(index, condition) => share(measures.complete[*index], condition),
        ObjectRule::Share(index, condition) => share(measures.counted[*index], condition),
        ObjectRule::All(parts) => joined(parts, measures, |holds| holds.iter().all(|holds| *holds)),
        ObjectRule::Any(parts) => joined(parts, measures, |holds| holds.iter().any(|holds| *holds)),
    }
}

fn joined(parts: &[ObjectRule], measures: &Measures, join: impl Fn(&[bool]) -> bool) -> (bool, String) {
    let (holds, measured): (Vec<bool>, Vec<String>) =
        parts.iter().map(|part| evaluate(part, measures)).unzip();
    (join(&holds), measured.join(", "))
}
