//! The guide of the rule language: every line of its tables is run, and every ruleset in it is read.

#![allow(clippy::unwrap_used, reason = "a line that cannot be read is a fault of the guide")]

mod harness;

use datalake_core::dqdl::{RULE_TYPES, parse};
use datalake_core::rules::Capabilities;
use harness::{Data, agrees};
use serde_json::{Value, json};

const GUIDE: &str = include_str!("../../../docs/guides/rule-language.md");

/// The moment that `now()` is in the guide.
const NOW: &str = "2026-02-01T12:00:00Z";

/// The other datasets that are in the guide.
const OTHER: &str = r#"other {"columns": {"n": "bigint", "t": "string"}, "rows": [{"n": 1, "t": "a"}, {"n": 2, "t": "b"}, {"n": 2, "t": "b"}, {"n": 3, "t": null}]}"#;
const EMPTY: &str = r#"empty {"columns": {"n": "bigint", "t": "string"}, "rows": []}"#;

/// Cells of a line of a table, without their backquotes.
fn cells(line: &str) -> Vec<String> {
    // A bar inside a rule is written with a backslash before it.
    let line = line.trim().trim_matches('|').replace("\\|", "\u{1}");
    line.split('|').map(|cell| cell.trim().trim_matches('`').replace('\u{1}', "|")).collect()
}

/// `n bigint, t string: [1, "a"], [2, null]`; the rows may be missing.
fn data(text: &str) -> Data {
    let (columns, rows) = text.split_once(':').unwrap_or((text, ""));
    let mut data = Data::default();
    data.directive("@columns", columns);
    data.directive("@now", NOW);
    data.directive("@file", r#"{"size": 5242880}"#);
    data.surroundings.history = Some(Vec::new());
    data.directive("@reference", OTHER);
    data.directive("@reference", EMPTY);
    let names = columns.split(',').map(|column| column.trim().split(' ').next().unwrap());
    let rows: Vec<Vec<Value>> = serde_json::from_str(&format!("[{rows}]")).unwrap();
    for row in rows {
        let row: serde_json::Map<_, _> = names.clone().map(str::to_owned).zip(row).collect();
        data.directive("@row", &json!(row).to_string());
    }
    data
}

#[test]
fn every_line_of_the_semantics_holds() {
    let mut lines = 0;
    let mut wrong = Vec::new();
    let table = GUIDE.split("## Semantics").nth(1).unwrap().split("\n## ").next().unwrap();
    for line in table.lines().filter(|line| line.starts_with('|')) {
        let cells = cells(line);
        let [_, rule, rows, outcome] = cells.as_slice() else { continue };
        if rule == "Rule" || rule.starts_with("---") {
            continue;
        }
        lines += 1;
        let found = data(rows).run(&format!("Rules = [ {rule} ]"), Capabilities::ALL, false);
        if !agrees(&found, outcome) {
            wrong.push(format!("{rule}\n  on       {rows}\n  found    {found}\n  expected {outcome}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(lines >= 75, "{lines} lines");
}

/// Every rule type has its line in the table of types.
#[test]
fn every_rule_type_is_explained() {
    for info in &RULE_TYPES {
        assert!(GUIDE.contains(&format!("| `{}` |", info.word)), "{}", info.word);
    }
}

#[test]
fn every_ruleset_in_the_guide_is_read() {
    let mut rulesets = 0;
    for block in GUIDE.split("```dqdl\n").skip(1) {
        let text = block.split("```").next().unwrap();
        parse(text).unwrap_or_else(|errors| panic!("{text}\n{errors:?}"));
        rulesets += 1;
    }
    assert!(rulesets >= 2);
}

/// The limits that are stated are the engine's.
#[test]
#[cfg(feature = "engine")]
fn limits_are_those_of_the_engine() {
    use datalake_core::check::MOST_COLUMNS;
    use datalake_core::engine::{DEEPEST, FILE_BYTES, MOST_OPEN, MOST_ROWS};
    use datalake_core::formats::{KEPT_OF_TOO_LONG, LONGEST_RECORD, MOST_FIELDS, avro, columnar, unpack};
    let section = GUIDE.split("## Files and their limits").nth(1).unwrap().split("\n## ").next().unwrap();
    let mib = |bytes: u64| format!("{} MiB", bytes >> 20);
    let stated = [
        format!(
            "| one row | {} | the row is quarantined by its first {} KiB |",
            mib(LONGEST_RECORD as u64),
            KEPT_OF_TOO_LONG >> 10
        ),
        format!("| nesting of a field | {DEEPEST} levels |"),
        format!("| declared columns | {} |", grouped(MOST_COLUMNS as u64)),
        format!("| names in the header of a CSV file | {} |", grouped(MOST_FIELDS as u64)),
        format!(
            "| unpacked bytes | {} and {} times the packed ones |",
            mib(unpack::FREE),
            unpack::LARGEST_RATIO
        ),
        format!("| rows | {} |", grouped(MOST_ROWS)),
        format!("| a Parquet file that is read whole | {} |", mib(columnar::MOST_SPOOLED as u64)),
        format!("| a block of an Avro file | {} |", mib(avro::LARGEST_BLOCK as u64)),
        format!("Parquet files of about {}. At most {MOST_OPEN} folders", mib(FILE_BYTES)),
    ];
    for text in stated {
        assert!(section.contains(&text), "the guide does not say `{text}`");
    }
}

#[cfg(feature = "engine")]
fn grouped(number: u64) -> String {
    if number < 1_000 {
        number.to_string()
    } else {
        format!("{},{:03}", grouped(number / 1_000), number % 1_000)
    }
}
