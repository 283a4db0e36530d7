//! What is remembered of judged objects for the rules that look back: one bounded list per dataset, the newest first.
//!
//! "Earlier" means "arrived earlier", and what an object was compared with is recorded before anything of its verdict
//! shows: so the verdict is the same however often and in whatever order messages are delivered after that.

use std::collections::BTreeMap;

use datalake_core::events::SourceObject;
use datalake_core::identity::{self, ObjectVersion};
use datalake_core::rules::LookBack;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::pipeline::Pipeline;
use crate::ports::Ports;
use crate::records::ObjectItem;

/// Attempts to change the list while others change it at the same time; each of those is one object judged.
const SWAPS: usize = 30;

/// The measures of one object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remembered {
    /// When it arrived.
    pub timestamp: String,
    /// Identity of the object version, under whatever rules.
    pub object: String,
    /// Measures by name.
    pub measures: BTreeMap<String, f64>,
}

/// The newest judged objects of a dataset.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// Grows with every change.
    pub revision: u64,
    /// Newest first.
    pub objects: Vec<Remembered>,
}

/// What an object is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    /// Fingerprint of the rules that asked.
    pub spec_hash: String,
    /// Measures of earlier objects, newest first.
    pub objects: Vec<BTreeMap<String, f64>>,
}

impl Remembered {
    fn order(&self) -> (&str, &str) {
        (&self.timestamp, &self.object)
    }
}

impl History {
    /// The list with one object more, of which the newest `kept` stay; none when it says all that already.
    #[must_use]
    pub fn with(&self, object: &Remembered, kept: usize) -> Option<Self> {
        let mut objects: Vec<Remembered> =
            self.objects.iter().filter(|known| known.object != object.object).cloned().collect();
        objects.push(object.clone());
        objects.sort_by(|left, right| right.order().cmp(&left.order()));
        objects.truncate(kept);
        (objects != self.objects).then(|| Self { revision: self.revision + 1, objects })
    }

    /// Of the objects that arrived before `item`, what the rules look back at.
    #[must_use]
    pub fn before(&self, item: &ObjectItem, look_back: &LookBack<'_>) -> Vec<BTreeMap<String, f64>> {
        let object = object_of(&item.source);
        let asked = |known: &Remembered| -> BTreeMap<String, f64> {
            let value = |name: &str| Some((name.to_owned(), *known.measures.get(name)?));
            look_back.names().filter_map(value).collect()
        };
        let earlier =
            self.objects.iter().filter(|known| known.order() < (item.timestamp.as_str(), object.as_str()));
        earlier.take(look_back.objects).map(asked).collect()
    }
}

/// What an object under judgement is compared with: what it was compared with before a crash, or what is known now.
///
/// # Errors
/// When the list cannot be read.
pub async fn compared(
    ports: &Ports,
    item: &ObjectItem,
    dataset: &str,
    spec_hash: &str,
    look_back: &LookBack<'_>,
) -> Result<Compared, Failure> {
    if let Some(compared) = item.compared.as_ref().filter(|compared| compared.spec_hash == spec_hash) {
        return Ok(compared.clone());
    }
    let history = ports.table.history(dataset).await?.unwrap_or_default();
    Ok(Compared { spec_hash: spec_hash.to_owned(), objects: history.before(item, look_back) })
}

/// Adds a judged object to its dataset's list, if the rules look back; again is as good as once.
///
/// # Errors
/// When the list cannot be changed.
pub async fn remember(ports: &Ports, pipeline: &Pipeline, item: &ObjectItem) -> Result<(), Failure> {
    let measures = item.outcome.as_ref().map(|outcome| &outcome.measures).filter(|found| !found.is_empty());
    let (Some(measures), Some(dataset)) = (measures, pipeline.dataset(&item.dataset)) else { return Ok(()) };
    let Some(kept) = dataset.look_back().map(|look_back| look_back.kept()) else { return Ok(()) };
    let object = Remembered {
        timestamp: item.timestamp.clone(),
        object: object_of(&item.source),
        measures: measures.clone(),
    };
    for _ in 0..SWAPS {
        let seen = ports.table.history(&item.dataset).await?;
        let revision = seen.as_ref().map(|seen| seen.revision);
        let Some(next) = seen.unwrap_or_default().with(&object, kept) else { return Ok(()) };
        if ports.table.rewrite(&item.dataset, revision, &next).await? {
            return Ok(());
        }
    }
    Err(Failure::Transient("the dataset's history is changed too often by others".to_owned()))
}

/// Identity of an object version, the same under other rules.
fn object_of(source: &SourceObject) -> String {
    let version = source.version_id.as_deref().or(source.sequencer.as_deref()).unwrap_or(&source.etag);
    let (bucket, key) = (source.bucket.as_str(), source.key.as_str());
    identity::process_id(&ObjectVersion { pipeline: "", bucket, key, version, spec_hash: "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(timestamp: &str, object: &str, rows: f64) -> Remembered {
        let measures = [("Dataset.*.RowCount".to_owned(), rows)].into();
        Remembered { timestamp: timestamp.to_owned(), object: object.to_owned(), measures }
    }

    fn names(history: &History) -> Vec<&str> {
        history.objects.iter().map(|known| known.object.as_str()).collect()
    }

    #[test]
    fn the_list_is_sorted_bounded_and_has_each_object_once() {
        let mut history = History::default();
        for (timestamp, object) in [("2", "b"), ("1", "a"), ("3", "c"), ("2", "aa")] {
            history = history.with(&remembered(timestamp, object, 1.0), 3).unwrap();
        }
        assert_eq!((names(&history), history.revision), (vec!["c", "b", "aa"], 4));
        assert_eq!(history.with(&remembered("2", "b", 1.0), 3), None, "again is as good as once");
        assert_eq!(history.with(&remembered("0", "z", 1.0), 3), None, "too old to be kept");
        let judged_anew = history.with(&remembered("2", "b", 9.0), 3).unwrap();
        assert_eq!(names(&judged_anew), ["c", "b", "aa"]);
        assert_eq!(judged_anew.objects[1].measures["Dataset.*.RowCount"], 9.0);
        assert_eq!(names(&history.with(&remembered("4", "d", 1.0), 2).unwrap()), ["d", "c"]);
    }
}
