//! What parts of a pass cost: reading and checking, and writing, a row and a megabyte at a time.

#![expect(clippy::unwrap_used, reason = "what is measured has to work")]
#![expect(missing_docs, reason = "the macro of criterion writes none")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use datalake_core::columns::Pattern;
use datalake_core::engine::{CompiledDataset, ObjectFacts, ObjectRun, OutputFile, Sink, SinkError};
use serde_json::json;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: usize = 10_000;
const FACTS: ObjectFacts<'_> = ObjectFacts { process_id: "bench", key: "bench", size_bytes: 0 };

struct Nowhere;

impl Sink for Nowhere {
    fn write(&mut self, _: &OutputFile, bytes: Vec<u8>, _: bool) -> Result<(), SinkError> {
        black_box(bytes);
        Ok(())
    }
}

fn dataset(format: &str, partition_by: &[&str]) -> CompiledDataset {
    let spec = serde_json::from_value(json!({
        "format": format, "prefix": "x/", "compression": "none",
        "columns": {
            "id": {"type": "string", "required": true}, "at": {"type": "timestamp", "required": true},
            "email": {"type": "string", "pattern": "email"}, "amount": {"type": "double", "minimum": "0"},
            "country": {"type": "string", "required": true, "enum": ["DE", "FR", "US", "JP"]},
        },
        "quality": {"threshold_percent": 0.0}, "output": {"partition_by": partition_by, "compression": "zstd"},
    }))
    .unwrap();
    CompiledDataset::compile("bench", &spec).unwrap()
}

fn rows(format: &str) -> String {
    let mut text = if format == "csv" { "id,at,email,amount,country\n".to_owned() } else { String::new() };
    for row in 0..ROWS {
        let (second, cents, country) = (row % 60, row * 7919 % 100_000, ["DE", "FR", "US", "JP"][row % 4]);
        let at = format!("2026-03-14T15:09:{second:02}.000Z");
        let (id, email, amount) =
            (format!("evt-{row:010}"), format!("user{row}@mail.example.org"), cents as f64 / 100.0);
        let _ = match format {
            "csv" => writeln!(text, "{id},{at},{email},{amount},{country}"),
            _ => writeln!(
                text,
                r#"{{"id":"{id}","at":"{at}","email":"{email}","amount":{amount},"country":"{country}"}}"#
            ),
        };
    }
    text
}

fn passes(criterion: &mut Criterion) {
    let cases: [(&str, &str, &[&str], bool); 5] = [
        ("read and check NDJSON", "ndjson", &[], false),
        ("read and check CSV", "csv", &[], false),
        ("the full job, NDJSON", "ndjson", &[], true),
        ("the full job, CSV", "csv", &[], true),
        ("the full job, four partitions", "ndjson", &["country"], true),
    ];
    let mut group = criterion.benchmark_group("pass");
    for (name, format, partition_by, full) in cases {
        let (dataset, text) = (dataset(format, partition_by), rows(format));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let run = ObjectRun::new(&dataset, FACTS);
                let mut run = if full { run } else { run.without_files() };
                run.push(text.as_bytes(), &mut Nowhere).unwrap();
                run.finish(&mut Nowhere).unwrap()
            });
        });
    }
}

fn patterns(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pattern");
    for (name, text) in
        [("email", "grace.hopper4711@mail.example.org"), ("uuid", "123e4567-e89b-12d3-a456-426614174000")]
    {
        let pattern = Pattern::compile(name).unwrap();
        group.bench_function(name, |bencher| bencher.iter(|| pattern.matches(black_box(text))));
    }
}

criterion_group!(benches, passes, patterns);
criterion_main!(benches);
