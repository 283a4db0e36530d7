//! Measures of a whole object against an engine that is not ours: DuckDB reads the same file and works out the same numbers.

use std::fmt::Write as _;

use datalake_core::engine::{CompiledDataset, ObjectFacts, judge};
use serde_json::{Value, json};
use xtask::error::{Error, Result};
use xtask::progress::Progress;
use xtask::repo::Repo;
use xtask::tools::Tools;

const ROWS: u64 = 20_000;
/// A rule's measure, and what it is in SQL (as in Deequ, a row whose named columns are all null is of no kind) over the table `t` with the columns `id`, `n`, `x`, `s` and `u`.
const MEASURES: [(&str, &str); 27] = [
    ("RowCount > 0", "count(*)"),
    ("RowCount > 0 where \"n > 10 and s <> 'c'\"", "count(*) filter (where n > 10 and s <> 'c')"),
    ("Completeness \"x\" > 0", "count(x) / count(*)"),
    (
        "Completeness \"x\" > 0 where \"n > 10\"",
        "count(x) filter (where n > 10) / count(*) filter (where n > 10)",
    ),
    ("Mean \"x\" > 0", "avg(x)"),
    ("Mean \"n\" > 0", "avg(n)"),
    ("Mean \"x\" > 0 where \"s in ('a', 'b')\"", "avg(x) filter (where s in ('a', 'b'))"),
    ("Sum \"n\" > 0", "sum(n)"),
    ("Sum \"x\" > 0", "fsum(x)"),
    ("StandardDeviation \"x\" > 0", "stddev_pop(x)"),
    ("StandardDeviation \"n\" > 0", "stddev_pop(n)"),
    ("Variance \"x\" > 0", "var_pop(x)"),
    ("Kurtosis \"x\" > 0", "kurtosis_pop(x)"),
    (
        "Skewness \"x\" > 0",
        "(select avg(power(x - m, 3)) / power(avg(power(x - m, 2)), 1.5) from t, (select avg(x) m from t))",
    ),
    ("ColumnCorrelation \"n\" \"x\" > 0", "corr(n, x)"),
    ("Range \"x\" > 0", "max(x) - min(x)"),
    ("InterquartileRange \"x\" > 0", "quantile_cont(x, 0.75) - quantile_cont(x, 0.25)"),
    ("ZerosCount \"n\" > 0", "count(*) filter (where n = 0)"),
    ("DistinctValuesCount \"id\" > 0", "count(distinct id)"),
    ("DistinctValuesCount \"n\" > 0", "count(distinct n) + 1"),
    (
        "Uniqueness \"u\" > 0",
        "(select count(*) from (select u from t where u is not null group by u having count(*) = 1)) / count(u)",
    ),
    (
        "UniqueValueRatio \"u\" > 0",
        "(select count(*) from (select u from t where u is not null group by u having count(*) = 1)) / count(distinct u)",
    ),
    (
        "Entropy \"n\" > 0",
        "(select -sum(c / a * ln(c / a)) from (select count(*) c from t where n is not null group by n), (select count(n) a from t))",
    ),
    ("Entropy \"s\" > 0", "entropy(s) * ln(2)"),
    (
        "DuplicateRowCount \"n\" \"s\" > 0",
        "count(coalesce(cast(n as varchar), s)) - (select count(*) from (select distinct n, s from t where n is not null or s is not null))",
    ),
    ("ColumnValues \"n\" > 5 with threshold > 0", "count(*) filter (where n > 5) / count(*)"),
    ("ColumnLength \"s\" = 1 with threshold > 0", "count(*) filter (where length(s) = 1) / count(*)"),
];

