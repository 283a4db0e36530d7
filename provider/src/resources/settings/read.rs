//! Reads a model, however little of it is known: one walk both for validation and for decoding.
//!
//! What is unknown or wrong reads as something harmless, so that its neighbours are still checked. The result counts
//! only when everything is known and nothing is wrong.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use datalake_core::check::{Step, check_pipeline};
use datalake_core::spec::DatasetSpec;
use datalake_host::{Num, Val};
use tf_provider::{AttributePath, AttributePathStep};

use super::super::defaults::{TIMEOUTS, plan_inputs};
use super::super::model::{Dataset, Function, Map, Model, Retention, Timeouts};
use super::super::validate::{LOG_DAYS, arn, duration, schedule, tags, words};
use super::{
    FunctionSettings, FunctionsSettings, Problem, RetentionSettings, Settings, TimeoutSettings, backfill,
    dataset,
};

/// Most datasets of a pipeline.
const MOST_DATASETS: usize = 100;
/// The largest document of datasets: every handler reads it at its start.
pub const LARGEST_DATASETS_BYTES: usize = 1 << 20;
/// Longest days anything is kept for other than for ever: a century.
const LONGEST_DAYS: u32 = 36_500;

/// The settings as far as they can be read, and what is wrong.
pub(super) fn read(config: &Model) -> (Settings, Vec<Problem>) {
    let model = plan_inputs(config, None);
    let mut reader = Reader::default();
    let at = AttributePath::new;
    let settings = Settings {
        name: reader.required(&model.name, at("name"), words::pipeline_name),
        datasets: datasets(&mut reader, &model.datasets),
        backfills: backfill::read(&mut reader, &model.datasets),
        force_destroy: model.force_destroy.known().copied().unwrap_or_default(),
        kms_key_arn: reader.optional(&model.kms_key_arn, at("kms_key_arn"), arn::kms_key),
        retention: retention(&mut reader, &model.retention),
        functions: functions(&mut reader, &model),
        architecture: reader.required(&model.architecture, at("architecture"), words::architecture),
        crawler_schedule: reader.required(&model.crawler_schedule, at("crawler_schedule"), schedule::check),
        permissions_boundary_arn: reader.optional(
            &model.permissions_boundary_arn,
            at("permissions_boundary_arn"),
            arn::policy,
        ),
        tags: tags::read(&model.tags, &at("tags"), &mut reader.problems),
        timeouts: timeouts(&mut reader, &model.timeouts),
    };
    key_memory(&mut reader, &settings);
    (settings, reader.problems)
}

/// One dataset by itself, with its defaults, and what is wrong with it.
pub(super) fn one(name: &str, dataset: &Dataset) -> (DatasetSpec, Vec<Problem>) {
    let mut reader = Reader::default();
    let spec = dataset::read(&mut reader, &AttributePath::root(), name, dataset);
    (spec, reader.problems)
}

/// Reads single values and collects what is wrong with them.
#[derive(Default)]
pub(super) struct Reader {
    /// What is wrong so far.
    pub problems: Vec<Problem>,
}

impl Reader {
    /// Notes that something is wrong.
    pub fn problem(&mut self, path: AttributePath, message: impl Into<String>) {
        self.problems.push((path, message.into()));
    }

    /// A value that passes the check, if there is one.
    pub fn optional(
        &mut self,
        value: &Val<String>,
        path: AttributePath,
        check: impl FnOnce(&str) -> Result<(), String>,
    ) -> Option<String> {
        let value = value.as_deref()?;
        match check(value) {
            Ok(()) => Some(value.to_owned()),
            Err(message) => {
                self.problem(path, message);
                None
            }
        }
    }

    /// A value that passes the check; its absence is wrong.
    pub fn required(
        &mut self,
        value: &Val<String>,
        path: AttributePath,
        check: impl FnOnce(&str) -> Result<(), String>,
    ) -> String {
        if value.is_null() {
            self.problem(path, "is required");
            return String::new();
        }
        self.optional(value, path, check).unwrap_or_default()
    }

    /// A whole number in a range, if there is one.
    pub fn number(
        &mut self,
        value: &Val<Num>,
        path: AttributePath,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        let number = value.known()?;
        let whole = number
            .as_i64()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| range.contains(number));
        if whole.is_none() {
            let (least, most) = (range.start(), range.end());
            self.problem(path, format!("{number} is not a whole number from {least} to {most}"));
        }
        whole
    }

    /// Adds problems found elsewhere, whose paths begin at `base`.
    pub fn take(&mut self, base: &AttributePath, found: Vec<datalake_core::check::Problem>) {
        for problem in found {
            let mut path = base.clone();
            path.steps.extend(problem.path.into_iter().map(step));
            self.problem(path, problem.message);
        }
    }
}

fn step(step: Step) -> AttributePathStep {
    match step {
        Step::Attribute(name) => AttributePathStep::Attribute(name.into()),
        Step::Key(key) => AttributePathStep::Key(key.into()),
        Step::Index(index) => AttributePathStep::Index(index),
    }
}

fn datasets(reader: &mut Reader, datasets: &Val<Map<Dataset>>) -> BTreeMap<String, DatasetSpec> {
    let at = AttributePath::new("datasets");
    let Some(map) = datasets.known() else {
        if datasets.is_null() {
            reader.problem(at, "is required");
        }
        return BTreeMap::new();
    };
    if !(1..=MOST_DATASETS).contains(&map.len()) {
        let message = format!("{} datasets are declared; a pipeline has 1 to {MOST_DATASETS}", map.len());
        reader.problem(at.clone(), message);
    }
    let mut specs = BTreeMap::new();
    let mut placed = BTreeMap::new();
    for (name, declared) in map {
        let path = at.clone().key(name.clone());
        if let Err(message) = words::dataset_name(name) {
            reader.problem(path.clone(), message);
        }
        match declared {
            Val::Known(declared) => {
                let spec = dataset::read(reader, &path, name, declared);
                if declared.prefix.is_known() {
                    placed.insert(name.clone(), spec.clone());
                }
                specs.insert(name.clone(), spec);
            }
            Val::Null => {
                reader.problem(path, "is null; leave the dataset out, or write `{ format = \"json\" }`")
            }
            Val::Unknown => {}
        }
    }
    reader.take(&at, check_pipeline(&placed));
    check_size(reader, at, &specs);
    specs
}

