//! From a dataset's declaration to checks. Whatever cannot be evaluated is a fault here, which the provider shows at plan.

mod analyzers;
mod columns;
mod metrics;
mod object;
mod origin;
mod row;

use std::collections::BTreeMap;

use super::measures::keys_in;
use super::predicate::Predicate;
use super::{Capabilities, Condition, Consequence, Measure, Measured, ObjectCheck, Ordered, RowCheck, Rules};
use crate::check::{Problem, Step};
use crate::dqdl::{self, DqdlError, Place, Quoted, Rule, RuleExpression};
use crate::nearest::nearest;
use crate::spec::{ColumnType, DatasetSpec};
use crate::sql;
use origin::Origin;

/// MiB for keys when the spec does not say.
const KEY_MEMORY_MB: u32 = 256;

/// Lowers a dataset, whatever its rules need to know beside the rows.
///
/// # Errors
/// Everything that is wrong with its columns and rules.
pub fn lower(dataset: &DatasetSpec) -> Result<Rules, Vec<Problem>> {
    lower_with(dataset, Capabilities::ALL)
}

/// Lowers a dataset for a caller that hands over no more than `capabilities` say.
///
/// # Errors
/// Everything that is wrong with its columns and rules, or needs more.
pub fn lower_with(dataset: &DatasetSpec, capabilities: Capabilities) -> Result<Rules, Vec<Problem>> {
    let mut lowering = Lowering {
        dataset,
        capabilities,
        slots: dataset.columns.keys().enumerate().map(|(slot, name)| (name.as_str(), slot)).collect(),
        types: dataset.columns.values().map(|column| column.column_type).collect(),
        rules: Rules::default(),
        problems: Vec::new(),
    };
    lowering.rules.most_keys = keys_in(dataset.quality.uniqueness_memory_mb.unwrap_or(KEY_MEMORY_MB));
    lowering.columns();
    lowering.ruleset();
    lowering.named_rules();
    if lowering.problems.is_empty() { Ok(lowering.rules) } else { Err(lowering.problems) }
}

struct Lowering<'a> {
    dataset: &'a DatasetSpec,
    capabilities: Capabilities,
    slots: BTreeMap<&'a str, usize>,
    types: Vec<ColumnType>,
    rules: Rules,
    problems: Vec<Problem>,
}

/// What lowering one rule gives, or where it fails.
type Lowered<T> = Result<T, DqdlError>;

impl Lowering<'_> {
    fn ruleset(&mut self) {
        let Some(text) = &self.dataset.quality.ruleset else { return };
        let path = || vec![attribute("quality"), attribute("ruleset")];
        let ruleset = match dqdl::parse(text) {
            Ok(ruleset) => ruleset,
            Err(errors) => return self.report(&path(), errors),
        };
        let default = self.dataset.quality.action;
        for (at, rule) in ruleset.rules.iter().enumerate() {
            let origin = Origin::of(format!("Rule_{}", at + 1), rule, &ruleset.default_labels, default);
            let lowered = wrong(&first_place(rule), origin).and_then(|origin| self.rule(rule, origin));
            self.report(&path(), lowered.err());
        }
        for analyzer in &ruleset.analyzers {
            let lowered = self.analyzer(analyzer);
            self.report(&path(), lowered.err());
        }
    }

    fn named_rules(&mut self) {
        for (name, spec) in &self.dataset.quality.rules {
            let path =
                vec![attribute("quality"), attribute("rules"), Step::Key(name.clone()), attribute("rule")];
            let rule = match dqdl::parse_rule(&spec.rule) {
                Ok(rule) => rule,
                Err(errors) => {
                    self.report(&path, errors);
                    continue;
                }
            };
            let origin = Origin::of(name.clone(), &rule, &[], self.dataset.quality.action);
            let origin = wrong(&first_place(&rule), origin).map(|origin| origin.named(spec));
            let lowered = origin.and_then(|origin| self.rule(&rule, origin));
            self.report(&path, lowered.err());
        }
    }

    fn report(&mut self, path: &[Step], errors: impl IntoIterator<Item = DqdlError>) {
        let problem = |error: DqdlError| Problem { path: path.to_vec(), message: error.to_string() };
        self.problems.extend(errors.into_iter().map(problem));
    }

    fn rule(&mut self, expression: &RuleExpression, origin: Origin) -> Lowered<()> {
        self.check_rules(expression)?;
        let text = expression.to_string();
        let row_level = row_level(expression);
        let (name, reason) = (origin.name.clone(), origin.reason.clone());
        let consequence = wrong(&first_place(expression), origin.consequence(row_level))?;
        if row_level {
            let test = self.row_test(expression)?;
            self.rules.order.push(Ordered::Row(self.rules.row_checks.len()));
            self.rules.row_checks.push(RowCheck {
                message: format!("the rule `{text}` does not hold"),
                rule: reason.unwrap_or_else(|| text.clone()),
                column: column_of(expression),
                test,
                consequence,
                name,
                metric: share_name(expression),
                text,
            });
        } else {
            let rule = self.object_rule(expression)?;
            self.rules.order.push(Ordered::Object(self.rules.object_checks.len()));
            self.rules.object_checks.push(ObjectCheck { name, text, rule, consequence });
        }
        Ok(())
    }

    /// What can be said of each rule by itself.
    fn check_rules(&self, expression: &RuleExpression) -> Lowered<()> {
        let mut result = Ok(());
        expression.each_rule(&mut |rule| {
            if result.is_ok() {
                result = self.check_needs(rule).and_then(|()| check_tags(rule));
            }
        });
        result
    }

    /// The slot and type of a column.
    fn column(&self, name: &str, place: &Place) -> Lowered<(usize, ColumnType)> {
        self.named(name).map_err(|message| fault(place, message))
    }

    fn named(&self, name: &str) -> Result<(usize, ColumnType), String> {
        if let Some(slot) = self.slots.get(name) {
            return Ok((*slot, self.types[*slot]));
        }
        if self.slots.is_empty() {
            return Err(format!("the rules name the column `{name}`, but the dataset declares no columns"));
        }
        let hint = nearest(name, self.slots.keys().copied());
        let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Err(format!("the rules name the column `{name}`, which is not declared{hint}"))
    }

    /// The slot of a rule's parameter.
    fn parameter(&self, rule: &Rule, index: usize) -> Lowered<(usize, ColumnType)> {
        let Some(parameter) = rule.parameters.get(index) else {
            return Err(fault(&rule.place, "a column is missing"));
        };
        self.column(parameter.text(), &parameter.place)
    }

    /// Compiles the predicate of a `where`.
    fn predicate(&self, filter: &Quoted) -> Lowered<Predicate> {
        let at = |error: sql::SqlError| {
            let (line, column) = filter.place_of(error.offset);
            DqdlError { line, column, message: format!("in the SQL: {}", error.message) }
        };
        let parsed = sql::parse_predicate(&filter.text).map_err(at)?;
        Predicate::compile(&parsed, &|name| self.named(name)).map_err(at)
    }

    /// The index of a filter; equal ones are one.
    fn filter(&mut self, filter: Option<&Quoted>) -> Lowered<Option<usize>> {
        let Some(filter) = filter else { return Ok(None) };
        let predicate = self.predicate(filter)?;
        Ok(Some(self.add_filter(filter.text.clone(), predicate)))
    }

    fn add_filter(&mut self, text: String, predicate: Predicate) -> usize {
        let filters = &mut self.rules.filters;
        filters.iter().position(|(known, _)| *known == text).unwrap_or_else(|| {
            filters.push((text, predicate));
            filters.len() - 1
        })
    }

    /// The index of a measure; equal ones are one.
    fn measure(&mut self, name: String, measured: Measured, filter: Option<usize>) -> usize {
        let measures = &mut self.rules.measures;
        let same = |known: &Measure| {
            known.name == name && known.filter == filter && !matches!(measured, Measured::Passing(_))
        };
        measures.iter().position(same).unwrap_or_else(|| {
            measures.push(Measure { measured, filter, name });
            measures.len() - 1
        })
    }
}

