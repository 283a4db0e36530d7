//! What holds for measures of every data, tried with many.

#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod dice;

use datalake_core::rules::{Measures, Rules, Value, judge, lower};
use datalake_core::verdict::RuleOutcome;
use dice::Dice;
use serde_json::json;

const RULES: &str = r#"Rules = [
    RowCount > 10, Completeness "t" > 0.5, Uniqueness "n" > 0.2, DistinctValuesCount "t" > 3, Entropy "n" > 1,
    Mean "n" > 1, Sum "n" > 1, Sum "x" > 1, StandardDeviation "x" > 1, Variance "x" > 1, Skewness "x" > 0,
    Kurtosis "x" > 0, ColumnCorrelation "n" "x" > 0.5, IsPrimaryKey "n" "t", DuplicateRowCount = 0,
    ColumnValues "n" > 5 with threshold > 0.5, Mean "x" > 1 where "n > 10", ZerosCount "n" < 5, Range "x" < 100,
    InterquartileRange "x" > 10
]"#;

type Row = (Option<i64>, Option<f64>, Option<String>);

fn rules() -> Rules {
    let spec = serde_json::from_value(json!({
        "format": "json", "prefix": "input/a/", "compression": "auto",
        "columns": {"n": {"type": "bigint"}, "t": {"type": "string"}, "x": {"type": "double"}},
        "quality": {"threshold_percent": 0.0, "ruleset": RULES},
        "output": {"partition_by": [], "compression": "zstd"},
    }))
    .unwrap();
    lower(&spec).unwrap()
}

fn rows(dice: &mut Dice) -> Vec<Row> {
    let row = |dice: &mut Dice| {
        let n = (dice.below(5) > 0).then(|| dice.below(40) as i64 - 5);
        let x = (dice.below(5) > 0).then(|| dice.below(100_000) as f64 / 977.0 - 20.0);
        let t = (dice.below(4) > 0).then(|| dice.text());
        (n, x, t)
    };
    (0..1 + dice.below(60)).map(|_| row(dice)).collect()
}

fn count(measures: &mut Measures, rules: &Rules, (n, x, t): &Row) {
    let row = [
        n.map_or(Value::Null, Value::Bigint),
        t.as_deref().map_or(Value::Null, Value::Text),
        x.map_or(Value::Null, Value::Double),
    ];
    measures.count(rules, Some(&row));
}

fn outcomes<'r>(rules: &Rules, rows: impl IntoIterator<Item = &'r Row>) -> Vec<RuleOutcome> {
    let mut measures = Measures::new(rules);
    rows.into_iter().for_each(|row| count(&mut measures, rules, row));
    judge(rules, &measures)
}

/// Neither the order of the rows nor how they are cut into parts can be seen in any outcome.
#[test]
fn order_and_split_do_not_show() {
    let rules = rules();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    for _ in 0..200 {
        let rows = rows(&mut dice);
        let expected = outcomes(&rules, &rows);
        let mut shuffled = rows.clone();
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, dice.below(at + 1));
        }
        close(&outcomes(&rules, &shuffled), &expected);
        let parts = 1 + dice.below(4);
        let mut measures: Vec<Measures> = (0..parts).map(|_| Measures::new(&rules)).collect();
        for row in &rows {
            count(&mut measures[dice.below(parts)], &rules, row);
        }
        let mut whole = measures.remove(0);
        measures.iter().for_each(|part| whole.merge(part));
        close(&judge(&rules, &whole), &expected);
    }
}

/// Measures that are written down and read again go on as if nothing had been.
#[test]
fn measures_can_be_put_away() {
    let rules = rules();
    let mut dice = Dice(0x0dd_ba11);
    let rows: Vec<Row> = (0..10).flat_map(|_| rows(&mut dice)).collect();
    let mut measures = Measures::new(&rules);
    for row in &rows {
        count(&mut measures, &rules, row);
        let written = serde_json::to_string(&measures).unwrap();
        measures = serde_json::from_str(&written).unwrap();
        assert_eq!(serde_json::to_string(&measures).unwrap(), written);
    }
    assert!(measures.fit(&rules));
    assert!(!measures.fit(&Rules::default()));
    close(&judge(&rules, &measures), &outcomes(&rules, &rows));
}

/// Results are equal, and measures to nine digits: a float that lies on the edge of twelve may fall to either side.
fn close(found: &[RuleOutcome], expected: &[RuleOutcome]) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.result, expected.result, "{}", expected.evaluated_rule);
        for (name, value) in &expected.evaluated_metrics {
            let other = found.evaluated_metrics[name];
            assert!((value - other).abs() <= 1e-9 * value.abs().max(1.0), "{name}: {value} and {other}");
        }
    }
}

