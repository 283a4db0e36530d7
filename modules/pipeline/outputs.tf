# Where data goes

output "raw_bucket_name" {
  description = "Name of the bucket that takes files."
  value       = local.buckets.raw.name
}

output "raw_bucket_arn" {
  description = "ARN of the bucket that takes files."
  value       = local.buckets.raw.arn
}

output "processed_bucket_name" {
  description = "Name of the bucket that holds accepted rows."
  value       = local.buckets.processed.name
}

output "processed_bucket_arn" {
  description = "ARN of the bucket that holds accepted rows."
  value       = local.buckets.processed.arn
}

output "quarantine_bucket_name" {
  description = "Name of the bucket that holds refused rows and objects."
  value       = local.buckets.quarantine.name
}

output "quarantine_bucket_arn" {
  description = "ARN of the bucket that holds refused rows and objects."
  value       = local.buckets.quarantine.arn
}

output "upload_uris" {
  description = "The `s3://` folder in which the files of each dataset arrive, by dataset."
  value = {
    for name, dataset in local.datasets :
    name => "s3://${local.buckets.raw.name}/${try(coalesce(dataset.prefix), "input/${name}/")}"
  }
}

# How it is queried

output "database_name" {
  description = "Name of the Glue database."
  value       = datalake_pipeline.this.glue.database_name
}

output "table_names" {
  description = "Name of the table of each dataset, by dataset."
  value       = datalake_pipeline.this.glue.table_names
}

output "curated_table_names" {
  description = "Name of the table of transformed rows of each dataset that declares `transforms` or `sql`, by dataset."
  value       = datalake_pipeline.this.glue.curated_table_names
}

output "workgroup_name" {
  description = "Name of the Athena workgroup."
  value       = datalake_pipeline.this.athena.workgroup_name
}

output "query_result_location" {
  description = "Where the workgroup writes its results, an `s3://` address."
  value       = datalake_pipeline.this.athena.result_location
}

output "example_queries" {
  description = "A first SQL query for each dataset, by dataset."
  value       = datalake_pipeline.this.athena.example_queries
}

# How it is watched

output "alarm_definitions" {
  description = "Alarms worth having, by name, as the arguments of `aws_cloudwatch_metric_alarm` (`period` is `period_seconds`): dead letters, age of waiting messages, errors of functions, score of each dataset. Data only: the module `alarms` makes them."
  value       = merge(local.queue_alarms, local.function_alarms, local.score_alarms)
}

output "metadata_table_name" {
  description = "Name of the DynamoDB table that holds an item for each object."
  value       = datalake_pipeline.this.metadata_table.name
}

output "metadata_table_arn" {
  description = "ARN of the DynamoDB table that holds an item for each object."
  value       = datalake_pipeline.this.metadata_table.arn
}

output "metadata_index_name" {
  description = "Name of the index that answers which objects have a status, the latest first."
  value       = datalake_pipeline.this.metadata_table.index_name
}

output "event_bus_name" {
  description = "Name of the event bus on which the pipeline says what it did."
  value       = datalake_pipeline.this.event_bus.name
}

output "event_bus_arn" {
  description = "ARN of the event bus on which the pipeline says what it did."
  value       = datalake_pipeline.this.event_bus.arn
}

output "dead_letter_queue_arns" {
  description = "ARN of the dead-letter queue of each function, by function."
  value       = { for function, queue in local.queues : function => queue.dead_letter_arn }
}

output "function_arns" {
  description = "ARN of each Lambda function, by function."
  value       = { for function, object in local.functions : function => object.arn }
}

output "log_group_names" {
  description = "Name of the log group of each Lambda function, by function."
  value       = { for function, object in local.functions : function => object.log_group_name }
}

# What it is made of

output "name" {
  description = "Name of the pipeline, which is also its import id."
  value       = datalake_pipeline.this.name
}

output "resource_arns" {
  description = "ARN of every AWS object of the pipeline, by logical name such as `queue.ingest`."
  value       = { for key, object in datalake_pipeline.this.resources : key => object.arn }
}

output "tags_all" {
  description = "All tags of the pipeline's objects."
  value       = datalake_pipeline.this.tags_all
}

output "apply_policy_json" {
  description = "The least IAM policy that lets somebody apply, refresh and destroy this pipeline, as JSON."
  value       = datalake_pipeline.this.apply_policy_json
}

output "spec_hash" {
  description = "Hash of the rules the handlers run by."
  value       = datalake_pipeline.this.spec_hash
}
