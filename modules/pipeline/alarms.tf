# What to watch, as data: the module `alarms` makes alarms of it. The same file stands in both modules.
locals {
  queue_alarms = merge([
    for function, queue in local.queues : {
      "${function}-dead-letters" = {
        alarm_name          = "${queue.dead_letter_name}-not-empty"
        alarm_description   = "Messages of ${queue.name} that failed at every try wait in ${queue.dead_letter_name}."
        namespace           = "AWS/SQS"
        metric_name         = "ApproximateNumberOfMessagesVisible"
        dimensions          = { QueueName = queue.dead_letter_name }
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = 0
        period_seconds      = 300
        evaluation_periods  = 1
        treat_missing_data  = "notBreaching"
      }
      "${function}-age" = {
        alarm_name          = "${queue.name}-age"
        alarm_description   = "A message has waited in ${queue.name} for more than ${var.queue_age_alarm_seconds} s."
        namespace           = "AWS/SQS"
        metric_name         = "ApproximateAgeOfOldestMessage"
        dimensions          = { QueueName = queue.name }
        statistic           = "Maximum"
        comparison_operator = "GreaterThanThreshold"
        threshold           = var.queue_age_alarm_seconds
        period_seconds      = 300
        evaluation_periods  = 1
        treat_missing_data  = "notBreaching"
      }
    }
  ]...)

  function_alarms = {
    for function, name in local.function_names : "${function}-errors" => {
      alarm_name          = "${name}-errors"
      alarm_description   = "Calls of ${name} failed. SQS tries them again; what fails at every try goes to the dead letters."
      namespace           = "AWS/Lambda"
      metric_name         = "Errors"
      dimensions          = { FunctionName = name }
      statistic           = "Sum"
      comparison_operator = "GreaterThanThreshold"
      threshold           = 0
      period_seconds      = 300
      evaluation_periods  = 3
      treat_missing_data  = "notBreaching"
    }
  }

  score_alarms = {
    for name, dataset in local.datasets : "${name}-score" => {
      alarm_name          = "${var.name}-${name}-score"
      alarm_description   = "Objects of the dataset ${name} scored below ${dataset.quality.threshold_percent} on average: they are being refused."
      namespace           = "DataLake/Quality"
      metric_name         = "AverageQualityScore"
      dimensions          = { Pipeline = var.name, Dataset = name }
      statistic           = "Average"
      comparison_operator = "LessThanThreshold"
      threshold           = dataset.quality.threshold_percent
      period_seconds      = 300
      evaluation_periods  = 1
      treat_missing_data  = "notBreaching"
    }
  }
}
