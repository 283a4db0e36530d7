//! The picture as SVG: boxes where the layout has them, an arrow for every flow, each with its title.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::flow::{Flow, flows};
use super::layout::{GAP, LINE, Layout, MARGIN, Rect, STEP, count};
use crate::functions::Expansion;

/// Colours and fonts, for light and dark pages.
const STYLE: &str = include_str!("style.css");
/// Where an arrow leaves or enters the upper or lower edge of a box, from its left edge.
const PORT: i32 = 22;
/// Kinds that are drawn as something else: an arrow, the frame around the tables.
const OTHERWISE: [&str; 2] = ["mapping", "database"];

/// The picture.
#[must_use]
pub fn svg(expansion: &Expansion) -> String {
    let flows = flows(expansion);
    let layout = Layout::new(expansion, &flows);
    let besides = besides(expansion, &layout);
    let height = layout.height + MARGIN + LINE * count(&besides) + MARGIN / 2;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {height}\" role=\"img\" aria-labelledby=\"title\">\n  \
         <title id=\"title\">What one datalake_pipeline creates</title>\n  <style>\n{STYLE}  </style>\n  <defs>\n    \
         <marker id=\"head\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">\
         <path class=\"head\" d=\"M0 0 10 5 0 10z\"/></marker>\n  </defs>\n  \
         <rect class=\"page\" width=\"{0}\" height=\"{height}\" rx=\"12\"/>\n",
        layout.width
    );
    frame(&mut text, &layout, expansion);
    for ((path, class), titles) in arrows(&flows, &layout) {
        let title = escaped(&titles.join("\n"));
        let _ = writeln!(text, "  <path class=\"arrow {class}\" d=\"{path}\"><title>{title}</title></path>");
    }
    for (key, rect) in &layout.boxes {
        block(&mut text, key, *rect, &layout.texts[key]);
    }
    for (line, y) in besides.iter().zip((1..).map(|line| layout.height + MARGIN / 2 + line * LINE)) {
        let _ = writeln!(text, "  <text class=\"small\" x=\"{MARGIN}\" y=\"{y}\">{}</text>", escaped(line));
    }
    text + "</svg>\n"
}

/// A box with its lines of text.
fn block(text: &mut String, key: &str, rect: Rect, lines: &[String]) {
    let (kind, Rect { x, y, width, height }) = (key.split('.').next().unwrap_or(key), rect);
    let kind = if key.ends_with("_dead_letters") { "dead" } else { kind };
    let _ = writeln!(text, "  <g class=\"{kind}\"><title>{}</title>", escaped(key));
    let _ = writeln!(text, "    <rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>");
    for (index, line) in lines.iter().enumerate() {
        let class = match index {
            0 => "name",
            _ if line.starts_with('“') => "event",
            _ => "small",
        };
        let y = y + 20 + LINE * i32::try_from(index).unwrap_or(0);
        let _ =
            writeln!(text, "    <text class=\"{class}\" x=\"{}\" y=\"{y}\">{}</text>", x + 12, escaped(line));
    }
    *text += "  </g>\n";
}

/// Every way that is drawn with its class, and the flows that take it: those of all tables take one.
fn arrows<'a>(flows: &BTreeSet<Flow>, layout: &'a Layout) -> BTreeMap<(String, &'a str), Vec<String>> {
    let mut arrows: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
    for flow in flows {
        if let Some(path) = path(flow, layout) {
            let class = if flow.2 { "failed" } else { store_of(flow, layout).unwrap_or("flow") };
            arrows.entry((path, class)).or_default().push(format!("{} → {}", flow.0, flow.1));
        }
    }
    arrows
}

/// The frame around the tables.
fn frame(text: &mut String, layout: &Layout, expansion: &Expansion) {
    let Some(Rect { x, y, width, height }) = layout.tables else { return };
    let database = expansion.iter().find(|(key, _)| key.starts_with("database."));
    let name = database.map_or("", |(_, object)| &object.name);
    let _ = writeln!(
        text,
        "  <rect class=\"frame\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>\n  \
         <text class=\"name\" x=\"{}\" y=\"{}\">Glue database {}</text>",
        x + MARGIN / 2,
        y + 24,
        escaped(name)
    );
}

