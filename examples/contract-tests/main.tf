# A pipeline from a contract and from rules, made to be tested before anybody has an account.

terraform {
  required_version = ">= 1.8"

  required_providers {
    datalake = {
      source  = "datalake/datalake"
      version = "~> 0.1"
    }
  }
}

variable "contract_file" {
  description = "Path of the data contract."
  type        = string
  default     = "contracts/devices.odcs.yaml"
}

module "contract" {
  source = "../../modules/data-contract"

  contract_yaml = file("${path.module}/${var.contract_file}")
}

# What the producers did not promise and we want anyway.
module "rules" {
  source = "../../modules/quality-rules"

  columns = {
    device_id   = { rules = ["keys.uuid"] }
    measured_at = { rules = ["time_series.timestamp"] }
    celsius     = { rules = ["time_series.temperature_celsius"], required = true, maximum = 60 }
    latitude    = { rules = ["geography.latitude"] }
    longitude   = { rules = ["geography.longitude"] }
  }

  row_count_minimum = 1
}

locals {
  datasets = merge(module.contract.datasets, {
    measurements = {
      format  = "ndjson"
      columns = module.rules.columns
      quality = { ruleset = module.rules.ruleset }
    }
  })
}

resource "datalake_pipeline" "devices" {
  name     = "devices"
  datasets = local.datasets
}

variable "measurements" {
  description = "Path of a sample of measurements."
  type        = string
  default     = "samples/measurements.ndjson"
}

# The engine that judges files in production judges the samples here: a provider function needs no cloud.
output "sample_verdicts" {
  description = "What the pipeline would say of the samples, by dataset."
  value = {
    devices      = provider::datalake::evaluate_quality(local.datasets.devices, file("${path.module}/samples/devices.json"))
    measurements = provider::datalake::evaluate_quality(local.datasets.measurements, file("${path.module}/${var.measurements}"))
  }
}

output "unmapped" {
  description = "What the contract asks and the pipeline does not do."
  value       = module.contract.unmapped
}

output "classified_columns" {
  description = "Columns with a classification, by dataset."
  value       = module.contract.classified_columns
}
