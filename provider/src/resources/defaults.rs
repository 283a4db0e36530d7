//! Defaults: chosen at plan, shown there. Pure; what is not known yet stays so.

use datalake_core::requests::BACKFILL_PER_SECOND;
use datalake_host::{Num, Val};

use super::model::{
    Column, Csv, Dataset, FUNCTIONS, Function, Functions, Model, Output, Quality, Retention, SchemaDrift,
};

/// When the crawler runs unless told otherwise: every six hours.
pub const CRAWLER_SCHEDULE: &str = "cron(0 */6 * * ? *)";
/// The score at which an object's good rows are accepted unless told otherwise.
pub const THRESHOLD_PERCENT: i64 = 70;
/// What a value that fails a check of its column brings about unless told otherwise.
pub const COLUMN_ACTION: &str = "quarantine_row";
/// How bad that is unless told otherwise.
pub const COLUMN_SEVERITY: &str = "error";
/// What a check of a column weighs in the score unless told otherwise.
pub const COLUMN_WEIGHT: i64 = 1;
/// What goes round a field of CSV unless told otherwise.
pub const CSV_QUOTE: &str = "\"";
/// MiB for the keys of rules about uniqueness unless told otherwise.
pub const UNIQUENESS_MEMORY_MB: i64 = 256;
/// What new columns, missing columns and values of another type bring about unless told otherwise.
pub const SCHEMA_DRIFT: [&str; 3] = ["rescue", "ignore", "quarantine_row"];
/// How long creating, updating and deleting may take unless told otherwise.
pub const TIMEOUTS: [&str; 3] = ["20m", "20m", "30m"];

/// Days by default.
#[derive(Debug, Clone, Copy)]
pub struct RetentionDays {
    /// Lambda's logs.
    pub log: i64,
    /// Answers to queries.
    pub query_result: i64,
    /// Replaced versions.
    pub noncurrent_version: i64,
    /// Items of the metadata table.
    pub metadata: i64,
    /// Dead letters: the longest SQS keeps any.
    pub dead_letter: i64,
}

/// What is kept how long unless told otherwise; data itself for ever.
pub const RETENTION: RetentionDays =
    RetentionDays { log: 30, query_result: 30, noncurrent_version: 30, metadata: 400, dead_letter: 14 };

/// Limits of one function by default.
#[derive(Debug, Clone, Copy)]
pub struct FunctionDefaults {
    /// Memory in MB.
    pub memory_mb: i64,
    /// Longest call in seconds.
    pub timeout_seconds: i64,
    /// Messages a call.
    pub batch_size: i64,
}

/// Limits of a function unless told otherwise. `validate` gets one whole processor (1,769 MB) and one object a call, so
/// that a large object shares its fifteen minutes with nothing.
#[must_use]
pub fn function(name: &str) -> FunctionDefaults {
    match name {
        "validate" => FunctionDefaults { memory_mb: 1769, timeout_seconds: 900, batch_size: 1 },
        "quality" => FunctionDefaults { memory_mb: 256, timeout_seconds: 60, batch_size: 10 },
        _ => FunctionDefaults { memory_mb: 256, timeout_seconds: 30, batch_size: 10 },
    }
}

/// The configuration's inputs with every default; the outputs are the prior state's, or null.
///
/// # Guarantees
/// Doing it twice changes nothing; what the user wrote stays as it is; an unknown stays unknown.
#[must_use]
pub fn plan_inputs(config: &Model, prior: Option<&Model>) -> Model {
    let mut model = config.clone();
    if let Some(datasets) = model.datasets.known_mut() {
        for (name, dataset) in datasets {
            fill(dataset, |dataset| fill_dataset(name, dataset));
        }
    }
    set(&mut model.force_destroy, false);
    fill_object(&mut model.retention, fill_retention);
    fill_object(&mut model.functions, fill_functions);
    text(&mut model.architecture, "x86_64");
    text(&mut model.crawler_schedule, CRAWLER_SCHEDULE);
    model.with_outputs_of(prior)
}

