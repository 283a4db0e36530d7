# Columns from the names of rules, and a DQDL ruleset from what is said about whole objects.

locals {
  unknown_rules = sort(distinct(flatten([
    for column in values(var.columns) : [for rule in column.rules : rule if !contains(keys(local.by_name), rule)]
  ])))

  # For each column what was said about it, in order: rules first, then the column itself.
  said = {
    for name, column in var.columns : name => concat(
      [for rule in column.rules : local.by_name[rule] if contains(keys(local.by_name), rule)],
      [column],
    )
  }

  columns = {
    for name, said in local.said : name => {
      type           = try(reverse([for one in said : one.type if one.type != null])[0], null)
      required       = try(reverse([for one in said : one.required if one.required != null])[0], null)
      pattern        = try(reverse([for one in said : one.pattern if one.pattern != null])[0], null)
      enum           = try(reverse([for one in said : one.enum if one.enum != null])[0], null)
      minimum        = try(reverse([for one in said : one.minimum if one.minimum != null])[0], null)
      maximum        = try(reverse([for one in said : one.maximum if one.maximum != null])[0], null)
      classification = try(reverse([for one in said : one.classification if one.classification != null])[0], null)
    }
  }

  typeless = sort([for name, column in local.columns : name if column.type == null])

  ruleset_rules = concat(
    var.row_count_minimum == null ? [] : ["RowCount >= ${var.row_count_minimum}"],
    var.row_count_maximum == null ? [] : ["RowCount <= ${var.row_count_maximum}"],
    [for column, share in var.completeness_minimum_percent : "Completeness \"${column}\" >= ${share / 100}"],
    # A length is asked of values; DQDL's conditions do not hold for rows without one.
    [for column, length in var.length_maximum : "(ColumnLength \"${column}\" <= ${length}) or (ColumnValues \"${column}\" = NULL)"],
    var.ruleset_rules,
  )
}
