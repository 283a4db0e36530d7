//! An example, applied: what became of its files and what must; and which one `demo`, `up` and most tests use.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::error::{Context, Error, Result};
use crate::lake::Lake;
use crate::progress::Progress;
use crate::story::Story;

/// The example's folder in the clone.
pub const EXAMPLE: &str = "examples/demo";
/// Its one resource.
pub const ADDRESS: &str = "datalake_pipeline.sensors";
/// Its pipeline's name.
pub const PIPELINE: &str = "sensors";
/// The question that is asked of the accepted rows, and the columns of its answer.
pub const COLUMNS: [&str; 3] = ["country", "orders", "amount"];
/// Longest wait for all files to be judged and counted.
const PATIENCE: Duration = Duration::from_secs(120);
/// Every look starts a Python process: not too often.
const BETWEEN_LOOKS: Duration = Duration::from_millis(300);

/// The names Terraform gave to what it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Bucket that takes uploads.
    pub raw: String,
    /// Bucket with accepted rows.
    pub processed: String,
    /// Bucket with refused rows.
    pub quarantine: String,
    /// Metadata table.
    pub table: String,
    /// Glue database.
    pub database: String,
    /// Athena workgroup.
    pub workgroup: String,
}

/// What one sample file must come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Status of its item.
    pub status: String,
    /// Rows accepted.
    pub good: u64,
    /// Rows refused.
    pub quarantined: u64,
}

impl Names {
    /// Reads them from the resource in the state.
    ///
    /// # Errors
    /// When the resource has no such output.
    pub fn from_resource(resource: &Value) -> Result<Self> {
        let text = |pointer: &str| {
            let found = resource.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
            found.ok_or_else(|| {
                Error::new(format!("{ADDRESS} has no {} in the state", pointer.replace('/', ".")))
            })
        };
        Ok(Self {
            raw: text("/buckets/raw/name")?,
            processed: text("/buckets/processed/name")?,
            quarantine: text("/buckets/quarantine/name")?,
            table: text("/metadata_table/name")?,
            database: text("/glue/database_name")?,
            workgroup: text("/athena/workgroup_name")?,
        })
    }

    /// The question that is asked of the accepted orders.
    #[must_use]
    pub fn sql(&self) -> String {
        format!(
            "SELECT country, count(*) AS orders, sum(amount) AS amount FROM {}.orders GROUP BY country ORDER BY country",
            self.database
        )
    }
}

