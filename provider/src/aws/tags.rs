//! Tags: the owner mark, and the difference between tags wanted and tags found.

use std::collections::BTreeMap;

use crate::engine::Owner;

/// Tag key that says which pipeline an object belongs to.
pub const OWNER_KEY: &str = "datalake:pipeline";

/// Tags by key. AWS's own (`aws:…`) are never among them.
pub type Tags = BTreeMap<String, String>;

/// What the tags say about the owner.
#[must_use]
pub fn owner(tags: &Tags) -> Owner {
    tags.get(OWNER_KEY).map_or(Owner::Unmarked, |owner| Owner::Marked(owner.clone()))
}

/// Tags as read, without AWS's own.
pub fn managed(found: impl IntoIterator<Item = (String, String)>) -> Tags {
    found.into_iter().filter(|(key, _)| !key.starts_with("aws:")).collect()
}

/// Tags that belong to somebody else: they are neither seen nor touched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ignored {
    /// Their keys.
    pub keys: Vec<String>,
    /// What their keys begin with.
    pub prefixes: Vec<String>,
}

impl Ignored {
    /// Whether a tag is one of them.
    #[must_use]
    pub fn covers(&self, key: &str) -> bool {
        self.keys.iter().any(|ignored| ignored == key)
            || self.prefixes.iter().any(|prefix| key.starts_with(prefix))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.prefixes.is_empty()
    }

    /// The tags without those.
    #[must_use]
    pub fn left_out_of(&self, mut tags: Tags) -> Tags {
        tags.retain(|key, _| !self.covers(key));
        tags
    }
}

/// What has to be set and what has to be removed to get from `found` to `wanted`; `found` of `None` sets them all.
#[must_use]
pub fn changes(wanted: &Tags, found: Option<&Tags>) -> (Tags, Vec<String>) {
    let empty = Tags::new();
    let found = found.unwrap_or(&empty);
    let set = wanted.iter().filter(|(key, value)| found.get(*key) != Some(*value));
    let set = set.map(|(key, value)| (key.clone(), value.clone())).collect();
    let remove = found.keys().filter(|key| !wanted.contains_key(*key)).cloned().collect();
    (set, remove)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_changes() {
        let tags = |list: &[(&str, &str)]| -> Tags {
            list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let (set, remove) =
            changes(&tags(&[("a", "1"), ("b", "2")]), Some(&tags(&[("a", "1"), ("b", "3"), ("c", "4")])));
        assert_eq!((set, remove), (tags(&[("b", "2")]), vec!["c".to_owned()]));
        assert_eq!(changes(&tags(&[("a", "1")]), None), (tags(&[("a", "1")]), vec![]));
    }
}
