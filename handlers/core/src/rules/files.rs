//! Rules about the object as a file: its size, its age, its digest, and whether the dataset has it already.

use std::collections::BTreeMap;

use super::literal::constant;
use super::{NumberCondition, Surroundings};
use crate::columns::{parse_date, parse_time_of_day, parse_timestamp};
use crate::dqdl::{Condition, Operand, OperandKind, Rule, RuleType};

const DAY: i64 = 86_400_000;
/// Digests that can be asked for.
const ALGORITHMS: [&str; 3] = ["MD5", "SHA-1", "SHA-256"];

/// Names of the measures of uniqueness, as Glue has them.
const UNIQUENESS: &str = "Dataset.*.FileUniquenessRatio";
const FILES: &str = "Dataset.*.FileCount";

/// A rule about the object as a file.
#[derive(Debug)]
pub enum FileRule {
    /// Its size in bytes.
    Size(NumberCondition),
    /// When it was last modified.
    Modified(Condition),
    /// The time of day, in minutes of UTC, when it was last modified.
    ModifiedAt(NumberCondition),
    /// Its digest is among these, or (negated) not.
    Digest {
        /// The algorithm.
        algorithm: &'static str,
        /// Digests in lower case.
        among: Vec<String>,
        /// Whether it must not be.
        negated: bool,
    },
    /// The share of the dataset's files that are there once.
    Unique {
        /// How many files are looked at, this one and the newest others; none: all.
        recent: Option<usize>,
        /// Whether files of one name are the same, too.
        names: bool,
        /// What the share must satisfy.
        share: NumberCondition,
    },
}

/// What a rule came to.
#[derive(Debug)]
pub struct Found {
    /// Whether the object satisfies it.
    pub holds: bool,
    /// What was measured, in words.
    pub text: String,
    /// What was measured, by name.
    pub metrics: BTreeMap<String, f64>,
}

impl Found {
    fn new(holds: bool, text: String) -> Self {
        Self { holds, text, metrics: BTreeMap::new() }
    }
}

impl FileRule {
    /// Compiles a rule.
    ///
    /// # Errors
    /// What is wrong with it, or cannot be evaluated.
    pub fn compile(rule: &Rule) -> Result<Self, String> {
        let word = rule.rule_type.word();
        if !rule.parameters.is_empty() {
            return Err(format!(
                "`{word}` is about the object that arrived; other paths cannot be looked at"
            ));
        }
        for tag in &rule.tags {
            let known = match tag.name.as_str() {
                "threshold" => true,
                "hashAlgorithm" => rule.rule_type == RuleType::FileMatch,
                "recentFiles" | "matchFileName" => rule.rule_type == RuleType::FileUniqueness,
                "timeZone" => single_text(&tag.condition) == Some("UTC"),
                _ => false,
            };
            if !known {
                return Err(format!("`{word}` cannot be evaluated `{tag}`"));
            }
        }
        let condition = rule.condition.as_ref().ok_or("a condition is missing")?;
        match rule.rule_type {
            RuleType::FileSize => {
                let mut bytes = |operand: &Operand| match operand {
                    Operand::Size(size) => Ok(size.bytes()),
                    _ => Err("a size is written as `5 MB`".to_owned()),
                };
                NumberCondition::compile(condition, &mut bytes).map(Self::Size)
            }
            RuleType::FileMatch => digest(rule, condition),
            RuleType::FileUniqueness => unique(rule, condition),
            _ => modified(condition),
        }
    }

    /// Whether the object satisfies it, and what was measured.
    ///
    /// # Errors
    /// What is not known of the object.
    pub fn evaluate(&self, surroundings: &Surroundings) -> Result<Found, String> {
        let file = &surroundings.file;
        let modified = || file.last_modified.ok_or("it is not known when the object was last modified");
        match self {
            Self::Size(condition) => {
                let bytes = file.size_bytes.ok_or("the size of the object is not known")?;
                Ok(Found::new(condition.holds(bytes as f64), format!("{bytes} B")))
            }
            Self::Modified(condition) => {
                let modified = modified()?;
                let mut value =
                    |operand: &Operand| moment(operand, surroundings.now).map(|moment| moment as f64);
                let holds = NumberCondition::compile(condition, &mut value)?.holds(modified as f64);
                let day = crate::columns::format_date((modified / DAY) as i32);
                Ok(Found::new(holds, format!("modified {day}")))
            }
            Self::ModifiedAt(condition) => {
                let minutes = modified()?.rem_euclid(DAY) / 60_000;
                let text = format!("modified at {:02}:{:02}", minutes / 60, minutes % 60);
                Ok(Found::new(condition.holds(minutes as f64), text))
            }
            Self::Digest { algorithm, among, negated } => {
                let found = file.digests.get(*algorithm).ok_or("the digest of the object is not known")?;
                Ok(Found::new(among.contains(found) != *negated, found.clone()))
            }
            Self::Unique { recent, names, share } => {
                let siblings =
                    file.siblings.as_ref().ok_or("the other files of the dataset are not known")?.as_ref()?;
                let (files, alone) = siblings.count(*recent, *names);
                let ratio = alone as f64 / files as f64;
                let metrics = [(UNIQUENESS, ratio), (FILES, files as f64)];
                Ok(Found {
                    metrics: metrics.map(|(name, value)| (name.to_owned(), value)).into(),
                    ..Found::new(share.holds(ratio), format!("{alone} of {files} files"))
                })
            }
        }
    }
}

