# One pipeline with a team's defaults, fed from HCL, from YAML or from both.

locals {
  # Every key that a YAML document may hold, by where it stands.
  known_keys = {
    dataset = ["format", "prefix", "compression", "columns", "quality", "output"]
    column  = ["type", "required", "pattern", "enum", "minimum", "maximum", "classification"]
    quality = ["ruleset", "threshold_percent"]
    output  = ["partition_by", "compression"]
  }

  written = yamldecode(coalesce(var.datasets_yaml, "{}"))

  # A misspelt key would otherwise be dropped in silence, and a rule with it.
  unknown_keys = sort(concat(
    flatten([for name, dataset in local.written : [
      for key in keys(dataset) : "${name}.${key}" if !contains(local.known_keys.dataset, key)
    ]]),
    flatten([for name, dataset in local.written : [
      for key in try(keys(dataset.quality), []) : "${name}.quality.${key}" if !contains(local.known_keys.quality, key)
    ]]),
    flatten([for name, dataset in local.written : [
      for key in try(keys(dataset.output), []) : "${name}.output.${key}" if !contains(local.known_keys.output, key)
    ]]),
    flatten([for name, dataset in local.written : [
      for column, declared in try(dataset.columns, {}) : [
        for key in try(keys(declared), []) : "${name}.columns.${column}.${key}" if !contains(local.known_keys.column, key)
      ]
    ]]),
  ))

  from_yaml = {
    for name, dataset in local.written : name => {
      format      = try(dataset.format, null)
      prefix      = try(dataset.prefix, null)
      compression = try(dataset.compression, null)
      columns = try(dataset.columns, null) == null ? null : {
        for column, declared in dataset.columns : column => {
          # `email: string` is short for `email: { type: string }`.
          type           = try(declared.type, tostring(declared), null)
          required       = try(declared.required, null)
          pattern        = try(declared.pattern, null)
          enum           = try(toset([for value in declared.enum : tostring(value)]), null)
          minimum        = try(declared.minimum, null)
          maximum        = try(declared.maximum, null)
          classification = try(declared.classification, null)
        }
      }
      quality = {
        ruleset           = try(dataset.quality.ruleset, null)
        threshold_percent = try(dataset.quality.threshold_percent, null)
      }
      output = {
        partition_by = try(dataset.output.partition_by, null)
        compression  = try(dataset.output.compression, null)
      }
    }
  }

  declared_twice = sort(setintersection(keys(local.from_yaml), keys(var.datasets)))

  datasets = {
    for name, dataset in merge(local.from_yaml, var.datasets) : name => merge(dataset, {
      quality = {
        ruleset           = try(dataset.quality.ruleset, null)
        threshold_percent = try(coalesce(dataset.quality.threshold_percent), var.default_threshold_percent)
      }
    })
  }

  tags = merge(
    var.environment == null ? {} : { Environment = var.environment },
    var.team == null ? {} : { Team = var.team },
    var.tags,
  )
}

resource "datalake_pipeline" "this" {
  name     = var.name
  datasets = local.datasets

  architecture             = var.architecture
  crawler_schedule         = var.crawler_schedule
  force_destroy            = !var.deletion_protection_enabled
  functions                = var.functions
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn
  retention                = var.retention
  tags                     = local.tags
  timeouts                 = var.timeouts

  lifecycle {
    precondition {
      condition     = length(local.unknown_keys) == 0
      error_message = "datasets_yaml holds keys that are not known: ${join(", ", local.unknown_keys)}."
    }

    precondition {
      condition     = length(local.declared_twice) == 0
      error_message = "These datasets stand in datasets and in datasets_yaml: ${join(", ", local.declared_twice)}."
    }

    precondition {
      condition     = length(local.datasets) > 0
      error_message = "A pipeline has at least one dataset: give datasets or datasets_yaml."
    }
  }
}

# Terraform's mock providers cannot fill a map of objects: in tests without a cloud the names say `mocked`.
locals {
  buckets = {
    for role in ["raw", "processed", "quarantine"] : role => try(
      { name = datalake_pipeline.this.buckets[role].name, arn = datalake_pipeline.this.buckets[role].arn },
      { name = "mocked-${role}", arn = "arn:aws:s3:::mocked-${role}" },
    )
  }

  queues = {
    for function in ["ingest", "validate", "quality"] : function => try(
      {
        name             = datalake_pipeline.this.queues[function].name
        dead_letter_name = datalake_pipeline.this.queues[function].dead_letter_name
        dead_letter_arn  = datalake_pipeline.this.queues[function].dead_letter_arn
      },
      {
        name             = "mocked-${function}"
        dead_letter_name = "mocked-${function}-dead-letters"
        dead_letter_arn  = "arn:aws:sqs:eu-west-1:123456789012:mocked-${function}-dead-letters"
      },
    )
  }
}

# What to watch, as data: no alarm is made here. See the guide "Operating".
locals {
  queue_alarms = merge([
    for function, queue in local.queues : {
      "${function}-dead-letters" = {
        alarm_name          = "${queue.dead_letter_name}-not-empty"
        alarm_description   = "Messages of ${queue.name} that failed five times wait in ${queue.dead_letter_name}."
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

  function_names = {
    ingest   = datalake_pipeline.this.functions.ingest.name
    validate = datalake_pipeline.this.functions.validate.name
    quality  = datalake_pipeline.this.functions.quality.name
  }

  function_alarms = {
    for function, name in local.function_names : "${function}-errors" => {
      alarm_name          = "${name}-errors"
      alarm_description   = "Calls of ${name} failed. SQS tries them again; what fails five times goes to the dead letters."
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
