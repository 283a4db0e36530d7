# What `expand` says a pipeline is made of, as plain aws_* resources: every name and every setting comes from there.

data "aws_caller_identity" "this" {}

data "aws_region" "this" {}

locals {
  objects = provider::datalake::expand(
    {
      name     = var.name
      datasets = local.datasets

      architecture             = var.architecture
      crawler_schedule         = var.crawler_schedule
      force_destroy            = !var.deletion_protection_enabled
      functions                = var.functions
      kms_key_arn              = var.kms_key_arn
      permissions_boundary_arn = var.permissions_boundary_arn
      retention                = var.retention
      tags                     = local.tags
    },
    data.aws_caller_identity.this.account_id,
    data.aws_region.this.name,
  )

  # By kind, then by the rest of the logical name: `queue.ingest` is local.of.queue["ingest"].
  kinds = toset([for key, _ in local.objects : split(".", key)[0]])
  of = {
    for kind in local.kinds : kind => {
      for key, object in local.objects : trimprefix(key, "${kind}.") => jsondecode(object.document)
      if startswith(key, "${kind}.")
    }
  }

  layer = local.of.layer["handlers"]

  # A kind that this module does not know would be missing in silence.
  known_kinds = toset([
    "bucket", "catalog_table", "crawler", "database", "definition", "event_bus", "function", "layer", "log_group", "mapping",
    "queue", "role", "rule", "table", "workgroup",
  ])
}

resource "terraform_data" "checked" {
  lifecycle {
    precondition {
      condition     = length(local.unknown_keys) == 0
      error_message = "datasets_yaml holds keys that are not known: ${join(", ", local.unknown_keys)}."
    }

    precondition {
      condition     = length(local.declared_twice) == 0
      error_message = "These datasets stand in datasets and in datasets_yaml: ${join(", ", local.declared_twice)}."
    }

    precondition {
      condition     = !contains(local.kinds, "backfill")
      error_message = "A backfill is a request and no resource: leave it out here, and ask for it on the pipeline's bus (see the guide Operating)."
    }

    precondition {
      condition     = length(setsubtract(local.kinds, local.known_kinds)) == 0 || contains(local.kinds, "backfill")
      error_message = "This version of the module does not know these kinds of objects: ${join(", ", setsubtract(local.kinds, local.known_kinds))}. Use the module of the provider's version."
    }

    precondition {
      condition     = filebase64sha256(local.handlers_package) == local.layer.code_sha256
      error_message = "${local.handlers_package} is not the package of this version of the provider."
    }
  }
}

locals {
  buckets = { for role, bucket in aws_s3_bucket.this : role => { name = bucket.bucket, arn = bucket.arn } }
  queues = {
    for function, queue in aws_sqs_queue.this : function => {
      name             = queue.name
      arn              = queue.arn
      dead_letter_name = aws_sqs_queue.dead_letters["${function}_dead_letters"].name
      dead_letter_arn  = aws_sqs_queue.dead_letters["${function}_dead_letters"].arn
    }
  }
  function_names = { for function, object in aws_lambda_function.this : function => object.function_name }

  quoted_tables = {
    for name in keys(local.datasets) :
    name => "\"${aws_glue_catalog_table.this[name].database_name}\".\"${aws_glue_catalog_table.this[name].name}\""
  }
  # The columns that are folders, the outermost first.
  folders = { for name in keys(local.datasets) : name => local.of.catalog_table[name].partition_keys[*].name }
}
