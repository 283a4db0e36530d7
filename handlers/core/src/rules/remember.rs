//! What rules ask of earlier objects: the measures that have to be kept of each object, and of how many.

use std::collections::BTreeMap;

use super::history::{MOST, reach};
use super::{Measures, Metric, ObjectRule, Rules};

/// Most bytes of the measures of one dataset that may be kept together: half of what an item of DynamoDB holds.
const ROOM: usize = 200_000;
/// Bytes of a number and what stands round it, and of what names an object.
const NUMBER: usize = 32;
const OBJECT: usize = 128;
/// Objects kept beyond those looked back at, for those that are judged in another order than they arrived in.
const SPARE: usize = 20;

/// What the rules of a dataset look back at.
#[derive(Debug, Clone, PartialEq)]
pub struct LookBack<'a> {
    metrics: Vec<&'a Metric>,
    /// Most earlier objects that a rule looks at.
    pub objects: usize,
}

impl Rules {
    /// What the rules look back at, if any does.
    #[must_use]
    pub fn look_back(&self) -> Option<LookBack<'_>> {
        let mut found = LookBack { metrics: Vec::new(), objects: 0 };
        self.object_checks.iter().for_each(|check| found.add(&check.rule));
        (found.objects > 0).then_some(found)
    }
}

impl<'a> LookBack<'a> {
    fn add(&mut self, rule: &'a ObjectRule) {
        let (metric, objects) = match rule {
            ObjectRule::Metric(metric, condition) => (metric, reach(condition).unwrap_or(0)),
            ObjectRule::NoAnomaly(metric) => (metric, MOST),
            ObjectRule::All(parts) | ObjectRule::Any(parts) => {
                return parts.iter().for_each(|part| self.add(part));
            }
            _ => return,
        };
        if objects > 0 && !self.metrics.contains(&metric) {
            self.metrics.push(metric);
        }
        self.objects = self.objects.max(objects);
    }

    /// Names of the measures.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.metrics.iter().map(|metric| metric.name.as_str())
    }

    /// How many objects have to be remembered.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.objects + SPARE
    }

    /// The measures of one object, where they have a value that can be kept.
    #[must_use]
    pub fn measures(&self, measures: &Measures) -> BTreeMap<String, f64> {
        let value = |metric: &&Metric| Some((metric.name.clone(), metric.value(measures).ok()?));
        self.metrics.iter().filter_map(value).filter(|(_, value)| can_be_kept(*value)).collect()
    }

    /// Why this cannot be remembered.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let mut names: Vec<&str> = self.names().collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Some(format!(
                "two rules look back at different measures that are both called `{}`; only one of them can be remembered",
                pair[0]
            ));
        }
        let object = OBJECT + names.iter().map(|name| name.len() + NUMBER).sum::<usize>();
        (object * self.kept() > ROOM).then(|| {
            format!(
                "the rules look back at {} measures of {} objects, which is more than can be remembered; look back at fewer",
                names.len(),
                self.objects
            )
        })
    }
}

/// Whether DynamoDB has room for the number: it knows no infinity, and fewer magnitudes than a float.
fn can_be_kept(value: f64) -> bool {
    value == 0.0 || (1e-120..1e120).contains(&value.abs())
}

#[cfg(test)]
mod tests {
    use super::super::lower;
    use super::*;
    use serde_json::json;

    fn rules(ruleset: &str) -> Rules {
        let spec = serde_json::from_value(json!({
            "format": "json", "prefix": "input/a/", "compression": "auto", "columns": {"n": {"type": "bigint"}},
            "quality": {"threshold_percent": 0.0, "ruleset": format!("Rules = [ {ruleset} ]")},
            "output": {"partition_by": [], "compression": "zstd"},
        }))
        .unwrap();
        lower(&spec).unwrap()
    }

    #[test]
    fn what_is_looked_back_at() {
        let cases: &[(&str, Option<(usize, &[&str])>)] = &[
            ("RowCount > 1", None),
            ("RowCount > avg(last(3)) - max(last(7))", Some((7, &["Dataset.*.RowCount"]))),
            ("DetectAnomalies \"RowCount\", RowCount > last(1)", Some((100, &["Dataset.*.RowCount"]))),
            (
                "(Mean \"n\" > 1) or ((Sum \"n\" > last(1)) and (RowCount > min(last(2))))",
                Some((2, &["Column.n.Sum", "Dataset.*.RowCount"])),
            ),
            (
                "IsComplete \"n\" with threshold > 0.9 * avg(last(5))",
                Some((5, &["Column.n.IsComplete.Compliance"])),
            ),
        ];
        for (ruleset, expected) in cases {
            let rules = rules(ruleset);
            let found = rules.look_back();
            let found = found.as_ref().map(|found| (found.objects, found.names().collect::<Vec<_>>()));
            assert_eq!(found, expected.map(|(most, names)| (most, names.to_vec())), "{ruleset}");
        }
    }

    #[test]
    fn what_cannot_be_remembered() {
        let one = "ColumnValues \"n\" > 1 with threshold > avg(last(5))";
        let other = "ColumnValues \"n\" > 2 with threshold > avg(last(5))";
        let problem = |ruleset: &str| rules(ruleset).look_back().unwrap().problem();
        assert_eq!(problem(one), None);
        assert!(problem(&format!("{one}, {other}")).unwrap().contains("Column.n.ColumnValues.Compliance"));
        let many: Vec<String> = (0..40)
            .map(|n| format!("CustomSql \"select count(*) from primary where n > {n}\" > avg(last(90))"))
            .collect();
        assert!(problem(&many.join(", ")).unwrap().contains("40 measures of 90 objects"));
        assert_eq!(problem(&many[..10].join(", ")), None);
    }

    #[test]
    fn numbers_that_can_be_kept() {
        assert!([0.0, -0.0, 1e-100, -1e100].into_iter().all(can_be_kept));
        assert!([f64::NAN, f64::INFINITY, 1e200, 1e-200].into_iter().all(|value| !can_be_kept(value)));
    }
}
