# Required

variable "alarm_definitions" {
  description = "The alarms by name, as the output `alarm_definitions` of the modules `pipeline`, `pipeline-native`, `multi-environment` and `team-workspace` gives them; add or leave out what you like."
  type = map(object({
    alarm_name          = string
    alarm_description   = optional(string)
    namespace           = string
    metric_name         = string
    dimensions          = map(string)
    statistic           = string
    comparison_operator = string
    threshold           = number
    period_seconds      = number
    evaluation_periods  = number
    treat_missing_data  = optional(string, "notBreaching")
  }))
  nullable = false

  validation {
    condition     = length(distinct([for alarm in values(var.alarm_definitions) : alarm.alarm_name])) == length(var.alarm_definitions)
    error_message = "Two alarms have the same alarm_name: the second would overwrite the first."
  }

  validation {
    condition     = alltrue([for alarm in values(var.alarm_definitions) : contains([10, 30], alarm.period_seconds) || (alarm.period_seconds >= 60 && alarm.period_seconds % 60 == 0)])
    error_message = "CloudWatch takes periods of 10 s, 30 s and whole minutes."
  }
}

variable "name" {
  description = "Name of the topic that is made, and the beginning of its policy's id: letters, digits, `-` and `_`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,256}$", var.name))
    error_message = "A topic's name has 1 to 256 letters, digits, hyphens and underscores."
  }
}

# Optional, in alphabetical order

variable "email_addresses" {
  description = "Addresses that a topic that is made here writes to; each has to confirm a message of AWS first."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.email_addresses : can(regex("^[^@\\s]+@[^@\\s]+$", address))])
    error_message = "Each address is of the form name@domain."
  }
}

variable "encryption_enabled" {
  description = "Whether a topic that is made here is encrypted with a KMS key. It holds no data but the text of alarms; a key is billed by the month."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key" {
  description = "A KMS key of yours for a topic that is made here. Its policy must let `cloudwatch.amazonaws.com` use it (`kms:Decrypt`, `kms:GenerateDataKey*`), or no alarm arrives. Null: a key is made that does."
  type = object({
    arn = string
  })
  default = null

  validation {
    condition     = var.kms_key == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key.arn))
    error_message = "Give the ARN of a key (…:key/…), not of an alias."
  }
}

variable "ok_actions_enabled" {
  description = "Whether the topic is told too when an alarm is over."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of topic and alarms."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "topic" {
  description = "A topic of yours that takes the alarms; its policy must let `cloudwatch.amazonaws.com` publish. Null: a topic is made."
  type = object({
    arn = string
  })
  default = null

  validation {
    condition     = var.topic == null || can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.topic.arn))
    error_message = "Give the ARN of a standard topic; CloudWatch takes no FIFO topics."
  }
}
