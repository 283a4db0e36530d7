//! Fields of the metadata table's items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// One item.
pub type Item = HashMap<String, AttributeValue>;

/// A text.
pub fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}

/// A number; 0 where there is none.
pub fn number(item: &Item, name: &str) -> f64 {
    item.get(name).and_then(as_number).unwrap_or_default()
}

/// A count; 0 where there is none.
pub fn count(item: &Item, name: &str) -> u64 {
    item.get(name).and_then(as_count).unwrap_or_default()
}

/// An item within an item; empty where there is none.
pub fn within<'a>(item: &'a Item, name: &str) -> Option<&'a Item> {
    item.get(name)?.as_m().ok()
}

/// The counts of a map, by its keys.
pub fn counts<'a>(item: &'a Item, name: &str) -> impl Iterator<Item = (&'a String, u64)> {
    let entries = within(item, name).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key, as_count(value)?)))
}

fn as_number(value: &AttributeValue) -> Option<f64> {
    value.as_n().ok()?.parse().ok()
}

fn as_count(value: &AttributeValue) -> Option<u64> {
    value.as_n().ok()?.parse().ok()
}
