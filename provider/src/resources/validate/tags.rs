//! Tags, held to what every service of a pipeline takes. The provider's `default_tags` are held to the same.

use std::collections::BTreeMap;

use datalake_host::Val;
use tf_provider::AttributePath;

use super::super::model::Map;
use crate::aws::tags::OWNER_KEY;

/// AWS allows 50; ours and room for AWS's own are kept free.
pub const MOST_TAGS: usize = 45;
/// What is said of a tag that is both given and ignored.
pub const IGNORED: &str = "is among the provider's ignore_tags too: it would never be set";

/// The known tags (a null one is left out); what is wrong goes to `problems`.
pub fn read(
    tags: &Val<Map<String>>,
    at: &AttributePath,
    problems: &mut Vec<(AttributePath, String)>,
) -> BTreeMap<String, String> {
    let Some(tags) = tags.known() else { return BTreeMap::new() };
    problems.extend(too_many(tags).map(|message| (at.clone(), message)));
    let mut read = BTreeMap::new();
    for (key, value) in tags {
        let value = value.known();
        let wrong = wrong_key(key).or_else(|| value.and_then(|value| wrong_value(value)));
        problems.extend(wrong.map(|message| (at.clone().key(key.clone()), message)));
        read.extend(value.map(|value| (key.clone(), value.clone())));
    }
    read
}

/// What is wrong with the number of tags.
pub fn too_many<V>(tags: &BTreeMap<String, V>) -> Option<String> {
    let count = tags.len();
    (count > MOST_TAGS)
        .then(|| format!("{count} tags are given; at most {MOST_TAGS} are allowed, since AWS takes 50"))
}

fn wrong_key(key: &str) -> Option<String> {
    if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
        return Some(format!("`{key}` begins with `aws:`, which AWS keeps for itself"));
    }
    if key == OWNER_KEY {
        return Some(format!("`{key}` is the tag by which the provider knows its own objects"));
    }
    let length = key.chars().count();
    if !(1..=128).contains(&length) {
        return Some(format!("a tag's key has 1 to 128 characters, not {length}"));
    }
    strange(key).map(|found| {
        format!("a tag's key cannot hold {found:?}; letters, digits, spaces and _ . : / = + - @ can be used")
    })
}

fn wrong_value(value: &str) -> Option<String> {
    let length = value.chars().count();
    if length > 256 {
        return Some(format!("a tag's value has at most 256 characters, not {length}"));
    }
    strange(value).map(|found| {
        format!(
            "a tag's value cannot hold {found:?}; letters, digits, spaces and _ . : / = + - @ can be used"
        )
    })
}

fn strange(text: &str) -> Option<char> {
    text.chars().find(|c| !c.is_alphanumeric() && !" _.:/=+-@".contains(*c))
}
