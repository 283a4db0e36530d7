//! `datalake_quarantine`: the objects of a pipeline that were refused lately, whole or in part, and by which rules.
//!
//! It asks the index `recent-by-status`, the newest first. Keys, counts, rules and reasons are told, never a row: the
//! rows themselves lie in the bucket `quarantine`, behind its own permissions.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use datalake_host::{Num, Val, diag};
use serde::{Deserialize, Serialize};
use tf_provider::schema::{AttributeType, Schema};
use tf_provider::value::ValueEmpty;
use tf_provider::{AttributePath, DataSource, Diagnostics};

use super::items::{Item, count, counts, number, text, within};
use super::{Found, check_name, find};
use crate::aws::{AwsError, Calls};
use crate::provider::Shared;
use crate::resources::design::STATUS_INDEX;
use crate::resources::model::Map;
use crate::resources::schema::attribute::{computed, members, optional, output, required, schema_of};

/// Objects told unless told otherwise.
const LIMIT: i64 = 50;
/// Most objects: they all go into the state.
const MOST: i64 = 500;
/// Items that are looked at, of each status: the accepted ones are many.
const LOOKED_AT: usize = 5_000;
/// Statuses of objects of which something may have been refused.
const STATUSES: [&str; 2] = ["QUARANTINED", "VALIDATED"];
const OPERATION: &str = "dynamodb:Query";

/// The data source.
#[derive(Debug, Clone)]
pub struct QuarantineSource {
    /// What the provider block gave.
    pub shared: Arc<Shared>,
}

/// Its attributes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quarantine {
    /// Name of the pipeline.
    pub pipeline_name: Val<String>,
    /// Only this dataset's objects.
    pub dataset: Val<String>,
    /// Most objects to tell.
    pub limit: Val<Num>,
    /// The objects, the newest first.
    pub objects: Val<Vec<Refused>>,
    /// Rows of these objects that failed a rule, by rule.
    pub failed_rules: Val<Map<Num>>,
}

/// One object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Refused {
    /// Identity.
    pub process_id: Val<String>,
    /// The dataset.
    pub dataset: Val<String>,
    /// Where it arrived.
    pub key: Val<String>,
    /// Which version of it.
    pub version_id: Val<String>,
    /// When it was judged.
    pub judged_at: Val<String>,
    /// Whether its other rows were accepted.
    pub passed: Val<bool>,
    /// Its score.
    pub score_percent: Val<Num>,
    /// Rows read.
    pub row_count: Val<Num>,
    /// Rows refused.
    pub quarantined_row_count: Val<Num>,
    /// Why it was refused whole, in one word.
    pub reason: Val<String>,
    /// Rows that failed a rule, by rule.
    pub failed_rules: Val<Map<Num>>,
}

#[async_trait]
impl DataSource for QuarantineSource {
    type State<'a> = Quarantine;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(schema())
    }

    async fn validate<'a>(&self, diags: &mut Diagnostics, config: Quarantine) -> Option<()> {
        check_name(diags, "pipeline_name", &config.pipeline_name);
        if let Err(message) = limit(&config) {
            diag::error(diags, "Invalid limit", message, AttributePath::new("limit"));
        }
        Some(())
    }

    async fn read<'a>(
        &self,
        diags: &mut Diagnostics,
        config: Quarantine,
        _: ValueEmpty,
    ) -> Option<Quarantine> {
        let found = find(diags, &self.shared, "pipeline_name", &config.pipeline_name).await?;
        let limit = limit(&config).ok()?;
        let dataset = config.dataset.as_deref();
        let recent = STATUSES.map(|status| recent(&found, status, dataset, limit));
        match futures::future::try_join_all(recent).await {
            Ok(items) => Some(told(config, items.into_iter().flatten(), limit)),
            Err(error) => {
                let detail = format!("The metadata table of the pipeline could not be asked: {error}");
                diag::error(diags, "Quarantine not read", detail, AttributePath::new("pipeline_name"));
                None
            }
        }
    }
}

