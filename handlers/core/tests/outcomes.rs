//! The corpus of rules, data and outcomes.

#![allow(clippy::unwrap_used, reason = "a case that cannot be read is a fault of the corpus")]

mod harness;

use datalake_core::rules::Capabilities;
use harness::{Data, agrees};

const CASES: &str = include_str!("corpus/outcomes.txt");

#[test]
fn rules_come_to_what_is_written() {
    let mut data = Data::default();
    let mut capabilities = Capabilities::ALL;
    let (mut cases, mut wrong) = (0, Vec::new());
    for (number, line) in CASES.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line == "@handlers" {
            capabilities = Capabilities::HANDLERS;
            continue;
        }
        if line.starts_with('@') {
            let (word, rest) = line.split_once(' ').unwrap();
            data.directive(word, rest);
            continue;
        }
        let (rule, expected) =
            line.rsplit_once(" => ").unwrap_or_else(|| panic!("line {}: no outcome", number + 1));
        let (section, rule) = match rule.strip_prefix("analyze ") {
            Some(analyzer) => ("Analyzers", analyzer),
            None => ("Rules", rule),
        };
        let found = data.run(&format!("{section} = [ {rule} ]"), capabilities, section == "Analyzers");
        cases += 1;
        if !agrees(&found, expected) {
            wrong.push(format!("line {}: {rule}\n  found    {found}\n  expected {expected}", number + 1));
        }
    }
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 400, "{cases} cases");
}

/// Every rule type has a text that is read and a case with its outcome (or its refusal).
#[test]
fn no_rule_type_is_left_out() {
    let texts = include_str!("corpus/accepted_rules.txt");
    let documents = include_str!("corpus/accepted_documents.txt");
    for info in &datalake_core::dqdl::RULE_TYPES {
        let begins = |line: &str| line.trim_start_matches("analyze ").split(' ').next() == Some(info.word);
        let read = if info.rule { texts.lines().any(begins) } else { documents.contains(info.word) };
        assert!(read, "{} is not among the accepted texts", info.word);
        assert!(CASES.lines().any(begins), "{} has no outcome", info.word);
    }
}

/// Every form of a condition, and what may follow a rule, has a case with its outcome.
#[test]
fn no_form_of_condition_is_left_out() {
    const FORMS: [&str; 58] = [
        " = ",
        " != ",
        " > ",
        " >= ",
        " < ",
        " <= ",
        " between ",
        " not between ",
        " in [",
        " not in [",
        " matches ",
        " not matches ",
        "= NULL",
        "!= NULL",
        "= EMPTY",
        "!= EMPTY",
        "= WHITESPACES_ONLY",
        "!= WHITESPACES_ONLY",
        "NULL]",
        "EMPTY]",
        "WHITESPACES_ONLY]",
        "now()",
        "(now() - ",
        "(now() + ",
        " days",
        " hours",
        " minutes",
        " B",
        " KB",
        " MB",
        " GB",
        " TB",
        " AM\"",
        "\"21:45\"",
        "\"2026-",
        "last(1)",
        "avg(last(",
        "average(last(",
        "std(last(",
        "max(last(",
        "min(last(",
        "sum(last(",
        "median(last(",
        "percentile(last(",
        "index(last(",
        " where ",
        "with threshold",
        ") and (",
        ") or (",
        " * ",
        " / ",
        " + ",
        " - ",
        "ignoreCase",
        "hashAlgorithm",
        "timeZone",
        "recentFiles",
        "matchFileName",
    ];
    let cases = || CASES.lines().filter(|line| !line.starts_with(['#', '@']));
    for form in FORMS {
        assert!(cases().any(|line| line.contains(form)), "`{form}` has no case");
    }
}
