//! Other datasets that the rules compare an object with: their accepted rows as they are when the object has been read.
//!
//! Of each file only the columns that the rules name are read, by ranges, on the engine's own thread; what is kept of them
//! are keys, within the memory for keys and then on disk.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use datalake_core::engine::{CompiledDataset, read_accepted};
use datalake_core::layout::validated_prefix;
use datalake_core::rules::{Asked, Reference};

use super::scratch;
use crate::failure::PortError;
use crate::pipeline::Pipeline;
use crate::ports::{Listed, Ports};
use crate::waiting::{Lost, Waiting};

/// Most files of a dataset that is compared with.
const MOST_FILES: usize = 10_000;

/// What is read when the object has been.
pub struct References {
    waiting: Waiting,
    bucket: String,
    asked: BTreeMap<String, (Option<Arc<CompiledDataset>>, Asked)>,
    most_keys: usize,
}

/// Other datasets by name, each as it is or why it cannot be had.
pub type Found = BTreeMap<String, Arc<Result<Reference, String>>>;

impl References {
    /// Those that the rules of a dataset name.
    pub fn of(ports: &Ports, pipeline: &Pipeline, dataset: &CompiledDataset, give_up_at: SystemTime) -> Self {
        let (asked, most_keys) = dataset.references();
        let asked = asked.into_iter().map(|(name, asked)| {
            let there = pipeline.dataset(&name);
            (name, (there, asked))
        });
        let bucket = pipeline.spec.buckets.processed.clone();
        Self { waiting: Waiting::until(give_up_at, ports), bucket, asked: asked.collect(), most_keys }
    }

    /// Reads them all. Blocks: not for the runtime's own threads.
    ///
    /// # Errors
    /// When that may go better another time.
    pub fn read(&self) -> Result<Found, String> {
        let mut found = BTreeMap::new();
        for (name, (dataset, asked)) in &self.asked {
            let reference = match dataset {
                Some(dataset) => self.dataset(name, dataset, asked)?,
                None => Err(format!("the pipeline has no dataset `{name}`")),
            };
            found.insert(name.clone(), Arc::new(reference));
        }
        Ok(found)
    }

    fn dataset(
        &self,
        name: &str,
        dataset: &CompiledDataset,
        asked: &Asked,
    ) -> Result<Result<Reference, String>, String> {
        let mut reference = Reference::new(dataset.columns(), asked, self.most_keys, &mut scratch::keep);
        let keys = self.list(&validated_prefix(name))?;
        if keys.len() > MOST_FILES {
            return Ok(Err(format!("the dataset `{name}` has more than {MOST_FILES} files")));
        }
        for key in keys {
            let file = self.waiting.open(&self.bucket, &key).map_err(reason)?;
            let lost = file.lost();
            let read = read_accepted(&key, file, &mut reference);
            if let Some(lost) = lost.take() {
                return Err(reason(lost));
            }
            if let Err(reason) = read {
                return Ok(Err(reason));
            }
        }
        Ok(Ok(reference))
    }

    /// Keys of files, one more than there may be at most.
    fn list(&self, prefix: &str) -> Result<Vec<String>, String> {
        let mut keys: Vec<String> = Vec::new();
        let mut take = |page: Vec<Listed>| {
            keys.extend(page.into_iter().map(|listed| listed.key).filter(|key| key.ends_with(".parquet")));
            keys.len() <= MOST_FILES
        };
        self.waiting.list(&self.bucket, prefix, &mut take).map_err(reason)?;
        Ok(keys)
    }
}

fn reason(lost: Lost) -> String {
    match lost {
        Lost::NoTime => "not enough time left to read the datasets that the rules compare with".to_owned(),
        Lost::Port(PortError::Missing) => {
            "a file of a dataset that the rules compare with was replaced meanwhile".to_owned()
        }
        Lost::Port(other) => other.to_string(),
    }
}
