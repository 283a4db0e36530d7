//! Decoding, and the way through the definition and back.

use serde_json::{Value, json};

use super::super::defaults::plan_inputs;
use super::super::model::examples::{UNKNOWN, config, document, full, try_model};
use super::*;

mod lowering;

fn decoded(changes: &[(&str, Value)]) -> Settings {
    Settings::decode(&config(changes)).unwrap()
}

#[test]
fn six_lines_of_configuration_are_enough() {
    let settings = decoded(&[("/datasets", json!({"readings": {"format": "json"}}))]);
    let readings = serde_json::to_value(&settings.datasets["readings"]).unwrap();
    let expected = json!({
        "format": "json", "prefix": "input/readings/", "compression": "auto", "columns": {},
        "quality": {"threshold_percent": 70.0}, "output": {"partition_by": [], "compression": "zstd"},
    });
    assert_eq!(readings, expected);
    let limits = settings.functions.get("validate");
    assert_eq!((limits.memory_mb, limits.timeout_seconds, limits.batch_size), (1769, 900, 1));
    assert_eq!((limits.reserved_concurrency, limits.maximum_concurrency), (None, None));
    assert_eq!(
        (settings.retention.log_days, settings.retention.raw_days, settings.retention.dead_letter_days),
        (30, 0, 14)
    );
    assert_eq!((settings.timeouts.create.as_secs(), settings.timeouts.delete.as_secs()), (1200, 1800));
    assert_eq!(
        (settings.architecture.as_str(), settings.crawler_schedule.as_str()),
        ("x86_64", "cron(0 */6 * * ? *)")
    );
    assert!(!settings.force_destroy && settings.kms_key_arn.is_none() && settings.tags.is_empty());
}

#[test]
fn defaults_twice_are_defaults_once_and_leave_unknowns() {
    let configs = [
        config(&[]),
        full(),
        config(&[("/retention", json!(UNKNOWN)), ("/functions/ingest", json!(UNKNOWN))]),
        config(&[
            ("/datasets/readings/quality/threshold_percent", json!(UNKNOWN)),
            ("/datasets/x", json!(UNKNOWN)),
        ]),
    ];
    for config in configs {
        let once = plan_inputs(&config, None);
        assert_eq!(plan_inputs(&once, None), once);
        assert_eq!(once.inputs_known(), config.inputs_known());
    }
    assert_eq!(plan_inputs(&full(), Some(&full())), full());
}

#[test]
fn equal_sets_give_equal_settings() {
    let at = "/datasets/readings/columns/id/enum";
    assert_eq!(decoded(&[(at, json!(["b", "a"]))]), decoded(&[(at, json!(["a", "b"]))]));
}

#[test]
fn a_null_tag_is_no_tag() {
    assert_eq!(
        decoded(&[("/tags", json!({"a": null, "b": ""}))]).tags,
        BTreeMap::from([("b".to_owned(), String::new())])
    );
}

#[test]
fn unknowns_cannot_be_decoded() {
    let problems = Settings::decode(&config(&[("/name", json!(UNKNOWN))])).unwrap_err();
    assert!(problems[0].1.contains("not known yet"));
}

/// Configurations that differ in one place each, also in null against empty.
fn variety() -> Vec<Model> {
    let readings = |field: &str| format!("/datasets/readings/{field}");
    let values = [
        json!(null),
        json!({}),
        json!([]),
        json!(""),
        json!("é \"x\"\n"),
        json!(0),
        json!("0.1"),
        json!("1e400"),
        json!(false),
    ];
    let places = [
        "/kms_key_arn".to_owned(),
        "/force_destroy".to_owned(),
        "/tags".to_owned(),
        "/tags/a".to_owned(),
        "/timeouts".to_owned(),
        "/timeouts/update".to_owned(),
        "/retention/raw_days".to_owned(),
        "/functions/quality/maximum_concurrency".to_owned(),
        readings("prefix"),
        readings("columns"),
        readings("columns/n"),
        readings("columns/n/minimum"),
        readings("columns/id/enum"),
        readings("quality"),
        readings("quality/ruleset"),
        readings("quality/rules"),
        readings("quality/rules/few"),
        readings("quality/rules/few/weight"),
        readings("quality/schema_drift"),
        readings("quality/schema_drift/new_columns"),
        readings("quality/max_quarantined_percent"),
        readings("columns/n/exclusive_minimum"),
        readings("columns/n/weight"),
        readings("columns/id/action"),
        readings("json_schema"),
        readings("csv"),
        readings("csv/quote"),
        readings("csv/columns"),
        readings("output/partition_by"),
        readings("backfill"),
        readings("backfill/since"),
        readings("backfill/objects_per_second"),
    ];
    let changed =
        places.iter().flat_map(|place| values.iter().map(move |value| document(&[(place, value.clone())])));
    changed.filter_map(try_model).collect()
}

#[test]
fn a_definition_comes_back_as_it_was() {
    let mut models = variety();
    assert!(models.len() > 100, "{}", models.len());
    models.push(full());
    for model in models {
        for model in [plan_inputs(&model, None), model] {
            // Through text, as it lies in the bucket.
            let text = to_definition(&model).to_string();
            let back = from_definition(&serde_json::from_str(&text).unwrap()).unwrap();
            assert_eq!(back, model.with_outputs_of(None), "{text}");
        }
    }
}

#[test]
fn a_definition_holds_inputs_only() {
    let definition = to_definition(&full());
    let expected = [
        "architecture",
        "crawler_schedule",
        "datasets",
        "force_destroy",
        "functions",
        "kms_key_arn",
        "name",
        "permissions_boundary_arn",
        "retention",
        "tags",
        "timeouts",
    ];
    let mut keys: Vec<&String> = definition["pipeline"].as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, expected);
    assert_eq!(definition.pointer("/pipeline/functions/ingest/arn"), None);
    assert_eq!(definition, to_definition(&full().with_outputs_of(None)));
}

#[test]
fn documents_that_are_no_definition() {
    let cases = [
        (json!({}), "missing field `version`"),
        (json!([]), "not a pipeline's definition"),
        (json!({"version": 2, "pipeline": {}}), "written by a newer provider"),
        (json!({"version": 1, "pipeline": {"nmae": "x"}}), "unknown field `nmae`"),
        (json!({"version": 1, "pipeline": {"name": 3}}), "invalid type"),
    ];
    for (document, part) in cases {
        let error = from_definition(&document).unwrap_err();
        assert!(error.contains(part), "{document}: {error}");
    }
}
