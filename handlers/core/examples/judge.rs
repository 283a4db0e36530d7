//! Judges a file and prints what it cost: `judge SPEC.json FILE [--out FOLDER | --validate] [--repeat N]`. Used by `cargo xtask
//! bench`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Instant;

use datalake_core::engine::{CompiledDataset, ObjectFacts, ObjectRun, OutputFile, Sink, SinkError};
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bytes read at once: small enough for the second cache of a processor.
const BLOCK: usize = 128 << 10;

/// Writes results below a folder, or only counts their bytes.
struct Results {
    folder: Option<PathBuf>,
    open: BTreeMap<OutputFile, File>,
    bytes: u64,
}

impl Sink for Results {
    fn write(&mut self, file: &OutputFile, bytes: Vec<u8>, _last: bool) -> Result<(), SinkError> {
        self.bytes += bytes.len() as u64;
        let Some(folder) = &self.folder else { return Ok(()) };
        let (OutputFile::Good(key) | OutputFile::Quarantine(key)) = file else { return Ok(()) };
        let failed = |error: std::io::Error| SinkError(error.to_string());
        if !self.open.contains_key(file) {
            let path = folder.join(key);
            std::fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(failed)?;
            self.open.insert(file.clone(), File::create(path).map_err(failed)?);
        }
        self.open.get_mut(file).map_or(Ok(()), |open| open.write_all(&bytes)).map_err(failed)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [spec, path, rest @ ..] = arguments.as_slice() else {
        return Err("usage: judge SPEC.json FILE [--out FOLDER | --validate] [--repeat N]".into());
    };
    let dataset = serde_json::from_slice(&std::fs::read(spec)?)?;
    let dataset = CompiledDataset::compile("bench", &dataset).map_err(|problems| format!("{problems:?}"))?;
    let after = |flag: &str| rest.iter().position(|word| word == flag).and_then(|at| rest.get(at + 1));
    let mut results = Results { folder: after("--out").map(PathBuf::from), open: BTreeMap::new(), bytes: 0 };
    let times = after("--repeat").map_or(Ok(1), |times| times.parse::<usize>())?;

    let start = Instant::now();
    let mut run = ObjectRun::new(&dataset, ObjectFacts { process_id: "bench", key: path, size_bytes: 0 });
    if rest.iter().any(|word| word == "--validate") {
        run = run.without_files();
    }
    let mut block = vec![0; BLOCK];
    let mut read = 0u64;
    for _ in 0..times {
        let mut input: Box<dyn Read> =
            if path == "-" { Box::new(std::io::stdin()) } else { Box::new(File::open(path)?) };
        loop {
            let length = input.read(&mut block)?;
            if length == 0 {
                break;
            }
            read += length as u64;
            run.push(&block[..length], &mut results)?;
        }
    }
    let verdict = run.finish(&mut results)?;
    println!(
        "{}",
        json!({
            "rows": verdict.rows, "score": verdict.score, "passed": verdict.passed, "failedRules": verdict.failed_rules,
            "inputBytes": read, "outputBytes": results.bytes, "wallSeconds": start.elapsed().as_secs_f64(),
            "cpuSeconds": cpu_seconds(), "peakRssKib": peak_rss_kib(),
        })
    );
    Ok(())
}

/// Time this process, which has one thread, has spent on a processor, in seconds.
fn cpu_seconds() -> Option<f64> {
    let schedule = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(schedule.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}

fn peak_rss_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find(|line| line.starts_with("VmHWM:"))?.split_whitespace().nth(1)?.parse().ok()
}
