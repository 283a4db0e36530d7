# One definition, made once for each environment: the variable file says which.

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

variable "environment" {
  description = "The environment to make: dev, staging or prod."
  type        = string
}

variable "kms_key_arn" {
  description = "ARN of the environment's KMS key. Null: each service uses a key of its own."
  type        = string
  default     = null
}

module "orders" {
  source = "../../modules/multi-environment"

  name        = "orders"
  environment = var.environment
  datasets    = yamldecode(file("${path.module}/datasets.yaml"))

  environments = {
    (var.environment) = { kms_key_arn = var.kms_key_arn }
  }
}

output "pipeline_name" {
  description = "Name of the environment's pipeline."
  value       = module.orders.pipeline_name
}

output "raw_bucket_name" {
  description = "Name of the bucket that takes files."
  value       = module.orders.raw_bucket_name
}

output "retention" {
  description = "How long the environment keeps things, in days."
  value       = module.orders.retention
}

output "workgroup_name" {
  description = "Name of the workgroup to query with."
  value       = module.orders.workgroup_name
}

output "masked_view_sql" {
  description = "Statements that make the masked views, by dataset."
  value       = module.orders.masked_view_sql
}
