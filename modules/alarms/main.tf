# Alarms as data become alarms, which tell one topic.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  topic_made = var.topic == null
  key_made   = local.topic_made && var.encryption_enabled && var.kms_key == null
  key_arn    = local.key_made ? aws_kms_key.this[0].arn : try(var.kms_key.arn, null)
  topic_arn  = local.topic_made ? aws_sns_topic.this[0].arn : var.topic.arn
}

# CloudWatch cannot use `alias/aws/sns`: its policy is Amazon's and does not name it.
resource "aws_kms_key" "this" {
  count = local.key_made ? 1 : 0

  description             = "Encrypts the topic ${var.name}."
  enable_key_rotation     = true
  deletion_window_in_days = 7
  tags                    = var.tags

  # In a key's policy `*` is this key.
  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "${var.name}-topic"
    Statement = [
      {
        Sid       = "PoliciesOfThisAccount"
        Effect    = "Allow"
        Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      # Who may publish at all is said by the topic's policy.
      {
        Sid       = "AlarmsOnTheirWay"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_sns_topic" "this" {
  count = local.topic_made ? 1 : 0

  name              = var.name
  kms_master_key_id = var.encryption_enabled ? local.key_arn : null
  tags              = var.tags
}

# CloudWatch of this account may publish, and nobody may without TLS.
resource "aws_sns_topic_policy" "this" {
  count = local.topic_made ? 1 : 0

  arn = aws_sns_topic.this[0].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "${var.name}-alarms"
    Statement = [
      {
        Sid       = "AlarmsOfThisAccount"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.this[0].arn
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
      },
      {
        Sid       = "OnlyWithTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.this[0].arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = local.topic_made ? var.email_addresses : []

  topic_arn = aws_sns_topic.this[0].arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.alarm_definitions

  alarm_name          = each.value.alarm_name
  alarm_description   = each.value.alarm_description
  namespace           = each.value.namespace
  metric_name         = each.value.metric_name
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = each.value.comparison_operator
  threshold           = each.value.threshold
  period              = each.value.period_seconds
  evaluation_periods  = each.value.evaluation_periods
  treat_missing_data  = each.value.treat_missing_data
  alarm_actions       = [local.topic_arn]
  ok_actions          = var.ok_actions_enabled ? [local.topic_arn] : []
  tags                = var.tags

  lifecycle {
    precondition {
      condition     = local.topic_made || length(var.email_addresses) == 0
      error_message = "email_addresses are for a topic that is made here; subscribe them to your own where it is made."
    }
  }
}
