//! What rules say about other datasets of the pipeline.

use std::collections::BTreeMap;

use super::{Problem, Problems, Step, attribute};
use crate::columns::{is_numeric, type_word};
use crate::nearest::nearest;
use crate::rules::{Asked, ObjectCheck, lower};
use crate::spec::{ColumnType, DatasetSpec};

/// Checks that the datasets which rules name are there, with the columns and types that they are compared by. All datasets
/// of the pipeline must be given; one that is faulty by itself is passed over.
#[must_use]
pub fn check_references(datasets: &BTreeMap<String, DatasetSpec>) -> Vec<Problem> {
    let mut problems = Problems::default();
    for (name, dataset) in datasets {
        let Ok(rules) = lower(dataset) else { continue };
        for check in &rules.object_checks {
            for (other, asked) in check.references() {
                for message in faults(datasets, name, &other, &asked) {
                    problems.add(path(name, dataset, check), format!("`{}`: {message}", check.text));
                }
            }
        }
    }
    problems.0
}

fn path(name: &str, dataset: &DatasetSpec, check: &ObjectCheck) -> Vec<Step> {
    let mut path = vec![Step::Key(name.to_owned()), attribute("quality")];
    if dataset.quality.rules.contains_key(&check.name) {
        path.extend([attribute("rules"), Step::Key(check.name.clone()), attribute("rule")]);
    } else {
        path.push(attribute("ruleset"));
    }
    path
}

fn faults(datasets: &BTreeMap<String, DatasetSpec>, own: &str, other: &str, asked: &Asked) -> Vec<String> {
    if own == other {
        return vec!["a dataset cannot be compared with itself".to_owned()];
    }
    let Some(there) = datasets.get(other) else {
        let hint = nearest(other, datasets.keys().map(String::as_str).filter(|name| *name != own));
        return vec![format!("the pipeline has no dataset `{other}`{}", suggestion(hint))];
    };
    let column = |name: &str| -> Result<ColumnType, String> {
        let hint = || suggestion(nearest(name, there.columns.keys().map(String::as_str)));
        let found = there.columns.get(name).map(|column| column.column_type);
        found.ok_or_else(|| format!("the dataset `{other}` has no column `{name}`{}", hint()))
    };
    let keys = asked.keys.iter().flat_map(|(names, types)| names.iter().zip(types));
    let keys = keys.filter_map(|(name, here)| match column(name) {
        Ok(there) if there == *here => None,
        Ok(there) => Some(format!(
            "the column `{name}` of `{other}` is {}, and what is looked up there is {}",
            type_word(there),
            type_word(*here)
        )),
        Err(message) => Some(message),
    });
    let sums = asked.sums.iter().filter_map(|name| match column(name) {
        Ok(there) if is_numeric(there) => None,
        Ok(there) => Some(format!("the column `{name}` of `{other}` is {}, not a number", type_word(there))),
        Err(message) => Some(message),
    });
    keys.chain(sums).collect()
}

fn suggestion(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_rules_name_must_be_there() {
        let cases = [
            ("RowCountMatch \"customers\" >= 0.9", ""),
            ("SchemaMatch \"customers\" = 1.0", ""),
            ("ReferentialIntegrity \"customer\" \"customers.id\" = 1", ""),
            ("DatasetMatch \"customers\" \"customer->id\" \"name->name\" = 1", ""),
            ("AggregateMatch \"sum(customer)\" \"sum(customers.id)\" = 1", ""),
            ("RowCountMatch \"custmers\" = 1", "no dataset `custmers`; did you mean `customers`?"),
            ("SchemaMatch \"orders\" = 1", "cannot be compared with itself"),
            (
                "ReferentialIntegrity \"customer\" \"customers.idd\" = 1",
                "`customers` has no column `idd`; did you mean `id`?",
            ),
            (
                "ReferentialIntegrity \"customer\" \"customers.name\" = 1",
                "`name` of `customers` is string, and what is looked up there is bigint",
            ),
            ("AggregateMatch \"sum(customer)\" \"sum(customers.name)\" = 1", "is string, not a number"),
        ];
        for (rule, part) in cases {
            for named in [false, true] {
                let quality = match named {
                    false => json!({"threshold_percent": 0, "ruleset": format!("Rules = [ {rule} ]")}),
                    true => json!({"threshold_percent": 0, "rules": {"x": {"rule": rule}}}),
                };
                let dataset = |prefix: &str, columns: serde_json::Value, quality: serde_json::Value| {
                    let dataset = json!({
                        "format": "json", "prefix": prefix, "compression": "auto", "columns": columns,
                        "quality": quality, "output": {"partition_by": [], "compression": "none"},
                    });
                    serde_json::from_value::<DatasetSpec>(dataset).unwrap()
                };
                let own = json!({"customer": {"type": "bigint"}, "name": {"type": "string"}});
                let there = json!({"id": {"type": "bigint"}, "name": {"type": "string"}});
                let datasets = BTreeMap::from([
                    ("orders".to_owned(), dataset("o/", own, quality)),
                    ("customers".to_owned(), dataset("c/", there, json!({"threshold_percent": 0}))),
                ]);
                let found = check_references(&datasets);
                let messages: Vec<&str> = found.iter().map(|problem| problem.message.as_str()).collect();
                match part {
                    "" => assert!(found.is_empty(), "{rule}: {messages:?}"),
                    part => {
                        assert!(found.len() == 1 && messages[0].contains(part), "{rule}: {messages:?}");
                        let last = if named { "rule" } else { "ruleset" };
                        assert_eq!(found[0].path.last(), Some(&attribute(last)));
                    }
                }
            }
        }
    }
}
