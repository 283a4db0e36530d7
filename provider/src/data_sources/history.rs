//! `datalake_quality_history`: what became of a pipeline's objects, hour by hour, from the counters of its metadata table.
//!
//! The keys of the counters follow from dataset and hour, so they are fetched by key: nothing is scanned, whatever the
//! table holds.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use datalake_host::{Num, Val, diag};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use tf_provider::schema::{AttributeType, Schema};
use tf_provider::value::ValueEmpty;
use tf_provider::{AttributePath, DataSource, Diagnostics};

use super::items::{Item, count, number, text};
use super::{Found, check_name, find};
use crate::aws::{AwsError, Calls};
use crate::provider::Shared;
use crate::resources::model::Map;
use crate::resources::schema::attribute::{computed, members, optional, required, schema_of};

/// Hours looked back unless told otherwise.
const HOURS: i64 = 24;
/// Most hours: 31 days.
const MOST_HOURS: i64 = 744;
/// Keys that DynamoDB takes in a request.
const BATCH: usize = 100;
/// Requests at once.
const AT_ONCE: usize = 8;
/// Tries for keys that DynamoDB left over, before it counts as throttled.
const TRIES: u32 = 8;
const OPERATION: &str = "dynamodb:BatchGetItem";

/// The data source.
#[derive(Debug, Clone)]
pub struct HistorySource {
    /// What the provider block gave.
    pub shared: Arc<Shared>,
}

/// Its attributes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct History {
    /// Name of the pipeline.
    pub pipeline_name: Val<String>,
    /// How far to look back.
    pub hours_back: Val<Num>,
    /// Hours in which something was judged, by dataset and hour.
    pub hours: Val<Vec<Hour>>,
    /// Mean score by dataset.
    pub scores: Val<Map<Num>>,
}

/// One dataset's hour.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hour {
    /// The dataset.
    pub dataset: Val<String>,
    /// When the hour began.
    pub begins_at: Val<String>,
    /// Objects judged.
    pub object_count: Val<Num>,
    /// Objects whose good rows were accepted.
    pub passed_object_count: Val<Num>,
    /// Rows read.
    pub row_count: Val<Num>,
    /// Rows refused.
    pub quarantined_row_count: Val<Num>,
    /// Mean score of the objects.
    pub score_percent: Val<Num>,
}

#[async_trait]
impl DataSource for HistorySource {
    type State<'a> = History;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(schema())
    }

    async fn validate<'a>(&self, diags: &mut Diagnostics, config: History) -> Option<()> {
        check_name(diags, "pipeline_name", &config.pipeline_name);
        if let Err(message) = hours_back(&config) {
            diag::error(diags, "Invalid hours_back", message, AttributePath::new("hours_back"));
        }
        Some(())
    }

    async fn read<'a>(&self, diags: &mut Diagnostics, config: History, _: ValueEmpty) -> Option<History> {
        let found = find(diags, &self.shared, "pipeline_name", &config.pipeline_name).await?;
        let wanted = wanted(&found, hours_back(&config).ok()?, SystemTime::now());
        match fetch(&found, &wanted).await {
            Ok(items) => Some(told(config, &wanted, &items)),
            Err(error) => {
                let detail = format!("The counters of the pipeline could not be read: {error}");
                diag::error(diags, "History not read", detail, AttributePath::new("pipeline_name"));
                None
            }
        }
    }
}

fn schema() -> Schema {
    let number = |about: &str| computed(AttributeType::Number, about);
    let hour = members([
        (
            "dataset",
            computed(AttributeType::String, "The dataset; `_unknown` for objects that belong to none."),
        ),
        (
            "begins_at",
            computed(AttributeType::String, "When the hour began, such as `2026-01-31T14:00:00Z`."),
        ),
        ("object_count", number("Objects judged.")),
        ("passed_object_count", number("Objects whose good rows were accepted.")),
        ("row_count", number("Rows read.")),
        ("quarantined_row_count", number("Rows refused.")),
        ("score_percent", number("Mean score of the objects, 0 to 100.")),
    ]);
    let about = "Scores and counts of an existing pipeline per dataset and hour, from the counters of its metadata table: for `check` blocks \
                 and for gates in a deployment. It needs `s3:GetObject` on the bucket `processed` and `dynamodb:BatchGetItem` on the \
                 metadata table. Counters are kept as long as `retention.metadata_days` says.";
    let back = "How many hours to look back, the present one among them: 1 to 744. Default: `24`.";
    let attributes = members([
        ("pipeline_name", required(AttributeType::String, "Name of the pipeline.")),
        ("hours_back", optional(AttributeType::Number, back)),
        (
            "hours",
            computed(
                AttributeType::AttributeList(hour),
                "The hours in which something was judged, sorted by dataset and time.",
            ),
        ),
        (
            "scores",
            computed(
                AttributeType::Map(AttributeType::Number.into()),
                "Mean score of the objects in all these hours, by dataset; a dataset of which nothing was judged is left out.",
            ),
        ),
    ]);
    schema_of(0, attributes, about)
}

