//! Dynamic rules: `last(k)` and what is worked out of it, and anomalies against earlier objects.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::literal::arithmetic;
use super::{NumberCondition, Surroundings};
use crate::dqdl::{Condition, Operand};

/// Fewest earlier objects an anomaly can be told from.
const FEWEST: usize = 3;
/// Most earlier objects looked at for anomalies.
pub const MOST: usize = 100;

/// What a rule about earlier objects comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Dynamic {
    /// The condition can be worked out.
    Condition(NumberCondition),
    /// There is no earlier object to compare with.
    NoHistory,
}

/// Functions of `last(k)`: name, and how many numbers follow it.
const FUNCTIONS: [(&str, usize); 9] = [
    ("avg", 0),
    ("average", 0),
    ("std", 0),
    ("max", 0),
    ("min", 0),
    ("sum", 0),
    ("median", 0),
    ("percentile", 1),
    ("index", 1),
];

/// How many earlier objects a condition looks back at: the largest `k` of its `last(k)`, 0 without one.
///
/// # Errors
/// A call that means nothing.
pub fn reach(condition: &Condition) -> Result<usize, String> {
    let reach = Cell::new(0);
    for operand in condition.operands() {
        check(operand, &reach)?;
    }
    Ok(reach.get())
}

fn check(operand: &Operand, reach: &Cell<usize>) -> Result<(), String> {
    match operand {
        Operand::Arithmetic(left, _, right) => check(left, reach).and_then(|()| check(right, reach)),
        Operand::Parenthesized(inner) => check(inner, reach),
        Operand::Call { function, arguments } => {
            // Any values will do to see whether the call can be worked out.
            let values = |count: usize| {
                reach.set(reach.get().max(count));
                vec![1.0; count]
            };
            call(function, arguments, &values).map(|_| ())
        }
        _ => Ok(()),
    }
}

/// Works out a condition on the metric `name`.
///
/// # Errors
/// What cannot be worked out.
pub fn resolve(condition: &Condition, name: &str, surroundings: &Surroundings) -> Result<Dynamic, String> {
    let mut none = false;
    let mut value = |operand: &Operand| {
        arithmetic(operand, &mut |function, arguments| {
            let Some(runs) = &surroundings.history else {
                return Err("the measures of earlier objects are not known".to_owned());
            };
            let past = past(runs, name);
            if past.is_empty() {
                none = true;
                return Ok(1.0);
            }
            call(function, arguments, &|count| past.iter().copied().take(count).collect())
        })
    };
    let resolved = NumberCondition::compile(condition, &mut value)?;
    Ok(if none { Dynamic::NoHistory } else { Dynamic::Condition(resolved) })
}

fn past(runs: &[BTreeMap<String, f64>], name: &str) -> Vec<f64> {
    runs.iter().filter_map(|run| run.get(name).copied()).collect()
}

/// The value of `function(last(k), …)`; `last` gives the newest `k` values, newest first.
fn call(function: &str, arguments: &[Operand], last: &dyn Fn(usize) -> Vec<f64>) -> Result<f64, String> {
    if function == "last" {
        return match count(arguments)? {
            1 => last(1).first().copied().ok_or_else(|| "there is no earlier value".to_owned()),
            _ => Err("`last(k)` is a list; write avg(last(k)), max(last(k)), …".to_owned()),
        };
    }
    let Some((_, more)) = FUNCTIONS.iter().find(|(name, _)| *name == function) else {
        let names: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
        return Err(format!("there is no function `{function}`; there are last, {}", names.join(", ")));
    };
    let Some((Operand::Call { function: inner, arguments: counted }, rest)) = arguments.split_first() else {
        return Err(format!("`{function}` needs a list such as last(10)"));
    };
    if inner != "last" || rest.len() != *more {
        let shape = if *more == 0 { "(last(k))" } else { "(last(k), n)" };
        return Err(format!("`{function}` is written {function}{shape}"));
    }
    let number = rest.first().map(super::literal::constant).transpose()?;
    let mut values = last(count(counted)?);
    statistic(function, &mut values, number)
}

/// The `k` of `last(k)`.
fn count(arguments: &[Operand]) -> Result<usize, String> {
    match arguments {
        [Operand::Number(text)] => text.parse().ok().filter(|count| (1..=1_000).contains(count)),
        _ => None,
    }
    .ok_or_else(|| "`last` needs a whole number from 1 to 1000".to_owned())
}

fn statistic(function: &str, values: &mut [f64], number: Option<f64>) -> Result<f64, String> {
    let count = values.len() as f64;
    let sum: f64 = values.iter().sum();
    if function == "index" {
        let index = number.filter(|number| *number >= 0.0 && number.fract() == 0.0);
        let index = index.ok_or("`index` counts from 0, the newest")?;
        let found = values.get(index as usize).copied();
        return found.ok_or_else(|| format!("there are only {} earlier values", values.len()));
    }
    let mean = sum / count;
    let deviation = || (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    Ok(match function {
        "sum" => sum,
        "std" => deviation(),
        "avg" | "average" => mean,
        "max" => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        "min" => values.iter().copied().fold(f64::INFINITY, f64::min),
        "median" => percentile(values, 50.0),
        _ => {
            let percent = number.filter(|number| (0.0..=100.0).contains(number));
            percentile(values, percent.ok_or("`percentile` needs a number from 0 to 100")?)
        }
    })
}

/// The value below which so many percent of the values lie, between two neighbours in proportion.
fn percentile(values: &mut [f64], percent: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    super::numbers::quantile(values, percent / 100.0)
}

/// Whether `value` lies further from the mean of earlier values than three standard deviations; none: too few of them.
///
/// # Errors
/// When nothing is known of earlier objects.
pub fn is_anomaly(name: &str, value: f64, surroundings: &Surroundings) -> Result<Option<bool>, String> {
    let runs = surroundings.history.as_ref().ok_or("the measures of earlier objects are not known")?;
    let mut values = past(runs, name);
    values.truncate(MOST);
    if values.len() < FEWEST {
        return Ok(None);
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let deviation = statistic("std", &mut values, None)?;
    // A measure that never moved would otherwise make the smallest rounding an anomaly.
    let slack = mean.abs() * 1e-9;
    Ok(Some((value - mean).abs() > 3.0 * deviation + slack))
}
