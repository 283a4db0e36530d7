variable "handlers_package" {
  description = "Path of `datalake-handlers_<architecture>.zip`, which lies in the provider's zip. Null: the one beside the provider that `terraform init` installed in this configuration."
  type        = string
  default     = null
}

locals {
  installed_packages = fileset(path.root, ".terraform/providers/registry.terraform.io/datalake/datalake/*/*/datalake-handlers_${local.layer.architecture}.zip")
  handlers_package   = try(coalesce(var.handlers_package), "${path.root}/${one(local.installed_packages)}")
}
