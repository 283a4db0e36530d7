//! What is done with the accepted rows of a dataset.

use datalake_host::Num;

use super::Texts;

object! {
    /// One step: exactly one of these is set.
    TransformStep {
        /// A column gets another name.
        rename: RenameStep,
        /// The values of a column become another type.
        cast: CastStep,
        /// A column is computed.
        derive: DeriveStep,
        /// Columns are left out.
        drop: DropStep,
        /// Only some rows are kept.
        filter: FilterStep,
        /// The values of a column are made unreadable.
        mask: MaskStep,
    }
}

object! {
    /// A column gets another name.
    RenameStep {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    }
}

object! {
    /// The values of a column become another type.
    CastStep {
        /// The column.
        column: String,
        /// The type.
        to: String,
    }
}

object! {
    /// A column is computed.
    DeriveStep {
        /// The column.
        column: String,
        /// What it holds.
        expression: String,
    }
}

object! {
    /// Columns are left out.
    DropStep {
        /// The columns.
        columns: Texts,
    }
}

object! {
    /// Only some rows are kept.
    FilterStep {
        /// Those for which this is true.
        #[serde(rename = "where")]
        predicate: String,
    }
}

object! {
    /// The values of a column are made unreadable.
    MaskStep {
        /// The column.
        column: String,
        /// `hash`, `redact`, `partial` or `null`.
        method: String,
        /// Characters at the beginning that stay.
        keep_first: Num,
        /// Characters at the end that stay.
        keep_last: Num,
        /// What stands for every value.
        replacement: String,
        /// The secret whose value is the key.
        key_secret_arn: String,
    }
}

object! {
    /// How transformed rows are stored.
    Curated {
        /// Columns that become folders, in order.
        partition_by: Texts,
    }
}
