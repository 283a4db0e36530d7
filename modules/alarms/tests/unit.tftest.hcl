# What alarms come to. No cloud: the AWS provider is mocked.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:123456789012:key/made" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:orders-alarms" }
  }
}

variables {
  name = "orders-alarms"

  alarm_definitions = {
    ingest-dead-letters = {
      alarm_name          = "orders-ingest-dead-letters-not-empty"
      namespace           = "AWS/SQS"
      metric_name         = "ApproximateNumberOfMessagesVisible"
      dimensions          = { QueueName = "orders-ingest-dead-letters" }
      statistic           = "Maximum"
      comparison_operator = "GreaterThanThreshold"
      threshold           = 0
      period_seconds      = 300
      evaluation_periods  = 1
    }
  }
}

run "a_topic_is_made_and_told" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["ingest-dead-letters"].alarm_actions == toset([output.topic_arn])
    error_message = "The alarm must tell the topic."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["ingest-dead-letters"].ok_actions == toset([output.topic_arn])
    error_message = "The topic must be told when the alarm is over."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["ingest-dead-letters"].treat_missing_data == "notBreaching"
    error_message = "Nothing to measure is no alarm unless somebody says so."
  }
  assert {
    condition     = jsondecode(aws_sns_topic_policy.this[0].policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "No other account's CloudWatch may publish."
  }
}

run "the_topic_has_a_key_that_alarms_may_use" {
  assert {
    condition     = aws_sns_topic.this[0].kms_master_key_id == aws_kms_key.this[0].arn && aws_kms_key.this[0].enable_key_rotation
    error_message = "The topic must be encrypted, with a key that is rotated."
  }
  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[1].Principal == { Service = "cloudwatch.amazonaws.com" }
    error_message = "No alarm arrives when CloudWatch may not use the key."
  }
  assert {
    condition     = jsondecode(aws_sns_topic_policy.this[0].policy).Statement[1].Effect == "Deny"
    error_message = "Nobody may publish without TLS."
  }
}

run "a_key_of_yours" {
  variables {
    kms_key = { arn = "arn:aws:kms:eu-west-1:123456789012:key/yours" }
  }
  assert {
    condition     = length(aws_kms_key.this) == 0 && aws_sns_topic.this[0].kms_master_key_id == "arn:aws:kms:eu-west-1:123456789012:key/yours"
    error_message = "No second key may be made."
  }
}

run "no_key_when_nobody_wants_one" {
  variables {
    encryption_enabled = false
  }
  assert {
    condition     = length(aws_kms_key.this) == 0 && aws_sns_topic.this[0].kms_master_key_id == null
    error_message = "No key may be made."
  }
}

run "addresses_are_subscribed" {
  variables {
    email_addresses    = ["lake@example.com"]
    ok_actions_enabled = false
  }
  assert {
    condition     = aws_sns_topic_subscription.email["lake@example.com"].protocol == "email"
    error_message = "The address must be subscribed."
  }
  assert {
    condition     = length(coalesce(aws_cloudwatch_metric_alarm.this["ingest-dead-letters"].ok_actions, [])) == 0
    error_message = "Nobody is told that an alarm is over when nobody wants to know."
  }
}

run "a_topic_of_yours" {
  variables {
    topic = { arn = "arn:aws:sns:eu-west-1:123456789012:on-call" }
  }
  assert {
    condition     = length(aws_sns_topic.this) == 0 && length(aws_kms_key.this) == 0 && output.topic_arn == "arn:aws:sns:eu-west-1:123456789012:on-call"
    error_message = "No second topic may be made."
  }
}

run "addresses_of_a_topic_of_yours_are_refused" {
  command = plan
  variables {
    topic           = { arn = "arn:aws:sns:eu-west-1:123456789012:on-call" }
    email_addresses = ["lake@example.com"]
  }
  expect_failures = [aws_cloudwatch_metric_alarm.this]
}

run "a_fifo_topic_is_refused" {
  command = plan
  variables {
    topic = { arn = "arn:aws:sns:eu-west-1:123456789012:on-call.fifo" }
  }
  expect_failures = [var.topic]
}

run "an_alias_is_no_key" {
  command = plan
  variables {
    kms_key = { arn = "arn:aws:kms:eu-west-1:123456789012:alias/lake" }
  }
  expect_failures = [var.kms_key]
}

run "half_a_minute_and_a_half_is_refused" {
  command = plan
  variables {
    alarm_definitions = {
      odd = {
        alarm_name          = "odd"
        namespace           = "AWS/SQS"
        metric_name         = "ApproximateAgeOfOldestMessage"
        dimensions          = { QueueName = "orders-ingest" }
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = 0
        period_seconds      = 90
        evaluation_periods  = 1
      }
    }
  }
  expect_failures = [var.alarm_definitions]
}
