terraform {
  # The S3 backend's own lock file needs 1.10.
  required_version = ">= 1.10"

  required_providers {
    datalake = {
      source  = "datalake/datalake"
      version = "~> 0.1"
    }
  }
}
