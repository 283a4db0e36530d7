//! The corpus of accepted and refused texts of the rule language.

use datalake_core::dqdl::{parse, parse_rule};

const RULES: &str = include_str!("corpus/accepted_rules.txt");
const DOCUMENTS: &str = include_str!("corpus/accepted_documents.txt");
const REJECTED: &str = include_str!("corpus/rejected.txt");

fn rules() -> Vec<&'static str> {
    RULES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// Printed, an accepted rule reads as the same tree; printed again, as the same text.
#[test]
fn accepted_rules() {
    for rule in rules() {
        let parsed = parse_rule(rule).unwrap_or_else(|errors| panic!("{rule}: {errors:?}"));
        let printed = parsed.to_string();
        assert_eq!(parse_rule(&printed).as_ref(), Ok(&parsed), "{rule} printed as {printed}");
        let document = format!("Rules = [\n    {printed}\n]");
        let parsed = parse(&document).unwrap_or_else(|errors| panic!("{document}: {errors:?}"));
        assert_eq!(parsed.to_string(), document, "{rule}");
    }
}

#[test]
fn accepted_documents() {
    for document in DOCUMENTS.split("\n---\n") {
        let parsed = parse(document).unwrap_or_else(|errors| panic!("{document}: {errors:?}"));
        assert_eq!(parse(&parsed.to_string()), Ok(parsed), "{document}");
    }
}

/// Each case: `line:column part of the message`, then the text; cases are parted by `---`.
#[test]
fn rejected_texts_say_where_and_why() {
    let mut wrong = Vec::new();
    for case in REJECTED.split("\n---\n") {
        let (expected, text) = case.split_once('\n').unwrap_or((case, ""));
        let (place, part) = expected.split_once(' ').unwrap_or_else(|| panic!("no message: {case}"));
        match parse(text) {
            Ok(_) => wrong.push(format!("{text}\n  is accepted")),
            Err(errors) => {
                let found = format!("{}:{}", errors[0].line, errors[0].column);
                if found != place || !errors[0].message.contains(part) {
                    wrong.push(format!("{text}\n  {}\n  expected {expected}", errors[0]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} texts:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_corpus_is_as_large_as_is_said() {
    let accepted = rules().len() + DOCUMENTS.split("\n---\n").count();
    let rejected = REJECTED.split("\n---\n").count();
    assert!(accepted >= 300, "{accepted} accepted texts");
    assert!(rejected >= 150, "{rejected} rejected texts");
}
