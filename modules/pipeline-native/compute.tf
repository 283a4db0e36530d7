# The layer with the handlers, and for each function its role, its log group, its package and the mapping to its queue.

resource "aws_iam_role" "this" {
  for_each = local.of.role

  name                 = each.value.role_name
  description          = each.value.description
  assume_role_policy   = jsonencode(each.value.trust)
  permissions_boundary = each.value.permissions_boundary_arn
  tags                 = each.value.tags
}

resource "aws_iam_role_policy" "this" {
  for_each = local.of.role

  name   = "least"
  role   = aws_iam_role.this[each.key].name
  policy = jsonencode(each.value.policy)
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.of.log_group

  name              = each.value.log_group_name
  retention_in_days = each.value.retention_days
  kms_key_id        = each.value.kms_key_arn
  tags              = each.value.tags
}

resource "aws_lambda_layer_version" "this" {
  for_each = local.of.layer

  layer_name               = each.value.layer_name
  filename                 = local.handlers_package
  source_code_hash         = each.value.code_sha256
  description              = "datalake handlers ${each.value.code_sha256}"
  compatible_runtimes      = ["provided.al2023"]
  compatible_architectures = [each.value.architecture]

  depends_on = [terraform_data.checked]
}

# Lambda takes a package from a file or from a bucket, and this one is made of the configuration: a bucket.
resource "aws_s3_object" "package" {
  bucket         = aws_s3_bucket.this["processed"].id
  key            = "_datalake/packages/${sha256(local.package)}.zip"
  content_base64 = local.package
  content_type   = "application/zip"

  depends_on = [aws_s3_bucket_versioning.this]
}

locals {
  # The same for every function.
  package = local.objects["function.ingest"].content_base64
}

resource "aws_lambda_function" "this" {
  for_each = local.of.function

  function_name                  = each.value.function_name
  s3_bucket                      = aws_s3_object.package.bucket
  s3_key                         = aws_s3_object.package.key
  source_code_hash               = each.value.code_sha256
  runtime                        = "provided.al2023"
  handler                        = each.value.handler
  role                           = aws_iam_role.this[each.key].arn
  layers                         = [aws_lambda_layer_version.this["handlers"].arn]
  architectures                  = [each.value.architecture]
  memory_size                    = each.value.memory_mb
  timeout                        = each.value.timeout_seconds
  reserved_concurrent_executions = each.value.reserved_concurrency
  kms_key_arn                    = each.value.kms_key_arn
  tags                           = each.value.tags

  ephemeral_storage {
    size = each.value.ephemeral_storage_mb
  }

  environment {
    variables = each.value.environment
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this[each.key].name
  }

  tracing_config {
    mode = each.value.tracing ? "Active" : "PassThrough"
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = local.of.mapping

  function_name                      = aws_lambda_function.this[each.key].arn
  event_source_arn                   = each.value.queue_arn
  enabled                            = each.value.enabled
  batch_size                         = each.value.batch_size
  maximum_batching_window_in_seconds = each.value.batching_window_seconds
  function_response_types            = each.value.report_item_failures ? ["ReportBatchItemFailures"] : []
  tags                               = each.value.tags

  dynamic "scaling_config" {
    for_each = each.value.maximum_concurrency == null ? [] : [each.value.maximum_concurrency]

    content {
      maximum_concurrency = scaling_config.value
    }
  }

  depends_on = [aws_sqs_queue.this]
}
