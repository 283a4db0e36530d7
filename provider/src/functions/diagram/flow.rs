//! Which object hands something to which, read from the objects themselves, as `expand` tells them: patterns and targets
//! of rules, mappings, and what each function's role lets it write and read.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::functions::Expansion;

/// From, to, and whether it is the way of what failed.
pub type Flow = (String, String, bool);

/// Every arrow of the picture, by logical names.
pub fn flows(expansion: &Expansion) -> BTreeSet<Flow> {
    let world = World { expansion };
    let mut edges = BTreeSet::new();
    for (key, object) in expansion {
        // Documents are ours: each is JSON.
        let document: Value = serde_json::from_str(&object.document).unwrap_or_default();
        match key.split_once('.').unwrap_or((key, "")) {
            ("rule", _) => world.of_rule(key, &document, &mut edges),
            ("mapping", function) => {
                let queue = world.by_arn(&document["queue_arn"]);
                edges.extend(queue.map(|queue| (queue, format!("function.{function}"), false)));
            }
            ("queue", _) => {
                let letters = world.by_arn(&document["dead_letter"][0]);
                edges.extend(letters.map(|letters| (key.clone(), letters, true)));
            }
            ("role", function) => world.of_role(&format!("function.{function}"), &document, &mut edges),
            ("catalog_table", _) => {
                let bucket = world.by_location(&document["location"]);
                edges.extend(bucket.map(|bucket| (bucket, key.clone(), false)));
                edges.insert((key.clone(), "workgroup.main".to_owned(), false));
            }
            _ => {}
        }
    }
    edges
}

/// Looks objects up by what others call them.
struct World<'a> {
    expansion: &'a Expansion,
}

impl World<'_> {
    fn find(&self, fits: impl Fn(&str, &str) -> bool) -> Option<String> {
        self.expansion.iter().find(|(_, object)| fits(&object.name, &object.arn)).map(|(key, _)| key.clone())
    }

    fn by_arn(&self, arn: &Value) -> Option<String> {
        let arn = arn.as_str()?;
        self.find(|_, other| other == arn)
    }

    /// The object an ARN of a policy is about: itself or something in it.
    fn around(&self, arn: &str) -> Option<String> {
        self.find(|_, other| {
            arn.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    fn by_location(&self, location: &Value) -> Option<String> {
        let bucket = location.as_str()?.strip_prefix("s3://")?.split('/').next()?;
        self.find(|name, _| name == bucket)
    }

    fn of_rule(&self, key: &str, document: &Value, edges: &mut BTreeSet<Flow>) {
        let names = document["pattern"]["detail"]["bucket"]["name"].as_array().into_iter().flatten();
        let buckets = names.filter_map(|name| self.find(|other, _| Some(other) == name.as_str()));
        edges.extend(buckets.map(|bucket| (bucket, key.to_owned(), false)));
        let bus = document["bus_name"].as_str().and_then(|bus| self.find(|other, _| other == bus));
        edges.extend(bus.map(|bus| (bus, key.to_owned(), false)));
        for target in document["targets"].as_object().into_iter().flat_map(|targets| targets.values()) {
            edges.extend(self.by_arn(&target["arn"]).map(|to| (key.to_owned(), to, false)));
            edges.extend(self.by_arn(&target["dead_letter_arn"]).map(|to| (key.to_owned(), to, true)));
        }
    }

    /// What a role may write to, and what it may only read from. Its queue and its logs are known otherwise.
    fn of_role(&self, function: &str, document: &Value, edges: &mut BTreeSet<Flow>) {
        let (mut writes, mut reads) = (BTreeSet::new(), BTreeSet::new());
        for statement in document["policy"]["Statement"].as_array().into_iter().flatten() {
            let changes = texts(&statement["Action"]).any(|action| {
                let verb = action.split(':').nth(1).unwrap_or_default();
                ["Put", "Update"].iter().any(|beginning| verb.starts_with(beginning))
            });
            let objects = texts(&statement["Resource"]).filter_map(|arn| self.around(arn));
            let objects = objects.filter(|key| !key.starts_with("queue.") && !key.starts_with("log_group."));
            if changes { writes.extend(objects) } else { reads.extend(objects) }
        }
        reads.retain(|key| !writes.contains(key));
        edges.extend(writes.into_iter().map(|key| (function.to_owned(), key, false)));
        edges.extend(reads.into_iter().map(|key| (key, function.to_owned(), false)));
    }
}

/// One text or a list of them.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::expand::tests::sample;

    #[test]
    fn a_file_can_be_followed_through_the_picture() {
        let expansion = sample();
        let flows = flows(&expansion);
        let path = [
            ("bucket.raw", "rule.raw", false),
            ("rule.raw", "event_bus.main", false),
            ("event_bus.main", "rule.ingest", false),
            ("rule.ingest", "queue.ingest", false),
            ("queue.ingest", "function.ingest", false),
            ("queue.ingest", "queue.ingest_dead_letters", true),
            ("function.ingest", "event_bus.main", false),
            ("bucket.raw", "function.validate", false),
            ("function.validate", "bucket.processed", false),
            ("function.validate", "bucket.quarantine", false),
            ("function.quality", "table.metadata", false),
            ("bucket.processed", "catalog_table.readings", false),
        ];
        for (from, to, failed) in path {
            let flow = (from.to_owned(), to.to_owned(), failed);
            assert!(flows.contains(&flow), "{flow:?} is not in {flows:#?}");
        }
    }
}
