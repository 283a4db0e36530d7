# Required

variable "environment" {
  description = "The environment: dev or prod."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

# Optional, in alphabetical order

variable "kms_key_arn" {
  description = "ARN of the environment's KMS key. Null: each service uses a key of its own."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the lake without its environment."
  type        = string
  default     = "orders"
}

variable "permissions_boundary_arn" {
  description = "ARN of the IAM policy that bounds every role. Null: none."
  type        = string
  default     = null
}

variable "region" {
  description = "AWS region. Null: from the environment."
  type        = string
  default     = null
}

variable "retention" {
  description = "How long things are kept, in days; see the module pipeline."
  type = object({
    log_days        = optional(number)
    raw_days        = optional(number)
    processed_days  = optional(number)
    quarantine_days = optional(number)
  })
  default  = {}
  nullable = false
}

variable "team" {
  description = "Name of the team that answers for the lake."
  type        = string
  default     = "sales"
}
