//! Which handler this process is, and the compiled pipeline it works for.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use datalake_core::engine::CompiledDataset;
use datalake_core::spec::{DatasetSpec, PipelineSpec, SPEC_VERSION};
use datalake_core::{identity, layout};

use crate::time;

/// The handlers of this binary, by their names in `_HANDLER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handler {
    /// Registers objects that arrived.
    Ingest,
    /// Judges registered objects.
    Validate,
    /// Counts verdicts.
    Quality,
}

/// The pipeline of this function, read once.
pub struct Pipeline {
    /// What the provider wrote.
    pub spec: PipelineSpec,
    /// Fingerprint of the document.
    pub spec_hash: String,
    datasets: BTreeMap<String, Arc<CompiledDataset>>,
}

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `_HANDLER` is not set.
    #[error("the environment variable _HANDLER is not set; it must be one of {}", Handler::NAMES)]
    NoHandler,
    /// `_HANDLER` names something else.
    #[error("_HANDLER is {0:?}; it must be one of {names}", names = Handler::NAMES)]
    UnknownHandler(String),
    /// The pipeline's document cannot be read.
    #[error("pipeline document {path} cannot be read: {source}")]
    Unreadable {
        /// Where it was looked for.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The pipeline's document is not one.
    #[error("pipeline document is not valid: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It was written by another release.
    #[error(
        "pipeline document has version {0}; this release reads version {SPEC_VERSION}: deploy layer and functions together"
    )]
    OtherVersion(u64),
    /// A dataset's rules do not compile.
    #[error("dataset {dataset:?} does not compile: {problems}")]
    Dataset {
        /// Its name.
        dataset: String,
        /// Everything that is wrong with it.
        problems: String,
    },
}

impl Handler {
    const NAMES: &str = "ingest, validate, quality";

    /// The handler named by `_HANDLER`.
    ///
    /// # Errors
    /// When the variable is not set or names no handler.
    pub fn from_environment() -> Result<Self, StartError> {
        std::env::var("_HANDLER").map_err(|_| StartError::NoHandler)?.parse()
    }

    /// The name in `_HANDLER`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Handler::Ingest => "ingest",
            Handler::Validate => "validate",
            Handler::Quality => "quality",
        }
    }
}

impl FromStr for Handler {
    type Err = StartError;

    fn from_str(name: &str) -> Result<Self, StartError> {
        match name {
            "ingest" => Ok(Handler::Ingest),
            "validate" => Ok(Handler::Validate),
            "quality" => Ok(Handler::Quality),
            other => Err(StartError::UnknownHandler(other.to_owned())),
        }
    }
}

impl Pipeline {
    /// Reads `pipeline.json` of the function's own package.
    ///
    /// # Errors
    /// When there is none or it cannot be used.
    pub fn load() -> Result<Self, StartError> {
        let root = std::env::var("LAMBDA_TASK_ROOT").unwrap_or_else(|_| "/var/task".to_owned());
        let path = Path::new(&root).join("pipeline.json");
        let document = std::fs::read(&path)
            .map_err(|source| StartError::Unreadable { path: path.display().to_string(), source })?;
        Self::parse(&document)
    }

    /// Reads a document and compiles its datasets.
    ///
    /// # Errors
    /// When it is malformed, of another version, or a dataset does not compile.
    pub fn parse(document: &[u8]) -> Result<Self, StartError> {
        // The version first: a document of another version need not have our fields.
        let version = serde_json::from_slice::<serde_json::Value>(document)?["version"].as_u64().unwrap_or(0);
        if version != u64::from(SPEC_VERSION) {
            return Err(StartError::OtherVersion(version));
        }
        let spec: PipelineSpec = serde_json::from_slice(document)?;
        let datasets = compile(&spec)?;
        Ok(Self { spec, spec_hash: identity::fingerprint(document), datasets })
    }

    /// The name of the dataset a key belongs to, [`layout::NO_DATASET`] when it belongs to none.
    #[must_use]
    pub fn dataset_name(&self, key: &str) -> &str {
        self.spec.dataset_of(key).map_or(layout::NO_DATASET, |(name, _)| name)
    }

    /// When what is written now may be deleted from the metadata table, in seconds since 1970; never, if none.
    #[must_use]
    pub fn expires_at(&self, now: SystemTime) -> Option<u64> {
        let ttl_seconds = u64::from(self.spec.metadata_ttl_days) * 86_400;
        (ttl_seconds > 0).then(|| time::epoch_millis(now) / 1000 + ttl_seconds)
    }

    /// The compiled dataset of that name.
    #[must_use]
    pub fn dataset(&self, name: &str) -> Option<Arc<CompiledDataset>> {
        self.datasets.get(name).cloned()
    }
}

fn compile(spec: &PipelineSpec) -> Result<BTreeMap<String, Arc<CompiledDataset>>, StartError> {
    let compile_one = |(name, dataset): (&String, &DatasetSpec)| match CompiledDataset::compile(name, dataset)
    {
        Ok(compiled) => Ok((name.clone(), Arc::new(compiled))),
        Err(problems) => {
            let problems =
                problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ");
            Err(StartError::Dataset { dataset: name.clone(), problems })
        }
    };
    spec.datasets.iter().map(compile_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for handler in [Handler::Ingest, Handler::Validate, Handler::Quality] {
            assert_eq!(handler.name().parse::<Handler>().unwrap(), handler);
        }
        let error = "transform".parse::<Handler>().unwrap_err().to_string();
        assert_eq!(error, "_HANDLER is \"transform\"; it must be one of ingest, validate, quality");
    }

    #[test]
    fn documents_that_are_refused() {
        let cases = [
            ("{", "pipeline document is not valid"),
            ("{}", "version 0"),
            (r#"{"version": 2}"#, "version 2"),
            (r#"{"version": 1}"#, "missing field"),
        ];
        for (document, expected) in cases {
            let error = Pipeline::parse(document.as_bytes()).err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
