//! One dataset of the model as the handlers' [`DatasetSpec`], checked by the engine that will run it.
//!
//! What is not known yet reads as what gives no false alarm: a column of unknown type has no checks, a folder column that
//! is unknown is left out.

use std::collections::BTreeMap;

use datalake_core::check::{Problem, Step, check_dataset};
use datalake_core::dqdl;
use datalake_core::spec::{
    ColumnSpec, ColumnType, Compression, DatasetSpec, Format, OutputCompression, OutputSpec, QualitySpec,
};
use datalake_host::Val;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, de::IntoDeserializer};
use tf_provider::AttributePath;

use super::super::defaults::THRESHOLD_PERCENT;
use super::super::model::{Column, Dataset, Output, Quality, Texts};
use super::super::validate::words;
use super::read::Reader;

/// The dataset as far as it can be read; what is wrong goes to the reader.
pub(super) fn read(reader: &mut Reader, at: &AttributePath, name: &str, dataset: &Dataset) -> DatasetSpec {
    let output = dataset.output.known().cloned().unwrap_or_default();
    let (places, partition_by) = partitions(reader, at, dataset, &output);
    let compression = output.compression.or_default("zstd");
    let spec = DatasetSpec {
        format: word(reader, &dataset.format, at.clone().attribute("format")).unwrap_or(Format::Json),
        prefix: dataset.prefix.known().cloned().unwrap_or_else(|| format!("input/{name}/")),
        compression: word(reader, &dataset.compression, at.clone().attribute("compression"))
            .unwrap_or(Compression::Auto),
        columns: columns(reader, &at.clone().attribute("columns"), dataset),
        quality: quality(dataset),
        csv: None,
        output: OutputSpec {
            partition_by,
            compression: word(reader, &compression, at.clone().attribute("output").attribute("compression"))
                .unwrap_or(OutputCompression::Zstd),
        },
    };
    let found = check_dataset(&spec).into_iter().map(|problem| place_back(problem, &places)).collect();
    reader.take(at, found);
    spec
}

/// A word of a closed list; the list is the handlers' own.
fn word<T: for<'a> Deserialize<'a>>(
    reader: &mut Reader,
    value: &Val<String>,
    path: AttributePath,
) -> Option<T> {
    if value.is_null() {
        reader.problem(path, "is required");
        return None;
    }
    let deserializer: StrDeserializer<'_, Error> = value.as_deref()?.into_deserializer();
    match T::deserialize(deserializer) {
        Ok(word) => Some(word),
        Err(error) => {
            reader.problem(path, error.to_string().replacen("variant", "value", 1));
            None
        }
    }
}

/// The folder columns that are known, with the index at which each was written.
fn partitions(
    reader: &mut Reader,
    at: &AttributePath,
    dataset: &Dataset,
    output: &Output,
) -> (Vec<usize>, Vec<String>) {
    if dataset.columns.is_unknown() {
        return (Vec::new(), Vec::new());
    }
    let path = at.clone().attribute("output").attribute("partition_by");
    no_nulls(reader, &path, &output.partition_by);
    let list = output.partition_by.known().into_iter().flatten().enumerate();
    list.filter_map(|(index, name)| Some((index, name.known()?.clone()))).unzip()
}

fn no_nulls(reader: &mut Reader, path: &AttributePath, list: &Val<Texts>) {
    if list.known().is_some_and(|list| list.iter().any(Val::is_null)) {
        reader.problem(path.clone(), "an element is null");
    }
}

/// The problem at the index where the user wrote the folder column.
fn place_back(mut problem: Problem, places: &[usize]) -> Problem {
    if let Some(Step::Index(index)) = problem.path.last_mut()
        && let Some(place) = usize::try_from(*index).ok().and_then(|index| places.get(index))
    {
        *index = i64::try_from(*place).unwrap_or(*index);
    }
    problem
}

fn columns(reader: &mut Reader, at: &AttributePath, dataset: &Dataset) -> BTreeMap<String, ColumnSpec> {
    let mut specs = BTreeMap::new();
    for (name, declared) in dataset.columns.known().into_iter().flatten() {
        let path = at.clone().key(name.clone());
        let spec = match declared {
            Val::Known(declared) => column(reader, &path, declared),
            Val::Unknown => unchecked(true),
            Val::Null => {
                reader.problem(path, "is null; leave the column out, or write `{ type = \"string\" }`");
                unchecked(true)
            }
        };
        specs.insert(name.clone(), spec);
    }
    specs
}

fn column(reader: &mut Reader, at: &AttributePath, declared: &Column) -> ColumnSpec {
    let enum_path = at.clone().attribute("enum");
    no_nulls(reader, &enum_path, &declared.allowed);
    let class_path = at.clone().attribute("classification");
    let classification = reader.optional(&declared.classification, class_path, words::classification);
    // Without a value nothing is known to be wrong; only a known `false` says that a column may be absent.
    let required = declared.required.known() != Some(&false);
    let Some(column_type) = word::<ColumnType>(reader, &declared.column_type, at.clone().attribute("type"))
    else {
        return unchecked(required);
    };
    ColumnSpec {
        column_type,
        required,
        pattern: declared.pattern.known().cloned(),
        allowed: allowed(&declared.allowed),
        minimum: declared.minimum.known().map(ToString::to_string),
        maximum: declared.maximum.known().map(ToString::to_string),
        classification,
        ..ColumnSpec::default()
    }
}

/// The known texts of the set, in an order of their own, so that equal sets give equal documents.
fn allowed(set: &Val<Texts>) -> Option<Vec<String>> {
    let set = set.known()?;
    let mut known: Vec<String> = set.iter().filter_map(|text| text.known().cloned()).collect();
    known.sort_unstable();
    (!known.is_empty() || set.is_empty()).then_some(known)
}

fn unchecked(required: bool) -> ColumnSpec {
    ColumnSpec { column_type: ColumnType::String, required, ..ColumnSpec::default() }
}

fn quality(dataset: &Dataset) -> QualitySpec {
    let Quality { ruleset, threshold_percent } = dataset.quality.known().cloned().unwrap_or_default();
    // Rules name columns: while those are not known, only the rules' own grammar can be wrong.
    let ruleset = ruleset
        .into_known()
        .filter(|text| dataset.columns.is_known() || dataset.columns.is_null() || dqdl::parse(text).is_err());
    #[allow(clippy::cast_precision_loss)]
    let default = THRESHOLD_PERCENT as f64;
    QualitySpec {
        ruleset,
        threshold_percent: threshold_percent.known().map_or(default, |number| number.as_f64()),
        ..QualitySpec::default()
    }
}
