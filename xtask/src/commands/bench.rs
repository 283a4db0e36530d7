//! `cargo xtask bench`: what the parts cost, beside what they may cost.

mod cloud;
mod engine;
mod handlers;
mod process;
mod provider;

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
              provider (handshake, schema, idle memory), cloud (calls and time with 50 ms a call), handlers (cold start),\n\
              engine (rows and bytes a second, memory).",
    words: &[],
    flags: &[
        JSON,
        Flag { name: "--only", value: Some("PART"), help: "one part: provider, cloud, handlers or engine" },
        Flag { name: "--check", value: None, help: "fail when a target is missed" },
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

type Part = (&'static str, fn(&mut Bench<'_>) -> Result<Vec<Figure>>);

const PARTS: [Part; 4] = [
    ("provider", provider::measure),
    ("cloud", cloud::measure),
    ("handlers", handlers::measure),
    ("engine", engine::measure),
];

fn bench(args: &Args) -> Result {
    let only = args.value("--only");
    let parts: Vec<&Part> = PARTS.iter().filter(|(name, _)| only.is_none_or(|only| only == *name)).collect();
    if parts.is_empty() {
        return Err(Error::usage("--only takes one of: provider, cloud, handlers, engine"));
    }
    let mut steps = Steps::new(false);
    let kit = Kit::make(&mut steps, Profile::Ship)?;
    let mut figures = Vec::new();
    for (_, measure) in parts {
        figures.extend(measure(&mut Bench { kit: &kit, steps: &mut steps })?);
    }
    match args.has("--json") {
        true => println!("{:#}", Value::Array(figures.iter().map(Figure::document).collect())),
        false => print!("\n{}", table(&figures)),
    }
    let missed: Vec<&str> =
        figures.iter().filter(|figure| !figure.met()).map(|figure| figure.name.as_str()).collect();
    ensure!(missed.is_empty() || !args.has("--check"), "targets missed: {}", missed.join(", "));
    Ok(())
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
        Self { name: name.into(), value, unit, target }
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
