# Required

variable "pipelines" {
  description = "The team's pipelines by name: each is called `<team>-<name>`, which must fit into 24 characters. What a pipeline does not say is the module `pipeline`'s default."
  type = map(object({
    datasets = optional(map(object({
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
      spark_threshold_mb = optional(number)
      transforms = optional(list(object({
        rename = optional(object({ from = string, to = string }))
        cast   = optional(object({ column = string, to = string }))
        derive = optional(object({ column = string, expression = string }))
        drop   = optional(object({ columns = list(string) }))
        filter = optional(object({ where = string }))
        mask = optional(object({
          column         = string
          method         = string
          keep_first     = optional(number)
          keep_last      = optional(number)
          replacement    = optional(string)
          key_secret_arn = optional(string)
        }))
      })))
      sql     = optional(string)
      curated = optional(object({ partition_by = optional(list(string)) }))
      backfill = optional(object({
        prefix             = optional(string)
        since              = optional(string)
        objects_per_second = optional(number)
      }))
    })), {})
    datasets_yaml               = optional(string)
    deletion_protection_enabled = optional(bool, true)
    tags                        = optional(map(string), {})
  }))
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.pipelines) : can(regex("^[a-z0-9](?:-?[a-z0-9])*$", name))])
    error_message = "The name of a pipeline holds lower-case letters, digits and single hyphens, and does not begin or end with a hyphen."
  }
}

variable "team" {
  description = "Name of the team: the beginning of every name, and the tag `Team`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.team))
    error_message = "A team is a word of 2 to 16 lower-case letters and digits."
  }
}

# Optional, in alphabetical order

variable "alarm_email_addresses" {
  description = "Addresses that the team's topic writes to; each has to confirm a message of AWS first. Not with `alarm_topic`."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alarm_email_addresses : can(regex("^[^@\\s]+@[^@\\s]+$", address))])
    error_message = "Each address is of the form name@domain."
  }
}

variable "alarm_kms_key" {
  description = "A KMS key of yours for the team's topic, such as that of `kms_key_arn`. Its policy must let `cloudwatch.amazonaws.com` use it (`kms:Decrypt`, `kms:GenerateDataKey*`), or no alarm arrives. Null: the topic gets a key that does."
  type = object({
    arn = string
  })
  default = null
}

variable "alarm_topic" {
  description = "A topic of yours that takes the alarms; its policy must let `cloudwatch.amazonaws.com` publish. Null: the team gets a topic."
  type = object({
    arn = string
  })
  default = null
}

variable "alarms_enabled" {
  description = "Whether the alarms of all pipelines are made (CloudWatch bills each by the month), with their topic."
  type        = bool
  default     = true
  nullable    = false
}

variable "analyst_principal_arns" {
  description = "ARNs of those who may assume the role `<team>-analyst`, such as a role of your identity centre; known at plan. Empty: no such role is made."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.analyst_principal_arns : can(regex("^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:[^*]+$", arn))])
    error_message = "Each is the ARN of an account, a role or a user; everybody (*) is nobody's choice."
  }
}

variable "environment" {
  description = "Word for the environment; it becomes the tag `Environment`. Null leaves the tag out."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "ARN of the KMS key that all pipelines of the team, and the results of queries, share. Null: each service uses a key of its own."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "Give the ARN of a key (…:key/…), not of an alias."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the IAM policy set as permissions boundary of every role: those of the pipelines and those of people."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/.+$", var.permissions_boundary_arn))
    error_message = "Give the ARN of an IAM policy."
  }
}

variable "query_limit_gb" {
  description = "Most gigabytes that one query in the team's workgroup may read; what would read more is cut off. Null: no limit."
  type        = number
  default     = null

  validation {
    condition     = var.query_limit_gb == null ? true : var.query_limit_gb >= 1 && var.query_limit_gb == floor(var.query_limit_gb)
    error_message = "The limit is a whole number of gigabytes, 1 or more."
  }
}

variable "query_result_days" {
  description = "Days to keep the results of queries in the team's workgroup."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.query_result_days >= 1 && var.query_result_days == floor(var.query_result_days)
    error_message = "Results are kept for a whole number of days, 1 or more."
  }
}

variable "retention" {
  description = "How long every pipeline keeps things, in days; `0` is for ever. What is left out is the module `pipeline`'s default."
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
}

variable "steward_principal_arns" {
  description = "ARNs of those who may assume the role `<team>-steward`; known at plan. Empty: no such role is made."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.steward_principal_arns : can(regex("^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:[^*]+$", arn))])
    error_message = "Each is the ARN of an account, a role or a user; everybody (*) is nobody's choice."
  }
}

variable "tags" {
  description = "Tags of every object of every pipeline and of what the team shares."
  type        = map(string)
  default     = {}
  nullable    = false
}
