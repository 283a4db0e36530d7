//! The row engine's data: generated from a seed, or somebody else's; and the dataset it is judged by.

use std::fs;
use std::path::{Path, PathBuf};

use crate::args::Args;
use crate::error::{Context, Error, Result};
use crate::files;
use crate::repo::Repo;
use crate::tools::venv::Venv;

const MEGABYTES: &str = "100";
const SEED: u64 = 42;

/// Files to judge and how.
#[derive(Debug)]
pub struct Data {
    /// A folder to write to.
    pub work: PathBuf,
    /// Clean NDJSON.
    pub ndjson: PathBuf,
    /// The same rows as CSV.
    pub csv: PathBuf,
    /// The same rows with some that cannot be read.
    pub dirty: PathBuf,
    /// The dataset for NDJSON.
    pub dataset: PathBuf,
    /// The dataset for CSV.
    pub flat: PathBuf,
}

impl Data {
    /// The data of `--data`, or of `--seed`, made when it is missing or the generator is newer.
    ///
    /// # Errors
    /// When files are missing or cannot be written.
    pub fn find(args: &Args, repo: &Repo, venv: &Venv) -> Result<Self> {
        let work = repo.work_dir("bench-engine")?;
        let folder = match args.value("--data") {
            Some(folder) => PathBuf::from(folder),
            None => generated(args.read("--seed")?.unwrap_or(SEED), repo, venv, &work)?,
        };
        let file = |name: &str| {
            let path = folder.join(name);
            if path.is_file() { Ok(path) } else { Err(Error::new(format!("{} is missing", path.display()))) }
        };
        let dataset = repo.join("xtask/bench/dataset.json");
        Ok(Self {
            ndjson: file("clean.ndjson")?,
            csv: file("clean.csv")?,
            dirty: file("dirty.ndjson")?,
            flat: flat(&dataset, &work)?,
            dataset,
            work,
        })
    }
}

fn generated(seed: u64, repo: &Repo, venv: &Venv, work: &Path) -> Result<PathBuf> {
    let generator = repo.join("xtask/bench/gen.py");
    let folder = work.join(format!("seed-{seed}"));
    let changed = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    // Written last, so that a folder without it is half made.
    let marker = folder.join("complete");
    let made = changed(&marker);
    if made.is_none() || made < changed(&generator) {
        venv.python().arg(&generator).arg(&folder).arg(MEGABYTES).arg(seed.to_string()).text()?;
        fs::write(&marker, "").context(|| format!("{} cannot be written", marker.display()))?;
    }
    Ok(folder)
}

/// The dataset for CSV: a CSV file has no nested columns.
fn flat(dataset: &Path, work: &Path) -> Result<PathBuf> {
    let text = files::read(dataset)?;
    let path = work.join("dataset-csv.json");
    fs::write(&path, flattened(&text)).context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

fn flattened(text: &str) -> String {
    text.replace("\"format\": \"ndjson\"", "\"format\": \"csv\"").replace("data.", "data_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flat_dataset_is_one() {
        let text = flattened(include_str!("../../../bench/dataset.json"));
        let dataset: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(dataset["format"], "csv");
        assert!(dataset["columns"].as_object().unwrap().keys().all(|name| !name.contains('.')));
    }
}
