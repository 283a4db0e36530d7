variable "kms_key_arn" {
  description = "ARN of a KMS key of your own. Null: each service uses a key of its own."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "ARN of an IAM policy that bounds every role. Null: none."
  type        = string
  default     = null
}

variable "reserved_concurrency" {
  description = "Calls at once set aside for `validate`. Null: it shares what is free. AWS refuses it in accounts that have no more than 100 calls left to share."
  type        = number
  default     = null
}

variable "masking_key_secret_arn" {
  description = "ARN of a Secrets Manager secret whose value is the key of the masked e-mail addresses; without it they are hashed without a key."
  type        = string
  default     = null
}