fn hours_back(config: &History) -> Result<u64, String> {
    let Some(number) = config.hours_back.known() else { return Ok(HOURS.unsigned_abs()) };
    let whole = number.as_i64().filter(|hours| (1..=MOST_HOURS).contains(hours));
    whole
        .map(i64::unsigned_abs)
        .ok_or_else(|| format!("{number} is not a whole number from 1 to {MOST_HOURS}"))
}

/// Dataset and hour of every counter that may be there, in order.
fn wanted(found: &Found, back: u64, now: SystemTime) -> Vec<(String, String)> {
    let datasets = found.model.datasets.known().into_iter().flat_map(BTreeMap::keys).map(String::as_str);
    let datasets = std::iter::once(datalake_core::layout::NO_DATASET).chain(datasets);
    let hours: Vec<String> = (0..back).rev().map(|ago| hour(now, ago)).collect();
    datasets.flat_map(|dataset| hours.iter().map(|hour| (dataset.to_owned(), hour.clone()))).collect()
}

/// The hour so many hours before the present one, as the counters write it: `2026-11-24T00`.
fn hour(now: SystemTime, ago: u64) -> String {
    let then = now.checked_sub(Duration::from_secs(ago * 3600)).unwrap_or(SystemTime::UNIX_EPOCH);
    let time = aws_smithy_types::DateTime::from(then);
    let text = time.fmt(aws_smithy_types::date_time::Format::DateTime).unwrap_or_default();
    text.get(..13).unwrap_or_default().to_owned()
}

/// Key of a counter.
fn key(dataset: &str, hour: &str) -> Item {
    HashMap::from([
        ("ProcessId".to_owned(), AttributeValue::S(format!("hour#{dataset}#{hour}"))),
        ("Timestamp".to_owned(), AttributeValue::S("counters".to_owned())),
    ])
}

/// The counters that are there, by their hash key.
async fn fetch(found: &Found, wanted: &[(String, String)]) -> Result<BTreeMap<String, Item>, AwsError> {
    let batches = wanted.chunks(BATCH).map(|batch| {
        let keys = batch.iter().map(|(dataset, hour)| key(dataset, hour)).collect();
        one_batch(found, keys)
    });
    let batches: Vec<_> = batches.collect();
    let items: Vec<Vec<Item>> = stream::iter(batches).buffer_unordered(AT_ONCE).try_collect().await?;
    let items = items.into_iter().flatten();
    Ok(items.filter_map(|item| Some((text(&item, "ProcessId")?, item))).collect())
}

async fn one_batch(found: &Found, mut keys: Vec<Item>) -> Result<Vec<Item>, AwsError> {
    let table = found.names.part("metadata");
    let mut items = Vec::new();
    for attempt in 0..TRIES {
        let request = KeysAndAttributes::builder().set_keys(Some(keys)).build()?;
        let call = found.configured.clients.dynamodb.batch_get_item().request_items(&table, request);
        let answer = call.send().await.call(OPERATION)?;
        items.extend(answer.responses.unwrap_or_default().into_values().flatten());
        keys = answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|left| left.keys).collect();
        if keys.is_empty() {
            return Ok(items);
        }
        tokio::time::sleep(Duration::from_millis(50 << attempt)).await;
    }
    let message = format!("{} counters were left over after {TRIES} tries: try again later", keys.len());
    Err(AwsError::ours(OPERATION, "Throttled", message))
}

