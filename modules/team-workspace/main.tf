# The pipelines of one team: one key, one set of tags, one boundary, one topic for their alarms.

module "pipeline" {
  source   = "../pipeline"
  for_each = var.pipelines

  name          = "${var.team}-${each.key}"
  datasets      = each.value.datasets
  datasets_yaml = each.value.datasets_yaml
  environment   = var.environment
  team          = var.team
  tags          = merge(var.tags, each.value.tags)

  deletion_protection_enabled = each.value.deletion_protection_enabled
  kms_key_arn                 = var.kms_key_arn
  permissions_boundary_arn    = var.permissions_boundary_arn
  retention                   = var.retention
}

module "alarms" {
  source = "../alarms"
  count  = var.alarms_enabled ? 1 : 0

  name              = "${var.team}-alarms"
  alarm_definitions = local.alarm_definitions
  email_addresses   = var.alarm_email_addresses
  kms_key           = var.alarm_kms_key
  topic             = var.alarm_topic
  tags              = local.tags
}

locals {
  alarm_definitions = merge([
    for key, pipeline in module.pipeline : {
      for alarm, definition in pipeline.alarm_definitions : "${key}-${alarm}" => definition
    }
  ]...)

  # Those of every pipeline.
  tags = merge(var.environment == null ? {} : { Environment = var.environment }, { Team = var.team }, var.tags)
}
