# For people

output "analyst_policy_json" {
  description = "IAM policy, as JSON, for people who query the rows of all the team's pipelines with Athena and change nothing: the curated rows of datasets that declare `transforms` or `sql`, else the accepted ones, classified columns included."
  value       = local.policies.analyst
}

output "steward_policy_json" {
  description = "IAM policy, as JSON, for people who find out what was refused: everything of the analyst's, and reading quarantine, metadata table and dead letters."
  value       = local.policies.steward
}

output "role_arns" {
  description = "ARN of the role `analyst` and of the role `steward`, by role, where somebody may assume it."
  value       = { for role, object in aws_iam_role.people : role => object.arn }
}

output "workgroup_name" {
  description = "Name of the Athena workgroup of the team."
  value       = aws_athena_workgroup.team.name
}

output "query_results_bucket_name" {
  description = "Name of the bucket that holds the results of the team's queries."
  value       = aws_s3_bucket.results.id
}

output "topic_arn" {
  description = "ARN of the topic that the alarms tell; null where `alarms_enabled` is false."
  value       = one(module.alarms[*].topic_arn)
}

output "apply_policies_json" {
  description = "The least IAM policy that lets somebody apply each pipeline, as JSON, by pipeline."
  value       = { for key, pipeline in module.pipeline : key => pipeline.apply_policy_json }
}

# The pipelines, each value by the key of `pipelines`

output "pipeline_names" {
  description = "Name of each pipeline."
  value       = { for key, pipeline in module.pipeline : key => pipeline.name }
}

output "raw_bucket_names" {
  description = "Name of the bucket of each pipeline that takes files."
  value       = { for key, pipeline in module.pipeline : key => pipeline.raw_bucket_name }
}

output "upload_uris" {
  description = "The `s3://` folder in which the files of each dataset arrive, by pipeline and dataset."
  value       = { for key, pipeline in module.pipeline : key => pipeline.upload_uris }
}

output "database_names" {
  description = "Name of the Glue database of each pipeline."
  value       = { for key, pipeline in module.pipeline : key => pipeline.database_name }
}

output "workgroup_names" {
  description = "Name of the Athena workgroup of each pipeline, for those who operate it; people of the team have `workgroup_name`."
  value       = { for key, pipeline in module.pipeline : key => pipeline.workgroup_name }
}

output "event_bus_arns" {
  description = "ARN of the event bus of each pipeline, to which rules of your own can listen."
  value       = { for key, pipeline in module.pipeline : key => pipeline.event_bus_arn }
}

output "alarm_definitions" {
  description = "Alarms worth having of all pipelines, by `<pipeline>-<alarm>`; see the module `alarms`."
  value       = local.alarm_definitions
}