/// The way of an arrow; none when an end of it is not drawn.
fn path((from, to, failed): &Flow, layout: &Layout) -> Option<String> {
    let (a, b) = (*layout.boxes.get(from)?, *layout.boxes.get(to)?);
    let kinds = (from.split('.').next()?, to.split('.').next()?);
    Some(match kinds {
        // The raw bucket stands below the rule of its events.
        ("bucket", "rule") => format!("M{} {}V{}", a.x + PORT, a.y, b.bottom()),
        ("rule", "event_bus") => format!("M{} {}H{}", a.right(), a.middle(), b.x),
        ("event_bus", _) => format!("M{} {}V{}", b.x + PORT, a.bottom(), b.y),
        // Up beside the lane.
        ("function", "event_bus") => {
            format!("M{} {}H{}V{}", a.right(), a.middle(), a.right() + GAP / 2 - 4, b.bottom())
        }
        // From the default bus: down to the left of the first lane.
        ("rule", "queue") if a.right() < b.x => {
            format!("M{} {}V{}H{}", a.right() - PORT, a.bottom(), b.middle(), b.x)
        }
        // Past the queue, on its right.
        ("rule", "queue") if *failed => {
            format!("M{} {}H{}V{}H{}", a.right(), a.middle(), a.right() + GAP / 4, b.middle(), b.right())
        }
        ("queue", "queue") => format!("M{} {}V{}", a.x + 4 * PORT, a.bottom(), b.y),
        ("rule" | "queue", _) => format!("M{} {}V{}", a.x + PORT, a.bottom(), b.y),
        ("function", _) => between(to, a, b, layout)?.0,
        (_, "function") => between(from, b, a, layout)?.1,
        ("bucket", "catalog_table") => {
            let frame = layout.tables?;
            format!("M{} {}V{}", a.x + PORT, a.bottom(), frame.y)
        }
        ("catalog_table", "workgroup") => {
            let frame = layout.tables?;
            format!("M{} {}H{}", frame.x, b.middle(), b.right())
        }
        _ => format!("M{} {}L{} {}", a.x, a.y, b.x, b.y),
    })
}

/// The way between a function and a store, there and back: down to the store's own line, along it, down to the store.
fn between(store: &str, function: Rect, place: Rect, layout: &Layout) -> Option<(String, String)> {
    let index = i32::try_from(layout.stores.iter().position(|known| known == store)?).ok()?;
    let (line, port) = (layout.ways + index * STEP, PORT + index * 2 * STEP);
    let (above, below) = (function.x + port, place.x + place.width / 2 + index * STEP / 2);
    Some((
        format!("M{above} {}V{line}H{below}V{}", function.bottom(), place.y),
        format!("M{below} {}V{line}H{above}V{}", place.y, function.bottom()),
    ))
}

/// The store an arrow goes to or comes from: each has a colour.
fn store_of<'a>((from, to, _): &Flow, layout: &'a Layout) -> Option<&'a str> {
    let store = layout.stores.iter().find(|store| *store == from || *store == to)?;
    store.split('.').nth(1)
}

/// What is not drawn, counted by kind, in lines that fit.
fn besides(expansion: &Expansion, layout: &Layout) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let kinds = expansion.keys().filter(|key| !layout.boxes.contains_key(*key));
    for kind in kinds.filter_map(|key| key.split('.').next()).filter(|kind| !OTHERWISE.contains(kind)) {
        *counts.entry(kind).or_default() += 1;
    }
    let words = counts.iter().map(|(kind, count)| {
        format!("{count} {}{}", kind.replace('_', " "), if *count == 1 { "" } else { "s" })
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { Vec::new() } else { vec![format!("Besides: {}.", words.join(", "))] }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::expand::tests::sample;

    #[test]
    fn every_flow_between_boxes_has_its_arrow() {
        let expansion = sample();
        let flows = flows(&expansion);
        let layout = Layout::new(&expansion, &flows);
        let text = svg(&expansion);
        let drawn = flows
            .iter()
            .filter(|(from, to, _)| layout.boxes.contains_key(from) && layout.boxes.contains_key(to));
        let drawn: Vec<&Flow> = drawn.collect();
        assert!(drawn.len() > 30, "{drawn:?}");
        for (from, to, _) in drawn {
            assert!(text.contains(&format!("{from} → {to}")), "{from} → {to} is not in\n{text}");
        }
    }

    #[test]
    fn every_object_is_drawn_or_counted() {
        let expansion = sample();
        let text = svg(&expansion);
        for (key, object) in &expansion {
            let kind = key.split('.').next().unwrap().replace('_', " ");
            let told = text.contains(&format!("<title>{key}</title>")) || text.contains(&format!(" {kind}"));
            assert!(told || OTHERWISE.contains(&&*kind), "{key} ({}) is not in\n{text}", object.name);
        }
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(escaped("a<b>&c"), "a&lt;b&gt;&amp;c");
    }
}
