//! What is printed reads as the same tree, and broken texts are refused or read faithfully.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod dice;

use datalake_core::dqdl::{
    ArithmeticOperator, Comparison, Condition, Connector, Duration, DurationUnit, Label, Need, Operand,
    OperandKind, Parameter, ParameterForm, Place, Quoted, RULE_TYPES, Range, Rule, RuleExpression, RuleInfo,
    Ruleset, Size, SizeUnit, Tag, Values, parse,
};
use dice::Dice;

fn quoted(text: String) -> Quoted {
    Quoted { text, place: Place::default() }
}

fn number(dice: &mut Dice, depth: usize) -> Operand {
    let operators = [
        ArithmeticOperator::Add,
        ArithmeticOperator::Subtract,
        ArithmeticOperator::Multiply,
        ArithmeticOperator::Divide,
    ];
    match dice.below(if depth > 2 { 2 } else { 5 }) {
        0 => Operand::Number(dice.one_of(&["0", "1", "-1", "2.5", "-0.75", "100"]).to_owned()),
        1 => Operand::Call { function: "last".to_owned(), arguments: vec![Operand::Number("3".to_owned())] },
        2 => Operand::Call {
            function: dice.one_of(&["avg", "index"]).to_owned(),
            arguments: vec![number(dice, depth + 1), Operand::Number("1".to_owned())],
        },
        3 => Operand::Parenthesized(Box::new(number(dice, depth + 1))),
        // The right side in parentheses: without them another tree would be meant.
        _ => Operand::Arithmetic(
            Box::new(Operand::Parenthesized(Box::new(number(dice, depth + 1)))),
            dice.one_of(&operators),
            Box::new(Operand::Parenthesized(Box::new(number(dice, depth + 1)))),
        ),
    }
}

fn operand(dice: &mut Dice, kind: OperandKind) -> Operand {
    let duration = Duration {
        amount: u32::try_from(dice.below(90)).unwrap(),
        unit: dice.one_of(&[DurationUnit::Days, DurationUnit::Hours, DurationUnit::Minutes]),
    };
    match kind {
        OperandKind::Number => number(dice, 0),
        OperandKind::Text | OperandKind::Keyword => Operand::Text(dice.text()),
        OperandKind::Duration => Operand::Duration(duration),
        OperandKind::Size => Operand::Size(Size {
            amount: u32::try_from(dice.below(2_000)).unwrap(),
            unit: dice.one_of(&[SizeUnit::B, SizeUnit::Kb, SizeUnit::Mb, SizeUnit::Gb, SizeUnit::Tb]),
        }),
        OperandKind::Moment => match dice.below(3) {
            0 => Operand::Now,
            1 => Operand::Text("2026-01-31".to_owned()),
            _ => Operand::NowOffset { later: dice.below(2) == 0, duration },
        },
    }
}

fn condition(dice: &mut Dice, kind: OperandKind) -> Condition {
    let negated = dice.below(2) == 0;
    let text = kind == OperandKind::Text;
    match dice.below(4) {
        0 if !text => {
            Condition::Between(Range { negated, low: operand(dice, kind), high: operand(dice, kind) })
        }
        1 => {
            let values = (0..=dice.below(3)).map(|_| operand(dice, kind)).collect();
            Condition::In { negated, values: Values::List(values) }
        }
        2 if text => {
            let pattern = dice.one_of(&["[a-z]+", "\\d{3}", "\"x\"", "a|b"]).to_owned();
            Condition::Matches { negated, pattern: quoted(pattern) }
        }
        _ => {
            let all = if text { &Comparison::ALL[..2] } else { &Comparison::ALL };
            Condition::Compare(dice.one_of(all), operand(dice, kind))
        }
    }
}

