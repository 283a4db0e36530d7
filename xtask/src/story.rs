//! The story of one object, as its item in the metadata table tells it.

use std::fmt::Write as _;

use serde_json::Value;

use crate::table::number;

/// What happened to one version of one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    item: Value,
}

/// One refused row, as its line in the quarantine bucket tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// Line in the source, from 1.
    pub line: u64,
    /// Rule, column and message of everything that is wrong with it.
    pub reasons: Vec<[String; 3]>,
}

impl Story {
    /// Reads an item; none when it is about something else (a counter, a pointer).
    #[must_use]
    pub fn from_item(item: &Value) -> Option<Self> {
        item["Status"].is_string().then(|| Self { item: item.clone() })
    }

    /// The item itself.
    #[must_use]
    pub fn item(&self) -> &Value {
        &self.item
    }

    /// Text of an attribute; empty when there is none.
    #[must_use]
    pub fn text(&self, attribute: &str) -> &str {
        self.item[attribute].as_str().unwrap_or_default()
    }

    /// `RECEIVED`, `VALIDATING`, `VALIDATED`, `QUARANTINED`, `REPLAYED`, `SUPERSEDED` or `OBJECT_MISSING`.
    #[must_use]
    pub fn status(&self) -> &str {
        self.text("Status")
    }

    /// The object's key.
    #[must_use]
    pub fn key(&self) -> &str {
        self.text("key")
    }

    /// Rows of a kind: `total`, `good` or `quarantined`.
    #[must_use]
    pub fn rows(&self, kind: &str) -> u64 {
        let rows = &self.item["rows"][kind];
        // Numbers of DynamoDB may come back as decimals.
        rows.as_u64().or_else(|| rows.as_f64().map(|rows| rows as u64)).unwrap_or(0)
    }

    /// The object's score, once it is judged.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        self.item["qualityScore"].as_f64()
    }

    /// Whether nothing more will happen to it: it has its outcome, and a verdict has been counted.
    #[must_use]
    pub fn finished(&self) -> bool {
        match self.status() {
            "RECEIVED" | "VALIDATING" => false,
            "VALIDATED" | "QUARANTINED" => self.counted(),
            _ => true,
        }
    }

    /// Whether its verdict is in the counters and metrics.
    #[must_use]
    pub fn counted(&self) -> bool {
        self.item["qualitySent"].as_bool().unwrap_or(false) || self.item["countedHour"].is_string()
    }

    /// Where a result lies: `validated`, `quarantinedRows` or `quarantinedObject`.
    #[must_use]
    pub fn destination(&self, kind: &str) -> Option<&str> {
        self.item["destinations"][kind].as_str()
    }

    /// Where its rows went, for people.
    #[must_use]
    pub fn destinations(&self) -> String {
        let kinds = ["validated", "quarantinedRows", "quarantinedObject"];
        let found: Vec<&str> = kinds.iter().filter_map(|kind| self.destination(kind)).collect();
        if found.is_empty() { "-".to_owned() } else { found.join(" ") }
    }

    /// Everything a person asks, a line each.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = format!("{}: {}\n", self.key(), self.verdict());
        let mut line = |name: &str, value: &str| {
            if !value.is_empty() {
                let _ = writeln!(text, "  {name:<12}{value}");
            }
        };
        line("dataset", self.text("dataset"));
        line(
            "received",
            &format!("{} (s3://{}/{})", self.text("Timestamp"), self.text("bucket"), self.key()),
        );
        line("version", self.text("versionId"));
        line("process id", self.text("ProcessId"));
        line("replay of", self.item["replay"]["processId"].as_str().unwrap_or_default());
        line("replaced by", self.text("replacedBy"));
        if let Some(score) = self.score() {
            let (total, good, bad) = (self.rows("total"), self.rows("good"), self.rows("quarantined"));
            line(
                "validated",
                &format!("{total} rows, {good} good, {bad} quarantined, score {}", number(score)),
            );
        }
        line("accepted", self.destination("validated").unwrap_or_default());
        line("refused", self.destination("quarantinedRows").unwrap_or_default());
        line("object", self.destination("quarantinedObject").unwrap_or_default());
        line("failed", &self.failed_rules());
        line("counted", self.counted_in());
        line("updated", self.text("UpdatedAt"));
        text
    }

    fn verdict(&self) -> String {
        let reason = &self.item["objectReason"];
        match (reason["code"].as_str(), reason["message"].as_str()) {
            (Some(code), Some(message)) => format!("{} ({code}: {message})", self.status()),
            _ => self.status().to_owned(),
        }
    }

    fn counted_in(&self) -> &str {
        match (self.text("countedHour"), self.counted()) {
            ("", true) => "yes",
            ("", false) => "not yet",
            (hour, _) => hour,
        }
    }

    fn failed_rules(&self) -> String {
        let rules = self.item["failedRules"].as_object().into_iter().flatten();
        let about_rows = rules.map(|(rule, rows)| format!("{rule} ({rows})"));
        let failures = self.item["ruleFailures"].as_array().into_iter().flatten();
        let about_object = failures.filter(|failure| failure["rows"].is_null()).map(|failure| {
            let word = |name: &str| failure[name].as_str().unwrap_or_default();
            format!("{} ({}, {})", word("rule"), word("severity"), word("action"))
        });
        about_rows.chain(about_object).collect::<Vec<_>>().join(", ")
    }
}

