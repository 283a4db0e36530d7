# A pipeline that is encrypted with a key you have, and whose roles stay within a boundary you have.

terraform {
  required_version = ">= 1.8"

  required_providers {
    datalake = {
      source  = "datalake/datalake"
      version = "~> 0.1"
    }
  }
}

provider "datalake" {}

variable "kms_key_arn" {
  description = "ARN of the KMS key (not of an alias) that encrypts buckets, table, queues, bus, logs and functions."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "ARN of the IAM policy that bounds every role. Null: none."
  type        = string
  default     = null
}

resource "datalake_pipeline" "orders" {
  name                     = "orders-encrypted"
  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn

  datasets = {
    orders = {
      format = "csv"
      columns = {
        order_id = { type = "bigint", required = true }
        amount   = { type = "double", minimum = 0 }
      }
    }
  }

  # So that `terraform destroy` of the example may delete what was uploaded.
  force_destroy = true
}

output "buckets" {
  description = "Bucket name and ARN by role."
  value       = datalake_pipeline.orders.buckets
}

output "role_arns" {
  description = "ARNs of the functions' roles, for the key's policy."
  value = {
    ingest   = datalake_pipeline.orders.functions.ingest.role_arn
    validate = datalake_pipeline.orders.functions.validate.role_arn
    quality  = datalake_pipeline.orders.functions.quality.role_arn
  }
}

output "apply_policy_json" {
  description = "The least IAM policy that applies this pipeline."
  value       = datalake_pipeline.orders.apply_policy_json
}
