//! Metrics of rules and analyzers: what has to be measured, and how it is named.

use super::{Lowered, Lowering, Measured, fault};
use crate::columns::{is_numeric, type_word};
use crate::dqdl::{Parameter, Place, Rule, RuleType};
use crate::rules::{Metric, MetricKind};
use crate::spec::ColumnType;

/// `Column.id.Completeness`, with the rule's `where` if it has one: filtered measures have a history of their own.
pub(super) fn name(scope: &str, rule: &Rule, metric: &str) -> String {
    let columns: Vec<&str> = rule.parameters.iter().map(Parameter::text).collect();
    let filter = rule.filter.as_ref().map(|filter| filter.text.as_str());
    named(scope, &columns, metric, filter)
}

fn named(scope: &str, columns: &[&str], metric: &str, filter: Option<&str>) -> String {
    let about = if columns.is_empty() { "*".to_owned() } else { columns.join(",") };
    let scope = if columns.len() > 1 { "Multicolumn" } else { scope };
    let filter = filter.map(|filter| format!(" where {filter}")).unwrap_or_default();
    format!("{scope}.{about}.{metric}{filter}")
}

/// The subject of a metric: which columns and which rows.
pub(super) struct Subject<'a> {
    pub parameters: &'a [Parameter],
    pub place: &'a Place,
    pub filter: Option<usize>,
    pub filter_text: Option<&'a str>,
}

impl Lowering<'_> {
    /// The metric of a rule type that has one.
    pub(super) fn metric(&mut self, rule_type: RuleType, subject: &Subject<'_>) -> Lowered<Metric> {
        use MetricKind as K;
        use RuleType as T;
        let kind = match rule_type {
            T::RowCount => K::RowCount,
            T::ColumnCount => K::Fixed(self.types.len() as f64),
            T::Completeness | T::IsComplete => K::Share,
            T::Uniqueness | T::IsUnique | T::IsPrimaryKey => K::Uniqueness,
            T::UniqueValueRatio => K::UniqueValueRatio,
            T::DistinctValuesCount => K::DistinctValuesCount,
            T::DuplicateRowCount => K::DuplicateRowCount,
            T::Entropy => K::Entropy,
            T::Mean => K::Mean,
            T::Sum => K::Sum,
            T::StandardDeviation => K::StandardDeviation,
            T::Variance => K::Variance,
            T::Skewness => K::Skewness,
            T::Kurtosis => K::Kurtosis,
            T::Range => K::Range,
            T::ZerosCount => K::ZerosCount,
            T::InterquartileRange => K::InterquartileRange,
            T::ColumnCorrelation => K::Correlation,
            other => return Err(fault(subject.place, format!("`{}` is not a measure", other.word()))),
        };
        let metric = match rule_type {
            T::IsComplete => "Completeness",
            T::IsUnique | T::IsPrimaryKey => "Uniqueness",
            other => other.word(),
        };
        self.of_kind(kind, metric, subject)
    }

    /// A metric of some kind, under some name.
    pub(super) fn of_kind(
        &mut self,
        kind: MetricKind,
        metric: &str,
        subject: &Subject<'_>,
    ) -> Lowered<Metric> {
        use MetricKind as K;
        if self.types.is_empty() && kind != K::RowCount {
            let message = "the rule is about columns, and the dataset declares none";
            return Err(fault(subject.place, message));
        }
        let mut slots = Vec::new();
        let columns: Vec<&str> = subject.parameters.iter().map(Parameter::text).collect();
        for parameter in subject.parameters {
            slots.push(self.column(parameter.text(), &parameter.place)?);
        }
        let name = named(
            if columns.is_empty() { "Dataset" } else { "Column" },
            &columns,
            metric,
            subject.filter_text,
        );
        let only = |slots: &[(usize, ColumnType)]| slots.iter().map(|(slot, _)| *slot).collect::<Vec<_>>();
        let measured = match kind {
            K::RowCount | K::Fixed(_) => Measured::Rows,
            K::Share | K::FilteredShare | K::Count => Measured::Complete(only(&slots)),
            K::DuplicateRowCount if slots.is_empty() => {
                Measured::Frequencies((0..self.types.len()).collect())
            }
            K::Uniqueness
            | K::UniqueValueRatio
            | K::DistinctValuesCount
            | K::DuplicateRowCount
            | K::Entropy => Measured::Frequencies(only(&slots)),
            K::MinimumLength | K::MaximumLength => Measured::Lengths(slots[0].0),
            K::InterquartileRange => {
                self.numeric(subject, &slots, metric)?;
                Measured::Numbers(slots[0].0)
            }
            K::Correlation => {
                self.numeric(subject, &slots, metric)?;
                Measured::Pairs(slots[0].0, slots[1].0)
            }
            _ => {
                self.numeric(subject, &slots, metric)?;
                Measured::Moments(slots[0].0)
            }
        };
        let key = match &measured {
            Measured::Rows => "Rows".to_owned(),
            Measured::Passing(_) => String::new(),
            other => format!("{other:?}"),
        };
        let measure = self.measure(key, measured, subject.filter);
        Ok(Metric { name, kind, measure })
    }

    fn numeric(&self, subject: &Subject<'_>, slots: &[(usize, ColumnType)], word: &str) -> Lowered<()> {
        for ((_, column_type), parameter) in slots.iter().zip(subject.parameters) {
            if !is_numeric(*column_type) {
                let (column, kind) = (parameter.text(), type_word(*column_type));
                return Err(fault(
                    &parameter.place,
                    format!("`{word}` needs numbers; `{column}` is a {kind}"),
                ));
            }
        }
        Ok(())
    }
}
