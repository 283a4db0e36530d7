//! What is done with accepted rows, as the handlers' steps.
//!
//! Each step looks at the columns that the one before leaves, so they are judged together, and only when all of them are
//! known, and the columns with their types. What a step is by itself is judged in any case.

use datalake_core::spec::{CuratedSpec, DatasetSpec, StepSpec};
use datalake_host::{Num, Val};
use tf_provider::AttributePath;

use super::super::model::{Dataset, Inputs, MaskStep, Texts, TransformStep};
use super::super::validate::arn;
use super::dataset::{no_nulls, word};
use super::read::Reader;

/// The most characters of a value that may stay.
const MOST_KEPT: u32 = 1_000;

/// Reads the transforms into the dataset, if everything they depend on is known and right by itself.
pub(super) fn read(
    reader: &mut Reader,
    at: &AttributePath,
    dataset: &Dataset,
    typed: bool,
    spec: &mut DatasetSpec,
) {
    let wrong = reader.problems.len();
    let steps = steps(reader, &at.clone().attribute("transforms"), dataset);
    let curated = dataset.curated.known().cloned().unwrap_or_default();
    let path = at.clone().attribute("curated").attribute("partition_by");
    no_nulls(reader, &path, &curated.partition_by);
    let known =
        typed && dataset.transforms.all_known() && dataset.sql.all_known() && dataset.curated.all_known();
    if !known || reader.problems.len() > wrong {
        return;
    }
    spec.transforms = steps;
    spec.sql = dataset.sql.known().cloned();
    spec.curated = CuratedSpec { partition_by: curated.partition_by.known().map(texts) };
}

fn texts(list: &Texts) -> Vec<String> {
    list.iter().filter_map(|text| text.known().cloned()).collect()
}

fn steps(reader: &mut Reader, at: &AttributePath, dataset: &Dataset) -> Vec<StepSpec> {
    let mut specs = Vec::new();
    for (index, step) in dataset.transforms.known().into_iter().flatten().enumerate() {
        let path = at.clone().index(i64::try_from(index).unwrap_or(i64::MAX));
        match step {
            Val::Known(step) => specs.extend(self::step(reader, &path, step)),
            Val::Null => reader.problem(path, "is null; leave the step out"),
            Val::Unknown => {}
        }
    }
    specs
}

fn step(reader: &mut Reader, at: &AttributePath, step: &TransformStep) -> Option<StepSpec> {
    let set = [
        ("rename", !step.rename.is_null()),
        ("cast", !step.cast.is_null()),
        ("derive", !step.derive.is_null()),
        ("drop", !step.drop.is_null()),
        ("filter", !step.filter.is_null()),
        ("mask", !step.mask.is_null()),
    ];
    let words: Vec<&str> = set.iter().filter(|(_, set)| *set).map(|(word, _)| *word).collect();
    let [word] = words[..] else {
        let found = if words.is_empty() { "none".to_owned() } else { words.join(" and ") };
        reader.problem(
            at.clone(),
            format!("a step is exactly one of rename, cast, derive, drop, filter and mask; this has {found}"),
        );
        return None;
    };
    let at = at.clone().attribute(word);
    let mut text = |value: &Val<String>, name: &'static str| {
        reader.required(value, at.clone().attribute(name), |_| Ok(()))
    };
    Some(match word {
        "rename" => {
            let rename = step.rename.known()?;
            StepSpec::Rename { from: text(&rename.from, "from"), to: text(&rename.to, "to") }
        }
        "cast" => {
            let cast = step.cast.known()?;
            let column = text(&cast.column, "column");
            StepSpec::Cast { column, to: self::word(reader, &cast.to, at.attribute("to"))? }
        }
        "derive" => {
            let derive = step.derive.known()?;
            let column = text(&derive.column, "column");
            StepSpec::Derive { column, expression: text(&derive.expression, "expression") }
        }
        "drop" => {
            let columns = &step.drop.known()?.columns;
            let path = at.attribute("columns");
            if columns.is_null() {
                reader.problem(path.clone(), "is required");
            }
            no_nulls(reader, &path, columns);
            StepSpec::Drop { columns: columns.known().map(texts).unwrap_or_default() }
        }
        "filter" => StepSpec::Filter { predicate: text(&step.filter.known()?.predicate, "where") },
        _ => return mask(reader, &at, step.mask.known()?),
    })
}

fn mask(reader: &mut Reader, at: &AttributePath, mask: &MaskStep) -> Option<StepSpec> {
    let path = |name: &'static str| at.clone().attribute(name);
    let mut kept =
        |value: &Val<Num>, name| reader.number(value, path(name), 0..=MOST_KEPT).unwrap_or_default();
    let (keep_first, keep_last) = (kept(&mask.keep_first, "keep_first"), kept(&mask.keep_last, "keep_last"));
    let column = reader.required(&mask.column, path("column"), |_| Ok(()));
    let key_secret_arn = reader.optional(&mask.key_secret_arn, path("key_secret_arn"), arn::secret);
    Some(StepSpec::Mask {
        column,
        method: word(reader, &mask.method, path("method"))?,
        keep_first,
        keep_last,
        replacement: mask.replacement.known().cloned(),
        key_secret_arn,
    })
}
