# Applies for real, and destroys again: needs credentials, a region and, for a stand-in for AWS, AWS_ENDPOINT_URL.

variables {
  name = "tf-alarms"

  alarm_definitions = {
    ingest-dead-letters = {
      alarm_name          = "tf-alarms-ingest-dead-letters"
      namespace           = "AWS/SQS"
      metric_name         = "ApproximateNumberOfMessagesVisible"
      dimensions          = { QueueName = "tf-alarms-ingest-dead-letters" }
      statistic           = "Maximum"
      comparison_operator = "GreaterThanThreshold"
      threshold           = 0
      period_seconds      = 300
      evaluation_periods  = 1
    }
  }
}

run "apply" {
  assert {
    condition     = endswith(output.topic_arn, ":tf-alarms") && output.alarm_names == { ingest-dead-letters = "tf-alarms-ingest-dead-letters" }
    error_message = "Topic and alarm must be there."
  }
}

run "a_second_apply_changes_nothing" {
  assert {
    condition     = output.topic_arn == run.apply.topic_arn && output.alarm_arns == run.apply.alarm_arns
    error_message = "The same configuration must give the same alarms."
  }
}
