# The least: one dataset, rows kept whole as JSON text.
resource "datalake_pipeline" "sensors" {
  name     = "sensors"
  datasets = { readings = { format = "json" } }
}

# Typed columns with checks, rules in DQDL, folders, and how long things are kept.
resource "datalake_pipeline" "orders" {
  name = "orders"

  datasets = {
    orders = {
      format = "csv"

      columns = {
        order_id = { type = "bigint", required = true }
        country  = { type = "string", required = true, enum = ["DE", "FR", "US"] }
        email    = { type = "string", pattern = "email", classification = "pii" }
        amount   = { type = "double", minimum = 0 }
      }

      quality = {
        ruleset           = "Rules = [ RowCount > 0, Completeness \"email\" > 0.9 ]"
        threshold_percent = 80
      }

      output = { partition_by = ["country"] }
    }
  }

  retention = {
    raw_days        = 90
    quarantine_days = 365
  }

  tags = { Team = "sales" }
}

# Whoever applies the pipeline needs this policy and no more.
output "apply_policy_json" {
  description = "The least IAM policy that applies the pipeline."
  value       = datalake_pipeline.orders.apply_policy_json
}
