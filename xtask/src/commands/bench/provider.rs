//! The provider by itself: how soon it answers, how long its schema takes, what it holds while idle.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::process::Ended;
use super::{Bench, Figure, Target, median};
use crate::command::Run;
use crate::ensure;
use crate::error::{Context, Error, Result};

/// What Terraform says to a provider so that it knows who starts it.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");
/// Most that the binary may take, in MB; the handlers lie beside it.
const LARGEST: f64 = 25.0;
const HANDSHAKES: usize = 20;
const SCHEMAS: usize = 5;
/// Time for the provider to settle before its memory is read.
const SETTLED: Duration = Duration::from_millis(500);

/// Measures.
pub fn measure(bench: &mut Bench<'_>) -> Result<Vec<Figure>> {
    let provider = bench.kit.mirror.provider();
    let shakes = bench.steps.run("handshakes", |_| {
        (0..HANDSHAKES).map(|_| Ok(handshake(&provider)?.0)).collect::<Result<Vec<f64>>>()
    })?;
    let idle = bench.steps.run("idle memory", |_| idle(&provider))?;
    let schema = schema(bench)?;
    let size = std::fs::metadata(&provider).context(|| format!("{}", provider.display()))?.len();
    Ok(vec![
        Figure::new("provider: exec to handshake, median", median(shakes), "ms", Target::AtMost(10.0)),
        Figure::new("provider: idle memory", idle, "MB", Target::AtMost(20.0)),
        Figure::new("provider: terraform providers schema", median(schema), "ms", Target::None),
        Figure::new("provider: binary", size as f64 / 1e6, "MB", Target::AtMost(LARGEST)),
    ])
}

/// Starts the provider and reads its one line; milliseconds, and the provider, still running.
fn handshake(provider: &Path) -> Result<(f64, Ended)> {
    let run = Run::new(provider)
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env_remove("PLUGIN_CLIENT_CERT")
        .env_remove("TF_LOG");
    let began = Instant::now();
    let mut running = Ended::new(run.spawn(run.command().stdout(Stdio::piped()).stderr(Stdio::null()))?);
    let output = running.child().and_then(|child| child.stdout.take());
    let mut output = BufReader::new(output.ok_or_else(|| Error::new("the provider has no output"))?);
    let mut line = String::new();
    output.read_line(&mut line).context(|| "the provider's handshake cannot be read".to_owned())?;
    let took = began.elapsed().as_secs_f64() * 1000.0;
    ensure!(line.starts_with("1|6|unix|"), "the provider's handshake is not one: {:?}", line.trim_end());
    Ok((took, running))
}

fn idle(provider: &Path) -> Result<f64> {
    let (_, running) = handshake(provider)?;
    thread::sleep(SETTLED);
    running.resident_mb().ok_or_else(|| Error::new("the provider ended after its handshake"))
}

fn schema(bench: &mut Bench<'_>) -> Result<Vec<f64>> {
    let folder = bench.kit.folder("bench-provider")?;
    let work = bench.kit.workspace(crate::commands::quickstart::EXAMPLE, &folder, &[])?;
    bench.steps.run("schema", |_| {
        work.init()?;
        let one = |_| {
            let began = Instant::now();
            work.schema()?;
            Ok(began.elapsed().as_secs_f64() * 1000.0)
        };
        (0..SCHEMAS).map(one).collect()
    })
}
