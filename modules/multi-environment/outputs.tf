output "pipeline_name" {
  description = "Name of the environment's pipeline."
  value       = module.pipeline.name

  precondition {
    condition     = length(local.pipeline_name) <= 24
    error_message = "The pipeline would be called ${local.pipeline_name}, which has more than 24 characters."
  }

  precondition {
    condition     = !local.settings.customer_key_required_enabled || local.settings.kms_key_arn != null
    error_message = "The environment ${var.environment} wants a KMS key of your own: give environments.${var.environment}.kms_key_arn, or set customer_key_required_enabled = false there."
  }
}

output "deletion_protection_enabled" {
  description = "Whether the environment's data is protected against a plan that would delete it."
  value       = local.settings.deletion_protection_enabled
}

output "retention" {
  description = "How long the environment keeps things, in days."
  value       = local.settings.retention
}

output "threshold_percent" {
  description = "Smallest score at which an object's good rows are accepted in this environment, for datasets that say nothing else."
  value       = local.settings.threshold_percent
}

# Masking

output "masking_enabled" {
  description = "Whether analysts of this environment should see masked views only."
  value       = local.settings.masking_enabled
}

output "masked_columns" {
  description = "Names of the columns that the masked views hash, by dataset. Empty where masking is off."
  value       = { for name, columns in local.masked_columns : name => toset(columns) if local.settings.masking_enabled && length(columns) > 0 }
}

output "masked_view_sql" {
  description = "For each dataset with columns an Athena statement that makes the view `<dataset>_masked`. Empty where masking is off."
  value       = { for name, sql in local.masked_view_sql : name => sql if local.settings.masking_enabled }
}

output "unmasked_table_names" {
  description = "Names of the tables of which there is no masked view: those of datasets without `columns`, and curated tables, which show what `transforms` and `sql` leave in them (a step `mask` hides a value there). Empty where masking is off."
  value       = local.settings.masking_enabled ? sort(local.unmasked_table_names) : tolist([])
}

# The pipeline

output "raw_bucket_name" {
  description = "Name of the bucket that takes files."
  value       = module.pipeline.raw_bucket_name
}

output "processed_bucket_name" {
  description = "Name of the bucket that holds accepted rows."
  value       = module.pipeline.processed_bucket_name
}

output "quarantine_bucket_name" {
  description = "Name of the bucket that holds refused rows and objects."
  value       = module.pipeline.quarantine_bucket_name
}

output "upload_uris" {
  description = "The `s3://` folder in which the files of each dataset arrive, by dataset."
  value       = module.pipeline.upload_uris
}

output "database_name" {
  description = "Name of the Glue database."
  value       = module.pipeline.database_name
}

output "workgroup_name" {
  description = "Name of the Athena workgroup."
  value       = module.pipeline.workgroup_name
}

output "alarm_definitions" {
  description = "Alarms worth having, by name; see the module `pipeline`."
  value       = module.pipeline.alarm_definitions
}

output "apply_policy_json" {
  description = "The least IAM policy that lets somebody apply, refresh and destroy this pipeline, as JSON."
  value       = module.pipeline.apply_policy_json
}
