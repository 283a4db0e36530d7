//! What is done with accepted rows on their way to `curated/`: steps in order, or a statement.

use serde::{Deserialize, Serialize};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StepSpec {
    /// A column gets another name.
    Rename {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// The values of a column become another type.
    Cast {
        /// The column.
        column: String,
        /// The type.
        to: super::ColumnType,
    },
    /// A column is computed; one of this name is replaced.
    Derive {
        /// The column.
        column: String,
        /// What it holds, in the SQL of transforms.
        expression: String,
    },
    /// Columns are left out.
    Drop {
        /// The columns.
        columns: Vec<String>,
    },
    /// Only some rows are kept.
    Filter {
        /// A predicate in the SQL of transforms: rows for which it is true are kept.
        #[serde(rename = "where")]
        predicate: String,
    },
    /// The values of a column are made unreadable.
    Mask {
        /// The column.
        column: String,
        /// How.
        method: MaskMethod,
        /// With `partial`: characters at the beginning that stay.
        #[serde(default, skip_serializing_if = "super::is_default")]
        keep_first: u32,
        /// With `partial`: characters at the end that stay.
        #[serde(default, skip_serializing_if = "super::is_default")]
        keep_last: u32,
        /// With `redact`: what stands for every value; none: `***`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replacement: Option<String>,
        /// With `hash`: ARN of the secret whose value is the key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key_secret_arn: Option<String>,
    },
}

/// How values are made unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskMethod {
    /// 64 hexadecimal digits of SHA-256, or of HMAC-SHA-256 with a key: equal values stay equal.
    Hash,
    /// One text for all values.
    Redact,
    /// `*` for every character but the first and the last few.
    Partial,
    /// No value.
    Null,
}

/// How transformed rows are stored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CuratedSpec {
    /// Columns of the result whose values become folders; none: those of the accepted rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition_by: Option<Vec<String>>,
}

impl StepSpec {
    /// The word of the kind of step.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Rename { .. } => "rename",
            Self::Cast { .. } => "cast",
            Self::Derive { .. } => "derive",
            Self::Drop { .. } => "drop",
            Self::Filter { .. } => "filter",
            Self::Mask { .. } => "mask",
        }
    }
}
