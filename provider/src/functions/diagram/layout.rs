//! Where every box of the SVG stands: the raw bucket to the left, the bus along the top, below it a lane for each function
//! (rules, queue, dead letters, function), below the lanes what functions read and write, and last what is queried.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::flow::Flow;
use crate::functions::Expansion;
use crate::resources::design::FUNCTIONS;

/// Width of a box.
pub const WIDTH: i32 = 216;
/// Between two lanes: room for an arrow up and one down.
pub const GAP: i32 = 48;
/// Around everything, and between a line of boxes and what is above it.
pub const MARGIN: i32 = 24;
/// Between the lines of a text.
pub const LINE: i32 = 17;
/// Between two lines that run side by side.
pub const STEP: i32 = 18;
/// How far dead letters stand in from the left, so that an arrow passes them.
const INDENT: i32 = 44;
/// Characters of a name that fit into a box.
const FITS: usize = 28;

/// What some objects are for, in words.
const ABOUT: [(&str, &str); 9] = [
    ("bucket.raw", "files as they arrive"),
    ("bucket.processed", "accepted rows, as Parquet"),
    ("bucket.quarantine", "refused rows, with reasons"),
    ("table.metadata", "the story of each object"),
    ("function.ingest", "registers each object"),
    ("function.validate", "judges every row"),
    ("function.transform", "makes curated rows"),
    ("function.quality", "counts and measures"),
    ("workgroup.main", "SQL over the tables"),
];

/// A box.
#[derive(Debug, Clone, Copy)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

/// Where everything is.
#[derive(Debug)]
pub struct Layout {
    /// Boxes by logical name.
    pub boxes: BTreeMap<String, Rect>,
    /// The lines of text in each box: its heading first.
    pub texts: BTreeMap<String, Vec<String>>,
    /// The frame around the tables of the database.
    pub tables: Option<Rect>,
    /// Buckets and the metadata table, in the order of their ways to the functions.
    pub stores: Vec<String>,
    /// Upper edge of the first of these ways.
    pub ways: i32,
    /// Width of the whole.
    pub width: i32,
    /// Height of what is drawn so far.
    pub height: i32,
}

impl Rect {
    /// Right edge.
    pub fn right(self) -> i32 {
        self.x + self.width
    }

    /// Lower edge.
    pub fn bottom(self) -> i32 {
        self.y + self.height
    }

    /// Half-way between upper and lower edge.
    pub fn middle(self) -> i32 {
        self.y + self.height / 2
    }
}

impl Layout {
    /// Places everything that is drawn.
    pub fn new(expansion: &Expansion, flows: &BTreeSet<Flow>) -> Self {
        let mut layout = Self {
            boxes: BTreeMap::new(),
            texts: expansion
                .iter()
                .filter_map(|(key, object)| Some((key.clone(), text(key, object)?)))
                .collect(),
            tables: None,
            stores: Vec::new(),
            ways: 0,
            width: 0,
            height: MARGIN,
        };
        let functions = FUNCTIONS.iter().map(|function| format!("function.{function}"));
        let functions: Vec<String> = functions.filter(|key| expansion.contains_key(key)).collect();
        layout.width = MARGIN + WIDTH + count(&functions) * (GAP + WIDTH) + GAP;
        layout.place_top();
        layout.place_lanes(&functions, flows);
        layout.place_stores();
        layout.place_tables();
        layout
    }

    /// The left edge of a column; the first is left of the lanes.
    fn column(index: usize) -> i32 {
        MARGIN + i32::try_from(index).unwrap_or(0) * (WIDTH + GAP)
    }

    fn put(&mut self, key: &str, x: i32, y: i32, width: i32) -> i32 {
        let Some(lines) = self.texts.get(key) else { return y };
        let rect = Rect { x, y, width, height: count(lines) * LINE + 17 };
        self.boxes.insert(key.to_owned(), rect);
        rect.bottom()
    }

    fn known(&self, kind: &str) -> Vec<String> {
        self.texts.keys().filter(|key| key.split('.').next() == Some(kind)).cloned().collect()
    }

    /// The rule on the default bus, and the bus as wide as the lanes.
    fn place_top(&mut self) {
        let entrance = self.put("rule.raw", MARGIN, self.height, WIDTH);
        let wide = self.width - Self::column(1) - MARGIN;
        let bus = self.put("event_bus.main", Self::column(1), self.height, wide);
        self.height = entrance.max(bus);
    }

    fn place_lanes(&mut self, functions: &[String], flows: &BTreeSet<Flow>) {
        let into = |key: &str, kind: &str, failed: bool| -> Vec<String> {
            let fits = |flow: &&Flow| flow.1 == key && flow.2 == failed && flow.0.starts_with(kind);
            flows.iter().filter(fits).map(|flow| flow.0.clone()).collect()
        };
        let lanes: Vec<(i32, &String, Vec<String>)> = functions
            .iter()
            .enumerate()
            .map(|(index, function)| (Self::column(index + 1), function, into(function, "queue.", false)))
            .collect();
        // Line by line: boxes of a kind stand side by side.
        let top = self.height + MARGIN + STEP;
        for (x, _, queues) in &lanes {
            let mut y = top;
            for rule in queues.iter().flat_map(|queue| into(queue, "rule.", false)) {
                y = self.put(&rule, *x, y, WIDTH) + MARGIN;
                self.height = self.height.max(y);
            }
        }
        let (top, mut lowest) = (self.height, self.height);
        for (x, _, queues) in &lanes {
            let mut y = top;
            for queue in queues {
                y = self.put(queue, *x, y, WIDTH) + MARGIN;
                let letters =
                    flows.iter().filter(|flow| flow.0 == *queue && flow.2).map(|flow| flow.1.clone());
                for letters in letters.collect::<Vec<_>>() {
                    y = self.put(&letters, *x + INDENT, y, WIDTH - INDENT) + MARGIN;
                }
            }
            lowest = lowest.max(y);
        }
        self.height = lowest;
        for (x, function, _) in &lanes {
            lowest = lowest.max(self.put(function, *x, self.height, WIDTH));
        }
        self.height = lowest;
    }

