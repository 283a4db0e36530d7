//! The schema of a dataset: what a data engineer writes.

use tf_provider::schema::AttributeType::{self, Bool, List, Number, String};

use super::attribute::{Members, defaulted, members, object, optional, required};
use super::columns::columns;
use super::quality::quality;

/// Datasets by name.
pub fn datasets() -> AttributeType {
    AttributeType::AttributeMap(dataset())
}

/// The attributes of one.
pub fn dataset() -> Members {
    members([
        (
            "format",
            required(
                String,
                "Format of the files: `json` (a document or an array of objects), `ndjson` (an object a line), `csv` (with a header line, unless `csv` says otherwise), `tsv` (the same with tabs), `parquet` or `avro` (object container files). What a file's content says wins over the declaration.",
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
                "Compression of the files: `auto` (told by content), `none`, `gzip`, `zstd` or `bzip2`. Default: `auto`.",
            ),
        ),
        ("csv", optional(csv(), "How CSV and TSV are written, where it is not as RFC 4180 has it.")),
        (
            "columns",
            optional(
                columns(),
                "Columns by name, with the checks each value must pass; a dot reaches into a nested object (`data.temperature`). Without columns each row is kept whole, as JSON text in the column `record`.",
            ),
        ),
        (
            "json_schema",
            optional(
                String,
                "The columns as the text of a JSON Schema, instead of `columns`: `type`, `properties`, `required`, `enum`, `const`, `pattern`, `format` (`email`, `uuid`, `ipv4`, `hostname`, `date`, `date-time`), the four bounds of numbers and both lengths of texts; nested objects become dotted columns. Any other keyword is refused with its JSON pointer.",
            ),
        ),
        ("quality", defaulted(quality(), "What decides whether a whole object is accepted.")),
        ("output", defaulted(output(), "How accepted rows are stored.")),
        (
            "backfill",
            optional(
                backfill(),
                "Judges what lies in the raw bucket already and was never judged for this dataset, once, when this is first applied or changes; `{}` takes everything under the dataset's prefix. It works in the background. Taking it away takes nothing back.",
            ),
        ),
    ])
}

fn backfill() -> AttributeType {
    object([
        (
            "prefix",
            optional(
                String,
                "Only objects whose keys begin so. Not set: the dataset's own prefix, with which it must begin.",
            ),
        ),
        (
            "since",
            optional(
                String,
                "Only objects last modified at or after this instant, as RFC 3339: `2026-01-31T00:00:00Z`. Not set: all.",
            ),
        ),
        (
            "objects_per_second",
            defaulted(
                Number,
                "How many objects are queued a second, on average; 1 to 500. How many are judged at once is for `functions.validate.maximum_concurrency` to say. Default: `20`.",
            ),
        ),
    ])
}

fn csv() -> AttributeType {
    object([
        (
            "delimiter",
            optional(
                String,
                "The character between two fields. Not set: a comma, or a tab where the files are TSV.",
            ),
        ),
        (
            "quote",
            defaulted(
                String,
                "The character round a field that holds delimiters or line ends; `\"\"` for none. Default: `\"`.",
            ),
        ),
        (
            "escape",
            optional(
                String,
                "The character before a quote within quotes. Not set: there is none, and a quote is doubled.",
            ),
        ),
        (
            "comment",
            optional(String, "The first character of lines that are passed over. Not set: there is none."),
        ),
        (
            "header",
            defaulted(Bool, "Whether the first record holds the names of the fields. Default: `true`."),
        ),
        (
            "columns",
            optional(List(String.into()), "The names of the fields in order, when there is no header."),
        ),
        (
            "null_text",
            optional(String, "A text that means no value, as an empty field does, such as `NULL`."),
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
