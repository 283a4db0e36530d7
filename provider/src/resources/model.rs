//! The attributes of `datalake_pipeline` as Terraform holds them: every one known, null or unknown.
//!
//! Inputs are what the user may write, outputs what only the provider fills. The structs are made by one macro, so that
//! no input can be forgotten when the whole is asked whether it is known.

use std::collections::BTreeMap;

use datalake_host::{Num, Val};

/// A map keyed by the user's or our names; each element may be unknown by itself.
pub type Map<T> = BTreeMap<String, Val<T>>;
/// Text elements; a set too is a `Vec`, since elements that are not known yet may be equal.
pub type Texts = Vec<Val<String>>;

/// What can be asked whether anything in it is still to come.
pub(crate) trait Inputs {
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
        #[derive(Debug, Clone, Default, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[$input_about])* pub $input: ::datalake_host::Val<$input_type>,)*
            $($($(#[$output_about])* pub $output: ::datalake_host::Val<$output_type>,)*)?
        }

        impl $crate::resources::model::Inputs for $name {
            fn all_known(&self) -> bool {
                true $(&& $crate::resources::model::Inputs::all_known(&self.$input))*
            }
        }

        $(impl $name {
            /// Takes the outputs of another; none of nothing.
            fn take_outputs(&mut self, other: Option<&Self>) {
                $(self.$output = other.map_or(::datalake_host::Val::Null, |other| other.$output.clone());)*
            }

            /// The names of the outputs.
            pub(super) const OUTPUTS: &'static [&'static str] = &[$(stringify!($output)),*];
        })?
    };
}

pub(crate) use object;

mod dataset;
mod outputs;
mod transforms;

pub use dataset::{Backfill, Column, Csv, Dataset, Output, Quality, QualityRule, SchemaDrift};
pub use outputs::{
    Athena, Buckets, Glue, Layer, MetadataTable, NamedArn, Queue, Queues, ResourceEntry, Rule, Rules,
};
pub use transforms::{
    CastStep, Curated, DeriveStep, DropStep, FilterStep, MaskStep, RenameStep, TransformStep,
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
    /// The functions.
    Functions {
        /// Looks at the head of a new object.
        ingest: Function,
        /// Judges every row.
        validate: Function,
        /// Transforms accepted rows.
        transform: Function,
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

/// The texts of a map that are known.
pub(crate) fn known_texts(map: &Val<Map<String>>) -> BTreeMap<String, String> {
    let entries = map.known().into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.known()?.clone()))).collect()
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
pub(super) const FUNCTIONS: [&str; 4] = super::design::FUNCTIONS;

impl Functions {
    /// A function by its handler's word.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Val<Function>> {
        match name {
            "ingest" => Some(&self.ingest),
            "validate" => Some(&self.validate),
            "transform" => Some(&self.transform),
            "quality" => Some(&self.quality),
            _ => None,
        }
    }

    /// The same, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Val<Function>> {
        match name {
            "ingest" => Some(&mut self.ingest),
            "validate" => Some(&mut self.validate),
            "transform" => Some(&mut self.transform),
            "quality" => Some(&mut self.quality),
            _ => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod examples;
#[cfg(test)]
mod states;
