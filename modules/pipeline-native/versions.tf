terraform {
  required_version = ">= 1.8"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }

    # For its functions only: it is given no credentials and makes no object.
    datalake = {
      source  = "datalake/datalake"
      version = "~> 0.1"
    }
  }
}
