//! Figures as a page of the documentation, with the machine they are of: alone they say little.

use std::fs;
use std::path::Path;
use std::thread::available_parallelism;

use super::{Figure, Target};
use crate::error::{Context, Result};
use crate::table::number;

/// What figures depend on.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// The processor's name.
    processor: String,
    cores: usize,
    /// Processes that wanted a processor during the last minute, on average, when the measuring began.
    load: f64,
}

impl Machine {
    /// This one, now.
    pub fn here() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        Self {
            processor: processor(&read("/proc/cpuinfo")),
            cores: available_parallelism().map_or(1, usize::from),
            load: read("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0),
        }
    }

    fn sentence(&self) -> String {
        let state = if self.load < 0.5 { "idle" } else { "loaded by other work" };
        let Self { processor, cores, load } = self;
        format!(
            "{processor}, {cores} cores; {state} when the measuring began (load average {})",
            number(*load)
        )
    }
}

fn processor(cpuinfo: &str) -> String {
    let line = cpuinfo.lines().find_map(|line| line.strip_prefix("model name"));
    line.map_or("an unknown processor", |line| line.trim_start_matches([' ', '\t', ':'])).to_owned()
}

/// Writes the page.
pub fn write(file: &Path, figures: &[Figure], machine: &Machine) -> Result {
    fs::write(file, text(figures, machine)).context(|| format!("{} cannot be written", file.display()))
}

fn text(figures: &[Figure], machine: &Machine) -> String {
    let mut page = format!(
        "---\npage_title: \"Measured speeds - datalake Provider\"\nsubcategory: \"\"\ndescription: |-\n  What the row engine \
         reads a second of processor time, beside other engines at the same job.\n---\n\n# Measured speeds\n\nWritten by \
         `cargo xtask bench engine --page docs/guides/measured-speeds.md`; nothing here is typed in.\nMachine: {}.\n\n\
         Speeds are megabytes of input for each second of processor time, medians of jobs run in turn. On a busy machine only the\n\
         ratios of one run hold. The full job is validation, Parquet (zstd) and quarantine; what it wrote was compared with an\n\
         independent oracle, value by value, in the same run.\n\n| what | measured | target | |\n|---|---|---|---|\n",
        machine.sentence()
    );
    for figure in figures {
        let verdict = match (figure.target, figure.met()) {
            (Target::None, _) => "",
            (_, true) => "met",
            (_, false) => "missed",
        };
        let Figure { name, value, unit, target, .. } = figure;
        page += &format!("| {name} | {} {unit} | {} | {verdict} |\n", number(*value), target.text());
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_of_which_machine_and_what_was_missed() {
        let processor = processor("processor\t: 0\nmodel name\t: A Processor 9000\n");
        let busy = Machine { processor, cores: 2, load: 3.5 };
        let figures = [Figure::new("full job", 200.0, "MB/CPU-s", Target::AtLeast(220.0))];
        let page = text(&figures, &busy);
        assert!(page.contains("A Processor 9000, 2 cores; loaded by other work"), "{page}");
        assert!(page.ends_with("| full job | 200 MB/CPU-s | >= 220 | missed |\n"), "{page}");
        let idle = text(&figures, &Machine { load: 0.1, ..busy });
        assert!(idle.contains("; idle when the measuring began (load average 0.1)"), "{idle}");
    }
}
