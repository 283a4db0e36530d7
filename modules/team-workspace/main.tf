# The pipelines of one team: one key, one set of tags, one boundary.

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
