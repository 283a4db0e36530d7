//! Rules about the object as a whole.

use super::metrics::{Subject, name};
use super::{Lowered, Lowering, Measured, fault, row, wrong};
use crate::columns::Pattern;
use crate::dqdl::{Comparison, Condition, Operand, OperandKind, Rule, RuleExpression, RuleType};
use crate::rules::files::FileRule;
use crate::rules::history::reach;
use crate::rules::literal::constant;
use crate::rules::references::{AggregateOf, ReferenceRule};
use crate::rules::{Metric, MetricKind, NumberCondition, ObjectRule};
use crate::sql::{Aggregate, Projection};

impl Lowering<'_> {
    pub(super) fn object_rule(&mut self, expression: &RuleExpression) -> Lowered<ObjectRule> {
        let parts = |lowering: &mut Self, parts: &[RuleExpression]| {
            parts.iter().map(|part| lowering.object_rule(part)).collect::<Lowered<Vec<_>>>()
        };
        Ok(match expression {
            RuleExpression::Rule(rule) => self.single(rule)?,
            RuleExpression::And(all) => ObjectRule::All(parts(self, all)?),
            RuleExpression::Or(any) => ObjectRule::Any(parts(self, any)?),
            RuleExpression::Labelled(inner, _) => self.object_rule(inner)?,
        })
    }

    fn single(&mut self, rule: &Rule) -> Lowered<ObjectRule> {
        use RuleType as T;
        if row::has_rows(rule) {
            return self.share_of_rows(rule);
        }
        let filter = self.filter(rule.filter.as_ref())?;
        let subject = Subject {
            parameters: &rule.parameters,
            place: &rule.place,
            filter,
            filter_text: rule.filter.as_ref().map(|filter| filter.text.as_str()),
        };
        match rule.rule_type {
            T::IsUnique => Ok(ObjectRule::Every(vec![self.metric(T::IsUnique, &subject)?])),
            T::IsPrimaryKey => {
                let unique = self.metric(T::IsPrimaryKey, &subject)?;
                let complete = self.metric(T::Completeness, &subject)?;
                Ok(ObjectRule::Every(vec![unique, complete]))
            }
            T::ColumnExists | T::ColumnNamesMatchPattern => self.about_names(rule),
            T::FileSize | T::FileFreshness | T::FileMatch | T::FileUniqueness => self.file(rule),
            T::DetectAnomalies => self.anomaly(rule),
            T::CustomSql => self.number_of_sql(rule),
            T::RowCountMatch
            | T::SchemaMatch
            | T::AggregateMatch
            | T::ReferentialIntegrity
            | T::DatasetMatch => self.reference(rule),
            rule_type => {
                let metric = self.metric(rule_type, &subject)?;
                Ok(ObjectRule::Metric(metric, self.asked(rule)?))
            }
        }
    }

    /// What this caller cannot hand over, and what nobody can evaluate yet.
    pub(super) fn check_needs(&self, rule: &Rule) -> Lowered<()> {
        use RuleType as T;
        let can = self.capabilities;
        let word = rule.rule_type.word();
        let refuse =
            |what: &str| Err(fault(&rule.place, format!("`{word}` cannot be evaluated yet: {what}")));
        let conditions = || rule.condition.iter().chain(rule.threshold());
        let mut back = 0;
        for condition in conditions() {
            back = back.max(wrong(&rule.place, reach(condition))?);
        }
        let now = conditions().any(|condition| {
            condition
                .operands()
                .iter()
                .any(|operand| matches!(operand, Operand::Now | Operand::NowOffset { .. }))
        });
        match rule.rule_type {
            T::FileFreshness if !can.file_time => {
                return refuse("the handlers do not hand over when the object was last modified");
            }
            T::FileMatch | T::FileUniqueness if !can.file_digest => {
                return refuse("the handlers do not hand over the digest of the object");
            }
            T::DetectAnomalies if can.history == 0 => {
                return refuse("the handlers do not hand over the measures of earlier objects");
            }
            T::ReferentialIntegrity
            | T::DatasetMatch
            | T::SchemaMatch
            | T::RowCountMatch
            | T::AggregateMatch
                if !can.references =>
            {
                return refuse("the handlers do not hand over other datasets");
            }
            T::DataFreshness if !can.clock => return refuse("the handlers do not hand over the time"),
            _ => {}
        }
        if back > 0 && can.history == 0 {
            return refuse(
                "`last` needs the measures of earlier objects, which the handlers do not hand over",
            );
        }
        if back > can.history {
            let (most, word) = (can.history, rule.rule_type.word());
            let message = format!("`{word}` looks back at {back} objects; the newest {most} are remembered");
            return Err(fault(&rule.place, message));
        }
        if now && !can.clock {
            return refuse("`now()` needs the time, which the handlers do not hand over");
        }
        Ok(())
    }

    fn asked(&self, rule: &Rule) -> Lowered<Condition> {
        rule.condition.clone().ok_or_else(|| fault(&rule.place, "a condition is missing"))
    }

    /// A rule about rows whose share is asked for: by its threshold, or because it stands beside one about the object, and
    /// then every row must pass.
    fn share_of_rows(&mut self, rule: &Rule) -> Lowered<ObjectRule> {
        let test = self.leaf(rule)?;
        let filter = self.filter(rule.filter.as_ref())?;
        let scope = if rule.rule_type == RuleType::CustomSql { "Dataset" } else { "Column" };
        let name = if scope == "Dataset" {
            "Dataset.*.CustomSQL.Compliance".to_owned()
        } else {
            name(scope, rule, &format!("{}.Compliance", rule.rule_type.word()))
        };
        let measure = self.measure(name.clone(), Measured::Passing(test), filter);
        let kind = if filter.is_some() { MetricKind::FilteredShare } else { MetricKind::Share };
        let all = || Condition::Compare(Comparison::GreaterOrEqual, Operand::Number("1".to_owned()));
        let asked = rule.threshold().cloned().unwrap_or_else(all);
        Ok(ObjectRule::Metric(Metric { name, kind, measure }, asked))
    }

    /// Columns are those that are declared: each is in the table, whether or not an object has values for it.
    fn about_names(&self, rule: &Rule) -> Lowered<ObjectRule> {
        if self.types.is_empty() {
            return Err(fault(&rule.place, "the rule is about columns, and the dataset declares none"));
        }
        let wanted = rule.parameter(0).unwrap_or_default();
        if rule.rule_type == RuleType::ColumnExists {
            let exists = self.slots.contains_key(wanted);
            let found = format!("the column `{wanted}` is {}declared", if exists { "" } else { "not " });
            return Ok(ObjectRule::Fixed(exists, found));
        }
        let pattern = wrong(&rule.place, Pattern::regex(wanted))?;
        let others = self.slots.keys().copied().filter(|name| !pattern.matches(name));
        let others: Vec<String> = others.map(|name| format!("`{name}`")).collect();
        let found = if others.is_empty() {
            "the names of all columns match".to_owned()
        } else {
            format!("these names do not match: {}", others.join(", "))
        };
        Ok(ObjectRule::Fixed(others.is_empty(), found))
    }

    fn file(&self, rule: &Rule) -> Lowered<ObjectRule> {
        let compiled = wrong(&rule.place, FileRule::compile(rule))?;
        let threshold = rule.threshold().map(|threshold| NumberCondition::compile(threshold, &mut constant));
        Ok(ObjectRule::File(compiled, wrong(&rule.place, threshold.transpose())?))
    }

    /// `DetectAnomalies "RowCount"`, `DetectAnomalies Completeness of "a"`.
    fn anomaly(&mut self, rule: &Rule) -> Lowered<ObjectRule> {
        let (first, rest) =
            rule.parameters.split_first().ok_or_else(|| fault(&rule.place, "what to watch is missing"))?;
        let Some(rule_type) = RuleType::of(first.text()) else {
            return Err(fault(&first.place, format!("there is no rule type `{}` to watch", first.text())));
        };
        let (fewest, most) = rule_type.info().parameters;
        if rest.len() < fewest || rest.len() > most {
            let about = rule_type.info().about;
            return Err(fault(&first.place, format!("`{}` is about {about}", rule_type.word())));
        }
        let subject = Subject { parameters: rest, place: &first.place, filter: None, filter_text: None };
        Ok(ObjectRule::NoAnomaly(self.metric(rule_type, &subject)?))
    }

    /// `select count(*) from primary where …` and the like, with a condition.
    fn number_of_sql(&mut self, rule: &Rule) -> Lowered<ObjectRule> {
        let (statement, predicate) = self.statement(rule)?;
        let Projection::Aggregate(aggregate, column) = statement.projection else {
            let message =
                "the statement gives rows; a condition needs one number, such as `select count(*) …`";
            return Err(fault(&rule.place, message));
        };
        let text = row::quoted(rule)?.text;
        let filter = predicate.map(|predicate| self.add_filter(format!("of {text}"), predicate));
        let (kind, word) = match (aggregate, &column) {
            (Aggregate::Count, None) => (MetricKind::RowCount, "count"),
            (Aggregate::Count, Some(_)) => (MetricKind::Count, "count"),
            (Aggregate::Sum, _) => (MetricKind::Sum, "sum"),
            (Aggregate::Average, _) => (MetricKind::Mean, "avg"),
            (Aggregate::Minimum, _) => (MetricKind::Minimum, "min"),
            (Aggregate::Maximum, _) => (MetricKind::Maximum, "max"),
        };
        let parameters: Vec<crate::dqdl::Parameter> = column
            .into_iter()
            .map(|(name, _)| crate::dqdl::Parameter {
                connector: None,
                form: crate::dqdl::ParameterForm::Bare(name),
                place: rule.place.clone(),
            })
            .collect();
        let subject = Subject { parameters: &parameters, place: &rule.place, filter, filter_text: None };
        let metric = self.of_kind(kind, word, &subject)?;
        let metric = Metric { name: format!("Dataset.*.CustomSQL of {text}"), ..metric };
        Ok(ObjectRule::Metric(metric, self.asked(rule)?))
    }

    fn reference(&mut self, rule: &Rule) -> Lowered<ObjectRule> {
        let asked = self.asked(rule)?;
        if asked.kind() == OperandKind::Number && wrong(&rule.place, reach(&asked))? > 0 {
            return Err(fault(&rule.place, "`last` cannot be used with rules about other datasets"));
        }
        let word = rule.rule_type.word();
        let first = rule.parameter(0).unwrap_or_default();
        let (name, compared) = match rule.rule_type {
            RuleType::RowCountMatch => {
                (format!("Dataset.{first}.{word}"), ReferenceRule::RowCount(first.to_owned()))
            }
            RuleType::SchemaMatch => {
                let columns =
                    self.rules.columns.iter().map(|column| (column.name.clone(), column.column_type));
                (
                    format!("Dataset.{first}.{word}"),
                    ReferenceRule::Schema(first.to_owned(), columns.collect()),
                )
            }
            RuleType::AggregateMatch => {
                let second = rule.parameter(1).unwrap_or_default();
                let sides = Box::new([self.side(rule, first)?, self.side(rule, second)?]);
                (format!("Column.{first},{second}.{word}"), ReferenceRule::Aggregates(sides))
            }
            RuleType::ReferentialIntegrity => self.integrity(rule)?,
            _ => self.dataset_match(rule)?,
        };
        Ok(ObjectRule::Reference(name, compared, asked))
    }

    /// `"a,b" "ref.{x,y}"`.
    fn integrity(&mut self, rule: &Rule) -> Lowered<(String, ReferenceRule)> {
        let here = list(rule.parameter(0).unwrap_or_default());
        let second = rule.parameter(1).unwrap_or_default();
        let Some((reference, there)) = second.split_once('.') else {
            let message =
                "the second parameter names a data source and its columns: `ref.column` or `ref.{a,b}`";
            return Err(fault(&rule.place, message));
        };
        let there = list(there.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(there));
        let name = format!("Column.{reference}.ReferentialIntegrity");
        Ok((name, self.among(rule, reference, &here, there)?))
    }

    /// `"ref" "key->KEY,…" ["column->COLUMN,…"]`.
    fn dataset_match(&mut self, rule: &Rule) -> Lowered<(String, ReferenceRule)> {
        let pairs = |text: &str| -> Vec<(String, String)> {
            let pair = |part: String| match part.split_once("->") {
                Some((here, there)) => (here.trim().to_owned(), there.trim().to_owned()),
                None => (part.clone(), part),
            };
            list(text).into_iter().map(pair).collect()
        };
        let mut columns = pairs(rule.parameter(1).unwrap_or_default());
        match rule.parameter(2) {
            Some(text) => columns.extend(pairs(text)),
            None => {
                let keys: Vec<String> = columns.iter().map(|(here, _)| here.clone()).collect();
                let others = self.slots.keys().filter(|name| !keys.iter().any(|key| key == *name));
                columns.extend(others.map(|name| ((*name).to_owned(), (*name).to_owned())));
            }
        }
        let reference = rule.parameter(0).unwrap_or_default();
        let (here, there): (Vec<String>, Vec<String>) = columns.into_iter().unzip();
        let name = format!("Dataset.{reference}.DatasetMatch");
        Ok((name, self.among(rule, reference, &here, there)?))
    }

    fn among(
        &mut self,
        rule: &Rule,
        reference: &str,
        here: &[String],
        there: Vec<String>,
    ) -> Lowered<ReferenceRule> {
        if here.len() != there.len() || here.is_empty() {
            let message = "as many columns are needed here as there";
            return Err(fault(&rule.place, message));
        }
        let columns = here.iter().map(|name| self.column(name, &rule.place)).collect::<Lowered<Vec<_>>>()?;
        let (slots, types): (Vec<usize>, Vec<_>) = columns.into_iter().unzip();
        let measured = Measured::Frequencies(slots);
        let measure = self.measure(format!("{measured:?}"), measured, None);
        Ok(ReferenceRule::Among { reference: reference.to_owned(), measure, types, columns: there })
    }

    /// `sum(column)` or `avg(ref.column)`.
    fn side(&mut self, rule: &Rule, text: &str) -> Lowered<AggregateOf> {
        let shape = || {
            fault(
                &rule.place,
                format!("`{text}` is not `sum(column)`, `avg(column)` or `sum(source.column)`"),
            )
        };
        let (function, rest) = text.split_once('(').ok_or_else(shape)?;
        let column = rest.strip_suffix(')').ok_or_else(shape)?.trim();
        let mean = match function.trim().to_ascii_lowercase().as_str() {
            "sum" => false,
            "avg" => true,
            _ => return Err(shape()),
        };
        let own = column.strip_prefix("primary.").unwrap_or(column);
        if let (false, Some((reference, column))) = (self.slots.contains_key(own), own.split_once('.')) {
            return Ok(AggregateOf::Reference(reference.to_owned(), column.to_owned(), mean));
        }
        let parameters = [crate::dqdl::Parameter {
            connector: None,
            form: crate::dqdl::ParameterForm::Bare(own.to_owned()),
            place: rule.place.clone(),
        }];
        let subject =
            Subject { parameters: &parameters, place: &rule.place, filter: None, filter_text: None };
        let rule_type = if mean { RuleType::Mean } else { RuleType::Sum };
        Ok(AggregateOf::Primary(self.metric(rule_type, &subject)?))
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}
