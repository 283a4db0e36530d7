# What an environment is unless the caller says otherwise.

locals {
  profiles = {
    dev = {
      customer_key_required_enabled = false
      deletion_protection_enabled   = false
      masking_enabled               = true
      threshold_percent             = 70
      validate_maximum_concurrency  = 5
      retention = {
        log_days                = 7
        raw_days                = 30
        processed_days          = 30
        quarantine_days         = 30
        noncurrent_version_days = 7
        metadata_days           = 30
        dead_letter_days        = 7
      }
    }
    staging = {
      customer_key_required_enabled = false
      deletion_protection_enabled   = true
      masking_enabled               = true
      threshold_percent             = 90
      validate_maximum_concurrency  = 10
      retention = {
        log_days                = 30
        raw_days                = 90
        processed_days          = 90
        quarantine_days         = 90
        noncurrent_version_days = 30
        metadata_days           = 90
        dead_letter_days        = 14
      }
    }
    prod = {
      customer_key_required_enabled = true
      deletion_protection_enabled   = true
      masking_enabled               = false
      threshold_percent             = 90
      validate_maximum_concurrency  = 50
      retention = {
        log_days                = 90
        raw_days                = 0
        processed_days          = 0
        quarantine_days         = 365
        noncurrent_version_days = 30
        metadata_days           = 400
        dead_letter_days        = 14
      }
    }
  }

  profile = try(local.profiles[var.environment], local.profiles["prod"])
  given   = try(var.environments[var.environment], null)

  settings = {
    customer_key_required_enabled = try(coalesce(local.given.customer_key_required_enabled), local.profile.customer_key_required_enabled)
    deletion_protection_enabled   = try(coalesce(local.given.deletion_protection_enabled), local.profile.deletion_protection_enabled)
    kms_key_arn                   = try(coalesce(local.given.kms_key_arn), null)
    masking_enabled               = try(coalesce(local.given.masking_enabled), local.profile.masking_enabled)
    permissions_boundary_arn      = try(coalesce(local.given.permissions_boundary_arn), null)
    tags                          = try(merge(local.given.tags, {}), {})
    threshold_percent             = try(coalesce(local.given.threshold_percent), local.profile.threshold_percent)
    validate_maximum_concurrency  = try(coalesce(local.given.validate_maximum_concurrency), local.profile.validate_maximum_concurrency)
    retention = {
      for key, days in local.profile.retention : key => try(coalesce(local.given.retention[key]), days)
    }
  }

  pipeline_name = "${var.name}-${var.environment}"
}
