//! The compiled pipeline: what the provider writes into `pipeline.json` and every handler reads.
//!
//! It is the contract between the two halves of the project. The provider validates it before it is written, so a
//! handler may rely on it: patterns compile, prefixes do not overlap, partition columns exist.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The layout version of this document; a handler refuses a document of another version.
pub const SPEC_VERSION: u32 = 1;

/// One pipeline, with everything its handlers need to know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineSpec {
    /// [`SPEC_VERSION`] at the time of writing.
    pub version: u32,
    /// The pipeline's name, as in `datalake_pipeline.name`.
    pub name: String,
    /// Bucket names by role.
    pub buckets: Buckets,
    /// Name of the DynamoDB metadata table.
    pub metadata_table: String,
    /// Name of the custom event bus.
    pub event_bus: String,
    /// Days after which a metadata item may be deleted by DynamoDB's time to live; 0 keeps it for ever.
    pub metadata_ttl_days: u32,
    /// Datasets by the user's name.
    pub datasets: BTreeMap<String, DatasetSpec>,
}

/// The three buckets of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buckets {
    /// Where files arrive.
    pub raw: String,
    /// Where accepted rows go, as Parquet.
    pub processed: String,
    /// Where refused rows and objects go, with their reasons.
    pub quarantine: String,
}

/// One dataset: where its files arrive, what a good row is, how rows are stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetSpec {
    /// The declared format; content that says otherwise wins (see `formats::sniff`).
    pub format: Format,
    /// Key prefix in the raw bucket, ending in `/`, e.g. `input/readings/`.
    pub prefix: String,
    /// The declared compression of the files; [`Compression::Auto`] looks at the content.
    pub compression: Compression,
    /// Declared columns by name; a dot reaches into nested objects (`data.temperature`).
    /// Empty: rows are kept whole, as one JSON text in the column `record`.
    pub columns: BTreeMap<String, ColumnSpec>,
    /// Rules and threshold.
    pub quality: QualitySpec,
    /// How accepted rows are stored.
    pub output: OutputSpec,
    /// How CSV is written, where it is not as RFC 4180 has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csv: Option<CsvSpec>,
    /// Size of an object in MiB above which it is not judged but announced as too large; none: there is no such size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spark_threshold_mb: Option<u32>,
}

/// A dialect of CSV. Every character is one ASCII character; an empty text means that there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CsvSpec {
    /// Between two fields; a comma by default, and a tab for TSV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// Round fields that hold delimiters or line ends; `"` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Before a quote within quotes; by default there is none and a quote is doubled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escape: Option<String>,
    /// First character of lines that are passed over; by default there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether the first record holds the names of the fields.
    pub header: bool,
    /// The names of the fields, when there is no header.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// A text that means no value, as an empty field does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub null_text: Option<String>,
}

impl Default for CsvSpec {
    fn default() -> Self {
        Self {
            delimiter: None,
            quote: None,
            escape: None,
            comment: None,
            header: true,
            columns: Vec::new(),
            null_text: None,
        }
    }
}

/// File formats that can be declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// One JSON document: an object (one row) or an array of objects (a row each).
    Json,
    /// One JSON object per line.
    Ndjson,
    /// Comma separated values with a header line (RFC 4180), or a dialect of it.
    Csv,
    /// The same with tabs for commas.
    Tsv,
    /// Parquet.
    Parquet,
    /// Avro's object container files.
    Avro,
}

/// Compressions of arriving files that can be declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Recognised by content.
    Auto,
    /// Not compressed.
    None,
    /// gzip, one or more members.
    Gzip,
    /// Zstandard, one or more frames.
    Zstd,
    /// bzip2, one or more streams.
    Bzip2,
}

/// One declared column: its type and the checks every value must pass.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSpec {
    /// The type of its values.
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    /// Whether a row without a value (absent or null) is refused.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// A regular expression that the whole text must match, or one of the names of `columns::NAMED_PATTERNS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The texts allowed (numbers are compared by value).
    #[serde(default, rename = "enum", skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<String>>,
    /// Smallest number allowed, inclusive, as a decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<String>,
    /// Largest number allowed, inclusive, as a decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<String>,
    /// A number that values must be above, as a decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive_minimum: Option<String>,
    /// A number that values must be below, as a decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive_maximum: Option<String>,
    /// Fewest characters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_length: Option<u32>,
    /// Most characters of a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_length: Option<u32>,
    /// A free word such as `pii`, written into the catalogue as a column parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<String>,
    /// What a value that fails a check of this column brings about; none: its row is quarantined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// How bad that is, for people.
    #[serde(default, skip_serializing_if = "is_default")]
    pub severity: Severity,
    /// What each check of this column weighs in the score; none: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
}