impl RefusedRow {
    /// Reads the lines of a quarantined object's rows.
    #[must_use]
    pub fn from_ndjson(text: &str) -> Vec<Self> {
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .map(|row| Self::from_value(&row))
            .collect()
    }

    fn from_value(row: &Value) -> Self {
        let reason = |reason: &Value| {
            ["rule", "column", "message"].map(|part| reason[part].as_str().unwrap_or_default().to_owned())
        };
        let reasons = row["reasons"].as_array().into_iter().flatten().map(reason).collect();
        Self { line: row["line"].as_u64().unwrap_or(0), reasons }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn item() -> Value {
        json!({
            "ProcessId": "ab", "Timestamp": "2026-01-31T12:00:00.000Z", "Status": "VALIDATED", "UpdatedAt": "2026-01-31T12:00:01.000Z",
            "dataset": "readings", "bucket": "raw", "key": "input/readings/a.json", "qualityScore": 83.33,
            "rows": {"total": 6, "good": 4.0, "quarantined": 2}, "failedRules": {"id is required": 1},
            "ruleFailures": [
                {"name": "Rule_1", "rule": "RowCount > 9", "result": "FAIL", "severity": "warning", "action": "warn"},
                {"name": "id is required", "rule": "id is required", "result": "FAIL", "severity": "error", "action": "drop_row", "rows": 1},
            ],
            "destinations": {"validated": "s3://processed/validated/readings/", "quarantinedRows": "s3://q/rows.ndjson"},
            "countedHour": "2026-01-31T12", "replay": {"processId": "cd", "dataset": "readings", "acceptedRows": 2}
        })
    }

    #[test]
    fn a_story_is_told() {
        let story = Story::from_item(&item()).unwrap();
        assert_eq!((story.rows("good"), story.rows("quarantined"), story.finished()), (4, 2, true));
        let text = story.describe();
        for part in [
            "input/readings/a.json: VALIDATED",
            "6 rows, 4 good, 2 quarantined, score 83.33",
            "id is required (1), RowCount > 9 (warning, warn)",
            "replay of   cd",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn when_it_is_finished() {
        let cases = [
            ("RECEIVED", json!(null), false),
            ("VALIDATED", json!(null), false),
            ("QUARANTINED", json!("2026-01-31T12"), true),
            ("SUPERSEDED", json!(null), true),
            ("REPLAYED", json!(null), true),
        ];
        for (status, hour, expected) in cases {
            let mut item = item();
            item["Status"] = json!(status);
            item["countedHour"] = hour;
            assert_eq!(Story::from_item(&item).unwrap().finished(), expected, "{status}");
        }
        assert_eq!(Story::from_item(&json!({"ProcessId": "pointer"})), None);
    }

    #[test]
    fn refused_rows() {
        let text = "{\"line\": 3, \"reasons\": [{\"rule\": \"maximum\", \"column\": \"t\", \"message\": \"75 > 60\"}]}\nnot json\n";
        let rows = RefusedRow::from_ndjson(text);
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].line, rows[0].reasons[0][2].as_str()), (3, "75 > 60"));
    }
}
