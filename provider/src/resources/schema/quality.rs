//! The schema of what decides about rows and objects: rules, thresholds, policies.

use tf_provider::schema::AttributeType::{self, Number, String};

use super::super::defaults::{SCHEMA_DRIFT, THRESHOLD_PERCENT, UNIQUENESS_MEMORY_MB};
use super::attribute::{defaulted, map_of, object, optional, required};

/// The actions, for descriptions.
pub const ACTIONS: &str = "`warn` (it is counted, the data is accepted), `drop_row` (the row is left out), `quarantine_row`, `quarantine_object` (the whole object is refused) or `fail` (the same, and the rest of it is not read)";
/// The severities, for descriptions.
pub const SEVERITIES: &str = "`info`, `warning`, `error` or `critical`";

/// What decides about a whole object.
pub fn quality() -> AttributeType {
    object([
        (
            "ruleset",
            optional(
                String,
                "Rules in DQDL, the language of AWS Glue Data Quality: `Rules = [ RowCount > 0, IsComplete \"id\" ]`. The guide \"The rule language\" says what each means.",
            ),
        ),
        (
            "rules",
            optional(
                rules(),
                "Single rules by name, each with what it brings about; they stand beside those of `ruleset`. A name has 1 to 64 letters, digits and `-`, `_`, `.`.",
            ),
        ),
        (
            "action",
            optional(
                String,
                &format!(
                    "What a rule that says nothing else brings about when it does not hold: {ACTIONS}. Not set: a rule about rows quarantines the row, one about the object refuses the object."
                ),
            ),
        ),
        (
            "threshold_percent",
            defaulted(
                Number,
                &format!(
                    "Smallest score (0 to 100) at which an object's good rows are accepted. Default: `{THRESHOLD_PERCENT}`."
                ),
            ),
        ),
        (
            "max_quarantined_percent",
            optional(
                Number,
                "Largest share of quarantined rows (0 to 100) at which an object's good rows are accepted. Not set: no limit.",
            ),
        ),
        (
            "schema_drift",
            defaulted(schema_drift(), "What data that does not fit the declared columns brings about."),
        ),
        (
            "uniqueness_memory_mb",
            defaulted(
                Number,
                &format!(
                    "Most memory in MiB for the keys of rules about uniqueness; past it they go to the function's ephemeral storage, and past that too the rule's result is an error, which refuses the object. It has to fit into the memory of `validate`. Default: `{UNIQUENESS_MEMORY_MB}`."
                ),
            ),
        ),
    ])
}

fn rules() -> AttributeType {
    map_of([
        (
            "rule",
            required(
                String,
                "One DQDL rule, or several joined, without `Rules = [ … ]`: `IsComplete \"id\"`.",
            ),
        ),
        (
            "action",
            optional(
                String,
                "What it brings about when it does not hold, as in `quality.action`. Not set: what its label `datalake.action` says, or `quality.action`.",
            ),
        ),
        (
            "severity",
            optional(
                String,
                &format!(
                    "How bad that is, for people: {SEVERITIES}. Not set: what its label `datalake.severity` says, or `error`."
                ),
            ),
        ),
        (
            "weight",
            optional(
                Number,
                "What it weighs in the score, 0 to 1000. Not set: what its label `datalake.weight` says, or 1.",
            ),
        ),
    ])
}

fn schema_drift() -> AttributeType {
    let [new, missing, mistyped] = SCHEMA_DRIFT;
    object([
        (
            "new_columns",
            defaulted(
                String,
                &format!(
                    "Fields that are not declared: `rescue` (kept as JSON in the column `_rescued`), `ignore` (left out), `quarantine_row` or `fail` (the object is refused). Default: `{new}`."
                ),
            ),
        ),
        (
            "missing_columns",
            defaulted(
                String,
                &format!(
                    "Declared columns of which no row of an object has a value: `ignore` or `fail` (the object is refused). Default: `{missing}`."
                ),
            ),
        ),
        (
            "mistyped_values",
            defaulted(
                String,
                &format!(
                    "Values that are not of their column's type: `quarantine_row` (or what the column's `action` says, unless that is `warn`), `rescue` (the value is left out, and kept as JSON in the column `_rescued`), `ignore` (it is left out) or `fail` (the object is refused). Default: `{mistyped}`."
                ),
            ),
        ),
    ])
}
