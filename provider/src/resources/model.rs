//! The attributes of `datalake_pipeline` as Terraform holds them: every one known, null or unknown.
//!
//! Inputs are what the user may write, outputs what only the provider fills. The structs are made by one macro, so that
//! no input can be forgotten when the whole is asked whether it is known.

use std::collections::BTreeMap;

use datalake_host::{Num, Val};
use serde::{Deserialize, Serialize};

/// A map keyed by the user's or our names; each element may be unknown by itself.
pub type Map<T> = BTreeMap<String, Val<T>>;
/// Text elements; a set too is a `Vec`, since elements that are not known yet may be equal.
pub type Texts = Vec<Val<String>>;

/// What can be asked whether anything in it is still to come.
pub(super) trait Inputs {
    /// Whether no input in it, at any depth, is unknown.
    fn all_known(&self) -> bool;
}

impl<T: Inputs> Inputs for Val<T> {
    fn all_known(&self) -> bool {
        match self {
            Val::Known(value) => value.all_known(),
            Val::Null => true,
            Val::Unknown => false,
        }
    }
}

impl<T: Inputs> Inputs for Vec<T> {
    fn all_known(&self) -> bool {
        self.iter().all(Inputs::all_known)
    }
}

impl<T: Inputs> Inputs for BTreeMap<String, T> {
    fn all_known(&self) -> bool {
        self.values().all(Inputs::all_known)
    }
}

macro_rules! leaf {
    ($($leaf:ty),*) => { $(impl Inputs for $leaf {
        fn all_known(&self) -> bool {
            true
        }
    })* };
}

leaf!(String, bool, Num);

/// An object with its inputs and outputs: the struct, whether its inputs are known, and how to forget its outputs.
/// A document that lacks an attribute (written by an older version) reads as null there.
macro_rules! object {
    (
        $(#[$about:meta])* $name:ident {
            $($(#[$input_about:meta])* $input:ident: $input_type:ty,)*
            $(-> $($(#[$output_about:meta])* $output:ident: $output_type:ty,)*)?
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[$input_about])* pub $input: Val<$input_type>,)*
            $($($(#[$output_about])* pub $output: Val<$output_type>,)*)?
        }

        impl Inputs for $name {
            fn all_known(&self) -> bool {
                true $(&& self.$input.all_known())*
            }
        }

        $(impl $name {
            /// Takes the outputs of another; none of nothing.
            fn take_outputs(&mut self, other: Option<&Self>) {
                $(self.$output = other.map_or(Val::Null, |other| other.$output.clone());)*
            }

            /// The names of the outputs.
            pub(super) const OUTPUTS: &'static [&'static str] = &[$(stringify!($output)),*];
        })?
    };
}

mod outputs;

pub use outputs::{
    Athena, Buckets, Glue, Layer, MetadataTable, NamedArn, Queue, Queues, ResourceEntry, Rule, Rules,
};

object! {
    /// A whole `datalake_pipeline`.
    Model {
        /// Name of the pipeline; every AWS name begins with it.
        name: String,
        /// Datasets by the user's name.
        datasets: Map<Dataset>,
        /// Whether data may be deleted.
        force_destroy: bool,
        /// Key that encrypts everything.
        kms_key_arn: String,
        /// How long things are kept.
        retention: Retention,
        /// The Lambda functions.
        functions: Functions,
        /// Lambda's `x86_64` or `arm64`.
        architecture: String,
        /// When the crawler runs.
        crawler_schedule: String,
        /// Boundary of every role.
        permissions_boundary_arn: String,
        /// Tags of every object.
        tags: Map<String>,
        /// How long an operation may take.
        timeouts: Timeouts,
        ->
        /// Buckets by role: `raw`, `processed`, `quarantine`.
        buckets: Buckets,
        /// The DynamoDB table of what happened.
        metadata_table: MetadataTable,
        /// The Lambda layer with the handlers.
        layer: Layer,
        /// Queues by function.
        queues: Queues,
        /// The pipeline's own event bus.
        event_bus: NamedArn,
        /// EventBridge rules: `raw` and one a function.
        rules: Rules,
        /// Glue's objects.
        glue: Glue,
        /// Athena's objects.
        athena: Athena,
        /// Tags of the resource and the provider block together.
        tags_all: Map<String>,
        /// Every AWS object by logical name.
        resources: Map<ResourceEntry>,
        /// Least IAM policy that applies this pipeline.
        apply_policy_json: String,
        /// Hash of the document the handlers read.
        spec_hash: String,
    }
}

object! {
    /// One dataset.
    Dataset {
        /// `json`, `ndjson`, `csv` or `tsv`.
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

object! {
    /// How long things are kept, in days; 0 keeps them for ever.
    Retention {
        /// Lambda's logs.
        log_days: Num,
        /// Arrived files.
        raw_days: Num,
        /// Accepted rows.
        processed_days: Num,
        /// Refused rows and objects.
        quarantine_days: Num,
        /// Answers to queries.
        query_result_days: Num,
        /// Replaced and deleted versions of objects.
        noncurrent_version_days: Num,
        /// Items of the metadata table.
        metadata_days: Num,
        /// Messages in the dead-letter queues.
        dead_letter_days: Num,
    }
}

object! {
    /// The three functions.
    Functions {
        /// Looks at the head of a new object.
        ingest: Function,
        /// Judges every row.
        validate: Function,
        /// Counts and publishes.
        quality: Function,
    }
}

object! {
    /// One function: limits the user may set, names that follow.
    Function {
        /// Memory; the share of the processor follows it.
        memory_mb: Num,
        /// Longest call.
        timeout_seconds: Num,
        /// Calls set aside for it.
        reserved_concurrency: Num,
        /// Calls at once on behalf of its queue.
        maximum_concurrency: Num,
        /// Messages a call.
        batch_size: Num,
        ->
        /// Name.
        name: String,
        /// ARN.
        arn: String,
        /// ARN of the role it runs under.
        role_arn: String,
        /// Log group.
        log_group_name: String,
    }
}

object! {
    /// How long an operation may take, as `20m`.
    Timeouts {
        /// Creation.
        create: String,
        /// Update.
        update: String,
        /// Deletion.
        delete: String,
    }
}

impl Model {
    /// Whether every input is known (or null), so that a design can be made.
    #[must_use]
    pub fn inputs_known(&self) -> bool {
        self.all_known()
    }

    /// The same inputs with another's outputs; with none, all outputs are null.
    #[must_use]
    pub fn with_outputs_of(mut self, other: Option<&Self>) -> Self {
        self.take_outputs(other);
        let others = other.and_then(|other| other.functions.known());
        if let Some(functions) = self.functions.known_mut() {
            for name in FUNCTIONS {
                let from = others.and_then(|others| others.get(name)).and_then(Val::known);
                if let Some(function) = functions.get_mut(name).and_then(Val::known_mut) {
                    function.take_outputs(from);
                }
            }
        }
        self
    }
}

/// The functions by name, in the order data meets them.
pub(super) const FUNCTIONS: [&str; 3] = super::design::FUNCTIONS;

impl Functions {
    /// A function by its handler's word.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Val<Function>> {
        match name {
            "ingest" => Some(&self.ingest),
            "validate" => Some(&self.validate),
            "quality" => Some(&self.quality),
            _ => None,
        }
    }

    /// The same, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Val<Function>> {
        match name {
            "ingest" => Some(&mut self.ingest),
            "validate" => Some(&mut self.validate),
            "quality" => Some(&mut self.quality),
            _ => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod examples;
