//! Cold start: from the start of `bootstrap` to its first question for an event, put to a Runtime API of ours.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::process::Ended;
use super::{Bench, Figure, Target, median};
use crate::archive;
use crate::artifacts::{self, Architecture, Profile};
use crate::command::Run;
use crate::ensure;
use crate::error::{Context, Result};
use crate::http;

const STARTS: usize = 15;
/// A function that takes longer than Lambda's own limit for starting has failed.
const PATIENCE: Duration = Duration::from_secs(10);
/// The dataset the engine is measured with.
pub const DATASET: &str = include_str!("../../../bench/dataset.json");

/// Measures.
pub fn measure(bench: &mut Bench<'_>) -> Result<Vec<Figure>> {
    let tools = &bench.kit.tools;
    let bundles =
        bench.steps.run("handlers", |progress| artifacts::handlers(tools, Profile::Ship, progress))?;
    let task = bench.kit.folder("bench-handlers")?;
    let document = task.join("pipeline.json");
    fs::write(&document, pipeline()?.to_string())
        .context(|| format!("{} cannot be written", document.display()))?;
    let mut figures = Vec::new();
    for bundle in bundles.iter().filter(|bundle| bundle.architecture == Architecture::host()) {
        let starts = bench.steps.run("cold starts", |_| {
            (0..STARTS).map(|_| cold_start(&bundle.bootstrap, &task)).collect::<Result<Vec<f64>>>()
        })?;
        let size = fs::metadata(&bundle.zip).context(|| format!("{}", bundle.zip.display()))?.len();
        figures.push(Figure::new(
            "handlers: exec to first /next, median",
            median(starts),
            "ms",
            Target::AtMost(25.0),
        ));
        figures.push(Figure::new("handlers: zip", size as f64 / 1e6, "MB", Target::None));
        bench.steps.note(&format!("sha256 of the bundle: {}", archive::sha256(&bundle.zip)?));
    }
    Ok(figures)
}

fn cold_start(bootstrap: &Path, task: &Path) -> Result<f64> {
    let what = || "the Runtime API cannot listen".to_owned();
    let listener = TcpListener::bind(("127.0.0.1", 0)).context(what)?;
    listener.set_nonblocking(true).context(what)?;
    let address = listener.local_addr().context(what)?.to_string();
    let run = environment(&address)
        .into_iter()
        .fold(Run::new(bootstrap), |run, (name, value)| run.env(name, value));
    let run = run.env("LAMBDA_TASK_ROOT", task).dir(task);
    let began = Instant::now();
    let _running = Ended::new(run.spawn(run.command().stdout(Stdio::null()).stderr(Stdio::null()))?);
    let line = first_request(&listener, began)?;
    let took = began.elapsed().as_secs_f64() * 1000.0;
    ensure!(
        line.starts_with("GET ") && line.contains("/invocation/next"),
        "the bootstrap did not start: it said {line:?}"
    );
    Ok(took)
}

fn first_request(listener: &TcpListener, began: Instant) -> Result<String> {
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).context(|| "the Runtime API".to_owned())?;
                return Ok(http::read_head(&stream)?.into_iter().next().unwrap_or_default());
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                ensure!(
                    began.elapsed() < PATIENCE,
                    "the bootstrap asked for no event within {} s",
                    PATIENCE.as_secs()
                );
                std::thread::sleep(Duration::from_micros(100));
            }
            Err(error) => return Err(error).context(|| "the Runtime API".to_owned()),
        }
    }
}

fn environment(address: &str) -> Vec<(&'static str, String)> {
    let fixed = [
        ("_HANDLER", "validate"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_SESSION_TOKEN", "test"),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench-validate"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_FUNCTION_TIMEOUT", "60"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench-validate"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
    ];
    let fixed = fixed.into_iter().map(|(name, value)| (name, value.to_owned()));
    fixed.chain([("AWS_LAMBDA_RUNTIME_API", address.to_owned())]).collect()
}

/// The document a function is deployed with, about the dataset of the engine's benchmark.
fn pipeline() -> Result<Value> {
    let dataset: Value = serde_json::from_str(DATASET).context(|| "xtask/bench/dataset.json".to_owned())?;
    Ok(json!({
        "version": 1, "name": "bench",
        "buckets": {"raw": "bench-raw", "processed": "bench-processed", "quarantine": "bench-quarantine"},
        "metadata_table": "bench-metadata", "event_bus": "bench-bus", "metadata_ttl_days": 90,
        "datasets": {"bench": dataset},
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::TcpStream;

    #[test]
    fn the_first_request_is_read() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.write_all(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        assert!(first_request(&listener, Instant::now()).unwrap().contains("/invocation/next"));
    }

    #[test]
    fn the_document_holds_the_dataset() {
        assert_eq!(pipeline().unwrap()["datasets"]["bench"]["format"], "ndjson");
    }
}
