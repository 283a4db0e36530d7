# Required

variable "datasets" {
  description = "Datasets by name, the same in every environment, as the resource takes them."
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
  }))
  nullable = false
}

variable "environment" {
  description = "The environment to make: `dev`, `staging`, `prod` or a key of `environments`. It becomes a part of every name and the tag `Environment`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "An environment is a word of 2 to 12 lower-case letters and digits."
  }
}

variable "name" {
  description = "Name of the pipeline without its environment: the pipeline is called `<name>-<environment>`, which must fit into 24 characters."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "The name holds lower-case letters, digits and single hyphens, begins with a letter and does not end with a hyphen."
  }
}

# Optional, in alphabetical order

variable "architecture" {
  description = "Processor of the functions: `x86_64` or `arm64`. Null leaves the choice to the provider."
  type        = string
  default     = null
}

variable "environments" {
  description = "Environments by name. What is given wins over the built-in profile of that name; a name without one begins with the profile of `prod`, the safest."
  type = map(object({
    customer_key_required_enabled = optional(bool)
    deletion_protection_enabled   = optional(bool)
    kms_key_arn                   = optional(string)
    masking_enabled               = optional(bool)
    permissions_boundary_arn      = optional(string)
    tags                          = optional(map(string))
    threshold_percent             = optional(number)
    validate_maximum_concurrency  = optional(number)
    retention = optional(object({
      log_days                = optional(number)
      raw_days                = optional(number)
      processed_days          = optional(number)
      quarantine_days         = optional(number)
      noncurrent_version_days = optional(number)
      metadata_days           = optional(number)
      dead_letter_days        = optional(number)
    }))
  }))
  default  = {}
  nullable = false
}

variable "masked_classifications" {
  description = "Classifications whose columns are masked in `masked_view_sql` where masking is on."
  type        = set(string)
  default     = ["pii"]
  nullable    = false
}

variable "tags" {
  description = "Tags of every object in every environment."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "team" {
  description = "Name of the team that answers for the pipeline; it becomes the tag `Team`. Null leaves the tag out."
  type        = string
  default     = null
}
