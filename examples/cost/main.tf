# What a pipeline costs a month, as arithmetic. Needs no provider and no credentials: change the inputs, `terraform apply`, read.

terraform {
  required_version = ">= 1.8"
}

variable "load" {
  description = "What arrives, and what is asked of it, a month."
  type = object({
    datasets             = optional(number, 3)
    objects              = optional(number, 100000)
    object_mb            = optional(number, 10)
    parquet_share        = optional(number, 0.2)  # size of the accepted rows against the files that arrived
    files_per_object     = optional(number, 3)    # Parquet files: one for each folder that the rows of an object fall into
    quarantined_share    = optional(number, 0.01) # size of the refused rows against the files that arrived
    months_kept          = optional(number, 12)   # how long files and rows are kept
    query_scanned_gb     = optional(number, 500)  # what Athena reads
    crawler_runs         = optional(number, 120)  # every six hours
    validate_mb_a_second = optional(number, 40)   # an assumption: read your own from "Billed Duration" in the log
    write_units          = optional(number, 40)   # DynamoDB, for each object: an assumption, on the high side
    read_units           = optional(number, 10)   # DynamoDB, for each object
    log_kb               = optional(number, 6)    # for each object, all three functions
    alarms               = optional(number, 12)
    own_kms_key          = optional(bool, false)
  })
  default = {}
}

variable "prices" {
  description = "US dollars, list prices of US East (N. Virginia) without free tiers: assumptions to be checked against the pages in the README."
  type = object({
    s3_gb_month             = optional(number, 0.023)
    s3_put_1000             = optional(number, 0.005)
    s3_get_1000             = optional(number, 0.0004)
    lambda_million          = optional(number, 0.20)
    lambda_gb_second        = optional(number, 0.0000166667)
    sqs_million             = optional(number, 0.40)
    eventbridge_million     = optional(number, 1.00)
    dynamodb_write_million  = optional(number, 0.625)
    dynamodb_read_million   = optional(number, 0.125)
    cloudwatch_metric_month = optional(number, 0.30)
    cloudwatch_alarm_month  = optional(number, 0.10)
    cloudwatch_log_gb       = optional(number, 0.50)
    xray_million            = optional(number, 5.00)
    glue_dpu_hour           = optional(number, 0.44)
    athena_tb               = optional(number, 5.00)
    kms_key_month           = optional(number, 1.00)
  })
  default = {}
}

locals {
  seconds_a_month = 30 * 24 * 3600
  gb_arrived      = var.load.objects * var.load.object_mb / 1024

  # Three queues, each polled by Lambda's five pollers with long polls of 20 seconds, messages or not.
  idle_receives = 3 * 5 * local.seconds_a_month / 20

  gb_seconds = var.load.objects * (
    256 / 1024 * 0.05 +                                                        # ingest
    1769 / 1024 * (0.3 + var.load.object_mb / var.load.validate_mb_a_second) + # validate
    256 / 1024 * 0.05                                                          # quality
  )

  monthly_usd = {
    # There whether anything arrives or not.
    idle = {
      crawler      = var.load.crawler_runs * 2 * 10 / 60 * var.prices.glue_dpu_hour # 2 DPU, ten minutes at least
      queue_polls  = local.idle_receives / 1e6 * var.prices.sqs_million
      metrics      = 4 * (1 + var.load.datasets) * var.prices.cloudwatch_metric_month # four names, by pipeline and by dataset
      alarms       = var.load.alarms * var.prices.cloudwatch_alarm_month
      own_kms_keys = var.load.own_kms_key ? var.prices.kms_key_month : 0
    }

    # For each object.
    objects = {
      lambda_calls    = 3 * var.load.objects / 1e6 * var.prices.lambda_million
      lambda_duration = local.gb_seconds * var.prices.lambda_gb_second
      events          = 4 * var.load.objects / 1e6 * var.prices.eventbridge_million # the forwarded one and three of the pipeline's own
      queue_messages  = 3 * 3 * var.load.objects / 1e6 * var.prices.sqs_million     # send, receive, delete
      metadata_writes = var.load.objects * var.load.write_units / 1e6 * var.prices.dynamodb_write_million
      metadata_reads  = var.load.objects * var.load.read_units / 1e6 * var.prices.dynamodb_read_million
      s3_puts         = var.load.objects * (1 + 3 * var.load.files_per_object) / 1000 * var.prices.s3_put_1000
      s3_gets         = var.load.objects * (2 + var.load.object_mb / 8) / 1000 * var.prices.s3_get_1000
      logs            = var.load.objects * var.load.log_kb / 1024 / 1024 * var.prices.cloudwatch_log_gb
      traces          = 3 * var.load.objects * 0.05 / 1e6 * var.prices.xray_million # X-Ray takes a twentieth
    }

    # For each gigabyte that is kept.
    storage = {
      arrived     = local.gb_arrived * var.load.months_kept * var.prices.s3_gb_month
      accepted    = local.gb_arrived * var.load.parquet_share * var.load.months_kept * var.prices.s3_gb_month
      quarantined = local.gb_arrived * var.load.quarantined_share * var.load.months_kept * var.prices.s3_gb_month
    }

    # For each question.
    queries = {
      athena = var.load.query_scanned_gb / 1024 * var.prices.athena_tb
    }
  }
}

output "monthly_usd" {
  description = "US dollars a month, part by part."
  value = {
    for part, items in local.monthly_usd : part => { for item, usd in items : item => floor(usd * 100 + 0.5) / 100 }
  }
}

output "monthly_usd_by_part" {
  description = "US dollars a month: idle, objects, storage, queries."
  value       = { for part, items in local.monthly_usd : part => floor(sum(values(items)) * 100 + 0.5) / 100 }
}