fn schema() -> Schema {
    let number = |about: &str| computed(AttributeType::Number, about);
    let by_rule = || AttributeType::Map(AttributeType::Number.into());
    let object = members([
        (
            "process_id",
            output(
                "The identity of the object's processing, by which its rows and its reasons are named in the bucket `quarantine`.",
            ),
        ),
        ("dataset", output("The dataset; `_unknown` for an object that belongs to none.")),
        ("key", output("Its key in the bucket `raw`.")),
        ("version_id", output("Which version of it, where the bucket has versions.")),
        ("judged_at", output("When it was judged.")),
        (
            "passed",
            computed(
                AttributeType::Bool,
                "Whether its other rows were accepted; otherwise it was refused whole.",
            ),
        ),
        ("score_percent", number("Its score, 0 to 100.")),
        ("row_count", number("Rows read.")),
        ("quarantined_row_count", number("Rows refused.")),
        ("reason", output("Why it was refused whole, in one stable word such as `score_below_threshold`.")),
        ("failed_rules", computed(by_rule(), "Rows that failed a rule, by rule (the most frequent ones).")),
    ]);
    let about = "What an existing pipeline refused lately: objects refused whole or with refused rows, and the rules that did it; never a \
                 row or a value. It needs `s3:GetObject` on the bucket `processed` and `dynamodb:Query` on the metadata table's index \
                 `recent-by-status`. Of the objects refused whole and of those accepted, the 5,000 newest each are looked at.";
    let attributes = members([
        ("pipeline_name", required(AttributeType::String, "Name of the pipeline.")),
        ("dataset", optional(AttributeType::String, "Only the objects of this dataset.")),
        ("limit", optional(AttributeType::Number, "Most objects to tell, 1 to 500. Default: `50`.")),
        (
            "objects",
            computed(AttributeType::AttributeList(object), "The objects, the one judged last first."),
        ),
        ("failed_rules", computed(by_rule(), "Rows of all these objects that failed a rule, by rule.")),
    ]);
    schema_of(0, attributes, about)
}

fn limit(config: &Quarantine) -> Result<usize, String> {
    let number = config.limit.known().cloned().unwrap_or_else(|| Num::from(LIMIT));
    let whole = number.as_i64().filter(|limit| (1..=MOST).contains(limit));
    whole
        .and_then(|limit| usize::try_from(limit).ok())
        .ok_or_else(|| format!("{number} is not a whole number from 1 to {MOST}"))
}

/// The newest items of a status of which something was refused.
async fn recent(
    found: &Found,
    status: &str,
    dataset: Option<&str>,
    limit: usize,
) -> Result<Vec<Item>, AwsError> {
    let query = found.configured.clients.dynamodb.query();
    let query = query.table_name(found.names.part("metadata")).index_name(STATUS_INDEX);
    let query =
        query.key_condition_expression("#status = :status").expression_attribute_names("#status", "Status");
    let query = query.expression_attribute_values(":status", AttributeValue::S(status.to_owned()));
    let query = query.scan_index_forward(false).limit(1_000);
    let (mut items, mut looked_at, mut next) = (Vec::new(), 0, None);
    while items.len() < limit && looked_at < LOOKED_AT {
        let page = query.clone().set_exclusive_start_key(next).send().await.call(OPERATION)?;
        let page_items = page.items.unwrap_or_default();
        looked_at += page_items.len();
        items.extend(page_items.into_iter().filter(|item| refused(item) && is_of(item, dataset)));
        next = page.last_evaluated_key.filter(|key| !key.is_empty());
        if next.is_none() {
            break;
        }
    }
    Ok(items)
}

/// Whether the object or some of its rows were refused.
fn refused(item: &Item) -> bool {
    text(item, "Status").as_deref() == Some(STATUSES[0]) || quarantined_rows(item) > 0
}

fn is_of(item: &Item, dataset: Option<&str>) -> bool {
    dataset.is_none() || text(item, "dataset").as_deref() == dataset
}

fn quarantined_rows(item: &Item) -> u64 {
    within(item, "rows").map_or(0, |rows| count(rows, "quarantined"))
}

fn told(config: Quarantine, items: impl Iterator<Item = Item>, limit: usize) -> Quarantine {
    let mut items: Vec<Item> = items.collect();
    items.sort_by_key(|item| std::cmp::Reverse((text(item, "UpdatedAt"), text(item, "ProcessId"))));
    items.truncate(limit);
    let mut rules = BTreeMap::<String, u64>::new();
    for (rule, rows) in items.iter().flat_map(|item| counts(item, "failedRules")) {
        *rules.entry(rule.clone()).or_default() += rows;
    }
    let objects: Vec<Refused> = items.iter().map(object).collect();
    Quarantine { objects: objects.into(), failed_rules: numbers(rules).into(), ..config }
}

