# Required

variable "name" {
  description = "Name of the pipeline, with which the name of every AWS object begins: 2 to 24 lower-case letters, digits and single hyphens. A change replaces the pipeline."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,22}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "The name has 2 to 24 lower-case letters, digits and single hyphens, begins with a letter and does not end with a hyphen."
  }
}

# Optional, in alphabetical order

variable "architecture" {
  description = "Processor of the functions: `x86_64` or `arm64`. Null leaves the choice to the provider."
  type        = string
  default     = null

  validation {
    condition     = var.architecture == null || contains(["x86_64", "arm64"], coalesce(var.architecture, "-"))
    error_message = "The architecture is x86_64 or arm64."
  }
}

variable "crawler_schedule" {
  description = "When the Glue crawler runs, as `cron(…)` in UTC with six fields. Null leaves the choice to the provider."
  type        = string
  default     = null

  validation {
    condition     = var.crawler_schedule == null || can(regex("^cron\\(.+\\)$", var.crawler_schedule))
    error_message = "The schedule is of the form cron(…), with six fields."
  }
}

variable "datasets" {
  description = "Datasets by name, as the resource takes them. They and those of `datasets_yaml` together make the pipeline; a name may stand in one of the two only."
  type = map(object({
    format      = string
    prefix      = optional(string)
    compression = optional(string)
    csv = optional(object({
      delimiter = optional(string)
      quote     = optional(string)
      escape    = optional(string)
      comment   = optional(string)
      header    = optional(bool)
      columns   = optional(list(string))
      null_text = optional(string)
    }))
    columns = optional(map(object({
      type              = string
      required          = optional(bool)
      pattern           = optional(string)
      enum              = optional(set(string))
      minimum           = optional(number)
      maximum           = optional(number)
      exclusive_minimum = optional(number)
      exclusive_maximum = optional(number)
      minimum_length    = optional(number)
      maximum_length    = optional(number)
      classification    = optional(string)
      action            = optional(string)
      severity          = optional(string)
      weight            = optional(number)
    })))
    json_schema = optional(string)
    quality = optional(object({
      ruleset = optional(string)
      rules = optional(map(object({
        rule     = string
        action   = optional(string)
        severity = optional(string)
        weight   = optional(number)
      })))
      action                  = optional(string)
      threshold_percent       = optional(number)
      max_quarantined_percent = optional(number)
      schema_drift = optional(object({
        new_columns     = optional(string)
        missing_columns = optional(string)
        mistyped_values = optional(string)
      }))
      uniqueness_memory_mb = optional(number)
    }))
    output = optional(object({
      partition_by = optional(list(string))
      compression  = optional(string)
    }))
    backfill = optional(object({
      prefix             = optional(string)
      since              = optional(string)
      objects_per_second = optional(number)
    }))
  }))
  default  = {}
  nullable = false
}

variable "datasets_yaml" {
  description = "Datasets as the text of a YAML document, such as `file(\"datasets.yaml\")`: a map from name to dataset with the keys of `datasets`. A key that is not known is refused, with its place."
  type        = string
  default     = null

  validation {
    condition     = var.datasets_yaml == null || can(keys(yamldecode(var.datasets_yaml)))
    error_message = "The text must be a YAML document that maps the name of each dataset to what it is."
  }
}

variable "default_threshold_percent" {
  description = "Smallest score at which an object's good rows are accepted, for datasets that say nothing else."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.default_threshold_percent >= 0 && var.default_threshold_percent <= 100
    error_message = "A percentage lies between 0 and 100."
  }
}

variable "deletion_protection_enabled" {
  description = "Whether a plan that would delete buckets, metadata table or database is refused (the resource's `force_destroy`, turned round)."
  type        = bool
  default     = true
  nullable    = false
}

variable "environment" {
  description = "Word for the environment, such as `prod`; it becomes the tag `Environment`. Null leaves the tag out."
  type        = string
  default     = null
}

variable "functions" {
  description = "Limits of the three Lambda functions. What is not given is the provider's default; `validate` is held to 20 calls at once, so that a flood of files leaves the account some room."
  type = object({
    ingest = optional(object({
      memory_mb            = optional(number)
      timeout_seconds      = optional(number)
      batch_size           = optional(number)
      reserved_concurrency = optional(number)
      maximum_concurrency  = optional(number)
    }), {})
    validate = optional(object({
      memory_mb            = optional(number)
      timeout_seconds      = optional(number)
      batch_size           = optional(number)
      reserved_concurrency = optional(number)
      maximum_concurrency  = optional(number, 20)
    }), {})
    quality = optional(object({
      memory_mb            = optional(number)
      timeout_seconds      = optional(number)
      batch_size           = optional(number)
      reserved_concurrency = optional(number)
      maximum_concurrency  = optional(number)
    }), {})
  })
  default  = {}
  nullable = false
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that encrypts buckets, table, queues, bus, logs and functions. Null: each service uses a key of its own."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "Give the ARN of a key (…:key/…), not of an alias."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the IAM policy set as permissions boundary of every role."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/.+$", var.permissions_boundary_arn))
    error_message = "Give the ARN of an IAM policy."
  }
}

variable "queue_age_alarm_seconds" {
  description = "Age of the oldest waiting message above which the alarm definitions of the queues fire."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.queue_age_alarm_seconds >= 60
    error_message = "The age is at least a minute: CloudWatch measures once a minute."
  }
}

variable "retention" {
  description = "How long things are kept, in days; `0` is for ever. Data that was accepted is kept for ever unless you say otherwise; refused rows are kept for half a year, their originals stay in the raw bucket."
  type = object({
    log_days                = optional(number, 90)
    raw_days                = optional(number, 0)
    processed_days          = optional(number, 0)
    quarantine_days         = optional(number, 180)
    noncurrent_version_days = optional(number, 30)
    metadata_days           = optional(number, 400)
    dead_letter_days        = optional(number, 14)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for days in values(var.retention) : days >= 0 && days == floor(days)])
    error_message = "Every retention is a whole number of days, 0 or more."
  }

  validation {
    condition     = var.retention.dead_letter_days >= 1 && var.retention.dead_letter_days <= 14
    error_message = "SQS keeps messages for 1 to 14 days."
  }
}

variable "tags" {
  description = "Further tags of every object; they win over `Environment` and `Team`."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "team" {
  description = "Name of the team that answers for the pipeline; it becomes the tag `Team`. Null leaves the tag out."
  type        = string
  default     = null
}

variable "timeouts" {
  description = "How long an operation may take, as `20m` or `1h30m`. Null leaves all of them to the provider."
  type = object({
    create = optional(string)
    update = optional(string)
    delete = optional(string)
  })
  default = null
}