fn rule(dice: &mut Dice, info: &RuleInfo) -> Rule {
    let (fewest, most) = info.parameters;
    let count = fewest + dice.below(most.min(fewest + 2) - fewest + 1);
    let parameter = |dice: &mut Dice| Parameter {
        connector: dice.one_of(&[None, None, Some(Connector::Of), Some(Connector::And)]),
        form: match dice.below(2) {
            0 => ParameterForm::Bare(dice.one_of(&["a", "data.temperature", "_x", "2nd"]).to_owned()),
            _ => {
                // Any text but one that is no pattern, where a pattern is meant.
                let text = if info.word.ends_with("Pattern") { "a.*".to_owned() } else { dice.text() };
                ParameterForm::Quoted(quoted(text))
            }
        },
        place: Place::default(),
    };
    let asks = info.condition != Need::None && !(info.word == "FileMatch" && count == 2);
    let kind = (asks && !info.kinds.is_empty()).then(|| dice.one_of(info.kinds));
    // Of files, texts are days and times.
    let kind = kind.map(|kind| if info.word == "FileFreshness" { OperandKind::Moment } else { kind });
    let condition = kind.map(|kind| condition(dice, kind));
    let labels = (0..dice.below(3)).map(|at| Label { key: format!("k{at}"), value: dice.text() }).collect();
    let threshold = info.threshold && dice.below(2) == 0;
    let tags = if threshold {
        vec![Tag {
            name: "threshold".to_owned(),
            condition: Condition::Compare(Comparison::Greater, Operand::Number("0.5".to_owned())),
        }]
    } else {
        Vec::new()
    };
    let filter = (info.filter && dice.below(3) == 0).then(|| quoted("a = 'x' or b > 1".to_owned()));
    Rule {
        rule_type: info.rule_type,
        parameters: (0..count).map(|_| parameter(dice)).collect(),
        condition,
        filter,
        labels,
        tags,
        place: Place::default(),
    }
}

fn expression(dice: &mut Dice, depth: usize) -> RuleExpression {
    let parts = |dice: &mut Dice| (0..2 + dice.below(2)).map(|_| expression(dice, depth + 1)).collect();
    match dice.below(if depth > 2 { 1 } else { 6 }) {
        3 => RuleExpression::And(parts(dice)),
        4 => RuleExpression::Or(parts(dice)),
        5 => {
            let labels = vec![Label { key: "k".to_owned(), value: dice.text() }];
            RuleExpression::Labelled(Box::new(expression(dice, depth + 1)), labels)
        }
        _ => {
            let info = loop {
                let info = &RULE_TYPES[dice.below(RULE_TYPES.len())];
                if info.rule {
                    break info;
                }
            };
            RuleExpression::Rule(Box::new(rule(dice, info)))
        }
    }
}

#[test]
fn what_is_printed_reads_as_the_same_tree() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..3_000 {
        let rules = (0..=dice.below(3)).map(|_| expression(&mut dice, 0)).collect();
        let tree = Ruleset { rules, ..Ruleset::default() };
        let text = tree.to_string();
        assert_eq!(parse(&text).as_ref(), Ok(&tree), "{text}");
    }
}

/// Texts of the corpus with characters changed, taken away and added: whatever is read is printed and read again as the same
/// tree, and nothing panics, in the language and in its SQL.
#[test]
fn broken_texts_are_refused_or_read_faithfully() {
    break_texts(20_000, 0x5eed_5eed);
}

/// The same for some minutes, by name: `cargo test -p datalake-core --release long_ -- --ignored`.
#[test]
#[ignore = "takes minutes"]
fn long_broken_texts() {
    for seed in 1..=100 {
        break_texts(200_000, seed);
    }
}

fn break_texts(rounds: u32, seed: u64) {
    let corpus: Vec<&str> = include_str!("corpus/accepted_rules.txt").lines().collect();
    let pieces = [
        "\"", "(", ")", "[", "]", ",", "and ", "not ", "-", "1", " ", "where ", "$", "=", "#", "'", "é", "\\",
    ];
    let mut dice = Dice(seed);
    let mut read = 0;
    for _ in 0..rounds {
        let mut text: Vec<char> = dice.one_of(&corpus).chars().collect();
        for _ in 0..=dice.below(2) {
            let at = dice.below(text.len().max(1));
            let piece = dice.one_of(&pieces);
            match dice.below(3) {
                0 if at < text.len() => drop(text.remove(at)),
                1 if at < text.len() => drop(text.splice(at..=at, piece.chars())),
                _ => drop(text.splice(at..at, piece.chars())),
            }
        }
        let text: String = text.into_iter().collect();
        let _ = datalake_core::sql::parse_predicate(&text);
        let document = format!("Rules = [ {text} ]");
        if let Ok(tree) = parse(&document) {
            assert_eq!(parse(&tree.to_string()).as_ref(), Ok(&tree), "{document}");
            read += 1;
        }
    }
    assert!(read > rounds / 20, "{read} texts were read");
}
