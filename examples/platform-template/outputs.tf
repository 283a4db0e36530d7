output "upload_uris" {
  description = "Where the files of each dataset arrive."
  value       = module.lake.upload_uris
}

output "raw_bucket_name" {
  description = "Name of the bucket that takes files."
  value       = module.lake.raw_bucket_name
}

output "metadata_table_name" {
  description = "Name of the table that tells each object's story."
  value       = module.lake.metadata_table_name
}

output "workgroup_name" {
  description = "Name of the Athena workgroup."
  value       = module.lake.workgroup_name
}

output "alarm_definitions" {
  description = "Alarms worth having, for the team's monitoring repository."
  value       = module.lake.alarm_definitions
}

output "apply_policy_json" {
  description = "The least IAM policy for the role that applies this configuration."
  value       = module.lake.apply_policy_json
}
