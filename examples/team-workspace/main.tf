# Two pipelines of one team, and the policy of its analysts.

terraform {
  required_version = ">= 1.8"

  required_providers {
    datalake = {
      source  = "datalake/datalake"
      version = "~> 0.1"
    }
  }
}

module "sales" {
  source = "../../modules/team-workspace"

  team        = "sales"
  environment = "test"

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

output "workgroup_names" {
  description = "Name of the Athena workgroup of each pipeline."
  value       = module.sales.workgroup_names
}

output "analyst_policy_json" {
  description = "IAM policy for people who query accepted rows and change nothing."
  value       = module.sales.analyst_policy_json
}
