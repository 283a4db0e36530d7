# Buckets with everything that is set on them, the metadata table, and the two kinds of documents that lie in a bucket.

resource "aws_s3_bucket" "this" {
  for_each = local.of.bucket

  bucket        = each.value.bucket_name
  force_destroy = !var.deletion_protection_enabled
  tags          = each.value.tags
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.of.bucket

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = each.value.versioning ? "Enabled" : "Suspended"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.of.bucket

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    bucket_key_enabled = each.value.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = each.value.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = each.value.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.of.bucket

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = each.value.public_access_blocked
  block_public_policy     = each.value.public_access_blocked
  ignore_public_acls      = each.value.public_access_blocked
  restrict_public_buckets = each.value.public_access_blocked
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.of.bucket

  bucket = aws_s3_bucket.this[each.key].id
  policy = jsonencode(each.value.policy)

  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.of.bucket

  bucket = aws_s3_bucket.this[each.key].id

  dynamic "rule" {
    for_each = each.value.expiration_days

    content {
      id     = "datalake:${rule.key}"
      status = "Enabled"

      filter {
        prefix = rule.key
      }

      expiration {
        days = rule.value
      }
    }
  }

  rule {
    id     = "datalake"
    status = "Enabled"

    filter {
      prefix = ""
    }

    dynamic "noncurrent_version_expiration" {
      for_each = each.value.noncurrent_expiration_days > 0 ? [each.value.noncurrent_expiration_days] : []

      content {
        noncurrent_days = noncurrent_version_expiration.value
      }
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = each.value.abort_incomplete_upload_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_notification" "this" {
  for_each = { for role, bucket in local.of.bucket : role => bucket if bucket.event_bridge != null }

  bucket      = aws_s3_bucket.this[each.key].id
  eventbridge = each.value.event_bridge
}

resource "aws_s3_object" "definition" {
  for_each = local.of.definition

  bucket       = aws_s3_bucket.this["processed"].id
  key          = each.value.key
  content      = jsonencode(each.value.document)
  content_type = "application/json"

  # It says what has been applied, and an import reads it: the last of all.
  depends_on = [
    aws_lambda_event_source_mapping.this, aws_cloudwatch_event_target.this, aws_glue_crawler.this, aws_athena_workgroup.this,
    aws_dynamodb_table.this, aws_s3_bucket_policy.this, aws_s3_bucket_lifecycle_configuration.this, aws_s3_bucket_notification.this,
  ]
}

resource "aws_dynamodb_table" "this" {
  for_each = local.of.table

  name             = each.value.table_name
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = each.value.keys[0]
  range_key        = each.value.keys[1]
  stream_enabled   = each.value.stream_view != ""
  stream_view_type = each.value.stream_view
  tags             = each.value.tags

  dynamic "attribute" {
    for_each = toset(flatten([each.value.keys, values(each.value.indexes)]))

    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value[0]
      range_key       = global_secondary_index.value[1]
      projection_type = "ALL"
    }
  }

  dynamic "server_side_encryption" {
    for_each = each.value.kms_key_arn == null ? [] : [each.value.kms_key_arn]

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value
    }
  }

  ttl {
    attribute_name = each.value.ttl_attribute
    enabled        = true
  }

  point_in_time_recovery {
    enabled = each.value.point_in_time_recovery
  }
}
