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
}

/// File formats that can be declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// One JSON document: an object (one row) or an array of objects (a row each).
    Json,
    /// One JSON object per line.
    Ndjson,
    /// Comma separated values with a header line (RFC 4180).
    Csv,
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
}

/// One declared column: its type and the checks every value must pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// A free word such as `pii`, written into the catalogue as a column parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<String>,
}

/// Column types, named as Athena names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Text.
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualitySpec {
    /// A DQDL document, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruleset: Option<String>,
    /// Smallest object score (0 to 100) at which the object's good rows are accepted.
    pub threshold_percent: f64,
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
