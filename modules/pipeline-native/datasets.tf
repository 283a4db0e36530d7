# Datasets from HCL and from YAML, with the defaults of a team. The same file stands in the module pipeline-native.

locals {
  # Every key that a YAML document may hold, by where it stands.
  known_keys = {
    dataset = [
      "format", "prefix", "compression", "csv", "columns", "json_schema", "quality", "output", "spark_threshold_mb",
      "transforms", "sql", "curated", "backfill",
    ]
    csv = ["delimiter", "quote", "escape", "comment", "header", "columns", "null_text"]
    column = [
      "type", "required", "pattern", "enum", "minimum", "maximum", "exclusive_minimum", "exclusive_maximum",
      "minimum_length", "maximum_length", "classification", "action", "severity", "weight",
    ]
    quality = [
      "ruleset", "rules", "action", "threshold_percent", "max_quarantined_percent", "schema_drift", "uniqueness_memory_mb",
    ]
    rule         = ["rule", "action", "severity", "weight"]
    schema_drift = ["new_columns", "missing_columns", "mistyped_values"]
    output       = ["partition_by", "compression"]
    backfill     = ["prefix", "since", "objects_per_second"]
    curated      = ["partition_by"]
    step = {
      rename = ["from", "to"]
      cast   = ["column", "to"]
      derive = ["column", "expression"]
      drop   = ["columns"]
      filter = ["where"]
      mask   = ["column", "method", "keep_first", "keep_last", "replacement", "key_secret_arn"]
    }
  }

  written = yamldecode(coalesce(var.datasets_yaml, "{}"))

  # A misspelt key would otherwise be dropped in silence, and a rule with it.
  unknown_keys = sort(concat(
    flatten([for name, dataset in local.written : [
      for key in keys(dataset) : "${name}.${key}" if !contains(local.known_keys.dataset, key)
    ]]),
    flatten([for name, dataset in local.written : [
      for part in ["csv", "quality", "output", "curated", "backfill"] : [
        for key in try(keys(dataset[part]), []) : "${name}.${part}.${key}" if !contains(local.known_keys[part], key)
      ]
    ]]),
    flatten([for name, dataset in local.written : [
      for column, declared in try(dataset.columns, {}) : [
        for key in try(keys(declared), []) : "${name}.columns.${column}.${key}" if !contains(local.known_keys.column, key)
      ]
    ]]),
    flatten([for name, dataset in local.written : [
      for rule, declared in try(dataset.quality.rules, {}) : [
        for key in try(keys(declared), []) : "${name}.quality.rules.${rule}.${key}" if !contains(local.known_keys.rule, key)
      ]
    ]]),
    flatten([for name, dataset in local.written : [
      for key in try(keys(dataset.quality.schema_drift), []) :
      "${name}.quality.schema_drift.${key}" if !contains(local.known_keys.schema_drift, key)
    ]]),
    flatten([for name, dataset in local.written : [
      for index, step in try(dataset.transforms, []) : [
        for word, declared in step : contains(keys(local.known_keys.step), word) ? [
          for key in try(keys(declared), []) :
          "${name}.transforms[${index}].${word}.${key}" if !contains(local.known_keys.step[word], key)
        ] : ["${name}.transforms[${index}].${word}"]
      ]
    ]]),
  ))

  from_yaml = {
    for name, dataset in local.written : name => {
      format      = try(dataset.format, null)
      prefix      = try(dataset.prefix, null)
      compression = try(dataset.compression, null)
      csv = try(dataset.csv, null) == null ? null : {
        delimiter = try(dataset.csv.delimiter, null)
        quote     = try(dataset.csv.quote, null)
        escape    = try(dataset.csv.escape, null)
        comment   = try(dataset.csv.comment, null)
        header    = try(dataset.csv.header, null)
        columns   = try(dataset.csv.columns, null)
        null_text = try(dataset.csv.null_text, null)
      }
      columns = try(dataset.columns, null) == null ? null : {
        for column, declared in dataset.columns : column => {
          # `email: string` is short for `email: { type: string }`.
          type              = try(declared.type, tostring(declared), null)
          required          = try(declared.required, null)
          pattern           = try(declared.pattern, null)
          enum              = try(toset([for value in declared.enum : tostring(value)]), null)
          minimum           = try(declared.minimum, null)
          maximum           = try(declared.maximum, null)
          exclusive_minimum = try(declared.exclusive_minimum, null)
          exclusive_maximum = try(declared.exclusive_maximum, null)
          minimum_length    = try(declared.minimum_length, null)
          maximum_length    = try(declared.maximum_length, null)
          classification    = try(declared.classification, null)
          action            = try(declared.action, null)
          severity          = try(declared.severity, null)
          weight            = try(declared.weight, null)
        }
      }
      # A schema may be written as text or as YAML itself.
      json_schema = try(tostring(dataset.json_schema), jsonencode(dataset.json_schema), null)
      quality = {
        ruleset = try(dataset.quality.ruleset, null)
        rules = try(dataset.quality.rules, null) == null ? null : {
          for rule, declared in dataset.quality.rules : rule => {
            # `few: RowCount < 9` is short for `few: { rule: RowCount < 9 }`.
            rule     = try(declared.rule, tostring(declared), null)
            action   = try(declared.action, null)
            severity = try(declared.severity, null)
            weight   = try(declared.weight, null)
          }
        }
        action                  = try(dataset.quality.action, null)
        threshold_percent       = try(dataset.quality.threshold_percent, null)
        max_quarantined_percent = try(dataset.quality.max_quarantined_percent, null)
        schema_drift = try(dataset.quality.schema_drift, null) == null ? null : {
          new_columns     = try(dataset.quality.schema_drift.new_columns, null)
          missing_columns = try(dataset.quality.schema_drift.missing_columns, null)
          mistyped_values = try(dataset.quality.schema_drift.mistyped_values, null)
        }
        uniqueness_memory_mb = try(dataset.quality.uniqueness_memory_mb, null)
      }
      output = {
        partition_by = try(dataset.output.partition_by, null)
        compression  = try(dataset.output.compression, null)
      }
      transforms = try(dataset.transforms, null) == null ? null : [
        for step in dataset.transforms : {
          rename = try(step.rename, null) == null ? null : { from = try(step.rename.from, null), to = try(step.rename.to, null) }
          cast   = try(step.cast, null) == null ? null : { column = try(step.cast.column, null), to = try(step.cast.to, null) }
          derive = try(step.derive, null) == null ? null : {
            column     = try(step.derive.column, null)
            expression = try(tostring(step.derive.expression), null)
          }
          drop   = try(step.drop, null) == null ? null : { columns = try(step.drop.columns, null) }
          filter = try(step.filter, null) == null ? null : { where = try(step.filter.where, null) }
          mask = try(step.mask, null) == null ? null : {
            column         = try(step.mask.column, null)
            method         = try(step.mask.method, null)
            keep_first     = try(step.mask.keep_first, null)
            keep_last      = try(step.mask.keep_last, null)
            replacement    = try(step.mask.replacement, null)
            key_secret_arn = try(step.mask.key_secret_arn, null)
          }
        }
      ]
      sql     = try(dataset.sql, null)
      curated = try(dataset.curated, null) == null ? null : { partition_by = try(dataset.curated.partition_by, null) }
      backfill = try(dataset.backfill, null) == null ? null : {
        prefix             = try(dataset.backfill.prefix, null)
        since              = try(dataset.backfill.since, null)
        objects_per_second = try(dataset.backfill.objects_per_second, null)
      }
      spark_threshold_mb = try(dataset.spark_threshold_mb, null)
    }
  }

  declared_twice = sort(setintersection(keys(local.from_yaml), keys(var.datasets)))

  datasets = {
    for name, dataset in merge(local.from_yaml, var.datasets) : name => merge(dataset, {
      quality = merge(dataset.quality, {
        threshold_percent = try(coalesce(dataset.quality.threshold_percent), var.default_threshold_percent)
      })
    })
  }

  tags = merge(
    var.environment == null ? {} : { Environment = var.environment },
    var.team == null ? {} : { Team = var.team },
    var.tags,
  )
}
