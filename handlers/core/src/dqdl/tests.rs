//! What holds for every text: printing is undone by parsing, and nothing makes the parser panic. The corpus of accepted and
//! refused texts lies in `tests/corpus`.

use super::*;

const ACCEPTED: &str = include_str!("../../tests/corpus/accepted_rules.txt");

fn rules() -> impl Iterator<Item = &'static str> {
    ACCEPTED.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[test]
fn any_two_accepted_rules_make_a_document() {
    let all: Vec<&str> = rules().collect();
    for (at, (first, second)) in all.iter().zip(all.iter().rev()).enumerate() {
        let separator = [",", " ,\n", ", # why\n", ",\r\n\t"][at % 4];
        let text = format!("# rules\nRules=[{first}{separator}{second},]");
        let parsed = parse(&text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        assert_eq!(parsed.rules.len(), 2, "{text}");
        assert_eq!(parse(&parsed.to_string()), Ok(parsed));
    }
}

#[test]
fn several_faults_are_named_at_once() {
    let errors = parse("Rules = [\n Oops 1,\n IsComplete \"a\",\n RowCount,\n IsUnique \"b\" > 1\n]")
        .expect_err("three faults");
    assert_eq!(errors.iter().map(|error| error.line).collect::<Vec<_>>(), [2, 4, 5]);
}

#[test]
fn a_place_inside_a_quoted_text_counts_its_escapes() {
    let parsed = parse_rule("RowCount > 0 where \"a = \\\"x\\\" or\nb = 1\"").unwrap();
    let RuleExpression::Rule(rule) = parsed else { panic!("one rule") };
    let filter = rule.filter.unwrap();
    let place = |word: &str| {
        let offset = filter.text[..filter.text.find(word).unwrap()].chars().count();
        filter.place_of(offset)
    };
    assert_eq!(place("a ="), (1, 21));
    assert_eq!(place("\"x"), (1, 25));
    assert_eq!(place("or"), (1, 31));
    assert_eq!(place("b ="), (2, 1));
}

#[test]
fn nothing_makes_the_parser_panic_or_run_for_ever() {
    for rule in rules() {
        for (at, _) in rule.char_indices() {
            let _ = parse_rule(&rule[..at]);
            let _ = parse(&rule[at..]);
        }
    }
    assert!(parse(&"(".repeat(60_000)).is_err());
    assert!(parse(&format!("Rules = [ {} ]", "(".repeat(40_000))).is_err());
    assert!(parse(&format!("Rules = [ RowCount > {} ]", "(".repeat(40_000))).is_err());
    assert!(parse(&format!("Rules = [ RowCount > {} ]", "-".repeat(40_000))).is_err());
    assert!(parse(&format!("Rules = [ RowCount > {}1 ]", "1+".repeat(20_000))).is_err());
    assert!(parse(&" ".repeat(70_000)).is_err());
}
