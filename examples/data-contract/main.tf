# A data contract becomes a pipeline: its objects are the datasets, its checks are their rules.

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

module "contract" {
  source = "../../modules/data-contract"

  contract_yaml = file("${path.module}/shop.odcs.yaml")
}

resource "datalake_pipeline" "shop" {
  name     = "shop"
  datasets = module.contract.datasets
  tags     = module.contract.tags

  # So that `terraform destroy` of the example may delete what was uploaded.
  force_destroy = true
}

output "unmapped" {
  description = "What the contract asks and the pipeline does not do."
  value       = module.contract.unmapped
}

output "rulesets" {
  description = "The rules that the contract came to, by dataset."
  value       = module.contract.rulesets
}

output "buckets" {
  description = "Bucket name and ARN by role."
  value       = datalake_pipeline.shop.buckets
}

output "metadata_table" {
  description = "The table that tells each object's story."
  value       = datalake_pipeline.shop.metadata_table
}

output "athena" {
  description = "The workgroup to query with."
  value       = datalake_pipeline.shop.athena
}