/// One dataset with every default.
#[must_use]
pub fn dataset_inputs(name: &str, mut dataset: Dataset) -> Dataset {
    fill_dataset(name, &mut dataset);
    dataset
}

fn fill_dataset(name: &str, dataset: &mut Dataset) {
    text(&mut dataset.prefix, &format!("input/{name}/"));
    text(&mut dataset.compression, "auto");
    fill(&mut dataset.csv, fill_csv);
    if let Some(columns) = dataset.columns.known_mut() {
        columns.values_mut().for_each(|column| fill(column, fill_column));
    }
    fill_object(&mut dataset.quality, fill_quality);
    fill_object(&mut dataset.output, |output: &mut Output| {
        set(&mut output.partition_by, Vec::new());
        text(&mut output.compression, "zstd");
    });
    fill(&mut dataset.backfill, |backfill| {
        number(&mut backfill.objects_per_second, BACKFILL_PER_SECOND.into());
    });
}

/// The delimiter has no default of its own: it follows what an object turns out to be.
fn fill_csv(csv: &mut Csv) {
    text(&mut csv.quote, CSV_QUOTE);
    set(&mut csv.header, true);
}

fn fill_column(column: &mut Column) {
    set(&mut column.required, false);
    text(&mut column.action, COLUMN_ACTION);
    text(&mut column.severity, COLUMN_SEVERITY);
    number(&mut column.weight, COLUMN_WEIGHT);
}

/// A rule's own action, severity and weight have no default: its labels may say them.
fn fill_quality(quality: &mut Quality) {
    number(&mut quality.threshold_percent, THRESHOLD_PERCENT);
    number(&mut quality.uniqueness_memory_mb, UNIQUENESS_MEMORY_MB);
    fill_object(&mut quality.schema_drift, |drift: &mut SchemaDrift| {
        let [new, missing, mistyped] = SCHEMA_DRIFT;
        text(&mut drift.new_columns, new);
        text(&mut drift.missing_columns, missing);
        text(&mut drift.mistyped_values, mistyped);
    });
}

fn fill_retention(retention: &mut Retention) {
    number(&mut retention.log_days, RETENTION.log);
    number(&mut retention.raw_days, 0);
    number(&mut retention.processed_days, 0);
    number(&mut retention.quarantine_days, 0);
    number(&mut retention.query_result_days, RETENTION.query_result);
    number(&mut retention.noncurrent_version_days, RETENTION.noncurrent_version);
    number(&mut retention.metadata_days, RETENTION.metadata);
    number(&mut retention.dead_letter_days, RETENTION.dead_letter);
}

fn fill_functions(functions: &mut Functions) {
    for name in FUNCTIONS {
        if let Some(one) = functions.get_mut(name) {
            fill_object(one, |one| fill_function(one, function(name)));
        }
    }
}

/// Concurrency has no default: none means no limit.
fn fill_function(one: &mut Function, defaults: FunctionDefaults) {
    number(&mut one.memory_mb, defaults.memory_mb);
    number(&mut one.timeout_seconds, defaults.timeout_seconds);
    number(&mut one.batch_size, defaults.batch_size);
}

/// Fills what is there; a null element of a map is a mistake that validation names.
fn fill<T>(value: &mut Val<T>, change: impl FnOnce(&mut T)) {
    if let Some(value) = value.known_mut() {
        change(value);
    }
}

/// Fills an object, also one that was left out.
fn fill_object<T: Default>(value: &mut Val<T>, change: impl FnOnce(&mut T)) {
    set(value, T::default());
    fill(value, change);
}

fn set<T>(value: &mut Val<T>, default: T) {
    if value.is_null() {
        *value = Val::Known(default);
    }
}

fn text(value: &mut Val<String>, default: &str) {
    set(value, default.to_owned());
}

fn number(value: &mut Val<Num>, default: i64) {
    set(value, Num::from(default));
}