/// What a rule that does not hold brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is counted, and the row or object is accepted all the same.
    Warn,
    /// The row is left out, and counted; nothing of it is kept.
    DropRow,
    /// The row is quarantined with its reasons.
    QuarantineRow,
    /// The whole object is refused.
    QuarantineObject,
    /// The whole object is refused, and the rest of it is not even read.
    Fail,
}

/// How bad a fault is, for people: nothing in the engine depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warning,
    /// A fault.
    #[default]
    Error,
    /// A fault to wake somebody for.
    Critical,
}

/// Column types, named as Athena names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Text.
    #[default]
    String,
    /// Whole number of 64 bits.
    Bigint,
    /// Floating point number of 64 bits.
    Double,
    /// `true` or `false`.
    Boolean,
    /// Day of the calendar, `2026-01-31`.
    Date,
    /// Instant, RFC 3339 with offset; stored in UTC with milliseconds.
    Timestamp,
    /// Any JSON value, stored as JSON text.
    Json,
}

/// What decides whether a whole object is good.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualitySpec {
    /// A DQDL document, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruleset: Option<String>,
    /// Single rules by the user's name, each with what it brings about.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, RuleSpec>,
    /// What a rule of the document brings about; none: a rule about rows quarantines the row, one about the object refuses the
    /// object. The labels `datalake.action`, `datalake.severity` and `datalake.weight` of a rule say otherwise for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Smallest object score (0 to 100) at which the object's good rows are accepted.
    pub threshold_percent: f64,
    /// Largest share of quarantined rows (0 to 100) at which the object's good rows are accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_quarantined_percent: Option<f64>,
    /// What rows that do not fit the declared columns bring about.
    #[serde(default, skip_serializing_if = "is_default")]
    pub schema_drift: SchemaDriftSpec,
    /// Most memory for the keys of rules about uniqueness and references, in MiB; none: 256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uniqueness_memory_mb: Option<u32>,
}

/// One rule with what it brings about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// One DQDL rule, or several joined, without `Rules = [ … ]`.
    pub rule: String,
    /// What it brings about when it does not hold; none: as for the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// How bad that is, for people.
    #[serde(default, skip_serializing_if = "is_default")]
    pub severity: Severity,
    /// What it weighs in the score; none: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
}

/// Policies for data that does not fit the declared columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaDriftSpec {
    /// Fields that are not declared; none: they are rescued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_columns: Option<DriftPolicy>,
    /// Declared columns of which no row of the object has a value; none: that is ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_columns: Option<DriftPolicy>,
    /// Values that are not of the declared type; none: the row is quarantined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mistyped_values: Option<DriftPolicy>,
}

/// What to do with data that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftPolicy {
    /// The table takes the column on.
    Evolve,
    /// The data is kept as JSON in the column `_rescued`.
    Rescue,
    /// The data is left out.
    Ignore,
    /// The row is quarantined.
    QuarantineRow,
    /// The whole object is refused.
    Fail,
}

/// How accepted rows are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputSpec {
    /// Columns whose values become folders `column=value/`; declared string, bigint, boolean or date columns.
    pub partition_by: Vec<String>,
    /// Parquet page compression.
    pub compression: OutputCompression,
}

/// Parquet page compressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputCompression {
    /// Zstandard, level 1.
    Zstd,
    /// Snappy.
    Snappy,
    /// None.
    None,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_false(value: &bool) -> bool {
    !*value
}

impl PipelineSpec {
    /// The dataset whose prefix the key starts with (the longest wins), with its name.
    #[must_use]
    pub fn dataset_of(&self, key: &str) -> Option<(&str, &DatasetSpec)> {
        self.datasets
            .iter()
            .filter(|(_, dataset)| key.starts_with(&dataset.prefix))
            .max_by_key(|(_, dataset)| dataset.prefix.len())
            .map(|(name, dataset)| (name.as_str(), dataset))
    }
}
