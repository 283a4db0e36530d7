# What a team changes is in datasets/ and environments/. What the platform decides is here.

provider "datalake" {
  region = var.region

  default_tags = {
    tags = {
      ManagedBy  = "terraform"
      Repository = "orders-lake"
    }
  }
}

module "lake" {
  # In a repository of your own:
  # source = "github.com/terraform-provider-datalake/terraform-provider-datalake//modules/pipeline?ref=v0.1.0"
  source = "../../modules/pipeline"

  name          = "${var.name}-${var.environment}"
  environment   = var.environment
  team          = var.team
  datasets_yaml = file("${path.module}/datasets/datasets.yaml")

  deletion_protection_enabled = var.environment != "dev"
  kms_key_arn                 = var.kms_key_arn
  permissions_boundary_arn    = var.permissions_boundary_arn
  retention                   = var.retention
}
