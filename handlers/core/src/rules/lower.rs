//! From a dataset's declaration to checks.

use std::collections::BTreeMap;

use super::{Column, Condition, RowCheck, Test};
use crate::check::{Problem, Step};
use crate::columns::{Pattern, type_word};
use crate::dqdl::{self, Literal, Rule, RuleExpression, RuleType};
use crate::spec::{ColumnSpec, ColumnType, DatasetSpec};

/// Everything a dataset's rows and objects are held to.
#[derive(Debug)]
pub struct Rules {
    /// Declared columns; a column's place here is its slot in a row.
    pub columns: Vec<Column>,
    /// Checks on each row.
    pub row_checks: Vec<RowCheck>,
    /// Checks on rows that are only counted, for rules with a threshold.
    pub counted: Vec<Test>,
    /// Slots whose values are counted, for `Completeness`.
    pub completeness_slots: Vec<usize>,
    /// Rules about the object as a whole, with their text.
    pub object_rules: Vec<(String, ObjectRule)>,
}

/// A rule about the object as a whole.
#[derive(Debug)]
pub enum ObjectRule {
    /// The number of rows.
    RowCount(Condition),
    /// The share of rows with a value; the index into `completeness_slots`.
    Completeness(usize, Condition),
    /// The share of rows that pass; the index into `counted`.
    Share(usize, Condition),
    /// Every part holds.
    All(Vec<ObjectRule>),
    /// At least one part holds.
    Any(Vec<ObjectRule>),
}

/// Lowers a checked dataset.
///
/// # Errors
/// Faults that `check_dataset` finds as well; they cannot occur in a document the provider wrote.
pub fn lower(dataset: &DatasetSpec) -> Result<Rules, Vec<Problem>> {
    let mut lowering = Lowering {
        slots: dataset.columns.keys().enumerate().map(|(slot, name)| (name.as_str(), slot)).collect(),
        types: dataset.columns.values().map(|column| column.column_type).collect(),
        rules: Rules {
            columns: dataset
                .columns
                .iter()
                .map(|(name, column)| Column { name: name.clone(), column_type: column.column_type })
                .collect(),
            row_checks: Vec::new(),
            counted: Vec::new(),
            completeness_slots: Vec::new(),
            object_rules: Vec::new(),
        },
    };
    for (slot, (name, column)) in dataset.columns.iter().enumerate() {
        lowering.column(slot, name, column)?;
    }
    if let Some(text) = &dataset.quality.ruleset {
        let ruleset = dqdl::parse(text).map_err(|errors| {
            errors.iter().map(|error| problem("ruleset", error.to_string())).collect::<Vec<_>>()
        })?;
        for rule in &ruleset.rules {
            lowering.rule(rule)?;
        }
    }
    Ok(lowering.rules)
}

fn problem(attribute: &str, message: String) -> Problem {
    Problem {
        path: vec![Step::Attribute("quality".to_owned()), Step::Attribute(attribute.to_owned())],
        message,
    }
}

struct Lowering<'a> {
    slots: BTreeMap<&'a str, usize>,
    types: Vec<ColumnType>,
    rules: Rules,
}

