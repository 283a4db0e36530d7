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
        sequence   = { type = "bigint", minimum = 0, exclusive_maximum = 1000000 }
        "data.hPa" = { type = "double", exclusive_minimum = 0, maximum = 1100 }
        calibrated = { type = "boolean" }
        # A value that is not right is counted, and the row is accepted all the same.
        email = { type = "string", pattern = "email", classification = "pii", action = "warn", severity = "info" }
        note  = { type = "string", minimum_length = 1, maximum_length = 200, weight = 2 }
        raw   = { type = "json" }
      }

      quality = {
        threshold_percent       = 80
        max_quarantined_percent = 60
        action                  = "quarantine_row" # what fits a rule about rows; one about the object refuses the object
        uniqueness_memory_mb    = 128

        ruleset = <<-DQDL
          Rules = [
            RowCount between 0 and 1000,
            Completeness "email" > 0.2,
            ColumnValues "data.hPa" > 900 with threshold > 0.5,
            (ColumnLength "note" <= 20) or (ColumnValues "note" = NULL)
          ]
        DQDL

        rules = {
          every-reading-once = { rule = "IsUnique \"id\"", action = "quarantine_object", severity = "critical" }
          plausible-pressure = { rule = "Mean \"data.hPa\" between 900 and 1100", action = "warn", severity = "warning", weight = 2 }
        }

        schema_drift = {
          new_columns     = "rescue"
          missing_columns = "ignore"
          mistyped_values = "quarantine_row"
        }
      }

      output = {
        partition_by = ["site", "day"]
        compression  = "zstd"
      }

      # Accepted rows become a second table, readings_curated: step by step, in this order.
      transforms = [
        { filter = { where = "calibrated IS NULL OR calibrated" } },
        { derive = { column = "hour", expression = "date_trunc('hour', at)" } },
        { rename = { from = "data.hPa", to = "pressure" } },
        { cast = { column = "sequence", to = "string" } },
        { mask = { column = "email", method = "hash", key_secret_arn = var.masking_key_secret_arn } },
        { mask = { column = "note", method = "partial", keep_first = 1, keep_last = 1 } },
        { mask = { column = "id", method = "redact", replacement = "-" } },
        { drop = { columns = ["raw"] } },
      ]

      curated = { partition_by = ["day"] }
    }

    # CSV: values are read by the declared types.
    prices = {
      format = "csv"

      csv = {
        delimiter = ","
        quote     = "\""
        escape    = "\\"
        null_text = "n/a"
      }

      columns = {
        sku   = { type = "string", required = true, pattern = "[A-Z]{3}-[0-9]{4}" }
        price = { type = "double", required = true, minimum = 0 }
      }

      output = { compression = "snappy" }
      sql    = "SELECT sku, substr(sku, 1, 3) AS family, price FROM source WHERE price > 0"
    }

    # TSV without a header, with lines that are passed over.
    stations = {
      format = "tsv"

      csv = {
        header  = false
        columns = ["code", "name", "height"]
        comment = "#"
      }

      columns = {
        code   = { type = "string", required = true }
        name   = { type = "string" }
        height = { type = "double" }
      }
    }

    # Columns as a JSON Schema.
    contacts = {
      format = "ndjson"

      json_schema = jsonencode({
        type     = "object"
        required = ["name"]
        properties = {
          name  = { type = "string", minLength = 1 }
          email = { type = "string", format = "email" }
          address = {
            type       = "object"
            properties = { postcode = { type = "string", pattern = "^[0-9]{5}$" } }
          }
        }
      })
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
    query_result_days       = 30
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

    # Only where a dataset has transforms or sql.
    transform = {
      memory_mb       = 1769
      timeout_seconds = 900
      batch_size      = 1
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
