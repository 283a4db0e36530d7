# For roles and permission sets

output "analyst_policy_json" {
  description = "IAM policy, as JSON, for people who query accepted rows of all the team's pipelines with Athena and change nothing. It sees columns as they are stored, also classified ones."
  value       = jsonencode({ Version = "2012-10-17", Statement = concat(local.query, local.use_key) })
}

output "steward_policy_json" {
  description = "IAM policy, as JSON, for people who find out what was refused: everything of the analyst's, and reading quarantine, metadata table and dead letters."
  value       = jsonencode({ Version = "2012-10-17", Statement = concat(local.query, local.inspect, local.use_key) })
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
  description = "Name of the Athena workgroup of each pipeline."
  value       = { for key, pipeline in module.pipeline : key => pipeline.workgroup_name }
}

output "event_bus_arns" {
  description = "ARN of the event bus of each pipeline, to which rules of your own can listen."
  value       = { for key, pipeline in module.pipeline : key => pipeline.event_bus_arn }
}

output "alarm_definitions" {
  description = "Alarms worth having of all pipelines, by `<pipeline>-<alarm>`; see the module `pipeline`."
  value = merge([
    for key, pipeline in module.pipeline : {
      for alarm, definition in pipeline.alarm_definitions : "${key}-${alarm}" => definition
    }
  ]...)
}
