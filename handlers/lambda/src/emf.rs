//! CloudWatch's embedded metric format: one line on standard output becomes metrics, with no call and no permission.

use datalake_core::events::DataValidated;
use serde_json::json;

/// The metrics of one verdict. Each object counts once; CloudWatch's average, sum and sample count do the rest. A replay
/// has metrics of its own.
#[must_use]
pub fn line(validated: &DataValidated, epoch_millis: u64) -> String {
    if let Some(recovered) = validated.recovered_rows() {
        return replayed(validated, recovered, epoch_millis);
    }
    // For who searches the log, or makes a metric filter of it: every declared metric is billed by the month.
    let failures: Vec<_> = validated
        .rule_failures
        .iter()
        .map(|failure| json!({"name": failure.name, "severity": failure.severity, "action": failure.action}))
        .collect();
    json!({
        "_aws": {
            "Timestamp": epoch_millis,
            "CloudWatchMetrics": [{
                "Namespace": "DataLake/Quality",
                "Dimensions": [["Pipeline"], ["Pipeline", "Dataset"]],
                "Metrics": [
                    {"Name": "ValidationSuccessRate", "Unit": "Percent"},
                    {"Name": "AverageQualityScore", "Unit": "Percent"},
                    {"Name": "ProcessedRecords", "Unit": "Count"},
                    {"Name": "QuarantinedRecords", "Unit": "Count"},
                ],
            }],
        },
        "Pipeline": validated.subject.pipeline,
        "Dataset": validated.subject.dataset,
        "ValidationSuccessRate": if validated.validation_passed { 100 } else { 0 },
        "AverageQualityScore": validated.quality_score,
        "ProcessedRecords": validated.rows.total,
        "QuarantinedRecords": validated.rows.quarantined,
        "ruleFailures": failures,
        "processId": validated.subject.process_id,
    })
    .to_string()
}

fn replayed(validated: &DataValidated, recovered: u64, epoch_millis: u64) -> String {
    json!({
        "_aws": {
            "Timestamp": epoch_millis,
            "CloudWatchMetrics": [{
                "Namespace": "DataLake/Quality",
                "Dimensions": [["Pipeline"], ["Pipeline", "Dataset"]],
                "Metrics": [
                    {"Name": "ReplayedObjects", "Unit": "Count"},
                    {"Name": "RecoveredRecords", "Unit": "Count"},
                ],
            }],
        },
        "Pipeline": validated.subject.pipeline,
        "Dataset": validated.subject.dataset,
        "ReplayedObjects": 1,
        "RecoveredRecords": recovered,
        "processId": validated.subject.process_id,
        "replay": validated.subject.replay,
    })
    .to_string()
}
