# What the module makes of its inputs. No cloud: the AWS provider is mocked, the functions of datalake are real.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
}

variables {
  name        = "orders"
  environment = "prod"
  datasets = {
    orders = {
      format = "csv"
      columns = {
        order_id = { type = "bigint", required = true }
        country  = { type = "string", required = true, enum = ["DE", "FR"] }
      }
      output = { partition_by = ["country"] }
    }
  }
}

run "every_object_is_a_resource" {
  command = plan

  assert {
    condition = (
      length(aws_s3_bucket.this) + length(aws_dynamodb_table.this) + length(aws_s3_object.definition) +
      length(aws_cloudwatch_event_bus.this) + length(aws_cloudwatch_event_rule.this) +
      length(aws_sqs_queue.this) + length(aws_sqs_queue.dead_letters) + length(aws_iam_role.this) +
      length(aws_cloudwatch_log_group.this) + length(aws_lambda_layer_version.this) + length(aws_lambda_function.this) +
      length(aws_lambda_event_source_mapping.this) + length(aws_glue_catalog_database.this) +
      length(aws_glue_catalog_table.this) + length(aws_glue_crawler.this) + length(aws_athena_workgroup.this)
    ) == length(output.resource_arns)
    error_message = "An object that expand names is no resource here."
  }

  assert {
    condition     = aws_sqs_queue.this["ingest"].name == "orders-ingest" && aws_s3_bucket.this["raw"].tags.Environment == "prod"
    error_message = "Names and tags must be those of the pipeline."
  }

  assert {
    condition     = alltrue([for bucket in values(aws_s3_bucket.this) : !bucket.force_destroy])
    error_message = "Data must be protected unless somebody says otherwise."
  }

  assert {
    condition     = alltrue([for block in values(aws_s3_bucket_public_access_block.this) : block.block_public_policy && block.restrict_public_buckets])
    error_message = "No bucket may be public."
  }

  assert {
    condition     = output.alarm_definitions["ingest-dead-letters"].dimensions.QueueName == "orders-ingest-dead-letters"
    error_message = "The alarms must name the queues."
  }
}

run "transforms_have_their_function" {
  command = plan

  variables {
    datasets_yaml = "clicks: { format: json, columns: { id: string }, transforms: [{ mask: { column: id, method: hash } }] }"
  }

  assert {
    condition = alltrue([
      for objects in [aws_lambda_function.this, aws_sqs_queue.this, aws_cloudwatch_event_rule.this, aws_iam_role.this] :
      contains(keys(objects), "transform")
    ])
    error_message = "Rows that are transformed need the function, its role, its queue and its rule."
  }

  assert {
    condition     = contains(keys(aws_glue_catalog_table.this), "clicks_curated") && !contains(keys(output.table_names), "clicks_curated")
    error_message = "Curated rows have a table of their own, which is not the table of a dataset."
  }
}

run "a_misspelt_key_is_refused" {
  command = plan

  variables {
    datasets_yaml = "clicks: { format: json, colums: {} }"
  }

  expect_failures = [terraform_data.checked]
}

run "another_package_is_refused" {
  command = plan

  variables {
    handlers_package = "main.tf"
  }

  expect_failures = [terraform_data.checked]
}

run "a_backfill_is_refused" {
  command = plan

  variables {
    datasets_yaml = "clicks: { format: json, backfill: {} }"
  }

  expect_failures = [terraform_data.checked]
}