impl Lowering<'_> {
    fn column(&mut self, slot: usize, name: &str, column: &ColumnSpec) -> Result<(), Vec<Problem>> {
        let mut add = |word: &str, message: String, test: Test| {
            let rule = format!("columns.{name}.{word}");
            self.rules.row_checks.push(RowCheck { rule, column: name.to_owned(), message, test });
        };
        if column.required {
            add("required", "a value is required and there is none".to_owned(), Test::Required(slot));
        }
        add("type", format!("the value is not a {}", type_word(column.column_type)), Test::Type(slot));
        if let Some(pattern) = &column.pattern {
            let compiled = Pattern::compile(pattern).map_err(|error| vec![problem("pattern", error)])?;
            let test = Test::Declared(slot, Condition::Matches(compiled, false));
            add("pattern", format!("the value does not match the pattern `{pattern}`"), test);
        }
        if let Some(allowed) = &column.allowed {
            let literals = allowed.iter().map(|value| literal(value, column.column_type)).collect();
            add(
                "enum",
                "the value is not in the list".to_owned(),
                Test::Declared(slot, Condition::In(literals, false)),
            );
        }
        let number = |end: &Option<String>| end.as_ref().and_then(|end| end.parse::<f64>().ok());
        if let Some(minimum) = number(&column.minimum) {
            let test = Test::Declared(slot, Condition::AtLeast(minimum));
            add("minimum", format!("the value is below the minimum {minimum}"), test);
        }
        if let Some(maximum) = number(&column.maximum) {
            let test = Test::Declared(slot, Condition::AtMost(maximum));
            add("maximum", format!("the value is above the maximum {maximum}"), test);
        }
        Ok(())
    }

    fn rule(&mut self, expression: &RuleExpression) -> Result<(), Vec<Problem>> {
        let text = expression.to_string();
        if row_level(expression) {
            let test = self.row_test(expression)?;
            let column = match expression {
                RuleExpression::Rule(rule) => rule.column.clone().unwrap_or_default(),
                _ => String::new(),
            };
            let message = format!("the rule `{text}` does not hold");
            self.rules.row_checks.push(RowCheck { rule: text, column, message, test });
        } else {
            let rule = self.object_rule(expression)?;
            self.rules.object_rules.push((text, rule));
        }
        Ok(())
    }

    fn row_test(&mut self, expression: &RuleExpression) -> Result<Test, Vec<Problem>> {
        Ok(match expression {
            RuleExpression::Rule(rule) => self.leaf(rule)?,
            RuleExpression::And(parts) => {
                Test::All(parts.iter().map(|part| self.row_test(part)).collect::<Result<_, _>>()?)
            }
            RuleExpression::Or(parts) => {
                Test::Any(parts.iter().map(|part| self.row_test(part)).collect::<Result<_, _>>()?)
            }
        })
    }

    fn leaf(&mut self, rule: &Rule) -> Result<Test, Vec<Problem>> {
        let slot = self.slot(rule)?;
        let condition = match (&rule.condition, rule.rule_type) {
            (Some(condition), RuleType::ColumnLength) => {
                Condition::Length(Box::new(self.condition(condition, ColumnType::Bigint)?))
            }
            (Some(condition), _) => self.condition(condition, self.types[slot])?,
            (None, _) => Condition::Complete,
        };
        Ok(Test::Dqdl(slot, condition))
    }

    fn object_rule(&mut self, expression: &RuleExpression) -> Result<ObjectRule, Vec<Problem>> {
        let rule = match expression {
            RuleExpression::Rule(rule) => rule,
            RuleExpression::And(parts) => {
                return Ok(ObjectRule::All(
                    parts.iter().map(|part| self.object_rule(part)).collect::<Result<_, _>>()?,
                ));
            }
            RuleExpression::Or(parts) => {
                return Ok(ObjectRule::Any(
                    parts.iter().map(|part| self.object_rule(part)).collect::<Result<_, _>>()?,
                ));
            }
        };
        // A rule about rows that stands beside one about the object holds when it holds for every row.
        let every_row =
            || dqdl::Condition::Compare(dqdl::Comparison::GreaterOrEqual, Literal::Number("1".to_owned()));
        match rule.rule_type {
            RuleType::RowCount => Ok(ObjectRule::RowCount(self.measure(rule.condition.as_ref())?)),
            RuleType::Completeness => {
                let slot = self.slot(rule)?;
                self.rules.completeness_slots.push(slot);
                let index = self.rules.completeness_slots.len() - 1;
                Ok(ObjectRule::Completeness(index, self.measure(rule.condition.as_ref())?))
            }
            _ => {
                let test = self.leaf(rule)?;
                self.rules.counted.push(test);
                let share = rule.threshold.clone().unwrap_or_else(every_row);
                Ok(ObjectRule::Share(self.rules.counted.len() - 1, self.measure(Some(&share))?))
            }
        }
    }

    fn measure(&self, condition: Option<&dqdl::Condition>) -> Result<Condition, Vec<Problem>> {
        let condition =
            condition.ok_or_else(|| vec![problem("ruleset", "a condition is missing".to_owned())])?;
        self.condition(condition, ColumnType::Double)
    }

    fn condition(
        &self,
        condition: &dqdl::Condition,
        column_type: ColumnType,
    ) -> Result<Condition, Vec<Problem>> {
        Condition::compile(condition, column_type).map_err(|error| vec![problem("ruleset", error)])
    }

    fn slot(&self, rule: &Rule) -> Result<usize, Vec<Problem>> {
        let name = rule.column.as_deref().unwrap_or_default();
        self.slots
            .get(name)
            .copied()
            .ok_or_else(|| vec![problem("ruleset", format!("there is no column `{name}`"))])
    }
}

/// Whether a rule gives each row its own outcome: all its parts do and none has a threshold.
fn row_level(expression: &RuleExpression) -> bool {
    match expression {
        RuleExpression::Rule(rule) => rule.rule_type.is_row_level() && rule.threshold.is_none(),
        RuleExpression::And(parts) | RuleExpression::Or(parts) => parts.iter().all(row_level),
    }
}

/// A value of an `enum` list as values of the type are compared.
fn literal(value: &str, column_type: ColumnType) -> Literal {
    let number = match column_type {
        ColumnType::Bigint | ColumnType::Double => Some(value.to_owned()),
        ColumnType::Date => crate::columns::parse_date(value).map(|days| days.to_string()),
        ColumnType::Timestamp => crate::columns::parse_timestamp(value).map(|instant| instant.to_string()),
        _ => None,
    };
    number.map_or_else(|| Literal::Text(value.to_owned()), Literal::Number)
}
