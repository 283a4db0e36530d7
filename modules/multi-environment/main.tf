# One definition, made for one environment. Each environment has its own state (a backend key, a workspace or a folder).

module "pipeline" {
  source = "../pipeline"

  name         = local.pipeline_name
  datasets     = var.datasets
  architecture = var.architecture
  environment  = var.environment
  team         = var.team
  tags         = merge(var.tags, local.settings.tags)

  default_threshold_percent   = local.settings.threshold_percent
  deletion_protection_enabled = local.settings.deletion_protection_enabled
  functions                   = { validate = { maximum_concurrency = local.settings.validate_maximum_concurrency } }
  kms_key_arn                 = local.settings.kms_key_arn
  permissions_boundary_arn    = local.settings.permissions_boundary_arn
  retention                   = local.settings.retention
}
