//! Declared columns to checks.

use super::{Condition, Consequence, Lowering, Measured, RowCheck};
use crate::check::{Problem, Step};
use crate::columns::{Pattern, parse_date, parse_timestamp, type_word};
use crate::dqdl::Comparison;
use crate::rules::literal::{Literal, Number};
use crate::rules::{Column, NumberCondition, Set, Test};
use crate::spec::{Action, ColumnSpec, ColumnType, DriftPolicy};

const DAY: i64 = 86_400_000;

impl Lowering<'_> {
    pub(super) fn columns(&mut self) {
        for (slot, (name, column)) in self.dataset.columns.iter().enumerate() {
            self.rules.columns.push(Column { name: name.clone(), column_type: column.column_type });
            self.column_checks(slot, name, column);
            if self.dataset.quality.schema_drift.missing_columns == Some(DriftPolicy::Fail) {
                let measured = Measured::Complete(vec![slot]);
                let measure = self.measure(format!("{measured:?}"), measured, None);
                self.rules.expected.push((name.clone(), measure));
            }
        }
    }

    fn column_checks(&mut self, slot: usize, name: &str, column: &ColumnSpec) {
        let consequence = Consequence {
            action: column.action.unwrap_or(Action::QuarantineRow),
            severity: column.severity,
            weight: column.weight.unwrap_or(1),
            labels: Vec::new(),
        };
        let mistyped = match self.dataset.quality.schema_drift.mistyped_values {
            Some(DriftPolicy::Fail) => Action::QuarantineObject,
            Some(DriftPolicy::Ignore | DriftPolicy::Rescue) => Action::Warn,
            // A value of the wrong type cannot be stored: with a mere warning it would be lost.
            _ if consequence.action == Action::Warn => Action::QuarantineRow,
            _ => consequence.action,
        };
        let mut add = |word: &str, message: String, test: Test| {
            let action = if word == "type" { mistyped } else { consequence.action };
            self.rules.row_checks.push(RowCheck {
                rule: format!("columns.{name}.{word}"),
                column: name.to_owned(),
                message,
                test,
                consequence: Consequence { action, ..consequence.clone() },
                name: String::new(),
                text: String::new(),
                metric: String::new(),
            });
        };
        if column.required {
            add("required", "a value is required and there is none".to_owned(), Test::Required(slot));
        }
        add("type", format!("the value is not a {}", type_word(column.column_type)), Test::Type(slot));
        let mut add = |word: &str, message: String, condition: Condition| {
            add(word, message, Test::Declared(slot, condition));
        };
        match column.pattern.as_ref().map(|pattern| (pattern, Pattern::compile(pattern))) {
            None => {}
            Some((pattern, Ok(compiled))) => {
                let message = format!("the value does not match the pattern `{pattern}`");
                add("pattern", message, Condition::Matches(compiled, false));
            }
            Some((_, Err(message))) => self.problems.push(Problem {
                path: vec![
                    Step::Attribute("columns".to_owned()),
                    Step::Key(name.to_owned()),
                    Step::Attribute("pattern".to_owned()),
                ],
                message,
            }),
        }
        if let Some(allowed) = &column.allowed {
            let literals = allowed.iter().map(|value| literal(value, column.column_type));
            add("enum", "the value is not in the list".to_owned(), Condition::In(Set::of(literals), false));
        }
        let number = |end: &Option<String>| end.as_ref().and_then(|end| end.parse::<f64>().ok());
        if let Some(minimum) = number(&column.minimum) {
            add("minimum", format!("the value is below the minimum {minimum}"), Condition::AtLeast(minimum));
        }
        if let Some(maximum) = number(&column.maximum) {
            add("maximum", format!("the value is above the maximum {maximum}"), Condition::AtMost(maximum));
        }
        if let Some(minimum) = number(&column.exclusive_minimum) {
            add("exclusive_minimum", format!("the value is not above {minimum}"), Condition::Above(minimum));
        }
        if let Some(maximum) = number(&column.exclusive_maximum) {
            add("exclusive_maximum", format!("the value is not below {maximum}"), Condition::Below(maximum));
        }
        let length = |comparison, length: u32| {
            Condition::Length(NumberCondition::Compare(comparison, f64::from(length)))
        };
        if let Some(minimum) = column.minimum_length {
            let message = format!("the value has fewer than {minimum} characters");
            add("minimum_length", message, length(Comparison::GreaterOrEqual, minimum));
        }
        if let Some(maximum) = column.maximum_length {
            let message = format!("the value has more than {maximum} characters");
            add("maximum_length", message, length(Comparison::LessOrEqual, maximum));
        }
    }
}

/// A value of an `enum` list as values of the type are compared.
fn literal(value: &str, column_type: ColumnType) -> Literal {
    match column_type {
        ColumnType::Bigint | ColumnType::Double => Number::parse(value).map(Literal::Number),
        ColumnType::Date => parse_date(value).map(|days| Literal::Moment(i64::from(days) * DAY)),
        ColumnType::Timestamp => parse_timestamp(value).map(Literal::Moment),
        _ => None,
    }
    .unwrap_or_else(|| Literal::Text(value.into()))
}
