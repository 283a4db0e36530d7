# One pipeline with a team's defaults, fed from HCL, from YAML or from both.

resource "datalake_pipeline" "this" {
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
  timeouts                 = var.timeouts

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
      condition     = length(local.datasets) > 0
      error_message = "A pipeline has at least one dataset: give datasets or datasets_yaml."
    }
  }
}

locals {
  buckets = datalake_pipeline.this.buckets
  # The function `transform` and its queue are there only where rows are transformed.
  transformed = anytrue([
    for dataset in local.datasets : length(coalesce(dataset.transforms, [])) > 0 || dataset.sql != null
  ])
  queues = {
    for function, queue in datalake_pipeline.this.queues : function => queue if local.transformed || function != "transform"
  }
  functions = {
    for function, object in datalake_pipeline.this.functions : function => object if object != null && contains(keys(local.queues), function)
  }
  function_names = { for function, object in local.functions : function => object.name }
}
