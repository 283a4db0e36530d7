//! The schema of transforms: what is done with the accepted rows of a dataset.

use tf_provider::schema::AttributeType::{self, List, Number, String};

use super::attribute::{list_of, object, optional, required};

/// The steps, in order.
pub fn steps() -> AttributeType {
    let column = |about: &str| ("column", required(String, about));
    list_of([
        (
            "rename",
            optional(
                object([
                    ("from", required(String, "The column, as declared or as the catalogue has it.")),
                    ("to", required(String, "Its new name: lower-case, without dots.")),
                ]),
                "A column gets another name.",
            ),
        ),
        (
            "cast",
            optional(
                object([
                    column("The column."),
                    (
                        "to",
                        required(
                            String,
                            "The type: `string`, `bigint`, `double`, `boolean`, `date` or `timestamp`.",
                        ),
                    ),
                ]),
                "The values of a column become another type. A row with a value that cannot be is quarantined.",
            ),
        ),
        (
            "derive",
            optional(
                object([
                    column("The column: a new one, or one that is replaced."),
                    (
                        "expression",
                        required(
                            String,
                            "What it holds, in the SQL of transforms; its type follows. A row for which it cannot be computed is quarantined.",
                        ),
                    ),
                ]),
                "A column is computed.",
            ),
        ),
        (
            "drop",
            optional(
                object([("columns", required(List(String.into()), "The columns."))]),
                "Columns are left out.",
            ),
        ),
        (
            "filter",
            optional(
                object([(
                    "where",
                    required(
                        String,
                        "A condition in the SQL of transforms; rows for which it is false or unknown are left out, and counted.",
                    ),
                )]),
                "Only some rows are kept.",
            ),
        ),
        ("mask", optional(mask(), "The values of a column are made unreadable. What has no value stays so.")),
    ])
}

fn mask() -> AttributeType {
    object([
        ("column", required(String, "The column.")),
        (
            "method",
            required(
                String,
                "How: `hash` (64 hexadecimal digits of SHA-256, equal for equal values), `redact` (one text for all), `partial` (`*` for every character but a few) or `null` (no value).",
            ),
        ),
        (
            "keep_first",
            optional(Number, "With `partial`: characters at the beginning that stay. Not set: none."),
        ),
        ("keep_last", optional(Number, "With `partial`: characters at the end that stay. Not set: none.")),
        (
            "replacement",
            optional(String, "With `redact`: the text that stands for every value. Not set: `***`."),
        ),
        (
            "key_secret_arn",
            optional(
                String,
                "With `hash`: ARN of a Secrets Manager secret whose value is the key of an HMAC-SHA-256. Without a key anybody who can guess a value can check the guess.",
            ),
        ),
    ])
}

/// How transformed rows are stored.
pub fn curated() -> AttributeType {
    object([(
        "partition_by",
        optional(
            List(String.into()),
            "Columns of the result whose values become folders, in this order: `string`, `bigint`, `boolean` or `date` columns, at most four; a row without a value for one is quarantined. Not set: those of `output`.",
        ),
    )])
}
