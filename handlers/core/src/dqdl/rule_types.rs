//! The rule types of the language: one table, from which parser, checks and documents read.

use OperandKind::{Duration, Moment, Number, Size, Text};

use super::condition::OperandKind;

/// A rule type: its place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is explained by the table's line")]
pub enum RuleType {
    AggregateMatch,
    AllStatistics,
    ColumnCorrelation,
    ColumnCount,
    ColumnDataType,
    ColumnExists,
    ColumnLength,
    ColumnNamesMatchPattern,
    ColumnValues,
    Completeness,
    CustomSql,
    DataFreshness,
    DatasetMatch,
    DetectAnomalies,
    DistinctValuesCount,
    DuplicateRowCount,
    Entropy,
    FileFreshness,
    FileMatch,
    FileSize,
    FileUniqueness,
    InterquartileRange,
    IsComplete,
    IsPrimaryKey,
    IsUnique,
    Kurtosis,
    Mean,
    Range,
    ReferentialIntegrity,
    RowCount,
    RowCountMatch,
    SchemaMatch,
    Skewness,
    StandardDeviation,
    Sum,
    UniqueValueRatio,
    Uniqueness,
    Variance,
    ZerosCount,
}

/// Whether a condition follows the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// None may follow.
    None,
    /// One may follow.
    Optional,
    /// One must follow.
    Required,
}

/// What the language says about a rule type.
#[derive(Debug)]
pub struct RuleInfo {
    /// The type.
    pub rule_type: RuleType,
    /// Its word.
    pub word: &'static str,
    /// Fewest and most parameters.
    pub parameters: (usize, usize),
    /// What the parameters are, for messages.
    pub about: &'static str,
    /// Whether a condition follows.
    pub condition: Need,
    /// Kinds of values its condition may have.
    pub kinds: &'static [OperandKind],
    /// Whether `where` may follow.
    pub filter: bool,
    /// Whether `with threshold` may follow.
    pub threshold: bool,
    /// Whether it may be judged; `AllStatistics` is only measured.
    pub rule: bool,
}

const MANY: usize = 50;

const fn line(
    rule_type: RuleType,
    word: &'static str,
    parameters: (usize, usize),
    about: &'static str,
    condition: Need,
    kinds: &'static [OperandKind],
    flags: &'static str,
) -> RuleInfo {
    let flags = flags.as_bytes();
    let (mut filter, mut threshold, mut rule) = (false, false, true);
    let mut at = 0;
    while at < flags.len() {
        match flags[at] {
            b'w' => filter = true,
            b't' => threshold = true,
            _ => rule = false,
        }
        at += 1;
    }
    RuleInfo { rule_type, word, parameters, about, condition, kinds, filter, threshold, rule }
}

use Need::{None as Bare, Optional, Required};
use RuleType as T;