fn attribute(name: &str) -> Step {
    Step::Attribute(name.to_owned())
}

fn fault(place: &Place, message: impl Into<String>) -> DqdlError {
    DqdlError { line: place.line, column: place.column, message: message.into() }
}

fn first_place(expression: &RuleExpression) -> Place {
    let mut place = None;
    expression.each_rule(&mut |rule| {
        place.get_or_insert_with(|| rule.place.clone());
    });
    place.unwrap_or_default()
}

fn column_of(expression: &RuleExpression) -> String {
    match expression {
        RuleExpression::Rule(rule) if rule.rule_type.is_row_level() => {
            rule.parameter(0).unwrap_or_default().to_owned()
        }
        RuleExpression::Labelled(inner, _) => column_of(inner),
        _ => String::new(),
    }
}

/// The name of the share of rows that pass.
fn share_name(expression: &RuleExpression) -> String {
    match expression {
        RuleExpression::Rule(rule) if rule.rule_type.is_row_level() => {
            metrics::name("Column", rule, &format!("{}.Compliance", rule.rule_type.word()))
        }
        RuleExpression::Rule(_) => "Dataset.*.CustomSQL.Compliance".to_owned(),
        RuleExpression::Labelled(inner, _) => share_name(inner),
        _ => "Dataset.*.CompositeRule.Compliance".to_owned(),
    }
}

/// Whether a rule gives each row its own outcome: all its parts do and none has a threshold.
fn row_level(expression: &RuleExpression) -> bool {
    match expression {
        RuleExpression::Rule(rule) => row::has_rows(rule) && rule.threshold().is_none(),
        RuleExpression::And(parts) | RuleExpression::Or(parts) => parts.iter().all(row_level),
        RuleExpression::Labelled(inner, _) => row_level(inner),
    }
}

/// Tags that change what a rule means; those of files are looked at with them.
fn check_tags(rule: &Rule) -> Lowered<()> {
    let files = rule.rule_type.word().starts_with("File");
    for tag in &rule.tags {
        let known = match tag.name.as_str() {
            "threshold" => true,
            "ignoreCase" => rule.rule_type == dqdl::RuleType::ColumnValues,
            _ => files,
        };
        if !known {
            let message = format!("`{}` cannot be evaluated `{tag}`", rule.rule_type.word());
            return Err(fault(&rule.place, message));
        }
    }
    Ok(())
}

fn wrong<T>(place: &Place, result: Result<T, String>) -> Lowered<T> {
    result.map_err(|message| fault(place, message))
}