fn told(config: History, wanted: &[(String, String)], items: &BTreeMap<String, Item>) -> History {
    let (mut hours, mut sums) = (Vec::new(), BTreeMap::<String, (f64, u64)>::new());
    for (dataset, hour) in wanted {
        let Some(item) = items.get(&format!("hour#{dataset}#{hour}")) else { continue };
        let (objects, sum) = (count(item, "objects"), number(item, "scoreSum"));
        let total = sums.entry(dataset.clone()).or_default();
        *total = (total.0 + sum, total.1 + objects);
        hours.push(Hour {
            dataset: dataset.as_str().into(),
            begins_at: format!("{hour}:00:00Z").into(),
            object_count: whole(objects),
            passed_object_count: whole(count(item, "passed")),
            row_count: whole(count(item, "rows")),
            quarantined_row_count: whole(count(item, "quarantined")),
            score_percent: mean(sum, objects),
        });
    }
    let scores = sums.into_iter().map(|(dataset, (sum, objects))| (dataset, mean(sum, objects)));
    History { hours: hours.into(), scores: scores.collect::<Map<_>>().into(), ..config }
}

fn whole(count: u64) -> Val<Num> {
    i64::try_from(count).ok().map(Num::from).into()
}

/// A mean with two decimals, as scores are written; none of nothing.
fn mean(sum: f64, count: u64) -> Val<Num> {
    #[allow(clippy::cast_precision_loss, reason = "no counter comes near 2^53")]
    let mean = (count > 0).then(|| (sum / count as f64 * 100.0).round() / 100.0);
    mean.and_then(|mean| mean.to_string().parse().ok()).into()
}

#[cfg(test)]
mod tests {
    use datalake_host::check_shape;
    use serde_json::json;

    use super::*;

    fn item(objects: &str, sum: &str) -> Item {
        let n = |text: &str| AttributeValue::N(text.to_owned());
        HashMap::from([
            ("objects".to_owned(), n(objects)),
            ("passed".to_owned(), n("1")),
            ("rows".to_owned(), n("70")),
            ("quarantined".to_owned(), n("7")),
            ("scoreSum".to_owned(), n(sum)),
        ])
    }

    #[test]
    fn hours_are_written_as_the_counters_are() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_305_599);
        assert_eq!([hour(now, 0), hour(now, 23)], ["2026-11-21T23", "2026-11-21T00"]);
    }

    #[test]
    fn counters_become_hours_and_means() {
        // A number that is no whole one goes as its digits.
        let wanted =
            [("orders", "2026-01-31T13"), ("orders", "2026-01-31T14"), ("readings", "2026-01-31T14")]
                .map(|(dataset, hour)| (dataset.to_owned(), hour.to_owned()));
        let items = BTreeMap::from([
            ("hour#orders#2026-01-31T13".to_owned(), item("2", "150.5")),
            ("hour#orders#2026-01-31T14".to_owned(), item("1", "1E+2")),
        ]);
        let told = told(History::default(), &wanted, &items);
        assert_eq!(
            serde_json::to_value(&told).unwrap(),
            json!({
                "pipeline_name": null, "hours_back": null, "scores": {"orders": "83.5"},
                "hours": [
                    {"dataset": "orders", "begins_at": "2026-01-31T13:00:00Z", "object_count": 2, "passed_object_count": 1,
                     "row_count": 70, "quarantined_row_count": 7, "score_percent": "75.25"},
                    {"dataset": "orders", "begins_at": "2026-01-31T14:00:00Z", "object_count": 1, "passed_object_count": 1,
                     "row_count": 70, "quarantined_row_count": 7, "score_percent": 100},
                ],
            })
        );
        assert_eq!(
            check_shape(
                &schema(),
                &History { hours_back: Num::from(1).into(), pipeline_name: "p".into(), ..told }
            ),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_window_has_bounds() {
        let of = |hours: &str| {
            hours_back(&History { hours_back: hours.parse::<Num>().ok().into(), ..History::default() })
        };
        assert_eq!([of("1"), of("744")], [Ok(1), Ok(744)]);
        for wrong in ["0", "745", "1.5", "-1"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
        assert_eq!(hours_back(&History::default()), Ok(24));
    }
}
