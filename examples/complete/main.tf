# Every attribute of datalake_pipeline, each with a value that works.

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
provider "datalake" {
  default_tags = {
    tags = { ManagedBy = "terraform" }
  }
}

resource "datalake_pipeline" "complete" {
  name = "complete"

  datasets = {
    # A dataset with everything a dataset can have.
    readings = {
      format      = "ndjson"
      prefix      = "input/sensors/v1/"
      compression = "auto"

      columns = {
        id         = { type = "string", required = true, pattern = "uuid" }
        site       = { type = "string", required = true, enum = ["north", "south"] }
        day        = { type = "date", required = true }
        at         = { type = "timestamp", required = true }
        sequence   = { type = "bigint", minimum = 0 }
        "data.hPa" = { type = "double", minimum = 800, maximum = 1100 }
        calibrated = { type = "boolean" }
        email      = { type = "string", pattern = "email", classification = "pii" }
        note       = { type = "string" }
        raw        = { type = "json" }
      }

      quality = {
        threshold_percent = 80
        ruleset           = <<-DQDL
          Rules = [
            RowCount between 0 and 1000,
            Completeness "email" > 0.2,
            ColumnValues "data.hPa" > 900 with threshold > 0.5,
            (ColumnLength "note" <= 20) or (ColumnValues "note" = NULL)
          ]
        DQDL
      }

      output = {
        partition_by = ["site", "day"]
        compression  = "zstd"
      }
    }

    # CSV: values are read by the declared types.
    prices = {
      format = "csv"

      columns = {
        sku   = { type = "string", required = true, pattern = "[A-Z]{3}-[0-9]{4}" }
        price = { type = "double", required = true, minimum = 0 }
      }

      output = { compression = "snappy" }
    }

    # Without columns each row is kept whole, as JSON text.
    notes = { format = "json" }
  }

  # Destroying the example may delete what was uploaded. Leave it out where data matters.
  force_destroy = true

  kms_key_arn              = var.kms_key_arn
  permissions_boundary_arn = var.permissions_boundary_arn

  retention = {
    log_days                = 14
    raw_days                = 90
    processed_days          = 0
    quarantine_days         = 180
    noncurrent_version_days = 30
    metadata_days           = 400
    dead_letter_days        = 14
  }

  functions = {
    ingest = {
      memory_mb       = 256
      timeout_seconds = 30
      batch_size      = 10
    }

    validate = {
      memory_mb            = 1769
      timeout_seconds      = 900
      batch_size           = 1
      maximum_concurrency  = 10
      reserved_concurrency = var.reserved_concurrency
    }

    quality = {
      memory_mb       = 256
      timeout_seconds = 60
      batch_size      = 10
    }
  }

  architecture     = "x86_64"
  crawler_schedule = "cron(0 */6 * * ? *)"

  tags = {
    Team = "sensors"
  }

  timeouts = {
    create = "20m"
    update = "20m"
    delete = "30m"
  }
}