fn check_size(reader: &mut Reader, at: AttributePath, specs: &BTreeMap<String, DatasetSpec>) {
    let size = serde_json::to_vec(specs).map_or(0, |bytes| bytes.len());
    if size > LARGEST_DATASETS_BYTES {
        let message = format!(
            "come to {size} bytes; the handlers read at most {LARGEST_DATASETS_BYTES}. Make two pipelines"
        );
        reader.problem(at, message);
    }
}

fn retention(reader: &mut Reader, retention: &Val<Retention>) -> RetentionSettings {
    let Some(given) = retention.known() else { return RetentionSettings::default() };
    let at = |name: &'static str| AttributePath::new("retention").attribute(name);
    let mut days = |value, name, range| reader.number(value, at(name), range).unwrap_or_default();
    let settings = RetentionSettings {
        log_days: days(&given.log_days, "log_days", 0..=LONGEST_DAYS),
        raw_days: days(&given.raw_days, "raw_days", 0..=LONGEST_DAYS),
        processed_days: days(&given.processed_days, "processed_days", 0..=LONGEST_DAYS),
        quarantine_days: days(&given.quarantine_days, "quarantine_days", 0..=LONGEST_DAYS),
        query_result_days: days(&given.query_result_days, "query_result_days", 0..=LONGEST_DAYS),
        noncurrent_version_days: days(
            &given.noncurrent_version_days,
            "noncurrent_version_days",
            0..=LONGEST_DAYS,
        ),
        metadata_days: days(&given.metadata_days, "metadata_days", 0..=LONGEST_DAYS),
        dead_letter_days: days(&given.dead_letter_days, "dead_letter_days", 1..=14),
    };
    if settings.log_days != 0 && !LOG_DAYS.contains(&settings.log_days) {
        let allowed: Vec<String> = LOG_DAYS.iter().map(u32::to_string).collect();
        let message = format!(
            "{} is none of the days CloudWatch takes: 0 (for ever), {}",
            settings.log_days,
            allowed.join(", ")
        );
        reader.problem(at("log_days"), message);
    }
    settings
}

fn functions(reader: &mut Reader, model: &Model) -> FunctionsSettings {
    let Some(given) = model.functions.known() else { return FunctionsSettings::default() };
    let mut one = |value, name| function(reader, value, &AttributePath::new("functions").attribute(name));
    FunctionsSettings {
        ingest: one(&given.ingest, "ingest"),
        validate: one(&given.validate, "validate"),
        quality: one(&given.quality, "quality"),
    }
}

fn function(reader: &mut Reader, value: &Val<Function>, base: &AttributePath) -> FunctionSettings {
    let Some(given) = value.known() else { return FunctionSettings::default() };
    let at = |name: &'static str| base.clone().attribute(name);
    let settings = FunctionSettings {
        memory_mb: reader.number(&given.memory_mb, at("memory_mb"), 128..=10_240).unwrap_or_default(),
        timeout_seconds: reader
            .number(&given.timeout_seconds, at("timeout_seconds"), 1..=900)
            .unwrap_or_default(),
        reserved_concurrency: reader.number(
            &given.reserved_concurrency,
            at("reserved_concurrency"),
            0..=100_000,
        ),
        maximum_concurrency: reader.number(&given.maximum_concurrency, at("maximum_concurrency"), 2..=1_000),
        batch_size: reader.number(&given.batch_size, at("batch_size"), 1..=10).unwrap_or_default(),
    };
    if let (Some(reserved), Some(most)) = (settings.reserved_concurrency, settings.maximum_concurrency)
        && (1..most).contains(&reserved)
    {
        let message = format!(
            "{most} is above reserved_concurrency ({reserved}): the calls that Lambda refuses would use up the messages' tries"
        );
        reader.problem(at("maximum_concurrency"), message);
    }
    settings
}

/// Keys are held in the memory of `validate`, beside everything else: without room for them it would be killed.
fn key_memory(reader: &mut Reader, settings: &Settings) {
    let has = settings.functions.validate.memory_mb;
    for (name, dataset) in &settings.datasets {
        let wanted = dataset.quality.uniqueness_memory_mb.filter(|wanted| has > 0 && *wanted >= has);
        if let Some(wanted) = wanted {
            let path = AttributePath::new("datasets").key(name.clone());
            let message =
                format!("{wanted} MiB do not fit into the {has} MB of functions.validate.memory_mb");
            reader.problem(path.attribute("quality").attribute("uniqueness_memory_mb"), message);
        }
    }
}

fn timeouts(reader: &mut Reader, given: &Val<Timeouts>) -> TimeoutSettings {
    let given = given.known().cloned().unwrap_or_default();
    let mut one = |value: Val<String>, name, default: &str| {
        let path = AttributePath::new("timeouts").attribute(name);
        let text = reader.required(&value.or_default(default), path, |text| duration::parse(text).map(drop));
        duration::parse(&text).unwrap_or(Duration::ZERO)
    };
    let [create, update, delete] = TIMEOUTS;
    TimeoutSettings {
        create: one(given.create, "create", create),
        update: one(given.update, "update", update),
        delete: one(given.delete, "delete", delete),
    }
}
