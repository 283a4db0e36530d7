//! [`Settings`]: the inputs of a pipeline, decoded once into a form that cannot be wrong.

mod backfill;
mod columns;
mod dataset;
mod definition;
mod quality;
mod read;

use std::collections::BTreeMap;
use std::time::Duration;

use datalake_core::requests::Backfill;
use datalake_core::spec::DatasetSpec;
use tf_provider::AttributePath;

use super::defaults::dataset_inputs;
use super::model::{Dataset, Model};

pub use definition::{from_definition, to_definition};
pub use read::LARGEST_DATASETS_BYTES;

/// What is wrong, and with which attribute.
pub type Problem = (AttributePath, String);

/// Everything a design needs to know from the user.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// Name of the pipeline.
    pub name: String,
    /// Datasets as the handlers read them.
    pub datasets: BTreeMap<String, DatasetSpec>,
    /// What is to be judged that was there before, by dataset.
    pub backfills: BTreeMap<String, Backfill>,
    /// Whether data may be deleted.
    pub force_destroy: bool,
    /// Key that encrypts everything; none for the services' own keys.
    pub kms_key_arn: Option<String>,
    /// How long things are kept.
    pub retention: RetentionSettings,
    /// Limits of the functions.
    pub functions: FunctionsSettings,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// `cron(…)`.
    pub crawler_schedule: String,
    /// Boundary of every role.
    pub permissions_boundary_arn: Option<String>,
    /// The resource's own tags.
    pub tags: BTreeMap<String, String>,
    /// How long an operation may take.
    pub timeouts: TimeoutSettings,
}

/// Days to keep things; 0 is for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetentionSettings {
    /// Lambda's logs; one of the numbers CloudWatch takes.
    pub log_days: u32,
    /// Arrived files.
    pub raw_days: u32,
    /// Accepted rows.
    pub processed_days: u32,
    /// Refused rows and objects.
    pub quarantine_days: u32,
    /// Answers to queries in the Athena workgroup.
    pub query_result_days: u32,
    /// Replaced and deleted versions.
    pub noncurrent_version_days: u32,
    /// Items of the metadata table.
    pub metadata_days: u32,
    /// Dead letters, 1 to 14.
    pub dead_letter_days: u32,
}

/// Limits of the three functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FunctionsSettings {
    /// Looks at the head of a new object.
    pub ingest: FunctionSettings,
    /// Judges every row.
    pub validate: FunctionSettings,
    /// Counts and publishes.
    pub quality: FunctionSettings,
}

/// Limits of one function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FunctionSettings {
    /// Memory in MB.
    pub memory_mb: u32,
    /// Longest call in seconds.
    pub timeout_seconds: u32,
    /// Calls set aside for it; none: it shares the account's.
    pub reserved_concurrency: Option<u32>,
    /// Calls at once on behalf of its queue; none: no limit.
    pub maximum_concurrency: Option<u32>,
    /// Messages a call.
    pub batch_size: u32,
}

/// How long an operation may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeoutSettings {
    /// Creation.
    pub create: Duration,
    /// Update.
    pub update: Duration,
    /// Deletion.
    pub delete: Duration,
}

impl FunctionsSettings {
    /// A function by its handler's word; `quality` for any word that is none.
    #[must_use]
    pub fn get(&self, function: &str) -> &FunctionSettings {
        match function {
            "ingest" => &self.ingest,
            "validate" => &self.validate,
            _ => &self.quality,
        }
    }
}

impl Settings {
    /// The settings of a model whose inputs are all known; an input that is null has its default.
    ///
    /// # Errors
    /// Everything that is wrong, each with its attribute.
    pub fn decode(model: &Model) -> Result<Self, Vec<Problem>> {
        if !model.inputs_known() {
            let message = "holds values that are not known yet: a mistake of the provider, please report it";
            return Err(vec![(AttributePath::root(), message.to_owned())]);
        }
        let (settings, problems) = read::read(model);
        if problems.is_empty() { Ok(settings) } else { Err(problems) }
    }

    /// One dataset by itself, in the form the handlers read, decoded as it is within a pipeline.
    ///
    /// # Errors
    /// Everything that is wrong, each with its path from the dataset on.
    pub fn of_dataset(name: &str, dataset: Dataset) -> Result<DatasetSpec, Vec<Problem>> {
        let (spec, problems) = read::one(name, &dataset_inputs(name, dataset));
        if problems.is_empty() { Ok(spec) } else { Err(problems) }
    }

    /// What is wrong with a configuration as far as it is known.
    #[must_use]
    pub fn problems(config: &Model) -> Vec<Problem> {
        read::read(config).1
    }
}

#[cfg(test)]
mod tests;
