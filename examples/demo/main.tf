# One resource: buckets, event rules, queues, functions, metadata table, catalogue and query workgroup.

terraform {
  required_version = ">= 1.8"

  required_providers {
    datalake = {
      source  = "datalake/datalake"
      version = "~> 0.1"
    }
  }
}

# Region, credentials and endpoints come from the environment, as with the AWS provider.
provider "datalake" {}

resource "datalake_pipeline" "sensors" {
  name = "sensors"

  datasets = {
    readings = {
      format = "json"

      columns = {
        id                 = { type = "string", required = true }
        timestamp          = { type = "timestamp", required = true }
        email              = { type = "string", pattern = "email", classification = "pii" }
        phone              = { type = "string", pattern = "e164", classification = "pii" }
        "data.temperature" = { type = "double", minimum = -50, maximum = 60 }
        "data.humidity"    = { type = "double", minimum = 0, maximum = 100 }
        "data.location"    = { type = "string" }
      }

      quality = { threshold_percent = 70 }
    }

    orders = {
      format = "csv"

      columns = {
        order_id   = { type = "bigint", required = true }
        order_date = { type = "date", required = true }
        country    = { type = "string", required = true, enum = ["DE", "FR", "US"] }
        amount     = { type = "double", minimum = 0 }
        note       = { type = "string" }
      }

      quality = { threshold_percent = 70 }
      output  = { partition_by = ["country"] }
    }
  }

  # So that `terraform destroy` of the example may delete what was uploaded.
  force_destroy = true
}

output "buckets" {
  description = "Bucket name and ARN by role: raw takes uploads, processed holds accepted rows, quarantine the others."
  value       = datalake_pipeline.sensors.buckets
}

output "metadata_table" {
  description = "The table that tells each object's story."
  value       = datalake_pipeline.sensors.metadata_table
}

output "athena" {
  description = "The workgroup to query with."
  value       = datalake_pipeline.sensors.athena
}

output "glue" {
  description = "The database and its tables, one per dataset."
  value       = datalake_pipeline.sensors.glue
}
