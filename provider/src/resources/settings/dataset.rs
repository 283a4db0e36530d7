//! One dataset of the model as the handlers' [`DatasetSpec`], checked by the engine that will run it.
//!
//! What is not known yet reads as what gives no false alarm: a column of unknown type has no checks, a folder column that
//! is unknown is left out, rules are not held to columns that are still to come. What says no more than a default is left
//! out of the document, so that spelling a default out changes nothing that runs.

use datalake_core::check::{Problem, Step, check_dataset};
use datalake_core::spec::{Compression, CsvSpec, DatasetSpec, Format, OutputCompression, OutputSpec};
use datalake_host::Val;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, de::IntoDeserializer};
use tf_provider::AttributePath;

use super::super::defaults::CSV_QUOTE;
use super::super::model::{Dataset, Inputs, Output, Texts};
use super::columns::{self, Declared};
use super::quality;
use super::read::Reader;

/// S3's largest object, in MiB.
const LARGEST_OBJECT_MB: u32 = 5 << 20;

/// The dataset as far as it can be read; what is wrong goes to the reader.
pub(super) fn read(reader: &mut Reader, at: &AttributePath, name: &str, dataset: &Dataset) -> DatasetSpec {
    let declared = columns::read(reader, at, dataset);
    let output = dataset.output.known().cloned().unwrap_or_default();
    let (places, partition_by) = partitions(reader, at, &declared, &output);
    let compression = output.compression.or_default("zstd");
    let mut spec = DatasetSpec {
        format: word(reader, &dataset.format, at.clone().attribute("format")).unwrap_or(Format::Json),
        prefix: dataset.prefix.known().cloned().unwrap_or_else(|| format!("input/{name}/")),
        compression: word(reader, &dataset.compression, at.clone().attribute("compression"))
            .unwrap_or(Compression::Auto),
        quality: quality::read(reader, &at.clone().attribute("quality"), dataset, declared.typed),
        columns: declared.columns,
        csv: csv(reader, &at.clone().attribute("csv"), dataset),
        output: OutputSpec {
            partition_by,
            compression: word(reader, &compression, at.clone().attribute("output").attribute("compression"))
                .unwrap_or(OutputCompression::Zstd),
        },
        spark_threshold_mb: reader.number(
            &dataset.spark_threshold_mb,
            at.clone().attribute("spark_threshold_mb"),
            1..=LARGEST_OBJECT_MB,
        ),
    };
    let by_schema = dataset.json_schema.is_known();
    let found = check_dataset(&spec).into_iter().map(|problem| place_back(problem, &places, by_schema));
    reader.take(at, found.collect());
    // A dialect of defaults is none.
    spec.csv = spec.csv.filter(|csv| *csv != CsvSpec::default());
    spec
}

/// A word of a closed list; the list is the handlers' own.
pub(super) fn word<T: for<'a> Deserialize<'a>>(
    reader: &mut Reader,
    value: &Val<String>,
    path: AttributePath,
) -> Option<T> {
    if value.is_null() {
        reader.problem(path, "is required");
        return None;
    }
    optional_word(reader, value, path)
}

/// The same, which may be left out.
pub(super) fn optional_word<T: for<'a> Deserialize<'a>>(
    reader: &mut Reader,
    value: &Val<String>,
    path: AttributePath,
) -> Option<T> {
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
    declared: &Declared,
    output: &Output,
) -> (Vec<usize>, Vec<String>) {
    if !declared.named {
        return (Vec::new(), Vec::new());
    }
    let path = at.clone().attribute("output").attribute("partition_by");
    no_nulls(reader, &path, &output.partition_by);
    let list = output.partition_by.known().into_iter().flatten().enumerate();
    list.filter_map(|(index, name)| Some((index, name.known()?.clone()))).unzip()
}

pub(super) fn no_nulls(reader: &mut Reader, path: &AttributePath, list: &Val<Texts>) {
    if list.known().is_some_and(|list| list.iter().any(Val::is_null)) {
        reader.problem(path.clone(), "an element is null");
    }
}

/// The dialect, once all of it is known: its characters can be judged only together.
fn csv(reader: &mut Reader, at: &AttributePath, dataset: &Dataset) -> Option<CsvSpec> {
    let given = dataset.csv.known()?;
    no_nulls(reader, &at.clone().attribute("columns"), &given.columns);
    if !given.all_known() || dataset.format.is_unknown() {
        return None;
    }
    let columns = given.columns.known().into_iter().flatten();
    Some(CsvSpec {
        delimiter: given.delimiter.known().cloned(),
        quote: given.quote.known().filter(|quote| *quote != CSV_QUOTE).cloned(),
        escape: given.escape.known().filter(|escape| !escape.is_empty()).cloned(),
        comment: given.comment.known().filter(|comment| !comment.is_empty()).cloned(),
        header: given.header.known() != Some(&false),
        columns: columns.filter_map(|name| name.known().cloned()).collect(),
        null_text: given.null_text.known().cloned(),
    })
}

/// The problem where the user wrote what it is about: the index of the folder column, the JSON Schema of the columns.
fn place_back(mut problem: Problem, places: &[usize], by_schema: bool) -> Problem {
    if let Some(Step::Index(index)) = problem.path.last_mut()
        && let Some(place) = usize::try_from(*index).ok().and_then(|index| places.get(index))
    {
        *index = i64::try_from(*place).unwrap_or(*index);
    }
    match problem.path.as_slice() {
        [Step::Attribute(columns), rest @ ..] if by_schema && columns == "columns" => {
            let message = match rest.first() {
                Some(Step::Key(name)) => format!("the column `{name}`: {}", problem.message),
                _ => problem.message,
            };
            Problem { path: vec![Step::Attribute("json_schema".to_owned())], message }
        }
        _ => problem,
    }
}