/// The sample files: key in the raw bucket and file.
///
/// # Errors
/// When the folder cannot be read.
pub fn samples(example: &Path) -> Result<Vec<(String, PathBuf)>> {
    let data = example.join("data");
    let mut files = Vec::new();
    collect(&data, &mut files)
        .context(|| format!("the sample files in {} cannot be listed", data.display()))?;
    files.sort();
    let key = |file: &Path| file.strip_prefix(&data).map(|key| key.to_string_lossy().into_owned());
    files.into_iter().map(|file| Ok((key(&file).context(|| "a sample file".to_owned())?, file))).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => collect(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

/// What the sample files must come to, by key.
///
/// # Errors
/// When `expected.json` cannot be read.
pub fn expected(example: &Path) -> Result<BTreeMap<String, Expected>> {
    let file = example.join("expected.json");
    let what = || format!("{} cannot be used", file.display());
    let text = fs::read_to_string(&file).context(what)?;
    let document: BTreeMap<String, Value> = serde_json::from_str(&text).context(what)?;
    let read = |value: &Value| {
        let (good, quarantined) = (value["good"].as_u64()?, value["quarantined"].as_u64()?);
        Some(Expected { status: value["status"].as_str()?.to_owned(), good, quarantined })
    };
    let one = |(key, value): (String, Value)| {
        let expected =
            read(&value).ok_or_else(|| Error::new(format!("{}: {key} is not complete", what())))?;
        Ok((key, expected))
    };
    document.into_iter().map(one).collect()
}

/// Waits until all sample files have been judged and counted; returns their stories.
///
/// # Errors
/// When the table cannot be read, or files are missing or unfinished after two minutes: which, and how far they came.
pub fn wait_for(lake: &Lake, table: &str, keys: &[String], progress: &Progress) -> Result<Vec<Story>> {
    let began = Instant::now();
    loop {
        let stories = lake.stories(table)?;
        let missing = unfinished(&stories, keys);
        if missing.is_empty() {
            return Ok(stories);
        }
        progress.say(format!("{} of {} finished", keys.len() - missing.len(), keys.len()));
        if began.elapsed() > PATIENCE {
            let lines = missing.join("\n  ");
            return Err(Error::new(format!(
                "after {} s these objects are not finished:\n  {lines}",
                PATIENCE.as_secs()
            )));
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}

fn unfinished(stories: &[Story], keys: &[String]) -> Vec<String> {
    let state = |key: &String| match stories.iter().rfind(|story| story.key() == key) {
        None => Some(format!("{key}: not registered")),
        Some(story) if !story.finished() => Some(format!("{key}: {}", story.status())),
        Some(_) => None,
    };
    keys.iter().filter_map(state).collect()
}

/// Every difference between what happened and what had to, in sentences.
#[must_use]
pub fn surprises(stories: &[Story], expected: &BTreeMap<String, Expected>) -> Vec<String> {
    let mut found = Vec::new();
    for (key, wanted) in expected {
        let about: Vec<&Story> = stories.iter().filter(|story| story.key() == key).collect();
        let [story] = about[..] else {
            found.push(format!("{key} has {} items in the metadata table, not 1", about.len()));
            continue;
        };
        let (good, quarantined) = (story.rows("good"), story.rows("quarantined"));
        if (story.status(), good, quarantined) != (wanted.status.as_str(), wanted.good, wanted.quarantined) {
            found.push(format!(
                "{key} came to {} with {good} good and {quarantined} quarantined rows, not to {} with {} and {}",
                story.status(),
                wanted.status,
                wanted.good,
                wanted.quarantined
            ));
        }
    }
    let unknown = stories.iter().filter(|story| !expected.contains_key(story.key()));
    found.extend(
        unknown.map(|story| format!("{} is in the metadata table and was never uploaded", story.key())),
    );
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::Repo;
    use serde_json::json;

    fn story(key: &str, status: &str, good: u64) -> Story {
        let item = json!({"Status": status, "key": key, "rows": {"good": good, "quarantined": 0}, "countedHour": "h"});
        Story::from_item(&item).unwrap()
    }

    #[test]
    fn every_sample_file_has_an_expectation() {
        let example = Repo::find().unwrap().join(EXAMPLE);
        let keys: Vec<String> = samples(&example).unwrap().into_iter().map(|(key, _)| key).collect();
        let expected: Vec<String> = expected(&example).unwrap().into_keys().collect();
        assert_eq!(keys, expected);
    }

    #[test]
    fn differences_are_named() {
        let wanted = Expected { status: "VALIDATED".to_owned(), good: 1, quarantined: 0 };
        let expected = BTreeMap::from([("a".to_owned(), wanted)]);
        let cases = [
            (vec![story("a", "VALIDATED", 1)], 0),
            (vec![story("a", "QUARANTINED", 0)], 1),
            (vec![], 1),
            (vec![story("a", "VALIDATED", 1), story("a", "VALIDATED", 1)], 1),
            (vec![story("a", "VALIDATED", 1), story("b", "VALIDATED", 1)], 1),
        ];
        for (stories, count) in cases {
            assert_eq!(surprises(&stories, &expected).len(), count, "{stories:?}");
        }
    }

    #[test]
    fn what_is_waited_for() {
        let keys = ["a".to_owned(), "b".to_owned()];
        assert_eq!(unfinished(&[story("a", "RECEIVED", 0)], &keys), ["a: RECEIVED", "b: not registered"]);
        assert!(unfinished(&[story("a", "VALIDATED", 1), story("b", "QUARANTINED", 0)], &keys).is_empty());
    }

    #[test]
    fn names_come_from_the_state() {
        let resource = json!({
            "buckets": {"raw": {"name": "r"}, "processed": {"name": "p"}, "quarantine": {"name": "q"}},
            "metadata_table": {"name": "t"}, "glue": {"database_name": "d"}, "athena": {"workgroup_name": "w"}
        });
        assert_eq!(Names::from_resource(&resource).unwrap().table, "t");
        let error = Names::from_resource(&json!({})).unwrap_err().to_string();
        assert!(error.contains(".buckets.raw.name"), "{error}");
    }
}
