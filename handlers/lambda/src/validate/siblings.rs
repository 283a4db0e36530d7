//! The other files of a dataset, for rules about their uniqueness. Each accepted file leaves a mark: an empty object whose
//! key tells when it arrived, what it is and what is in it. It is one of the object's files, so it comes and goes with them.
//!
//! Marks sort with the newest first, so that rules about the newest files list no others.

use std::collections::BTreeSet;
use std::time::SystemTime;

use datalake_core::engine::CompiledDataset;
use datalake_core::identity::fingerprint;
use datalake_core::layout::DIGESTS;
use datalake_core::rules;

use crate::ports::{Listed, Ports};
use crate::records::ObjectItem;
use crate::waiting::{Lost, Waiting};
use crate::{order, time};

/// Most files that are looked at.
const MOST_FILES: usize = 100_000;
/// Later than any file: what is left of it sorts the newest first.
const LAST_MILLIS: u64 = 999_999_999_999_999;

/// What is listed when the object has been read.
pub struct Siblings {
    waiting: Waiting,
    bucket: String,
    prefix: String,
    own: Mark,
    /// How many files the rules look at, this one among them.
    most: usize,
}

/// What the key of a mark tells.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    arrived: u64,
    key_id: String,
    content: String,
    name: String,
    process_id: String,
}

impl Mark {
    fn of(item: &ObjectItem) -> Self {
        let name = item.source.key.rsplit('/').next().unwrap_or_default();
        Self {
            arrived: time::parse_rfc3339(&item.timestamp).map_or(0, time::epoch_millis),
            key_id: order::key_id(&item.source),
            content: String::new(),
            name: fingerprint(name.as_bytes()),
            process_id: item.process_id.clone(),
        }
    }

    fn key(&self, prefix: &str) -> String {
        let Self { arrived, key_id, content, name, process_id } = self;
        let left = LAST_MILLIS.saturating_sub(*arrived);
        format!("{prefix}{left:015}-{key_id}-{content}-{name}-{process_id}")
    }

    fn read(prefix: &str, key: &str) -> Option<Self> {
        let parts: Vec<&str> = key.strip_prefix(prefix)?.split('-').collect();
        let [left, key_id, content, name, process_id] = parts[..] else { return None };
        let arrived = LAST_MILLIS.checked_sub(left.parse().ok()?)?;
        let [key_id, content, name, process_id] = [key_id, content, name, process_id].map(str::to_owned);
        Some(Self { arrived, key_id, content, name, process_id })
    }

    fn identity(self) -> rules::FileIdentity {
        rules::FileIdentity { content: self.content, name: self.name }
    }
}

impl Siblings {
    /// Those that the rules of a dataset ask about, if any does.
    pub fn of(
        ports: &Ports,
        processed: &str,
        dataset: &CompiledDataset,
        item: &ObjectItem,
        give_up_at: SystemTime,
    ) -> Option<Self> {
        Some(Self {
            most: dataset.siblings()?,
            waiting: Waiting::until(give_up_at, ports),
            bucket: processed.to_owned(),
            prefix: format!("{DIGESTS}{}/", dataset.name()),
            own: Mark::of(item),
        })
    }

    /// The files as they are now, and the key of the mark that this one leaves when it is accepted. Blocks: not for the
    /// runtime's own threads.
    ///
    /// # Errors
    /// When that may go better another time.
    pub fn find(&self, content: &str) -> Result<(Result<rules::Siblings, String>, String), String> {
        let own = Mark { content: content.to_owned(), ..self.own.clone() };
        let key = own.key(&self.prefix);
        let others = self.list()?;
        let found = others.map(|others| rules::Siblings { own: own.identity(), others });
        Ok((found, key))
    }

    fn list(&self) -> Result<Result<Vec<rules::FileIdentity>, String>, String> {
        // Another version of a key, or another verdict on it, is not another file.
        let mut keys = BTreeSet::from([self.own.key_id.clone()]);
        let mut found = Vec::new();
        let mut take = |page: Vec<Listed>| {
            let marks = page.iter().filter_map(|listed| Mark::read(&self.prefix, &listed.key));
            found.extend(marks.filter(|mark| keys.insert(mark.key_id.clone())).map(Mark::identity));
            found.len() + 1 < self.most && found.len() < MOST_FILES
        };
        let more = self.waiting.list(&self.bucket, &self.prefix, &mut take).map_err(reason)?;
        if more && found.len() + 1 < self.most {
            return Ok(Err(format!(
                "the dataset has more than {MOST_FILES} files; look at the newest of them by `with recentFiles`"
            )));
        }
        Ok(Ok(found))
    }
}

fn reason(lost: Lost) -> String {
    match lost {
        Lost::NoTime => "not enough time left to list the files of the dataset".to_owned(),
        Lost::Port(error) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(arrived: u64) -> Mark {
        let [key_id, content, name, process_id] = ["k", "c", "n", "p"].map(str::to_owned);
        Mark { arrived, key_id, content, name, process_id }
    }

    #[test]
    fn a_key_tells_the_mark_and_sorts_the_newest_first() {
        for arrived in [0, 1, 1_764_547_200_000, LAST_MILLIS] {
            assert_eq!(Mark::read("a/", &mark(arrived).key("a/")), Some(mark(arrived)));
        }
        assert!(mark(1_764_547_200_001).key("a/") < mark(1_764_547_200_000).key("a/"));
        for key in ["b/0-k-c-n-p", "a/0-k-c-n", "a/x-k-c-n-p", "a/0-k-c-n-p-q"] {
            assert_eq!(Mark::read("a/", key), None, "{key}");
        }
    }
}
