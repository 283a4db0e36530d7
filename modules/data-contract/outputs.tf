output "datasets" {
  description = "The contract's objects as datasets, as `datalake_pipeline` and the module `pipeline` take them."
  value       = local.datasets

  precondition {
    condition     = !var.strict_enabled || length(local.unmapped) == 0
    error_message = "The contract cannot be mapped completely:\n${join("\n", [for at, why in local.unmapped : "  ${at}: ${why}"])}"
  }
}

output "unmapped" {
  description = "What the contract says and the datasets do not hold: the place in the contract, and why. Empty when nothing was lost."
  value       = local.unmapped
}

output "rulesets" {
  description = "The DQDL ruleset of each dataset that has one, by dataset: what could not be said by an attribute of a column."
  value       = { for name, dataset in local.datasets : name => dataset.quality.ruleset if dataset.quality.ruleset != null }
}

output "classified_columns" {
  description = "Names of the columns that carry a classification, by dataset and classification."
  value = {
    for name, dataset in local.datasets : name => {
      for word in distinct([for column in values(dataset.columns) : column.classification if column.classification != null]) :
      word => toset([for path, column in dataset.columns : path if column.classification == word])
    }
  }
}

output "contract_id" {
  description = "The contract's `id`."
  value       = try(tostring(local.contract.id), null)
}

output "contract_version" {
  description = "The contract's own `version`."
  value       = try(tostring(local.contract.version), null)
}

output "contract_status" {
  description = "The contract's `status`, such as `active`."
  value       = try(tostring(local.contract.status), null)
}

output "tags" {
  description = "Tags that say which contract a pipeline keeps: `ContractId` and `ContractVersion`."
  value = {
    for key, value in {
      ContractId      = try(tostring(local.contract.id), null)
      ContractVersion = try(tostring(local.contract.version), null)
    } : key => value if value != null
  }
}