/// The same rows wherever this runs: whole numbers around 0 with repeats, fractions, few texts, and many that occur once.
fn rows() -> String {
    let (mut state, mut text) = (0x2545_f491_4f6c_dd1d_u64, String::new());
    let mut below = |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    for id in 0..ROWS {
        let whole = below(60) as i64 - 20;
        let fraction = below(1_000_000) as f64 / 977.0 - 300.0;
        let word = ["a", "b", "c", "dd", "é"][below(5) as usize];
        let many = below(ROWS);
        let pick = |missing: u64, value: String| if missing == 0 { "null".to_owned() } else { value };
        let n = pick(below(11), whole.to_string());
        let x = pick(below(13), fraction.to_string());
        let s = pick(below(17), format!("\"{word}\""));
        let u = pick(below(19), format!("\"u{many}\""));
        let _ = writeln!(text, "{{\"id\":{id},\"n\":{n},\"x\":{x},\"s\":{s},\"u\":{u}}}");
    }
    text
}

/// What the engine measures, in the order of [`MEASURES`].
fn ours(rows: &str) -> Result<Vec<f64>> {
    let rules: Vec<&str> = MEASURES.iter().map(|(rule, _)| *rule).collect();
    let spec = json!({
        "format": "ndjson", "prefix": "x/", "compression": "none",
        "columns": {
            "id": {"type": "bigint"}, "n": {"type": "bigint"}, "x": {"type": "double"}, "s": {"type": "string"},
            "u": {"type": "string"},
        },
        "quality": {"threshold_percent": 0.0, "ruleset": format!("Rules = [ {} ]", rules.join(",\n"))},
        "output": {"partition_by": [], "compression": "none"},
    });
    let spec = serde_json::from_value(spec).map_err(|error| Error::new(error.to_string()))?;
    let dataset =
        CompiledDataset::compile("x", &spec).map_err(|problems| Error::new(format!("{problems:?}")))?;
    let facts = ObjectFacts { process_id: "p", key: "x.ndjson", size_bytes: rows.len() as u64 };
    let (verdict, _) =
        judge(&dataset, facts, rows.as_bytes()).map_err(|error| Error::new(error.to_string()))?;
    let value = |rule: &datalake_core::verdict::RuleOutcome| {
        let value = rule.evaluated_metrics.values().next().copied();
        value.ok_or_else(|| Error::new(format!("{}: {}", rule.evaluated_rule, rule.message)))
    };
    verdict.dataset_rules.iter().map(value).collect()
}

/// What DuckDB measures, in the same order.
fn theirs(rows: &str) -> Result<Vec<f64>> {
    let repo = Repo::find()?;
    let folder = repo.work_dir("test-aggregates")?;
    let file = folder.join("rows.ndjson");
    std::fs::write(&file, rows).map_err(|error| Error::new(error.to_string()))?;
    let columns = "{id: 'BIGINT', n: 'BIGINT', x: 'DOUBLE', s: 'VARCHAR', u: 'VARCHAR'}";
    let selected: Vec<String> = MEASURES.iter().map(|(_, sql)| format!("cast({sql} as double)")).collect();
    let script = format!(
        "import duckdb, json\nduckdb.sql(\"set enable_progress_bar = false\")\n\
         duckdb.sql(\"create table t as from read_json('{}', format = 'newline_delimited', columns = {columns})\")\n\
         print(json.dumps(duckdb.sql({}).fetchall()[0]))",
        file.display(),
        json!(format!("select {} from t", selected.join(", "))),
    );
    let venv = Tools::find(&repo)?.cloud(&Progress::default())?;
    let answer = venv.python().arg("-c").arg(script).text()?;
    let values: Vec<Value> =
        serde_json::from_str(&answer).map_err(|error| Error::new(format!("{answer}: {error}")))?;
    let number = |value: &Value| value.as_f64().ok_or_else(|| Error::new(format!("no number: {answer}")));
    values.iter().map(number).collect()
}

#[test]
fn measures_are_those_of_duckdb() -> Result {
    let rows = rows();
    let (ours, theirs) = (ours(&rows)?, theirs(&rows)?);
    assert_eq!((ours.len(), theirs.len()), (MEASURES.len(), MEASURES.len()));
    let close = |left: f64, right: f64| (left - right).abs() <= 1e-9 * right.abs().max(1.0);
    let wrong: Vec<String> = MEASURES
        .iter()
        .zip(ours.iter().zip(&theirs))
        .filter(|(_, (left, right))| !close(**left, **right))
        .map(|((rule, _), (left, right))| format!("{rule}: {left}, and DuckDB says {right}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
