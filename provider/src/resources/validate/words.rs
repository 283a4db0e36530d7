//! Names and words a user chooses, held to the narrowest alphabet of all the services that get them.

use std::ops::RangeInclusive;

use crate::names::LONGEST_NAME;

/// Longest name of a dataset: Athena shows it whole, and keys keep room for file names.
const LONGEST_DATASET: usize = 63;
/// Longest classification: it goes into a column's comment, which Glue cuts at 255.
const LONGEST_CLASSIFICATION: usize = 64;
/// Longest name of a rule: it stands in every reason it gives.
const LONGEST_RULE: usize = 64;
/// What a check may weigh in the score; a weight of 0 leaves it out.
pub const WEIGHTS: RangeInclusive<u32> = 0..=1_000;
/// Beginnings that S3 or EventBridge keep for AWS.
const RESERVED_BEGINNINGS: [&str; 4] = ["amzn-", "aws-", "sthree-", "xn-"];
/// Names that exist already: Athena's own workgroup, Glue's own database.
const TAKEN: [&str; 3] = ["aws", "default", "primary"];

/// A pipeline's name: a part of the names of buckets, roles, queues and a database.
///
/// # Errors
/// What is wrong with it.
pub fn pipeline_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    if !(2..=LONGEST_NAME).contains(&length) {
        return Err(format!(
            "`{name}` has {length} characters; a name has 2 to {LONGEST_NAME}, so that bucket names fit S3's 63"
        ));
    }
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return Err(format!(
            "`{name}` may hold lower-case letters, digits and hyphens only, as bucket names do"
        ));
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || name.ends_with('-') || name.contains("--") {
        return Err(format!(
            "`{name}` must begin with a letter, end with a letter or digit and have no two hyphens in a row"
        ));
    }
    if let Some(beginning) = RESERVED_BEGINNINGS.iter().find(|beginning| name.starts_with(**beginning)) {
        return Err(format!("`{name}` begins with `{beginning}`, which AWS keeps for itself"));
    }
    if TAKEN.contains(&name) {
        return Err(format!("`{name}` is the name of something AWS makes itself; choose another"));
    }
    Ok(())
}

/// A dataset's name: a table and a folder.
///
/// # Errors
/// What is wrong with it.
pub fn dataset_name(name: &str) -> Result<(), String> {
    if !(1..=LONGEST_DATASET).contains(&name.len()) {
        return Err(format!(
            "the name of a dataset has 1 to {LONGEST_DATASET} characters, not {}",
            name.len()
        ));
    }
    let alphabet = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !alphabet || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(format!(
            "`{name}` becomes a table: it must begin with a lower-case letter and hold lower-case letters, digits and `_` only"
        ));
    }
    Ok(())
}

/// A rule's name, by which reasons and results call it.
///
/// # Errors
/// What is wrong with it.
pub fn rule_name(name: &str) -> Result<(), String> {
    let fits = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if fits && (1..=LONGEST_RULE).contains(&name.len()) {
        return Ok(());
    }
    Err(format!(
        "`{name}` is not a name of 1 to {LONGEST_RULE} letters, digits and - _ .; results call the rule by it"
    ))
}

/// A processor architecture, as Lambda names them.
///
/// # Errors
/// What is wrong with it.
pub fn architecture(word: &str) -> Result<(), String> {
    match word {
        "x86_64" | "arm64" => Ok(()),
        _ => Err(format!("`{word}` is none of `x86_64`, `arm64`")),
    }
}

/// A classification of a column.
///
/// # Errors
/// What is wrong with it.
pub fn classification(word: &str) -> Result<(), String> {
    let fits = word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/".contains(c));
    if fits && (1..=LONGEST_CLASSIFICATION).contains(&word.len()) {
        return Ok(());
    }
    Err(format!(
        "`{word}` is not one word of 1 to {LONGEST_CLASSIFICATION} letters, digits and - _ . : /, such as `pii`"
    ))
}

/// A region of AWS.
///
/// # Errors
/// What is wrong with it.
pub fn region(region: &str) -> Result<(), String> {
    let mut parts = region.rsplit('-');
    let number =
        parts.next().is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let words: Vec<&str> = parts.collect();
    let fits = words.len() >= 2
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()));
    if number && fits {
        Ok(())
    } else {
        Err(format!("`{region}` is not a region's name, such as `eu-west-1`"))
    }
}

/// An account of AWS.
///
/// # Errors
/// What is wrong with it.
pub fn account(id: &str) -> Result<(), String> {
    if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(format!("`{id}` is not the id of an account: twelve digits, such as `123456789012`"))
}