fn object(item: &Item) -> Refused {
    let passed = item.get("validationPassed").and_then(|value| value.as_bool().ok().copied());
    let reason = within(item, "objectReason").and_then(|reason| text(reason, "code"));
    let rules = counts(item, "failedRules").map(|(rule, rows)| (rule.clone(), rows));
    Refused {
        process_id: text(item, "ProcessId").into(),
        dataset: text(item, "dataset").into(),
        key: text(item, "key").into(),
        version_id: text(item, "versionId").into(),
        judged_at: text(item, "UpdatedAt").into(),
        passed: passed.into(),
        score_percent: Num::from_f64(number(item, "qualityScore")).into(),
        row_count: whole(within(item, "rows").map_or(0, |rows| count(rows, "total"))),
        quarantined_row_count: whole(quarantined_rows(item)),
        reason: reason.into(),
        failed_rules: numbers(rules).into(),
    }
}

fn numbers(counts: impl IntoIterator<Item = (String, u64)>) -> Map<Num> {
    counts.into_iter().map(|(key, count)| (key, whole(count))).collect()
}

fn whole(count: u64) -> Val<Num> {
    i64::try_from(count).ok().map(Num::from).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use datalake_host::check_shape;

    use super::*;

    fn s(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    fn n(text: &str) -> AttributeValue {
        AttributeValue::N(text.to_owned())
    }

    fn m(entries: &[(&str, AttributeValue)]) -> AttributeValue {
        AttributeValue::M(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }

    fn item(status: &str, at: &str, quarantined: &str) -> Item {
        let entries = [
            ("ProcessId", s(at)),
            ("Status", s(status)),
            ("UpdatedAt", s(at)),
            ("dataset", s("orders")),
            ("key", s("input/orders/a.csv")),
            ("qualityScore", n("66.67")),
            ("validationPassed", AttributeValue::Bool(status == "VALIDATED")),
            ("rows", m(&[("total", n("3")), ("quarantined", n(quarantined))])),
            ("failedRules", m(&[("IsComplete \"id\"", n(quarantined))])),
            ("objectReason", m(&[("code", s("no_rows")), ("message", s("there is no row"))])),
        ];
        HashMap::from(entries.map(|(name, value)| (name.to_owned(), value)))
    }

    #[test]
    fn the_newest_come_first_and_rules_are_summed() {
        let items =
            [item("QUARANTINED", "1", "2"), item("VALIDATED", "3", "5"), item("QUARANTINED", "2", "1")];
        let told = told(Quarantine::default(), items.into_iter(), 2);
        let objects = told.objects.known().unwrap();
        let keys: Vec<_> = objects.iter().map(|object| object.judged_at.as_deref().unwrap()).collect();
        assert_eq!(keys, ["3", "2"]);
        let rules = told.failed_rules.known().unwrap();
        assert_eq!(rules["IsComplete \"id\""], Num::from(6).into());
        let first = &objects[0];
        assert_eq!((first.passed, first.quarantined_row_count.clone()), (true.into(), Num::from(5).into()));
        assert_eq!(first.reason.as_deref(), Some("no_rows"));
        assert_eq!(first.score_percent, Num::from_f64(66.67).into());
    }

    #[test]
    fn objects_without_refused_rows_are_left_out() {
        let cases = [("QUARANTINED", "0", true), ("VALIDATED", "0", false), ("VALIDATED", "1", true)];
        for (status, rows, expected) in cases {
            assert_eq!(refused(&item(status, "1", rows)), expected, "{status} {rows}");
        }
        assert!(is_of(&item("VALIDATED", "1", "1"), Some("orders")));
        assert!(!is_of(&item("VALIDATED", "1", "1"), Some("readings")));
    }

    #[test]
    fn the_attributes_are_the_schemas() {
        let object = Refused { version_id: "v".into(), ..object(&item("QUARANTINED", "1", "1")) };
        let full = Quarantine {
            pipeline_name: "p".into(),
            dataset: "d".into(),
            limit: Num::from(1).into(),
            objects: vec![object].into(),
            failed_rules: numbers([("r".to_owned(), 1)]).into(),
        };
        assert_eq!(check_shape(&schema(), &full), Vec::<String>::new());
        for (limit, right) in [("0", false), ("1", true), ("500", true), ("501", false), ("2.5", false)] {
            let config = Quarantine { limit: limit.parse::<Num>().ok().into(), ..Quarantine::default() };
            assert_eq!(super::limit(&config).is_ok(), right, "{limit}");
        }
    }
}
