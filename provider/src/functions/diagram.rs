//! `diagram`: what a configuration would make and how it hangs together, as a picture in the language of Mermaid.
//!
//! The edges are read from the objects themselves, as `expand` tells them: patterns and targets of rules, mappings, and what
//! each function's role lets it write and read. What is only there to serve another object (roles, logs, the layer) is
//! left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use async_trait::async_trait;
use datalake_host::Dynamic;
use serde_json::Value;
use tf_provider::schema::{Description, FunctionSchema, Type};
use tf_provider::{Diagnostics, Function};

use super::expand::{Expansion, expansion, parameters};

/// The function.
#[derive(Debug, Clone, Copy)]
pub struct Diagram;

#[async_trait]
impl Function for Diagram {
    type Input<'a> = (Dynamic, String, String);
    type Output<'a> = String;

    fn schema(&self, _: &mut Diagnostics) -> Option<FunctionSchema> {
        let about = "Draws what a `datalake_pipeline` of this configuration would make, without calling AWS and without credentials: a \
                     flowchart in the language of [Mermaid](https://mermaid.js.org), which GitHub shows in a Markdown file. Solid arrows are \
                     what happens to data and events, dotted ones where a message goes that could not be handled.";
        Some(FunctionSchema {
            parameters: parameters(),
            return_type: Type::String,
            summary: "A picture of a pipeline, as Mermaid.".to_owned(),
            description: Description::markdown(about),
            ..FunctionSchema::default()
        })
    }

    async fn call<'a>(&self, diags: &mut Diagnostics, input: (Dynamic, String, String)) -> Option<String> {
        expansion(diags, input).map(|expansion| mermaid(&expansion))
    }
}

/// Kinds that are drawn, each with what opens and closes its shape.
const SHAPES: [(&str, &str, &str); 8] = [
    ("bucket", "[(", ")]"),
    ("table", "[(", ")]"),
    ("event_bus", "([", "])"),
    ("rule", "{{", "}}"),
    ("queue", "[/", "/]"),
    ("function", "[[", "]]"),
    ("catalog_table", "[", "]"),
    ("workgroup", "[", "]"),
];

/// An arrow.
const FLOWS: &str = "-->";
/// An arrow for what failed.
const FAILS: &str = "-.->";

/// The picture.
#[must_use]
pub fn mermaid(expansion: &Expansion) -> String {
    let mut text = "flowchart LR\n".to_owned();
    let mut ids = BTreeMap::new();
    for (key, object) in expansion {
        let (kind, name) = key.split_once('.').unwrap_or((key, ""));
        if let Some((_, open, close)) = SHAPES.iter().find(|(shape, ..)| *shape == kind) {
            let id = format!("n{}", ids.len());
            let name = if kind == "catalog_table" { name } else { &object.name };
            let _ = writeln!(text, "  {id}{open}\"{kind}<br/>{name}\"{close}");
            ids.insert(&**key, id);
        }
    }
    for (from, to, arrow) in edges(expansion) {
        if let (Some(from), Some(to)) = (ids.get(&*from), ids.get(&*to)) {
            let _ = writeln!(text, "  {from} {arrow} {to}");
        }
    }
    text
}

/// From, to, arrow.
type Edge = (String, String, &'static str);

fn edges(expansion: &Expansion) -> BTreeSet<Edge> {
    let world = World { expansion };
    let mut edges = BTreeSet::new();
    for (key, object) in expansion {
        // Documents are ours: each is JSON.
        let document: Value = serde_json::from_str(&object.document).unwrap_or_default();
        match key.split_once('.').unwrap_or((key, "")) {
            ("rule", _) => world.of_rule(key, &document, &mut edges),
            ("mapping", function) => {
                let queue = world.by_arn(&document["queue_arn"]);
                edges.extend(queue.map(|queue| (queue, format!("function.{function}"), FLOWS)));
            }
            ("queue", _) => {
                let letters = world.by_arn(&document["dead_letter"][0]);
                edges.extend(letters.map(|letters| (key.clone(), letters, FAILS)));
            }
            ("role", function) => world.of_role(&format!("function.{function}"), &document, &mut edges),
            ("catalog_table", _) => {
                let bucket = world.by_location(&document["location"]);
                edges.extend(bucket.map(|bucket| (bucket, key.clone(), FLOWS)));
                edges.insert((key.clone(), "workgroup.main".to_owned(), FLOWS));
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

    fn of_rule(&self, key: &str, document: &Value, edges: &mut BTreeSet<Edge>) {
        let names = document["pattern"]["detail"]["bucket"]["name"].as_array().into_iter().flatten();
        let buckets = names.filter_map(|name| self.find(|other, _| Some(other) == name.as_str()));
        edges.extend(buckets.map(|bucket| (bucket, key.to_owned(), FLOWS)));
        let bus = document["bus_name"].as_str().and_then(|bus| self.find(|other, _| other == bus));
        edges.extend(bus.map(|bus| (bus, key.to_owned(), FLOWS)));
        for target in document["targets"].as_object().into_iter().flat_map(|targets| targets.values()) {
            edges.extend(self.by_arn(&target["arn"]).map(|to| (key.to_owned(), to, FLOWS)));
            edges.extend(self.by_arn(&target["dead_letter_arn"]).map(|to| (key.to_owned(), to, FAILS)));
        }
    }

    /// What a role may write to, and what it may only read from. Its queue and its logs are known otherwise.
    fn of_role(&self, function: &str, document: &Value, edges: &mut BTreeSet<Edge>) {
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
        edges.extend(writes.into_iter().map(|key| (function.to_owned(), key, FLOWS)));
        edges.extend(reads.into_iter().map(|key| (key, function.to_owned(), FLOWS)));
    }
}

/// One text or a list of them.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::super::expand::tests::sample;
    use super::*;

    #[test]
    fn a_file_can_be_followed_through_the_picture() {
        let expansion = sample();
        let edges = edges(&expansion);
        let path = [
            ("bucket.raw", "rule.raw", FLOWS),
            ("rule.raw", "event_bus.main", FLOWS),
            ("event_bus.main", "rule.ingest", FLOWS),
            ("rule.ingest", "queue.ingest", FLOWS),
            ("queue.ingest", "function.ingest", FLOWS),
            ("queue.ingest", "queue.ingest_dead_letters", FAILS),
            ("function.ingest", "event_bus.main", FLOWS),
            ("bucket.raw", "function.validate", FLOWS),
            ("function.validate", "bucket.processed", FLOWS),
            ("function.validate", "bucket.quarantine", FLOWS),
            ("function.quality", "table.metadata", FLOWS),
            ("bucket.processed", "catalog_table.readings", FLOWS),
        ];
        for (from, to, arrow) in path {
            let edge = (from.to_owned(), to.to_owned(), arrow);
            assert!(edges.contains(&edge), "{edge:?} is not in {edges:#?}");
        }
    }

    #[test]
    fn every_object_that_is_drawn_is_connected() {
        let text = mermaid(&sample());
        assert!(text.starts_with("flowchart LR\n  n0[(\"bucket<br/>sensors-"), "{text}");
        let nodes = text
            .lines()
            .filter_map(|line| line.trim().split(['[', '(', '{']).next())
            .filter(|id| !id.contains(' '));
        for id in nodes.filter(|id| id.starts_with('n')) {
            let connected = text
                .lines()
                .any(|line| line.contains(&format!(" {id} -")) || line.ends_with(&format!("> {id}")));
            assert!(connected, "{id} hangs in the air in\n{text}");
        }
    }
}
