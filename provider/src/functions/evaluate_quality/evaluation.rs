//! The verdict as Terraform gets it: one object, its lists and maps always there.

use std::collections::{BTreeMap, HashMap};

use datalake_core::engine::OutputFile;
use datalake_core::events::RowCounts;
use datalake_core::verdict::{RuleOutcome, RuleResult, Verdict};
use serde::{Deserialize, Serialize};
use tf_provider::schema::Type;

/// Quarantined rows of which the reasons are told; all of them are counted.
const MOST_ROWS: usize = 1_000;
/// The verdict of a file that is not refused.
const PASSED: &str = "passed";

/// What was found.
#[derive(Debug, Serialize)]
pub struct Evaluation {
    passed: bool,
    verdict: String,
    message: Option<String>,
    score: f64,
    rows: Rows,
    failed_rules: BTreeMap<String, u64>,
    object_rules: Vec<ObjectRule>,
    reasons: Vec<Reason>,
}

#[derive(Debug, Serialize)]
struct Rows {
    total: u64,
    good: u64,
    quarantined: u64,
    dropped: u64,
}

#[derive(Debug, Serialize)]
struct ObjectRule {
    name: String,
    rule: String,
    result: RuleResult,
    message: String,
}

#[derive(Debug, Serialize)]
struct Reason {
    line: u64,
    column: String,
    rule: String,
    message: String,
}

/// What is read of a line of the quarantine.
#[derive(Deserialize)]
struct Quarantined {
    line: u64,
    reasons: Vec<QuarantineReason>,
}

#[derive(Deserialize)]
struct QuarantineReason {
    column: String,
    rule: String,
    message: String,
}

impl Evaluation {
    /// Its type.
    pub(super) fn schema() -> Type {
        let object = |members: &[(&str, Type)]| {
            let members = members.iter().map(|(name, member)| ((*name).to_owned(), member.clone()));
            Type::Object(members.collect::<HashMap<_, _>>())
        };
        let counts = ["total", "good", "quarantined", "dropped"].map(|name| (name, Type::Number));
        let rule = ["name", "rule", "result", "message"].map(|name| (name, Type::String));
        let reason = [
            ("line", Type::Number),
            ("column", Type::String),
            ("rule", Type::String),
            ("message", Type::String),
        ];
        object(&[
            ("passed", Type::Bool),
            ("verdict", Type::String),
            ("message", Type::String),
            ("score", Type::Number),
            ("rows", object(&counts)),
            ("failed_rules", Type::Map(Type::Number.into())),
            ("object_rules", Type::List(object(&rule).into())),
            ("reasons", Type::List(object(&reason).into())),
        ])
    }

    /// The verdict with the reasons that its result files hold.
    ///
    /// # Errors
    /// When the quarantine is not what the engine writes.
    pub(super) fn of(verdict: Verdict, files: &BTreeMap<OutputFile, Vec<u8>>) -> Result<Self, String> {
        let reason = verdict.object_reason;
        Ok(Self {
            passed: verdict.passed,
            verdict: reason.as_ref().map_or(PASSED, |reason| reason.code.as_str()).to_owned(),
            message: reason.map(|reason| reason.message),
            score: verdict.score,
            rows: rows(verdict.rows),
            failed_rules: verdict.failed_rules,
            object_rules: verdict.dataset_rules.into_iter().map(object_rule).collect(),
            reasons: reasons(files).map_err(|error| format!("its quarantine cannot be read: {error}"))?,
        })
    }
}

fn rows(counts: RowCounts) -> Rows {
    let RowCounts { total, good, quarantined, dropped } = counts;
    Rows { total, good, quarantined, dropped }
}

fn object_rule(outcome: RuleOutcome) -> ObjectRule {
    let RuleOutcome { name, evaluated_rule, result, message, .. } = outcome;
    ObjectRule { name, rule: evaluated_rule, result, message }
}

fn reasons(files: &BTreeMap<OutputFile, Vec<u8>>) -> Result<Vec<Reason>, serde_json::Error> {
    let quarantine = files.iter().filter(|(file, _)| matches!(file, OutputFile::Quarantine(_)));
    let lines = quarantine.flat_map(|(_, bytes)| bytes.split(|byte| *byte == b'\n'));
    let mut reasons = Vec::new();
    for line in lines.filter(|line| !line.is_empty()).take(MOST_ROWS) {
        let Quarantined { line, reasons: found } = serde_json::from_slice(line)?;
        reasons.extend(found.into_iter().map(|QuarantineReason { column, rule, message }| Reason {
            line,
            column,
            rule,
            message,
        }));
    }
    Ok(reasons)
}