/// What a tag says, when it says one thing.
fn single_text(condition: &Condition) -> Option<&str> {
    match condition {
        Condition::Compare(crate::dqdl::Comparison::Equal, operand) => operand.text(),
        _ => None,
    }
}

fn digest(rule: &Rule, condition: &Condition) -> Result<FileRule, String> {
    let wanted = rule.tag("hashAlgorithm").map_or(Some("SHA-256"), single_text).unwrap_or_default();
    let algorithm = ALGORITHMS.into_iter().find(|known| known.eq_ignore_ascii_case(wanted));
    let algorithm =
        algorithm.ok_or_else(|| format!("there is no digest `{wanted}`; {}", ALGORITHMS.join(", ")))?;
    let texts: Option<Vec<String>> =
        condition.operands().into_iter().map(|operand| Some(operand.text()?.to_ascii_lowercase())).collect();
    let among = texts.filter(|texts| !texts.is_empty()).ok_or("`FileMatch` needs digests in quotes")?;
    let negated = match condition {
        Condition::In { negated, .. } => *negated,
        Condition::Compare(crate::dqdl::Comparison::Equal, _) => false,
        Condition::Compare(crate::dqdl::Comparison::NotEqual, _) => true,
        _ => return Err("`FileMatch` compares digests by =, != and in".to_owned()),
    };
    Ok(FileRule::Digest { algorithm, among, negated })
}

fn unique(rule: &Rule, condition: &Condition) -> Result<FileRule, String> {
    let recent = match rule.tag("recentFiles") {
        None => None,
        Some(Condition::Compare(crate::dqdl::Comparison::Equal, Operand::Number(text))) => {
            let files = text.parse().ok().filter(|files: &usize| *files > 0);
            Some(files.ok_or("`recentFiles` is a whole number from 1")?)
        }
        Some(_) => return Err("`recentFiles` is written `with recentFiles = 100`".to_owned()),
    };
    let names = match rule.tag("matchFileName").map(single_text) {
        None | Some(Some("false")) => false,
        Some(Some("true")) => true,
        Some(_) => return Err("`matchFileName` is \"true\" or \"false\"".to_owned()),
    };
    let share = NumberCondition::compile(condition, &mut constant)?;
    Ok(FileRule::Unique { recent, names, share })
}

fn modified(condition: &Condition) -> Result<FileRule, String> {
    if condition.kind() == OperandKind::Text {
        let mut minutes = |operand: &Operand| {
            operand.text().and_then(parse_time_of_day).map(f64::from).ok_or_else(|| "not a time".to_owned())
        };
        if let Ok(compiled) = NumberCondition::compile(condition, &mut minutes) {
            return Ok(FileRule::ModifiedAt(compiled));
        }
    }
    // Looked at once, so that what is wrong is known before any object arrives.
    NumberCondition::compile(condition, &mut |operand| moment(operand, Some(0)).map(|moment| moment as f64))?;
    Ok(FileRule::Modified(condition.clone()))
}

fn moment(operand: &Operand, now: Option<i64>) -> Result<i64, String> {
    let now = || now.ok_or_else(|| "the time is not known".to_owned());
    match operand {
        Operand::Now => now(),
        Operand::NowOffset { later, duration } => {
            let offset = duration.milliseconds();
            Ok(now()? + if *later { offset } else { -offset })
        }
        operand => operand
            .text()
            .and_then(|text| {
                parse_timestamp(text).or_else(|| parse_date(text).map(|days| i64::from(days) * DAY))
            })
            .ok_or_else(|| "expected dates such as \"2026-01-31\", now(), or times of day alone".to_owned()),
    }
}
