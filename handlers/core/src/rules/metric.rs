//! Metrics: numbers that follow from measures, named as Glue names them.

use super::Measures;
use super::frequencies::Unkept;

/// A number that is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name, such as `Column.id.Completeness`.
    pub name: String,
    /// How it follows from the measure.
    pub kind: MetricKind,
    /// The index into `Rules::measures`.
    pub measure: usize,
}

/// How a metric follows from a measure.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "the words of the rule language")]
pub enum MetricKind {
    /// A number that does not depend on the rows.
    Fixed(f64),
    RowCount,
    /// Counted rows as a share of all.
    Share,
    /// As `Share`; that no row is admitted is no fault.
    FilteredShare,
    /// Counted rows.
    Count,
    Uniqueness,
    UniqueValueRatio,
    DistinctValuesCount,
    DuplicateRowCount,
    Entropy,
    Mean,
    Sum,
    StandardDeviation,
    Variance,
    Skewness,
    Kurtosis,
    Range,
    ZerosCount,
    InterquartileRange,
    Minimum,
    Maximum,
    MinimumLength,
    MaximumLength,
    Correlation,
}

/// Why a metric has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// There is nothing to measure.
    Values,
    /// No row is admitted by the rule's `where`.
    Rows,
    /// The values could not be kept.
    Unkept(Unkept),
}

impl Missing {
    /// For people.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Values => "there is no value to measure".to_owned(),
            Self::Rows => "no row satisfies the rule's `where`".to_owned(),
            Self::Unkept(reason) => reason.to_string(),
        }
    }
}

impl From<Unkept> for Missing {
    fn from(reason: Unkept) -> Self {
        Self::Unkept(reason)
    }
}

impl Metric {
    /// Its value.
    ///
    /// # Errors
    /// Why there is none.
    pub fn value(&self, measures: &Measures) -> Result<f64, Missing> {
        use MetricKind as K;
        if let K::Fixed(value) = self.kind {
            return Ok(value);
        }
        let rows = measures.rows_of(self.measure);
        let value = match self.kind {
            K::RowCount => Some(rows as f64),
            K::Share | K::FilteredShare => {
                (rows > 0).then(|| measures.counted(self.measure) as f64 / rows as f64)
            }
            K::Count => Some(measures.counted(self.measure) as f64),
            K::Uniqueness
            | K::UniqueValueRatio
            | K::DistinctValuesCount
            | K::DuplicateRowCount
            | K::Entropy => self.of_frequencies(measures, rows)?,
            K::MinimumLength => measures.lengths(self.measure).map(|(shortest, _)| shortest as f64),
            K::MaximumLength => measures.lengths(self.measure).map(|(_, longest)| longest as f64),
            K::InterquartileRange => match measures.numbers(self.measure) {
                Some(numbers) => numbers.interquartile_range()?.map(rounded),
                None => None,
            },
            K::Correlation => {
                measures.pairs(self.measure).and_then(super::moments::Pairs::correlation).map(rounded)
            }
            _ => self.of_moments(measures).map(rounded),
        };
        value.ok_or(if self.kind == K::FilteredShare { Missing::Rows } else { Missing::Values })
    }

    fn of_moments(&self, measures: &Measures) -> Option<f64> {
        use MetricKind as K;
        let moments = measures.moments(self.measure)?;
        match self.kind {
            K::Mean => moments.mean(),
            K::Sum => moments.sum(),
            K::StandardDeviation => moments.deviation(),
            K::Variance => moments.variance(),
            K::Skewness => moments.skewness(),
            K::Kurtosis => moments.kurtosis(),
            K::Range => moments.range(),
            K::ZerosCount => Some(moments.zeros as f64),
            K::Minimum => moments.minimum,
            K::Maximum => moments.maximum,
            _ => None,
        }
    }

    fn of_frequencies(&self, measures: &Measures, rows: u64) -> Result<Option<f64>, Missing> {
        use MetricKind as K;
        let Some(counts) = measures.frequencies(self.measure) else { return Ok(None) };
        let found = counts.summary()?;
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        Ok(match self.kind {
            K::Uniqueness => share(found.unique, found.rows),
            K::UniqueValueRatio => share(found.unique, found.distinct),
            // Null counts as one value more, as in Deequ's histogram.
            K::DistinctValuesCount => Some((found.distinct + u64::from(rows > found.rows)) as f64),
            K::DuplicateRowCount => Some((found.rows - found.distinct) as f64),
            K::Entropy => (found.rows > 0).then_some(rounded(found.entropy)),
            _ => None,
        })
    }
}

/// To 12 significant digits: what the order of the rows and the split of the object leave in the last ones must not decide.
/// Whole numbers that a float holds exactly stay as they are.
fn rounded(value: f64) -> f64 {
    if value.fract() == 0.0 { value } else { format!("{value:.11e}").parse().unwrap_or(value) }
}
