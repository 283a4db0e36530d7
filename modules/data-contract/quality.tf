# From the contract's quality checks to attributes of columns and to rules in DQDL.
#
# A check that holds for every value becomes an attribute of its column (`required`, `enum`, `pattern`). One that allows a
# share of exceptions becomes a rule about the object. What counts rows in absolute numbers, looks at several objects or is
# written for another engine is reported.

locals {
  metric_names = { nullCheck = "nullValues", duplicateCount = "duplicateValues", uniqueCheck = "duplicateValues" }

  operators = {
    mustBe                 = "="
    mustNotBe              = "!="
    mustBeGreaterThan      = ">"
    mustBeGreaterOrEqualTo = ">="
    mustBeLessThan         = "<"
    mustBeLessOrEqualTo    = "<="
  }

  # Checks of columns, one shape for all.
  column_checks = flatten([
    for id, fact in local.facts : [
      for index, check in fact.quality : {
        id             = id
        at             = "${id}.quality[${index}]"
        type           = try(coalesce(check.type), "library")
        metric         = try(coalesce(check.metric), coalesce(check.rule), "")
        none           = try(check.mustBe == 0, false)
        below_percent  = try(check.unit, "") == "percent" ? try(check.mustBeLessThan + 0, null) : null
        up_to_percent  = try(check.unit, "") == "percent" ? try(check.mustBeLessOrEqualTo + 0, null) : null
        valid_values   = try([for value in check.arguments.validValues : tostring(value) if value != null], [for value in check.validValues : tostring(value) if value != null], null)
        pattern        = try(tostring(check.arguments.pattern), tostring(check.pattern), null)
        missing_values = try([for value in check.arguments.missingValues : value == null ? "\u0000" : tostring(value)], null)
        engine         = lower(try(coalesce(check.engine), ""))
        implementation = try(tostring(check.implementation), "")
      }
    ]
  ])

  judged_checks = [
    for check in local.column_checks : merge(check, {
      metric = try(local.metric_names[check.metric], check.metric)
      share = (
        check.below_percent != null ? "> ${1 - check.below_percent / 100}" :
        check.up_to_percent != null ? ">= ${1 - check.up_to_percent / 100}" :
        null
      )
    })
  ]

  # A share's rule counts rows without a value as bad, which a contract does not, so it needs a column that has none.
  mapped_checks = [
    for check in local.judged_checks : merge(check, {
      becomes = (
        check.type == "custom" && check.engine == "dqdl" ? "rule" :
        check.type != "library" ? null :
        check.metric == "nullValues" && check.none ? "required" :
        check.metric == "nullValues" && check.share != null ? "rule" :
        check.metric == "missingValues" && check.missing_values != null && (check.none || check.share != null) ? "rule" :
        check.metric == "invalidValues" && check.valid_values != null && check.none ? "enum" :
        check.metric == "invalidValues" && check.valid_values != null && check.share != null ? "rule" :
        check.metric == "invalidValues" && check.pattern != null && check.none && !can(regex("\\(\\?(?:=|!|<)|\\\\[1-9]|\\\\k<", check.pattern)) ? "pattern" :
        null
      )
      rule = (
        check.type == "custom" ? trimspace(check.implementation) :
        check.metric == "nullValues" ? "Completeness \"${local.facts[check.id].path}\" ${coalesce(check.share, ">= 1")}" :
        check.metric == "missingValues" && check.missing_values != null ? join("", [
          "ColumnValues \"${local.facts[check.id].path}\" not in [",
          join(", ", [for value in check.missing_values : value == "\u0000" ? "NULL" : value == "" ? "EMPTY" : "\"${replace(replace(value, "\\", "\\\\"), "\"", "\\\"")}\""]),
          "]",
          check.share == null ? "" : " with threshold ${check.share}",
        ]) :
        check.valid_values != null ? join("", [
          "ColumnValues \"${local.facts[check.id].path}\" in [",
          join(", ", concat(
            [for value in check.valid_values : contains(["bigint", "double"], local.column_types[check.id]) ? value : "\"${replace(replace(value, "\\", "\\\\"), "\"", "\\\"")}\""],
            ["NULL"],
          )),
          "]",
          check.share == null ? "" : " with threshold ${check.share}",
        ]) :
        ""
      )
    })
  ]

  # What the checks come to, for each column.
  checks = {
    for id, fact in local.facts : id => {
      required = anytrue([for check in local.checks_by_column[id] : check.becomes == "required"])
      enum     = try(toset([for check in local.checks_by_column[id] : check.valid_values if check.becomes == "enum"][0]), null)
      pattern  = try([for check in local.checks_by_column[id] : check.pattern if check.becomes == "pattern"][0], null)
    }
  }

  checks_by_column = {
    for id in keys(local.facts) : id => [for check in local.mapped_checks : check if check.id == id]
  }

  column_rules = {
    for dataset in keys(local.objects) : dataset => concat(
      [for check in local.mapped_checks : check.rule if check.becomes == "rule" && local.facts[check.id].dataset == dataset && check.rule != ""],
      flatten([for id, fact in local.facts : [for rule in local.option_rules[id] : rule] if fact.dataset == dataset]),
    )
  }

  # Options that no attribute of a column takes. Conditions of DQDL do not hold for rows without a value, so those are let
  # through by name where the column may be empty.
  option_rules = {
    for id, fact in local.facts : id => [
      for rule in concat(
        local.column_types[id] == "string" ? try(["ColumnLength \"${fact.path}\" >= ${fact.options.minLength}"], []) : [],
        local.column_types[id] == "string" ? try(["ColumnLength \"${fact.path}\" <= ${fact.options.maxLength}"], []) : [],
        local.column_types[id] == "double" ? try(["ColumnValues \"${fact.path}\" > ${fact.options.exclusiveMinimum}"], []) : [],
        local.column_types[id] == "double" ? try(["ColumnValues \"${fact.path}\" < ${fact.options.exclusiveMaximum}"], []) : [],
        contains(["date", "timestamp"], local.column_types[id]) ? concat(
          try(["ColumnValues \"${fact.path}\" >= \"${fact.options.minimum}\""], []),
          try(["ColumnValues \"${fact.path}\" <= \"${fact.options.maximum}\""], []),
          try(["ColumnValues \"${fact.path}\" > \"${fact.options.exclusiveMinimum}\""], []),
          try(["ColumnValues \"${fact.path}\" < \"${fact.options.exclusiveMaximum}\""], []),
        ) : [],
      ) : local.required[id] ? rule : "(${rule}) or (ColumnValues \"${fact.path}\" = NULL)"
    ]
  }

  # Checks of whole objects.
  object_checks = flatten([
    for dataset, objects in local.objects : [
      for index, check in try(concat(objects[0].quality), []) : {
        dataset = dataset
        at      = "${dataset}.quality[${index}]"
        type    = try(coalesce(check.type), "library")
        metric  = try(coalesce(check.metric), coalesce(check.rule), "")
        rules = concat(
          [for operator, sign in local.operators : "RowCount ${sign} ${check[operator]}" if try(check[operator] + 0, null) != null],
          try(["RowCount between ${check.mustBeBetween[0]} and ${check.mustBeBetween[1]}"], []),
          try(["RowCount not between ${check.mustNotBeBetween[0]} and ${check.mustNotBeBetween[1]}"], []),
        )
        engine         = lower(try(coalesce(check.engine), ""))
        implementation = trimspace(try(tostring(check.implementation), ""))
      }
    ]
  ])

  mapped_object_checks = [
    for check in local.object_checks : merge(check, {
      rules = (
        check.type == "library" && check.metric == "rowCount" ? check.rules :
        check.type == "custom" && check.engine == "dqdl" && check.implementation != "" ? [check.implementation] :
        []
      )
    })
  ]

  rules = {
    for dataset in keys(local.objects) : dataset => concat(
      flatten([for check in local.mapped_object_checks : check.rules if check.dataset == dataset]),
      local.column_rules[dataset],
    )
  }
}
