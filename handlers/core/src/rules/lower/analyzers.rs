//! Analyzers: what is measured without being judged.

use super::metrics::Subject;
use super::{Lowered, Lowering, fault};
use crate::columns::is_numeric;
use crate::dqdl::{Analyzer, RuleType};
use crate::rules::MetricKind as K;
use crate::spec::ColumnType;

/// Metrics of numbers that have no rule type of their own.
const OF_NUMBERS: [(K, &str); 6] = [
    (K::Minimum, "Minimum"),
    (K::Maximum, "Maximum"),
    (K::Mean, "Mean"),
    (K::Sum, "Sum"),
    (K::StandardDeviation, "StandardDeviation"),
    (K::Variance, "Variance"),
];
const OF_TEXTS: [(K, &str); 2] = [(K::MinimumLength, "MinimumLength"), (K::MaximumLength, "MaximumLength")];

impl Lowering<'_> {
    pub(super) fn analyzer(&mut self, analyzer: &Analyzer) -> Lowered<()> {
        let subject = Subject {
            parameters: &analyzer.parameters,
            place: &analyzer.place,
            filter: None,
            filter_text: None,
        };
        match analyzer.rule_type {
            RuleType::AllStatistics => {
                let about_rows = Subject { parameters: &[], ..subject };
                let rows = self.metric(RuleType::RowCount, &about_rows)?;
                self.rules.analyzers.push(rows);
                for rule_type in [RuleType::Completeness, RuleType::Uniqueness] {
                    let metric = self.metric(rule_type, &subject)?;
                    self.rules.analyzers.push(metric);
                }
                self.of_values(&subject, analyzer.parameters[0].text())
            }
            RuleType::ColumnValues => self.several(&subject, &OF_NUMBERS[..2]),
            RuleType::ColumnLength => self.several(&subject, &OF_TEXTS),
            rule_type => {
                let metric = self.metric(rule_type, &subject).map_err(|error| {
                    if error.message.ends_with("is not a measure") {
                        fault(&analyzer.place, format!("`{}` cannot be an analyzer here", rule_type.word()))
                    } else {
                        error
                    }
                })?;
                self.rules.analyzers.push(metric);
                Ok(())
            }
        }
    }

    fn of_values(&mut self, subject: &Subject<'_>, column: &str) -> Lowered<()> {
        let (_, column_type) = self.column(column, subject.place)?;
        match column_type {
            column_type if is_numeric(column_type) => self.several(subject, &OF_NUMBERS),
            ColumnType::String => self.several(subject, &OF_TEXTS),
            _ => Ok(()),
        }
    }

    fn several(&mut self, subject: &Subject<'_>, kinds: &[(K, &str)]) -> Lowered<()> {
        for (kind, name) in kinds {
            let metric = self.of_kind(*kind, name, subject)?;
            self.rules.analyzers.push(metric);
        }
        Ok(())
    }
}
