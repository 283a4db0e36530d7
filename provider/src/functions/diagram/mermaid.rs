//! The picture in the language of Mermaid.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::flow::flows;
use crate::functions::Expansion;

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
    for (from, to, failed) in flows(expansion) {
        if let (Some(from), Some(to)) = (ids.get(&*from), ids.get(&*to)) {
            let _ = writeln!(text, "  {from} {} {to}", if failed { FAILS } else { FLOWS });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::expand::tests::sample;

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
