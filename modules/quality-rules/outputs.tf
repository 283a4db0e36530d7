# The library

output "personal" {
  description = "Rules for data about people, by name: `email`, `phone`, `name`, `date_of_birth`, `postal_code`, `ip_address`, `us_ssn`, `pseudonym`."
  value       = local.complete.personal
}

output "money" {
  description = "Rules for money, by name: `amount`, `signed_amount`, `minor_units`, `currency`, `percentage`, `share`, `quantity`, `iban`, `bic`, `card_last4`."
  value       = local.complete.money
}

output "geography" {
  description = "Rules for places, by name: `latitude`, `longitude`, `altitude_m`, `country`, `subdivision`, `geohash`, `time_zone`."
  value       = local.complete.geography
}

output "time_series" {
  description = "Rules for time series, by name: `timestamp`, `day`, `epoch_seconds`, `epoch_milliseconds`, `value`, `sequence`, `unit`, `temperature_celsius`, `humidity_percent`, `pressure_hpa`."
  value       = local.complete.time_series
}

output "keys" {
  description = "Rules for keys, by name: `uuid`, `ulid`, `serial`, `code`, `slug`, `sha256`, and the bare `required` and `optional`."
  value       = local.complete.keys
}

output "rule_names" {
  description = "Names of all rules, also of custom ones, as `columns.rules` takes them."
  value       = toset(keys(local.by_name))
}

# What was composed

output "columns" {
  description = "The composed columns, as a dataset's `columns` takes them."
  value       = local.columns

  precondition {
    condition     = length(local.unknown_rules) == 0
    error_message = "There are no rules ${join(", ", local.unknown_rules)}; there are ${join(", ", keys(local.by_name))}."
  }

  precondition {
    condition     = length(local.typeless) == 0
    error_message = "No rule gives these columns a type, so it must be given: ${join(", ", local.typeless)}."
  }
}

output "ruleset" {
  description = "The DQDL ruleset about whole objects, as a dataset's `quality.ruleset` takes it. Null when nothing was asked."
  value       = length(local.ruleset_rules) == 0 ? null : "Rules = [\n  ${join(",\n  ", local.ruleset_rules)}\n]"
}

output "classified_columns" {
  description = "Names of the composed columns that have a classification, by classification."
  value = {
    for word in distinct([for column in values(local.columns) : column.classification if column.classification != null]) :
    word => toset([for name, column in local.columns : name if column.classification == word])
  }
}
