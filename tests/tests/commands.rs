//! The commands a person types: `up`, the AWS CLI against it, `status`, `down`.
// A test may stop where it stands.
#![allow(clippy::expect_used)]

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use datalake_tests::shown;
use serde_json::Value;

/// The sample of the pipeline's first recipe; the phone number is a valid one.
const VALID: &str = r#"{"id":"12345","timestamp":"2026-01-15T10:30:00Z","email":"user@example.com","phone":"+15551234567","data":{"temperature":22.5,"humidity":45.0,"location":"sensor-001"}}"#;
/// No timestamp, no e-mail address, no phone number.
const INVALID: &str = r#"{"id":"67890","email":"invalid-email","phone":"123","data":{"temperature":25.0}}"#;
const PATIENCE: Duration = Duration::from_secs(120);

/// One command at a time, as a person types them: they build and lay out the same things.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends what `up` left running, however the test ends.
struct Down;

impl Drop for Down {
    fn drop(&mut self) {
        let _ = xtask(&["down"]);
    }
}

/// The recipe's own validation steps, with the AWS CLI.
#[test]
fn the_recipe_with_the_aws_cli() {
    let _turn = turn();
    let nothing = xtask(&["status", "input/readings/valid.json"])
        .expect_err("a cloud of yours is up: end it with `cargo xtask down`");
    assert!(nothing.contains("nothing is up"), "{nothing}");
    let exports = xtask(&["up"]).expect("the local cloud comes up");
    let _down = Down;
    let names: Value =
        serde_json::from_str(&xtask(&["up", "--json"]).expect("up twice is up")).expect("JSON");
    let name = |what: &str| names[what].as_str().unwrap_or_default().to_owned();
    let (raw, processed, quarantine, table) =
        (name("raw_bucket"), name("processed_bucket"), name("quarantine_bucket"), name("metadata_table"));
    let aws = |command: &str| shell(&format!("{exports}\naws {command}"));

    for (file, content) in [("valid.json", VALID), ("invalid.json", INVALID)] {
        shell(&format!("{exports}\nprintf '%s' '{content}' | aws s3 cp - s3://{raw}/input/readings/{file}"));
    }
    until("both files are judged", || {
        let count = aws(&format!(
            "dynamodb scan --table-name {table} --select COUNT --output text --query Count \
            --filter-expression 'qualitySent = :yes' --expression-attribute-values '{{\":yes\":{{\"BOOL\":true}}}}'"
        ));
        count.trim() == "2"
    });

    let validated = aws(&format!("s3 ls s3://{processed}/validated/ --recursive"));
    assert_eq!(
        validated.lines().filter(|line| line.contains("validated/readings/")).count(),
        1,
        "{validated}"
    );
    let kept = aws(&format!("s3 ls s3://{quarantine}/quarantine/ --recursive"));
    let rows = kept.split_whitespace().find(|word| word.contains("/rows/")).expect("the refused row is kept");
    let row = aws(&format!("s3 cp s3://{quarantine}/{rows} -"));
    let row: Value = serde_json::from_str(row.lines().next().unwrap_or_default()).expect("a line of JSON");
    let mut columns: Vec<&str> = row["reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .filter_map(|reason| reason["column"].as_str())
        .collect();
    columns.sort_unstable();
    assert_eq!(columns, ["email", "phone", "timestamp"], "{row}");

    let item = aws(&format!(
        "dynamodb scan --table-name {table} --output text --query 'Items[].[\"key\".S, Status.S]'"
    ));
    for line in ["input/readings/valid.json\tVALIDATED", "input/readings/invalid.json\tQUARANTINED"] {
        assert!(item.contains(line), "{item}");
    }
    until("ValidationSuccessRate has a data point", || {
        let points = aws(
            "cloudwatch get-metric-statistics --namespace DataLake/Quality --metric-name ValidationSuccessRate \
            --dimensions Name=Pipeline,Value=sensors --start-time \"$(date -u -d '-1 hour' +%FT%TZ)\" \
            --end-time \"$(date -u -d '+1 hour' +%FT%TZ)\" --period 3600 --statistics SampleCount --output text --query 'Datapoints[].SampleCount'",
        );
        points.trim().parse::<f64>().is_ok_and(|count| count >= 1.0)
    });
    let answer = shell(&format!(
        "{exports}\nid=$(aws athena start-query-execution --work-group {} --query-string 'SELECT count(*) FROM {}.readings' --output text --query QueryExecutionId)\n\
         for i in $(seq 50); do [ \"$(aws athena get-query-execution --query-execution-id $id --output text --query QueryExecution.Status.State)\" = SUCCEEDED ] && break; sleep 0.2; done\n\
         aws athena get-query-results --query-execution-id $id --output text --query 'ResultSet.Rows[1].Data[0].VarCharValue'",
        name("workgroup"),
        name("database")
    ));
    assert_eq!(answer.trim(), "1");

    let story = xtask(&["status", "input/readings/invalid.json"]).expect("the object has a story");
    assert!(story.contains("QUARANTINED") && story.contains("email"), "{story}");
    assert!(xtask(&["status", "input/readings/nothing.json"]).is_err(), "an unknown key has no story");
    let plan =
        shell(&format!("{exports}\ncd {} && terraform plan -input=false -no-color", name("configuration")));
    assert!(plan.contains("No changes"), "{plan}");

    xtask(&["down"]).expect("down ends it");
    xtask(&["down"]).expect("down twice is down");
    let endpoint = name("endpoint");
    let port = endpoint.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).expect("a port");
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err(), "somebody still listens on {port}");
}

/// What the README shows of the demo is what it prints.
#[test]
fn the_demo_prints_what_the_readme_shows() -> xtask::error::Result {
    let _turn = turn();
    let printed = xtask(&["demo"]).expect("the demo runs");
    shown::in_order(&printed, &shown::block(&readme()?, "cargo xtask demo")?)
}

/// The same of the tests, by those of one name: the README's numbers and times are those of a whole run.
#[test]
fn the_tests_print_what_the_readme_shows() -> xtask::error::Result {
    let _turn = turn();
    let printed = xtask(&["test", "--filter", "names_come_from_the_state"]).expect("one test passes");
    shown::in_order(&words(&printed), &words(&shown::block(&readme()?, "cargo xtask test")?))
}

/// A text's words, line by line, without numbers, their units and the lengths of rules.
fn words(text: &str) -> String {
    const UNITS: [&str; 3] = ["ms", "s", "min"];
    let is_word =
        |word: &&str| !word.starts_with(|char: char| char.is_ascii_digit()) && !UNITS.contains(word);
    let line = |line: &str| line.split_whitespace().filter(is_word).map(ruled).collect::<Vec<_>>().join(" ");
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A rule of any length is one of length one.
fn ruled(word: &str) -> &str {
    if word.trim_matches('-').is_empty() { "-" } else { word }
}

fn readme() -> xtask::error::Result<String> {
    xtask::files::read(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")))
}

/// The pages for the registry say what the provider's schema says.
#[test]
fn the_generated_pages_are_not_stale() {
    let _turn = turn();
    xtask(&["docs", "--check"]).expect("`cargo xtask docs` has to be run");
}

/// `cargo xtask …` in the clone; what it prints.
fn xtask(arguments: &[&str]) -> Result<String, String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let output = Command::new(env!("CARGO")).arg("xtask").args(arguments).current_dir(root).output();
    let output = output.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.success() {
        true => Ok(text),
        false => Err(format!("{text}{}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// What a script prints; it must succeed.
fn shell(script: &str) -> String {
    let output = Command::new("bash").args(["-euc", script]).output().expect("bash starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(300));
    }
}
