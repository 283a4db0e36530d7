//! `cargo xtask bench`: what the parts cost, beside what they may cost.

mod cloud;
mod cost;
mod engine;
mod engine_data;
mod handlers;
mod many;
mod page;
mod peer;
mod process;
mod provider;

use std::path::Path;

use serde_json::{Value, json};

use super::{Command, JSON};
use crate::args::{Args, Flag};
use crate::artifacts::Profile;
use crate::ensure;
use crate::error::{Error, Result};
use crate::kit::Kit;
use crate::progress::Steps;
use crate::table::{number, render};

/// The command.
pub const COMMAND: Command = Command {
    name: "bench",
    summary: "measure provider, AWS calls, cold start and row engine",
    details: "Builds what is shipped, and measures it here: compare figures of one machine only. Parts:\n\
              provider (handshake, schema, idle memory, size), cloud (calls, time and memory with 50 ms a call), peer (the\n\
              AWS provider at the same objects, where a mirror has it), many (20 pipelines at once), handlers (cold start),\n\
              engine (bytes a CPU-second, memory, DuckDB and polars in the same run, every value held against an oracle).",
    words: &["[PART]"],
    flags: &[
        JSON,
        Flag {
            name: "--only",
            value: Some("PART"),
            help: "one part: provider, cloud, peer, many, handlers or engine",
        },
        Flag { name: "--check", value: None, help: "fail when a target is missed" },
        Flag { name: "--seed", value: Some("N"), help: "seed of the engine's data (42 by default)" },
        Flag {
            name: "--data",
            value: Some("DIR"),
            help: "measure the engine with clean.ndjson, clean.csv and dirty.ndjson of this folder",
        },
        Flag { name: "--page", value: Some("FILE"), help: "also write the figures as a page of the docs" },
        Flag { name: "--rounds", value: Some("N"), help: "rounds of the engine's jobs (5 by default)" },
    ],
    run: bench,
};

/// What a figure may be.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Target {
    AtMost(f64),
    AtLeast(f64),
    None,
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
struct Figure {
    /// Its name in a document, where one was promised.
    key: Option<&'static str>,
    name: String,
    value: f64,
    unit: &'static str,
    target: Target,
}

/// What every part is given.
struct Bench<'a> {
    kit: &'a Kit,
    steps: &'a mut Steps,
}

/// How a part is measured: with everything a real run needs, or with nothing but the clone.
#[derive(Clone, Copy)]
enum Measure {
    WithKit(fn(&mut Bench<'_>) -> Result<Vec<Figure>>),
    Alone(fn(&Args, &mut Steps) -> Result<Vec<Figure>>),
}

type Part = (&'static str, Measure);

const PARTS: [Part; 6] = [
    ("provider", Measure::WithKit(provider::measure)),
    ("cloud", Measure::WithKit(cloud::measure)),
    ("peer", Measure::WithKit(peer::measure)),
    ("many", Measure::WithKit(many::measure)),
    ("handlers", Measure::WithKit(handlers::measure)),
    ("engine", Measure::Alone(engine::measure)),
];

fn bench(args: &Args) -> Result {
    let only = Some(args.word(0)).filter(|word| !word.is_empty()).or_else(|| args.value("--only"));
    let parts: Vec<&Part> = PARTS.iter().filter(|(name, _)| only.is_none_or(|only| only == *name)).collect();
    if parts.is_empty() {
        return Err(Error::usage("the parts are: provider, cloud, peer, many, handlers, engine"));
    }
    let machine = page::Machine::here();
    let mut steps = Steps::new(false);
    let mut kit = None;
    let mut figures = Vec::new();
    for (_, measure) in parts {
        figures.extend(match measure {
            Measure::Alone(measure) => measure(args, &mut steps)?,
            Measure::WithKit(measure) => {
                let kit = match &kit {
                    Some(kit) => kit,
                    None => kit.insert(Kit::make(&mut steps, Profile::Ship)?),
                };
                measure(&mut Bench { kit, steps: &mut steps })?
            }
        });
    }
    match args.has("--json") {
        true => println!("{:#}", document(&figures)),
        false => print!("\n{}", table(&figures)),
    }
    if let Some(file) = args.value("--page") {
        page::write(Path::new(file), &figures, &machine)?;
    }
    let missed: Vec<&str> =
        figures.iter().filter(|figure| !figure.met()).map(|figure| figure.name.as_str()).collect();
    ensure!(missed.is_empty() || !args.has("--check"), "targets missed: {}", missed.join(", "));
    Ok(())
}

/// Every figure, and those with a key once more under it.
fn document(figures: &[Figure]) -> Value {
    let mut document = json!({"figures": figures.iter().map(Figure::document).collect::<Vec<_>>()});
    for figure in figures {
        if let Some(key) = figure.key {
            document[key] = figure.value.into();
        }
    }
    document
}

fn table(figures: &[Figure]) -> String {
    let row = |figure: &Figure| {
        let verdict = match (figure.target, figure.met()) {
            (Target::None, _) => "",
            (_, true) => "met",
            (_, false) => "MISSED",
        };
        vec![
            figure.name.clone(),
            format!("{} {}", number(figure.value), figure.unit),
            figure.target.text(),
            verdict.to_owned(),
        ]
    };
    render(&["what", "measured", "target", ""], &figures.iter().map(row).collect::<Vec<_>>())
}

impl Target {
    fn text(self) -> String {
        match self {
            Target::AtMost(limit) => format!("<= {}", number(limit)),
            Target::AtLeast(limit) => format!(">= {}", number(limit)),
            Target::None => String::new(),
        }
    }
}

impl Figure {
    fn new(name: impl Into<String>, value: f64, unit: &'static str, target: Target) -> Self {
        Self { key: None, name: name.into(), value, unit, target }
    }

    fn with_key(self, key: &'static str) -> Self {
        Self { key: Some(key), ..self }
    }

    fn met(&self) -> bool {
        match self.target {
            Target::AtMost(limit) => self.value <= limit,
            Target::AtLeast(limit) => self.value >= limit,
            Target::None => true,
        }
    }

    fn document(&self) -> Value {
        json!({"name": self.name, "value": self.value, "unit": self.unit, "target": self.target.text(), "met": self.met()})
    }
}

/// The middle of some figures; 0 of none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        let cases = [
            (Target::AtMost(10.0), 10.0, true),
            (Target::AtMost(10.0), 10.1, false),
            (Target::AtLeast(100.0), 99.0, false),
            (Target::None, 1e9, true),
        ];
        for (target, value, met) in cases {
            assert_eq!(Figure::new("x", value, "ms", target).met(), met);
        }
    }

    #[test]
    fn medians() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(Vec::new()), 0.0);
    }

    #[test]
    fn the_table_names_what_was_missed() {
        let text = table(&[Figure::new("handshake", 12.0, "ms", Target::AtMost(10.0))]);
        assert!(text.contains("12 ms") && text.contains("<= 10") && text.contains("MISSED"), "{text}");
    }
}
