terraform {
  required_version = ">= 1.8"

  required_providers {
    datalake = {
      source  = "datalake/datalake"
      version = "~> 0.1"
    }
  }
}

# Without arguments, region and credentials come from where the AWS CLI finds them.
provider "datalake" {
  region = "eu-west-1"

  default_tags = {
    tags = {
      Team      = "sensors"
      ManagedBy = "terraform"
    }
  }
}

resource "datalake_pipeline" "readings" {
  name     = "readings"
  datasets = { readings = { format = "json" } }
}
