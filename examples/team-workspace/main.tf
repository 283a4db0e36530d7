# Two pipelines of one team, with one workgroup, one topic and a role for its analysts.

terraform {
  required_version = ">= 1.8"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }

    datalake = {
      source  = "datalake/datalake"
      version = "~> 0.1"
    }
  }
}

provider "aws" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

module "sales" {
  source = "../../modules/team-workspace"

  team        = "sales"
  environment = "test"

  # Whom this account's own policies let assume the role; name a role of your people instead.
  analyst_principal_arns = [
    "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root",
  ]

  pipelines = {
    orders = {
      datasets_yaml               = file("${path.module}/orders.yaml")
      deletion_protection_enabled = false
    }

    clicks = {
      deletion_protection_enabled = false

      datasets = {
        clicks = {
          format = "ndjson"

          columns = {
            at      = { type = "timestamp", required = true }
            url     = { type = "string", required = true, pattern = "url" }
            session = { type = "string", pattern = "uuid", classification = "internal" }
          }

          # Analysts read the curated table: no session can be followed there.
          transforms = [{ mask = { column = "session", method = "hash" } }]
        }
      }
    }
  }
}

output "raw_bucket_names" {
  description = "Name of the bucket of each pipeline that takes files."
  value       = module.sales.raw_bucket_names
}

output "analyst_role_arn" {
  description = "ARN of the role of people who query and change nothing."
  value       = module.sales.role_arns.analyst
}

output "workgroup_name" {
  description = "Name of the Athena workgroup from which the team queries all its pipelines."
  value       = module.sales.workgroup_name
}

output "topic_arn" {
  description = "ARN of the topic that all alarms tell."
  value       = module.sales.topic_arn
}
