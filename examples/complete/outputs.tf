output "buckets" {
  description = "Bucket name and ARN by role."
  value       = datalake_pipeline.complete.buckets
}

output "metadata_table" {
  description = "The table that tells each object's story."
  value       = datalake_pipeline.complete.metadata_table
}

output "layer" {
  description = "The Lambda layer with the handlers."
  value       = datalake_pipeline.complete.layer
}

output "functions" {
  description = "The functions with their limits and names."
  value       = datalake_pipeline.complete.functions
}

output "queues" {
  description = "Queues and dead-letter queues by function."
  value       = datalake_pipeline.complete.queues
}

output "event_bus" {
  description = "The bus on which the pipeline says what it did."
  value       = datalake_pipeline.complete.event_bus
}

output "rules" {
  description = "The event rules."
  value       = datalake_pipeline.complete.rules
}

output "glue" {
  description = "Database, crawler and tables."
  value       = datalake_pipeline.complete.glue
}

output "athena" {
  description = "The workgroup to query with, and first queries."
  value       = datalake_pipeline.complete.athena
}

output "tags_all" {
  description = "Tags of every object."
  value       = datalake_pipeline.complete.tags_all
}

output "resources" {
  description = "Every AWS object of the pipeline by logical name."
  value       = datalake_pipeline.complete.resources
}

output "apply_policy_json" {
  description = "The least IAM policy that applies this pipeline."
  value       = datalake_pipeline.complete.apply_policy_json
}

output "spec_hash" {
  description = "Hash of the rules the handlers run by."
  value       = datalake_pipeline.complete.spec_hash
}
