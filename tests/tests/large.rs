//! Objects that take longer than the function may: they are judged in segments, and the verdict is exact.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use datalake_tests::World;
use xtask::commands::example::Names;
use xtask::error::{Error, Result};
use xtask::story::Story;

/// Of so many rows one is refused.
const REFUSED_EVERY: u64 = 1_000;
/// The rows of the object: number `i` is refused when `i % 1000 == 7`. Written by Python, part by part.
const GENERATE: &str = r#"
def rows(first, last):
    for i in range(first, last):
        warm = 99 if i % 1000 == 7 else i % 111 - 50
        yield f'{{"id":"{i}","timestamp":"2026-01-15T10:30:00Z","data":{{"temperature":{warm},"humidity":{i % 100},"location":"hall {i % 37}, row {i % 1009}"}}}}\n'

s3, per_part, parts = client("s3"), 400_000, []
where = dict(Bucket=bucket, Key="input/readings/large.ndjson")
upload = s3.create_multipart_upload(**where)["UploadId"]
for number, first in enumerate(range(0, count, per_part), 1):
    body = "".join(rows(first, min(first + per_part, count))).encode()
    answer = s3.upload_part(**where, UploadId=upload, PartNumber=number, Body=body)
    parts.append({"ETag": answer["ETag"], "PartNumber": number})
s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
"#;
/// Counts the accepted rows with a reader that is not ours.
const COUNT: &str = r#"
import duckdb, os, tempfile
s3, folder = client("s3"), tempfile.mkdtemp(dir=folder)
found = [o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket) for o in p.get("Contents", [])]
files = [key for key in found if key.startswith("validated/")]
duckdb.sql("set enable_progress_bar = false")
total, wrong, last = 0, 0, os.path.join(folder, "file.parquet")
for key in files:
    s3.download_file(bucket, key, last)
    rows, bad = duckdb.sql(f"select count(*), count(*) filter (where cast(id as bigint) % 1000 = 7) from read_parquet('{last}')").fetchall()[0]
    total, wrong = total + rows, wrong + bad
    os.remove(last)
left = [key for key in found if key.startswith("_datalake/checkpoints/")]
uploads = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
print(total, wrong, len(left), len(uploads))
"#;

/// What is judged, and with what.
struct Size {
    name: &'static str,
    rows: u64,
    limit_seconds: u32,
    /// After how many seconds a pass stops, whatever the limit: for machines of any speed.
    pass_seconds: Option<u32>,
    rules: &'static str,
    patience: Duration,
}

#[test]
fn an_object_is_judged_in_segments() -> Result {
    judge(&Size {
        name: "large",
        rows: 100_000,
        limit_seconds: 120,
        pass_seconds: Some(0),
        rules: "IsUnique \\\"id\\\", RowCount = 100000, Mean \\\"data.humidity\\\" between 49 and 50",
        patience: Duration::from_secs(400),
    })
}

/// Three gigabytes with a limit of a minute. Handlers that are not built for speed (`--ship`) need an hour.
#[test]
#[ignore = "takes long: cargo xtask test --full"]
fn three_gigabytes_are_judged_in_segments() -> Result {
    judge(&Size {
        name: "huge",
        rows: 25_000_000,
        limit_seconds: 60,
        // A minute is enough for all of it where nothing else runs.
        pass_seconds: Some(4),
        rules: "RowCount = 25000000, Mean \\\"data.humidity\\\" between 49 and 50",
        patience: Duration::from_secs(3_600),
    })
}