/// Every rule type: word, number of parameters, what they are, condition, kinds of values; `w` takes `where`, `t` takes
/// `with threshold`, `a` is an analyzer only. The six that only Deequ's executor knows are among them.
pub const RULE_TYPES: [RuleInfo; 39] = [
    line(T::AggregateMatch, "AggregateMatch", (2, 2), "two aggregates", Required, &[Number], ""),
    line(T::AllStatistics, "AllStatistics", (1, 1), "the column", Bare, &[], "a"),
    line(T::ColumnCorrelation, "ColumnCorrelation", (2, 2), "two columns", Required, &[Number], "w"),
    line(T::ColumnCount, "ColumnCount", (0, 0), "", Required, &[Number], ""),
    line(T::ColumnDataType, "ColumnDataType", (1, 1), "the column", Required, &[Text], "wt"),
    line(T::ColumnExists, "ColumnExists", (1, 1), "the column", Bare, &[], ""),
    line(T::ColumnLength, "ColumnLength", (1, 1), "the column", Required, &[Number], "wt"),
    line(T::ColumnNamesMatchPattern, "ColumnNamesMatchPattern", (1, 1), "the pattern", Bare, &[], ""),
    line(T::ColumnValues, "ColumnValues", (1, 1), "the column", Required, &[Number, Text, Moment], "wt"),
    line(T::Completeness, "Completeness", (1, 1), "the column", Required, &[Number], "w"),
    line(T::CustomSql, "CustomSql", (1, 1), "the SQL statement", Optional, &[Number], "t"),
    line(T::DataFreshness, "DataFreshness", (1, 1), "the column", Required, &[Duration], "wt"),
    line(T::DatasetMatch, "DatasetMatch", (2, 3), "a data source and key columns", Required, &[Number], ""),
    line(T::DetectAnomalies, "DetectAnomalies", (1, MANY), "the rule type to watch", Bare, &[], ""),
    line(T::DistinctValuesCount, "DistinctValuesCount", (1, 1), "the column", Required, &[Number], "w"),
    line(T::DuplicateRowCount, "DuplicateRowCount", (0, MANY), "columns", Required, &[Number], "w"),
    line(T::Entropy, "Entropy", (1, 1), "the column", Required, &[Number], "w"),
    line(T::FileFreshness, "FileFreshness", (0, 1), "a path", Required, &[Moment, Text], "t"),
    line(T::FileMatch, "FileMatch", (0, 2), "paths", Optional, &[Text], ""),
    line(T::FileSize, "FileSize", (0, 1), "a path", Required, &[Size], "t"),
    line(T::FileUniqueness, "FileUniqueness", (0, 1), "a path", Required, &[Number], ""),
    line(T::InterquartileRange, "InterquartileRange", (1, 1), "the column", Required, &[Number], "w"),
    line(T::IsComplete, "IsComplete", (1, 1), "the column", Bare, &[], "wt"),
    line(T::IsPrimaryKey, "IsPrimaryKey", (1, MANY), "the column", Bare, &[], "w"),
    line(T::IsUnique, "IsUnique", (1, MANY), "the column", Bare, &[], "w"),
    line(T::Kurtosis, "Kurtosis", (1, 1), "the column", Required, &[Number], "w"),
    line(T::Mean, "Mean", (1, 1), "the column", Required, &[Number], "w"),
    line(T::Range, "Range", (1, 1), "the column", Required, &[Number], "w"),
    line(
        T::ReferentialIntegrity,
        "ReferentialIntegrity",
        (2, 2),
        "columns and the columns they refer to",
        Required,
        &[Number],
        "",
    ),
    line(T::RowCount, "RowCount", (0, 0), "", Required, &[Number], "w"),
    line(T::RowCountMatch, "RowCountMatch", (1, 1), "a data source", Required, &[Number], ""),
    line(T::SchemaMatch, "SchemaMatch", (1, 1), "a data source", Required, &[Number], ""),
    line(T::Skewness, "Skewness", (1, 1), "the column", Required, &[Number], "w"),
    line(T::StandardDeviation, "StandardDeviation", (1, 1), "the column", Required, &[Number], "w"),
    line(T::Sum, "Sum", (1, 1), "the column", Required, &[Number], "w"),
    line(T::UniqueValueRatio, "UniqueValueRatio", (1, MANY), "the column", Required, &[Number], "w"),
    line(T::Uniqueness, "Uniqueness", (1, MANY), "the column", Required, &[Number], "w"),
    line(T::Variance, "Variance", (1, 1), "the column", Required, &[Number], "w"),
    line(T::ZerosCount, "ZerosCount", (1, 1), "the column", Required, &[Number], "w"),
];

/// Tags that may follow `with`.
pub const TAGS: [&str; 9] = [
    "threshold",
    "ignoreCase",
    "hashAlgorithm",
    "timeZone",
    "recentFiles",
    "uriRegex",
    "matchFileName",
    "dataFrame",
    "format",
];

impl RuleType {
    /// The table's line.
    #[must_use]
    pub fn info(self) -> &'static RuleInfo {
        // The table is in the order of the type; a test holds it to that.
        &RULE_TYPES[self as usize]
    }

    /// The word in the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.info().word
    }

    /// The type of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        RULE_TYPES.iter().find(|info| info.word == word).map(|info| info.rule_type)
    }

    /// Whether each row has its own outcome. `CustomSql` has when it has no condition.
    #[must_use]
    pub fn is_row_level(self) -> bool {
        matches!(
            self,
            T::IsComplete | T::ColumnValues | T::ColumnLength | T::ColumnDataType | T::DataFreshness
        )
    }

    /// Whether its parameters are columns of the dataset itself.
    #[must_use]
    pub fn names_columns(self) -> bool {
        let info = self.info();
        (info.filter && info.parameters.1 > 0) || matches!(self, T::AllStatistics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_type_and_of_the_alphabet() {
        for (at, info) in RULE_TYPES.iter().enumerate() {
            assert_eq!(info.rule_type as usize, at, "{}", info.word);
            assert_eq!(format!("{:?}", info.rule_type), info.word);
            assert!(at == 0 || RULE_TYPES[at - 1].word < info.word);
            assert_eq!(info.condition == Need::None, info.kinds.is_empty(), "{}", info.word);
        }
    }
}
