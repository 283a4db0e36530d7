//! The schema of a column: its type, its checks, and what follows when one fails.

use tf_provider::schema::AttributeType::{self, Bool, Number, Set, String};

use super::super::defaults::{COLUMN_ACTION, COLUMN_SEVERITY, COLUMN_WEIGHT};
use super::attribute::{defaulted, map_of, optional, required};
use super::quality::{ACTIONS, SEVERITIES};

/// Columns by name.
pub fn columns() -> AttributeType {
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
            "exclusive_minimum",
            optional(Number, "A number that values must be above. For `bigint` and `double` columns."),
        ),
        (
            "exclusive_maximum",
            optional(Number, "A number that values must be below. For `bigint` and `double` columns."),
        ),
        ("minimum_length", optional(Number, "Fewest characters of a text. For `string` columns.")),
        ("maximum_length", optional(Number, "Most characters of a text. For `string` columns.")),
        (
            "classification",
            optional(
                String,
                "A word about the content, such as `pii`; it goes into the column's comment in the catalogue.",
            ),
        ),
        (
            "action",
            defaulted(
                String,
                &format!(
                    "What a value that fails a check of this column brings about: {ACTIONS}. Default: `{COLUMN_ACTION}`."
                ),
            ),
        ),
        (
            "severity",
            defaulted(
                String,
                &format!("How bad that is, for people: {SEVERITIES}. Default: `{COLUMN_SEVERITY}`."),
            ),
        ),
        (
            "weight",
            defaulted(
                Number,
                &format!(
                    "What each check of this column weighs in the score, 0 to 1000. Default: `{COLUMN_WEIGHT}`."
                ),
            ),
        ),
    ])
}
