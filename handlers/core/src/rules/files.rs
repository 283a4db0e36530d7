//! Rules about the object as a file: its size, its age, its digest.

use super::{NumberCondition, Surroundings};
use crate::columns::{parse_date, parse_time_of_day, parse_timestamp};
use crate::dqdl::{Condition, Operand, OperandKind, Rule, RuleType};

const DAY: i64 = 86_400_000;
/// Digests that can be asked for.
const ALGORITHMS: [&str; 3] = ["MD5", "SHA-1", "SHA-256"];

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
            _ => modified(condition),
        }
    }

    /// Whether the object satisfies it, and what was measured.
    ///
    /// # Errors
    /// What is not known of the object.
    pub fn evaluate(&self, surroundings: &Surroundings) -> Result<(bool, String), String> {
        let file = &surroundings.file;
        let modified = || file.last_modified.ok_or("it is not known when the object was last modified");
        match self {
            Self::Size(condition) => {
                let bytes = file.size_bytes.ok_or("the size of the object is not known")?;
                Ok((condition.holds(bytes as f64), format!("{bytes} B")))
            }
            Self::Modified(condition) => {
                let modified = modified()?;
                let mut value =
                    |operand: &Operand| moment(operand, surroundings.now).map(|moment| moment as f64);
                let holds = NumberCondition::compile(condition, &mut value)?.holds(modified as f64);
                Ok((holds, format!("modified {}", crate::columns::format_date((modified / DAY) as i32))))
            }
            Self::ModifiedAt(condition) => {
                let minutes = modified()?.rem_euclid(DAY) / 60_000;
                Ok((
                    condition.holds(minutes as f64),
                    format!("modified at {:02}:{:02}", minutes / 60, minutes % 60),
                ))
            }
            Self::Digest { algorithm, among, negated } => {
                let found = file.digests.get(*algorithm).ok_or("the digest of the object is not known")?;
                Ok((among.contains(found) != *negated, found.clone()))
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
