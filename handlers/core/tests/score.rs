//! The score of an object: what it may depend on, and what not.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[allow(dead_code, reason = "not every test needs all of it")]
mod dice;

use datalake_core::engine::{CompiledDataset, ObjectFacts, judge};
use datalake_core::verdict::Verdict;
use dice::Dice;
use serde_json::json;

/// A row that passes every check.
const CLEAN: &str = r#"{"id":"a","n":5,"t":"x"}"#;

/// Checks of columns, rules with weights, and a rule about the object, which is no part of the score.
fn dataset() -> CompiledDataset {
    let spec = serde_json::from_value(json!({
        "format": "ndjson", "prefix": "x/", "compression": "none",
        "columns": {
            "id": {"type": "string", "required": true, "weight": 3},
            "n": {"type": "bigint", "minimum": "0"},
            "t": {"type": "string", "pattern": "[a-z]+"},
        },
        "quality": {
            "threshold_percent": 0.0,
            "ruleset": "Rules = [ ColumnValues \"n\" < 10 labels=[\"datalake.weight\"=\"2\"], Completeness \"t\" > 0.5 ]",
        },
        "output": {"partition_by": [], "compression": "none"},
    }));
    CompiledDataset::compile("x", &spec.unwrap()).unwrap()
}

fn judged(dataset: &CompiledDataset, lines: &[String]) -> Verdict {
    let facts = ObjectFacts { process_id: "p", key: "x.ndjson", size_bytes: 0 };
    judge(dataset, facts, lines.join("\n").as_bytes()).unwrap().0
}

/// A line that may be a good row, a bad one, or none at all.
fn line(dice: &mut Dice) -> String {
    let lines = [
        CLEAN,
        r#"{"id":"a","n":50,"t":"x"}"#,
        r#"{"id":"a","n":-5,"t":"X"}"#,
        r#"{"n":"five","t":"x"}"#,
        r#"{"id":null}"#,
        r#"{"id":"a","other":1}"#,
        "{\"id\":\"a\"",
        "[1]",
    ];
    dice.one_of(&lines).to_owned()
}

fn objects() -> impl Iterator<Item = (Vec<String>, Dice)> {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    (0..300).map(move |at| {
        // The first line says what the object is, so it is one that can be read.
        let lines = std::iter::once(CLEAN.to_owned()).chain((0..dice.below(30)).map(|_| line(&mut dice)));
        (lines.collect(), Dice(at + 1))
    })
}

#[test]
fn the_order_of_rows_does_not_show() {
    let dataset = dataset();
    for (mut lines, mut dice) in objects() {
        let before = judged(&dataset, &lines);
        for at in (2..lines.len()).rev() {
            lines.swap(at, 1 + dice.below(at));
        }
        let after = judged(&dataset, &lines);
        assert_eq!(
            (after.score, after.rows, after.failed_rules),
            (before.score, before.rows, before.failed_rules)
        );
    }
}

/// The score of a whole is what the scores of its parts come to by their rows: it does not show where an object was cut.
#[test]
fn parts_add_up_to_the_whole() {
    let dataset = dataset();
    for (lines, mut dice) in objects() {
        let whole = judged(&dataset, &lines);
        let mut second = lines.clone();
        let first: Vec<String> = second.drain(..1 + dice.below(lines.len())).collect();
        let mut parts = vec![judged(&dataset, &first)];
        if !second.is_empty() {
            second.insert(0, CLEAN.to_owned());
            parts.push(judged(&dataset, &second));
        }
        // The clean row that begins the second part is none of the object's.
        let added = parts.len() as f64 - 1.0;
        let passed: f64 =
            parts.iter().map(|part| part.score * part.rows.total as f64).sum::<f64>() - added * 100.0;
        let expected = passed / whole.rows.total as f64;
        // Scores have two decimals, so each part is off by half of the last at most.
        let slack = 0.005 * (lines.len() as f64 + added) / lines.len() as f64 + 0.005 + 1e-9;
        assert!((whole.score - expected).abs() <= slack, "{} {expected} {lines:?}", whole.score);
    }
}

#[test]
fn a_clean_row_never_lowers_the_score_and_a_missing_column_does() {
    let dataset = dataset();
    for (mut lines, _) in objects() {
        let before = judged(&dataset, &lines).score;
        lines.push(CLEAN.to_owned());
        let with_clean = judged(&dataset, &lines).score;
        assert!(with_clean >= before, "{with_clean} {before} {lines:?}");
        lines.pop();
        lines.push(r#"{"n":5,"t":"x"}"#.to_owned());
        let with_missing = judged(&dataset, &lines).score;
        assert!(with_missing < with_clean, "{with_missing} {with_clean} {lines:?}");
    }
}