    /// The raw bucket below the rule that its events go to; the others below the lanes.
    fn place_stores(&mut self) {
        let mut stores = self.known("bucket");
        stores.extend(self.known("table"));
        // Raw to the left; of the others the one that is queried to the right, over its tables.
        let order = ["bucket.raw", "table.metadata", "bucket.quarantine", "bucket.processed"];
        stores.sort_by_key(|key| order.iter().position(|known| key == known).unwrap_or(order.len()));
        self.ways = self.height + MARGIN;
        let top = self.ways + count(&stores) * STEP + MARGIN / 2;
        for (index, key) in stores.iter().enumerate() {
            let bottom = self.put(key, Self::column(index), top, WIDTH);
            self.height = self.height.max(bottom);
        }
        self.stores = stores;
        self.width = self.width.max(Self::column(self.stores.len()) - GAP + MARGIN);
    }

    /// The tables in a frame, in as many lines as they need, and the workgroup beside it.
    fn place_tables(&mut self) {
        let (tables, top) = (self.known("catalog_table"), self.height + MARGIN + STEP);
        let columns = usize::try_from((self.width - Self::column(1)) / (WIDTH + GAP)).unwrap_or(1).max(1);
        let mut y = top + MARGIN + LINE;
        for line in tables.chunks(columns) {
            let bottoms = line.iter().enumerate();
            let bottoms = bottoms.map(|(index, key)| self.put(key, Self::column(index + 1), y, WIDTH));
            y = bottoms.max().unwrap_or(y) + MARGIN / 2;
        }
        if !tables.is_empty() {
            let left = Self::column(1) - MARGIN / 2;
            self.tables = Some(Rect { x: left, y: top, width: self.width - left - MARGIN, height: y - top });
            self.height = y;
        }
        for workgroup in self.known("workgroup") {
            self.height = self.height.max(self.put(&workgroup, MARGIN, top, WIDTH));
        }
    }
}

/// How many, as a number to measure with.
pub fn count<T>(list: &[T]) -> i32 {
    i32::try_from(list.len()).unwrap_or(i32::MAX)
}

/// What stands in a box; none for kinds that have no box.
fn text(key: &str, object: &crate::functions::Expanded) -> Option<Vec<String>> {
    let heading = match key.split('.').next()? {
        "bucket" => "bucket",
        "table" => "table",
        "event_bus" => "event bus",
        "rule" => "rule",
        "queue" if key.ends_with("_dead_letters") => "dead letters",
        "queue" => "queue",
        "function" => "function",
        "catalog_table" => "Glue table",
        "workgroup" => "Athena workgroup",
        _ => return None,
    };
    let room = if heading == "dead letters" { FITS - 6 } else { FITS };
    let mut lines = vec![heading.to_owned()];
    lines.extend(broken(&object.name, room));
    if heading == "rule" {
        let document: Value = serde_json::from_str(&object.document).unwrap_or_default();
        let types = document["pattern"]["detail-type"].as_array().cloned().unwrap_or_default();
        lines.extend(types.iter().filter_map(|kind| Some(format!("“{}”", kind.as_str()?))));
    }
    lines.extend(ABOUT.iter().find(|(about, _)| *about == key).map(|(_, words)| (*words).to_owned()));
    Some(lines)
}

/// A name in lines of so many characters, broken after hyphens where there are some.
fn broken(name: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for part in name.split_inclusive(['-', '_', '.']) {
        for piece in part.chars().collect::<Vec<_>>().chunks(room) {
            let full = lines.last().is_none_or(|line| line.chars().count() + piece.len() > room);
            if full {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.extend(piece);
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::super::flow::flows;
    use super::*;
    use crate::functions::expand::tests::sample;

    #[test]
    fn no_two_boxes_overlap_and_all_are_inside() {
        let expansion = sample();
        let layout = Layout::new(&expansion, &flows(&expansion));
        assert_eq!(layout.boxes.len(), layout.texts.len(), "every box is placed");
        let boxes: Vec<(&String, &Rect)> = layout.boxes.iter().collect();
        for (index, (key, one)) in boxes.iter().enumerate() {
            assert!(
                one.x >= 0 && one.right() <= layout.width && one.bottom() <= layout.height,
                "{key}: {one:?}"
            );
            for (other_key, other) in &boxes[index + 1..] {
                let beside = one.right() <= other.x || other.right() <= one.x;
                let above = one.bottom() <= other.y || other.bottom() <= one.y;
                assert!(beside || above, "{key} {one:?} and {other_key} {other:?}");
            }
        }
    }

    #[test]
    fn long_names_are_broken() {
        let cases: [(&str, &[&str]); 4] = [
            ("sensors-ingest", &["sensors-ingest"]),
            ("sensors-processed-1234-eu-west-1", &["sensors-", "processed-", "1234-eu-west-1"]),
            ("abcdefghijklmnopqrs", &["abcdefghijklmn", "opqrs"]),
            ("", &[]),
        ];
        for (name, expected) in cases {
            assert_eq!(broken(name, 14), expected, "{name}");
        }
    }
}