fn judge(size: &Size) -> Result {
    let world = World::new(size.name)?;
    let quality =
        |rest: &str| format!("      quality = {{ threshold_percent = 70{rest} }}\n    }}\n\n    orders = ");
    world.edit(&quality(""), &quality(&format!(", ruleset = \"Rules = [ {} ]\"", size.rules)))?;
    let limit = size.limit_seconds;
    world.edit(
        "  # So that `terraform destroy`",
        &format!("  functions = {{ validate = {{ timeout_seconds = {limit} }} }}\n\n  # So that `terraform destroy`"),
    )?;
    world.work.apply(&[])?;
    let names = world.names()?;
    if let Some(seconds) = size.pass_seconds {
        world.python(&format!(
            "client('lambda').update_function_configuration(FunctionName='sensors-validate', Environment={{'Variables': {{'DATALAKE_PASS_SECONDS': '{seconds}'}}}})"
        ))?;
    }
    let memory = Memory::watch(world.port());
    world.python(&format!("bucket, count = '{}', {}\n{GENERATE}", names.raw, size.rows))?;
    let began = Instant::now();
    let story = finished(&world, &names, size.patience)?;
    let took = began.elapsed();
    let peak = memory.end()?;
    let segments = story.item()["segment"].as_f64().unwrap_or_default();
    eprintln!(
        "{} bytes, {} rows: {segments} times handed on, {:.0} s, at most {peak} MiB",
        story.item()["sizeBytes"],
        size.rows,
        took.as_secs_f64()
    );
    exact(&world, &names, size, &story)?;
    assert!(segments >= 2.0, "the object was judged at once: {}", story.describe());
    assert!(peak > 0 && peak <= 200, "validate took {peak} MiB");
    world.work.destroy()?;
    world.expect_nothing_left()
}

/// Counts, score and files are those of the generator, and nothing of the segments is left.
fn exact(world: &World, names: &Names, size: &Size, story: &Story) -> Result {
    let refused = (0..size.rows).skip(7).step_by(REFUSED_EVERY as usize).count() as u64;
    assert_eq!(story.status(), "VALIDATED", "{}", story.describe());
    assert_eq!(story.rows("total"), size.rows);
    assert_eq!((story.rows("good"), story.rows("quarantined")), (size.rows - refused, refused));
    let folder = world.folder.display();
    let counted = world.python(&format!("bucket, folder = '{}', '{folder}'\n{COUNT}", names.processed))?;
    assert_eq!(counted.trim(), format!("{} 0 0 0", size.rows - refused));
    let mut lines = 0;
    for key in world.lake.keys(&names.quarantine, "quarantine/readings/rows/")? {
        lines += world.lake.get(&names.quarantine, &key)?.lines().count() as u64;
    }
    assert_eq!(lines, refused, "refused rows are kept once each");
    world.expect_quiet_queues()
}

fn finished(world: &World, names: &Names, patience: Duration) -> Result<Story> {
    let began = Instant::now();
    loop {
        let mut stories = world.lake.stories(&names.table)?;
        if stories.iter().any(Story::finished) {
            assert_eq!(stories.len(), 1);
            return Ok(stories.remove(0));
        }
        if began.elapsed() > patience {
            let told: Vec<String> = stories.iter().map(|story| story.item().to_string()).collect();
            return Err(Error::new(format!("not finished: {told:?}")));
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// The most memory that a `validate` of one cloud has taken, as the system counts it.
struct Memory {
    peak_kib: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    watch: JoinHandle<()>,
}

impl Memory {
    fn watch(port: &str) -> Self {
        let (peak_kib, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (seen, ended) = (Arc::clone(&peak_kib), Arc::clone(&over));
        let endpoint = format!(":{port}").into_bytes();
        let watch = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                validates(&endpoint).for_each(|kib| {
                    seen.fetch_max(kib, Ordering::Relaxed);
                });
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        Self { peak_kib, over, watch }
    }

    /// In MiB.
    fn end(self) -> Result<u64> {
        self.over.store(true, Ordering::Relaxed);
        self.watch.join().map_err(|_| Error::new("the watch over the memory failed"))?;
        Ok(self.peak_kib.load(Ordering::Relaxed) / 1024)
    }
}

/// The peak of each running `validate` that talks to this endpoint.
fn validates(endpoint: &[u8]) -> impl Iterator<Item = u64> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(move |process| {
        let read = |name: &str| std::fs::read(process.path().join(name)).ok();
        let environment = read("environ")?;
        let has = |wanted: &dyn Fn(&[u8]) -> bool| environment.split(|byte| *byte == 0).any(wanted);
        let ours =
            |variable: &[u8]| variable.starts_with(b"AWS_ENDPOINT_URL=") && variable.ends_with(endpoint);
        if !has(&|variable| variable == b"_HANDLER=validate") || !has(&ours) {
            return None;
        }
        let status = String::from_utf8(read("status")?).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse().ok()
    })
}
