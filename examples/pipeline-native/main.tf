# A pipeline as plain aws_* resources, for policy tools that read resource types.

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

module "orders" {
  source = "../../modules/pipeline-native"

  name          = "orders-native"
  environment   = "test"
  datasets_yaml = file("${path.module}/datasets.yaml")

  # So that the example can be thrown away.
  deletion_protection_enabled = false
}

output "raw_bucket_name" {
  description = "Name of the bucket that takes files."
  value       = module.orders.raw_bucket_name
}

output "metadata_table_name" {
  description = "Name of the table that tells each object's story."
  value       = module.orders.metadata_table_name
}