/// Every measure is what its definition says, worked out the plain way: in two passes, by sorting, by counting pairs.
#[test]
fn measures_agree_with_their_definitions() {
    let rules = rules();
    let mut dice = Dice(0xdead_beef);
    for _ in 0..200 {
        let rows = rows(&mut dice);
        let outcomes = outcomes(&rules, &rows);
        let measured =
            |name: &str| outcomes.iter().find_map(|outcome| outcome.evaluated_metrics.get(name).copied());
        let n: Vec<f64> = rows.iter().filter_map(|row| row.0.map(|n| n as f64)).collect();
        let x: Vec<f64> = rows.iter().filter_map(|row| row.1).collect();
        let t: Vec<&str> = rows.iter().filter_map(|row| row.2.as_deref()).collect();
        let both: Vec<(f64, f64)> = rows.iter().filter_map(|row| Some((row.0? as f64, row.1?))).collect();
        let keyed: Vec<(Option<i64>, Option<&str>)> =
            rows.iter().map(|row| (row.0, row.2.as_deref())).filter(|key| *key != (None, None)).collect();
        let count = len(&n);
        let times = |number: f64| n.iter().filter(|other| **other == number).count() as f64;
        let alone = keyed.iter().filter(|key| keyed.iter().filter(|other| other == key).count() == 1).count();
        let mut different = t.clone();
        different.sort_unstable();
        different.dedup();
        let null = usize::from(t.len() < rows.len());
        let expected = [
            ("Dataset.*.RowCount", Some(rows.len() as f64)),
            ("Column.t.Completeness", Some(t.len() as f64 / rows.len() as f64)),
            ("Column.n.Uniqueness", mean(&n.iter().map(|n| f64::from(times(*n) == 1.0)).collect::<Vec<_>>())),
            ("Column.n.Entropy", mean(&n.iter().map(|n| -(times(*n) / count).ln()).collect::<Vec<_>>())),
            ("Column.t.DistinctValuesCount", Some((different.len() + null) as f64)),
            ("Multicolumn.n,t.Uniqueness", (!keyed.is_empty()).then(|| alone as f64 / keyed.len() as f64)),
            ("Column.n.Mean", mean(&n)),
            ("Column.n.Sum", mean(&n).map(|mean| mean * len(&n))),
            ("Column.x.Sum", mean(&x).map(|mean| mean * len(&x))),
            ("Column.x.Variance", central(&x, 2)),
            ("Column.x.StandardDeviation", central(&x, 2).map(f64::sqrt)),
            ("Multicolumn.n,x.ColumnCorrelation", correlation(&both)),
            ("Column.n.ZerosCount", (!n.is_empty()).then(|| times(0.0))),
        ];
        for (name, expected) in expected {
            match (measured(name), expected) {
                (Some(found), Some(expected)) => {
                    let slack = 1e-8 * expected.abs().max(1.0);
                    assert!((found - expected).abs() <= slack, "{name}: {found} is not {expected}");
                }
                (None, None) => {}
                // Of no numbers there are no zeros: either answer will do.
                (Some(0.0), None) if name.ends_with("ZerosCount") => {}
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}

fn len(numbers: &[f64]) -> f64 {
    numbers.len() as f64
}

fn mean(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / len(numbers))
}

/// A central moment, in two passes.
fn central(numbers: &[f64], power: i32) -> Option<f64> {
    let middle = mean(numbers)?;
    mean(&numbers.iter().map(|number| (number - middle).powi(power)).collect::<Vec<_>>())
}

fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (middle_x, middle_y) = (mean(&x)?, mean(&y)?);
    let product = mean(&pairs.iter().map(|(x, y)| (x - middle_x) * (y - middle_y)).collect::<Vec<_>>())?;
    let spread = (central(&x, 2)? * central(&y, 2)?).sqrt();
    (spread > 0.0).then(|| product / spread)
}

/// A row with every value, added, never lowers a completeness.
#[test]
fn a_clean_row_never_lowers_completeness() {
    let rules = rules();
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let completeness = |rows: &[Row]| outcomes(&rules, rows)[1].evaluated_metrics["Column.t.Completeness"];
    for _ in 0..200 {
        let mut rows = rows(&mut dice);
        let before = completeness(&rows);
        rows.insert(dice.below(rows.len() + 1), (Some(1), Some(1.0), Some("x".to_owned())));
        assert!(completeness(&rows) >= before);
    }
}
