//! What the commands ask of the local cloud: uploads, items, metrics, queries. A Python script asks, so that nothing
//! here links an AWS SDK.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::tail;
use crate::error::{Context, Error, Result};
use crate::story::Story;
use crate::tools::venv::Venv;

/// A client of one cloud.
#[derive(Debug, Clone)]
pub struct Lake {
    venv: Venv,
    script: PathBuf,
    environment: Vec<(String, String)>,
}

impl Lake {
    /// A client with an environment that names the cloud.
    #[must_use]
    pub fn new(venv: &Venv, script: &Path, environment: &[(String, String)]) -> Self {
        Self { venv: venv.clone(), script: script.to_path_buf(), environment: environment.to_vec() }
    }

    /// Uploads a file.
    ///
    /// # Errors
    /// When it cannot be uploaded.
    pub fn put(&self, bucket: &str, key: &str, file: &Path) -> Result {
        self.call(&["put", bucket, key, &file.to_string_lossy()]).map(drop)
    }

    /// The content of an object, as text.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn get(&self, bucket: &str, key: &str) -> Result<String> {
        let answer = self.call(&["get", bucket, key])?;
        answer["text"].as_str().map(str::to_owned).ok_or_else(|| surprise("get", &answer))
    }

    /// The content of the object at an `s3://` address, as text.
    ///
    /// # Errors
    /// When the address is none or the object cannot be read.
    pub fn get_address(&self, address: &str) -> Result<String> {
        let parts = address.strip_prefix("s3://").and_then(|rest| rest.split_once('/'));
        let (bucket, key) = parts.ok_or_else(|| Error::new(format!("{address} is no s3:// address")))?;
        self.get(bucket, key)
    }

    /// The stories in a metadata table, by key and then oldest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn stories(&self, table: &str) -> Result<Vec<Story>> {
        let items = self.list(&["items", table])?;
        let mut stories: Vec<Story> = items.iter().filter_map(Story::from_item).collect();
        stories.sort_by(|a, b| (a.key(), a.text("Timestamp")).cmp(&(b.key(), b.text("Timestamp"))));
        Ok(stories)
    }

    /// The data points of a pipeline's quality metrics in the last day.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn metrics(&self, pipeline: &str) -> Result<Vec<Value>> {
        self.list(&["metrics", pipeline])
    }

    /// The keys under a prefix.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub fn keys(&self, bucket: &str, prefix: &str) -> Result<Vec<String>> {
        let objects = self.list(&["list", bucket, prefix])?;
        Ok(objects.iter().filter_map(|object| object["key"].as_str().map(str::to_owned)).collect())
    }

    /// The rows of an Athena query, as objects of strings.
    ///
    /// # Errors
    /// When the query fails.
    pub fn query(&self, workgroup: &str, database: &str, sql: &str) -> Result<Vec<Value>> {
        self.list(&["query", workgroup, database, sql])
    }

    /// The names of everything there is, by kind; nothing AWS provides by itself. `name` asks only for names with it.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub fn inventory(&self, name: Option<&str>) -> Result<BTreeMap<String, Vec<String>>> {
        let arguments: Vec<&str> =
            name.map_or_else(|| vec!["inventory"], |name| vec!["inventory", "--name", name]);
        let answer = self.call(&arguments)?;
        let names = |names: &Value| {
            names
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect()
        };
        let kinds = answer.as_object().ok_or_else(|| surprise("inventory", &answer))?;
        Ok(kinds.iter().map(|(kind, found)| (kind.clone(), names(found))).collect())
    }

    /// One call of the script; its answer is JSON.
    ///
    /// # Errors
    /// When the script fails: with the cloud's own words.
    pub fn call(&self, arguments: &[&str]) -> Result<Value> {
        let run = self.venv.python().arg(&self.script).args(arguments).envs(&self.environment);
        let output = run.env_remove("AWS_PROFILE").env_remove("AWS_SESSION_TOKEN").output()?;
        let what = || format!("`lake.py {}`", arguments.join(" "));
        if output.code != Some(0) {
            return Err(Error::new(format!("{}: {}", what(), complaint(&output.stderr))));
        }
        serde_json::from_str(&output.stdout).context(|| format!("{} does not answer in JSON", what()))
    }

    fn list(&self, arguments: &[&str]) -> Result<Vec<Value>> {
        match self.call(arguments)? {
            Value::Array(rows) => Ok(rows),
            answer => Err(surprise(&arguments.join(" "), &answer)),
        }
    }
}

/// The script's own sentence, or whatever there is on standard error.
fn complaint(stderr: &str) -> String {
    let last = stderr.lines().last().and_then(|line| serde_json::from_str::<Value>(line).ok());
    let sentence = last.and_then(|line| line["error"].as_str().map(str::to_owned));
    sentence.unwrap_or_else(|| tail(stderr, 20))
}

fn surprise(command: &str, answer: &Value) -> Error {
    Error::new(format!("`lake.py {command}` answered something else than expected: {answer}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints() {
        assert_eq!(complaint("warning\n{\"error\": \"NoSuchBucket\"}\n"), "NoSuchBucket");
        assert_eq!(complaint("Traceback\nValueError: x\n"), "Traceback\nValueError: x");
    }
}
