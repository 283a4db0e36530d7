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
  value       = aws_glue_catalog_database.this["catalog"].name
}

output "table_names" {
  description = "Name of the table of each dataset, by dataset."
  value       = { for name in keys(local.datasets) : name => aws_glue_catalog_table.this[name].name }
}

output "curated_table_names" {
  description = "Name of the table of transformed rows of each dataset that declares `transforms` or `sql`, by dataset."
  value       = { for name in keys(local.datasets) : name => aws_glue_catalog_table.this["${name}_curated"].name if contains(keys(local.of.catalog_table), "${name}_curated") }
}

output "workgroup_name" {
  description = "Name of the Athena workgroup."
  value       = aws_athena_workgroup.this["main"].name
}

output "query_result_location" {
  description = "Where the workgroup writes its results, an `s3://` address."
  value       = local.of.workgroup["main"].result_location
}

output "example_queries" {
  description = "A first SQL query for each dataset, by dataset."
  value = {
    for name, folders in local.folders : name => (
      length(folders) == 0
      ? "SELECT * FROM ${local.quoted_tables[name]} LIMIT 10"
      : "SELECT \"${folders[0]}\", count(*) AS row_count FROM ${local.quoted_tables[name]} GROUP BY \"${folders[0]}\" ORDER BY \"${folders[0]}\""
    )
  }
}

# How it is watched

output "alarm_definitions" {
  description = "Alarms worth having, by name, as the arguments of `aws_cloudwatch_metric_alarm` (`period` is `period_seconds`): dead letters, age of waiting messages, errors of functions, score of each dataset. Data only: the module `alarms` makes them."
  value       = merge(local.queue_alarms, local.function_alarms, local.score_alarms)
}

output "metadata_table_name" {
  description = "Name of the DynamoDB table that holds an item for each object."
  value       = aws_dynamodb_table.this["metadata"].name
}

output "metadata_table_arn" {
  description = "ARN of the DynamoDB table that holds an item for each object."
  value       = aws_dynamodb_table.this["metadata"].arn
}

output "metadata_index_name" {
  description = "Name of the index that answers which objects have a status, the latest first."
  value       = one(keys(local.of.table["metadata"].indexes))
}

output "event_bus_name" {
  description = "Name of the event bus on which the pipeline says what it did."
  value       = aws_cloudwatch_event_bus.this["main"].name
}

output "event_bus_arn" {
  description = "ARN of the event bus on which the pipeline says what it did."
  value       = aws_cloudwatch_event_bus.this["main"].arn
}

output "dead_letter_queue_arns" {
  description = "ARN of the dead-letter queue of each function, by function."
  value       = { for function, queue in local.queues : function => queue.dead_letter_arn }
}

output "function_arns" {
  description = "ARN of each Lambda function, by function."
  value       = { for function, object in aws_lambda_function.this : function => object.arn }
}

output "log_group_names" {
  description = "Name of the log group of each Lambda function, by function."
  value       = { for function, group in aws_cloudwatch_log_group.this : function => group.name }
}

# What it is made of

output "name" {
  description = "Name of the pipeline, which is also its import id."
  value       = var.name
}

output "resource_arns" {
  description = "ARN of every AWS object of the pipeline, by logical name such as `queue.ingest`."
  value       = { for key, object in local.objects : key => object.arn }
}

output "tags_all" {
  description = "All tags of the pipeline's objects."
  value       = { for key, value in local.of.bucket["raw"].tags : key => value if key != "datalake:pipeline" }
}

output "spec_hash" {
  description = "Hash of the rules the handlers run by."
  value       = local.of.function["ingest"].code_sha256
}
