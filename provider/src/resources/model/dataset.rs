//! One dataset of `datalake_pipeline`: where files arrive, what a good row is, how rows are stored.

use datalake_host::{Num, Val};

use super::{Curated, Map, Texts, TransformStep};

object! {
    /// One dataset.
    Dataset {
        /// `json`, `ndjson`, `csv`, `tsv`, `parquet` or `avro`.
        format: String,
        /// Folder in the raw bucket.
        prefix: String,
        /// `auto`, `none`, `gzip`, `zstd` or `bzip2`.
        compression: String,
        /// How CSV is written, where it is not as usual.
        csv: Csv,
        /// Columns by name.
        columns: Map<Column>,
        /// The columns as the text of a JSON Schema.
        json_schema: String,
        /// What decides about a whole object.
        quality: Quality,
        /// How accepted rows are stored.
        output: Output,
        /// Size above which objects are left to Spark, in MiB.
        spark_threshold_mb: Num,
        /// What is done with accepted rows, in order.
        transforms: Vec<Val<TransformStep>>,
        /// A statement over what the steps leave.
        sql: String,
        /// How transformed rows are stored.
        curated: Curated,
        /// What was there before the dataset and is to be judged.
        backfill: Backfill,
    }
}

object! {
    /// What was there before the dataset and is to be judged.
    Backfill {
        /// Beginning of the keys.
        prefix: String,
        /// Only what was last modified at or after this instant.
        since: String,
        /// Objects queued a second.
        objects_per_second: Num,
    }
}

object! {
    /// A dialect of CSV.
    Csv {
        /// Between two fields.
        delimiter: String,
        /// Round a field; empty for none.
        quote: String,
        /// Before a quote within quotes.
        escape: String,
        /// Begins a line that is passed over.
        comment: String,
        /// Whether the first record holds names.
        header: bool,
        /// The names, when there is no header.
        columns: Texts,
        /// A text that means no value.
        null_text: String,
    }
}

object! {
    /// One column and its checks.
    Column {
        /// Type of the values.
        #[serde(rename = "type")]
        column_type: String,
        /// Whether a row must have it.
        required: bool,
        /// Regular expression or a name of one.
        pattern: String,
        /// Texts allowed (a set).
        #[serde(rename = "enum")]
        allowed: Texts,
        /// Smallest number.
        minimum: Num,
        /// Largest number.
        maximum: Num,
        /// What numbers are above.
        exclusive_minimum: Num,
        /// What numbers are below.
        exclusive_maximum: Num,
        /// Fewest characters.
        minimum_length: Num,
        /// Most characters.
        maximum_length: Num,
        /// A free word, such as `pii`.
        classification: String,
        /// What a value that fails brings about.
        action: String,
        /// How bad that is.
        severity: String,
        /// What each check weighs in the score.
        weight: Num,
    }
}

object! {
    /// What decides about a whole object.
    Quality {
        /// DQDL.
        ruleset: String,
        /// Single rules by the user's name.
        rules: Map<QualityRule>,
        /// What a rule that does not hold brings about.
        action: String,
        /// Smallest score.
        threshold_percent: Num,
        /// Largest share of quarantined rows.
        max_quarantined_percent: Num,
        /// What data that does not fit the columns brings about.
        schema_drift: SchemaDrift,
        /// Most memory for keys, in MiB.
        uniqueness_memory_mb: Num,
    }
}

object! {
    /// One rule by itself.
    QualityRule {
        /// DQDL, without `Rules = [ … ]`.
        rule: String,
        /// What it brings about.
        action: String,
        /// How bad that is.
        severity: String,
        /// What it weighs in the score.
        weight: Num,
    }
}

object! {
    /// Policies for data that does not fit the columns.
    SchemaDrift {
        /// Fields that are not declared.
        new_columns: String,
        /// Declared columns that an object lacks.
        missing_columns: String,
        /// Values of another type.
        mistyped_values: String,
    }
}

object! {
    /// How accepted rows are stored.
    Output {
        /// Columns that become folders, in order.
        partition_by: Texts,
        /// `zstd`, `snappy` or `none`.
        compression: String,
    }
}
