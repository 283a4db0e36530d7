//! The schema of a dataset: what a data engineer writes.

use tf_provider::schema::AttributeType::{self, Bool, List, Number, Set, String};

use super::attribute::{defaulted, map_of, object, optional, required};

/// Datasets by name.
pub fn datasets() -> AttributeType {
    map_of([
        (
            "format",
            required(
                String,
                "Format of the files: `json` (a document or an array of objects), `ndjson` (an object a line) or `csv` (with a header line). What a file's content says wins over the declaration.",
            ),
        ),
        (
            "prefix",
            defaulted(
                String,
                "Folder in the raw bucket under which this dataset's files arrive, ending in `/`. Folders of two datasets must not overlap. Default: `input/<dataset>/`.",
            ),
        ),
        (
            "compression",
            defaulted(
                String,
                "Compression of the files: `auto` (told by content), `none` or `gzip`. Default: `auto`.",
            ),
        ),
        (
            "columns",
            optional(
                columns(),
                "Columns by name, with the checks each value must pass; a dot reaches into a nested object (`data.temperature`). Without columns each row is kept whole, as JSON text in the column `record`.",
            ),
        ),
        ("quality", defaulted(quality(), "What decides whether a whole object is accepted.")),
        ("output", defaulted(output(), "How accepted rows are stored.")),
    ])
}

fn columns() -> AttributeType {
    map_of([
        (
            "type",
            required(
                String,
                "Type of the values: `string`, `bigint`, `double`, `boolean`, `date`, `timestamp` (RFC 3339 with offset) or `json` (any JSON value, kept as text).",
            ),
        ),
        (
            "required",
            defaulted(Bool, "Whether a row without a value (absent or null) is refused. Default: `false`."),
        ),
        (
            "pattern",
            optional(
                String,
                "Regular expression that the whole text must match, or a name: `email`, `e164`, `uuid` and others. For `string` columns.",
            ),
        ),
        ("enum", optional(Set(String.into()), "The values allowed.")),
        (
            "minimum",
            optional(Number, "Smallest number allowed, inclusive. For `bigint` and `double` columns."),
        ),
        (
            "maximum",
            optional(Number, "Largest number allowed, inclusive. For `bigint` and `double` columns."),
        ),
        (
            "classification",
            optional(
                String,
                "A word about the content, such as `pii`; it goes into the column's comment in the catalogue.",
            ),
        ),
    ])
}

fn quality() -> AttributeType {
    object([
        (
            "ruleset",
            optional(
                String,
                "Rules in DQDL, the language of AWS Glue Data Quality: `Rules = [ RowCount > 0, IsComplete \"id\" ]`.",
            ),
        ),
        (
            "threshold_percent",
            defaulted(
                Number,
                "Smallest score (0 to 100) at which an object's good rows are accepted. Default: `70`.",
            ),
        ),
    ])
}

fn output() -> AttributeType {
    object([
        (
            "partition_by",
            defaulted(
                List(String.into()),
                "Columns whose values become folders (`country=DE/`), in this order: required `string`, `bigint`, `boolean` or `date` columns, at most four. Default: none.",
            ),
        ),
        (
            "compression",
            defaulted(
                String,
                "Compression of the Parquet pages: `zstd`, `snappy` or `none`. Default: `zstd`.",
            ),
        ),
    ])
}
