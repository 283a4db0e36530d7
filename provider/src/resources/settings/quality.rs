//! What decides whether a whole object is good: rules, thresholds, and what follows.

use std::collections::BTreeMap;

use datalake_core::dqdl;
use datalake_core::spec::{DriftPolicy, QualitySpec, RuleSpec, SchemaDriftSpec};
use datalake_host::Val;
use tf_provider::AttributePath;

use super::super::defaults::{THRESHOLD_PERCENT, UNIQUENESS_MEMORY_MB};
use super::super::model::{Dataset, Quality, QualityRule, SchemaDrift};
use super::super::validate::words;
use super::dataset::optional_word;
use super::read::Reader;

/// Most memory a function can have, in MiB.
const LARGEST_MEMORY_MB: u32 = 10_240;

/// The rules as far as they can be read. They name columns: while those are not `typed`, only the rules' own grammar can
/// be wrong.
pub(super) fn read(reader: &mut Reader, at: &AttributePath, dataset: &Dataset, typed: bool) -> QualitySpec {
    let given = dataset.quality.known().cloned().unwrap_or_default();
    let path = |name: &'static str| at.clone().attribute(name);
    let memory =
        reader.number(&given.uniqueness_memory_mb, path("uniqueness_memory_mb"), 1..=LARGEST_MEMORY_MB);
    #[allow(clippy::cast_precision_loss)]
    let default = THRESHOLD_PERCENT as f64;
    QualitySpec {
        rules: rules(reader, &path("rules"), &given, typed),
        ruleset: given.ruleset.into_known().filter(|text| typed || dqdl::parse(text).is_err()),
        action: optional_word(reader, &given.action, path("action")),
        threshold_percent: given.threshold_percent.known().map_or(default, |number| number.as_f64()),
        max_quarantined_percent: given.max_quarantined_percent.known().map(|number| number.as_f64()),
        schema_drift: schema_drift(reader, &path("schema_drift"), &given.schema_drift),
        uniqueness_memory_mb: memory.filter(|memory| i64::from(*memory) != UNIQUENESS_MEMORY_MB),
    }
}

fn rules(
    reader: &mut Reader,
    at: &AttributePath,
    quality: &Quality,
    typed: bool,
) -> BTreeMap<String, RuleSpec> {
    let mut specs = BTreeMap::new();
    for (name, rule) in quality.rules.known().into_iter().flatten() {
        let path = at.clone().key(name.clone());
        if let Err(message) = words::rule_name(name) {
            reader.problem(path.clone(), message);
        }
        if rule.is_null() {
            reader.problem(path, "is null; leave the rule out, or write `{ rule = \"RowCount > 0\" }`");
        } else if let Some(spec) = rule.known().and_then(|rule| self::rule(reader, &path, rule, typed)) {
            specs.insert(name.clone(), spec);
        }
    }
    specs
}

fn rule(reader: &mut Reader, at: &AttributePath, rule: &QualityRule, typed: bool) -> Option<RuleSpec> {
    let path = |name: &'static str| at.clone().attribute(name);
    let action = optional_word(reader, &rule.action, path("action"));
    let severity = optional_word(reader, &rule.severity, path("severity"));
    let weight = reader.number(&rule.weight, path("weight"), words::WEIGHTS);
    let text = reader.required(&rule.rule, path("rule"), |_| Ok(()));
    let readable = rule.rule.is_known() && (typed || dqdl::parse_rule(&text).is_err());
    readable.then(|| RuleSpec { rule: text, action, severity: severity.unwrap_or_default(), weight })
}

fn schema_drift(reader: &mut Reader, at: &AttributePath, drift: &Val<SchemaDrift>) -> SchemaDriftSpec {
    let Some(given) = drift.known() else { return SchemaDriftSpec::default() };
    let mut policy = |value, name, default| {
        optional_word(reader, value, at.clone().attribute(name)).filter(|policy| *policy != default)
    };
    SchemaDriftSpec {
        new_columns: policy(&given.new_columns, "new_columns", DriftPolicy::Rescue),
        missing_columns: policy(&given.missing_columns, "missing_columns", DriftPolicy::Ignore),
        mistyped_values: policy(&given.mistyped_values, "mistyped_values", DriftPolicy::QuarantineRow),
    }
}
