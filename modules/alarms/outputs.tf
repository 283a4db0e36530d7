output "alarm_arns" {
  description = "ARN of each alarm, by the key of `alarm_definitions`."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.arn }
}

output "alarm_names" {
  description = "Name of each alarm, by the key of `alarm_definitions`."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.alarm_name }
}

output "topic_arn" {
  description = "ARN of the topic that the alarms tell."
  value       = local.topic_arn
}
