# The contract taken apart: objects, and the properties in them down to the fifth level.
#
# HCL has no recursion, so each level is written out. `try(concat(x), [])` reads a list that may be absent or null.

locals {
  contract = yamldecode(var.contract_yaml)

  objects = {
    for object in local.contract.schema : local.dataset_names[object.name] => object...
  }

  dataset_names = {
    for object in local.contract.schema : object.name =>
    lower(replace(replace(var.physical_names_enabled ? try(coalesce(object.physicalName), object.name) : object.name, "/[^A-Za-z0-9_]/", "_"), "/^[^A-Za-z]+/", ""))
  }

  # Each: dataset, path, the property, whether the row is sure to have the object it is in, and the classification, which an
  # object hands down to what is in it.
  level_1 = flatten([
    for dataset, objects in local.objects : [
      for property in try(concat(objects[0].properties), []) : {
        dataset  = dataset
        path     = var.physical_names_enabled ? try(coalesce(property.physicalName), property.name) : property.name
        property = property
        present  = true
        class    = try(coalesce(property.classification), null)
      }
    ]
  ])

  level_2 = flatten([
    for outer in local.level_1 : [
      for property in try(concat(outer.property.properties), []) : {
        dataset  = outer.dataset
        path     = "${outer.path}.${var.physical_names_enabled ? try(coalesce(property.physicalName), property.name) : property.name}"
        property = property
        present  = outer.present && try(outer.property.required, false) == true
        class    = try(coalesce(property.classification), outer.class)
      }
    ]
  ])

  level_3 = flatten([
    for outer in local.level_2 : [
      for property in try(concat(outer.property.properties), []) : {
        dataset  = outer.dataset
        path     = "${outer.path}.${var.physical_names_enabled ? try(coalesce(property.physicalName), property.name) : property.name}"
        property = property
        present  = outer.present && try(outer.property.required, false) == true
        class    = try(coalesce(property.classification), outer.class)
      }
    ]
  ])

  level_4 = flatten([
    for outer in local.level_3 : [
      for property in try(concat(outer.property.properties), []) : {
        dataset  = outer.dataset
        path     = "${outer.path}.${var.physical_names_enabled ? try(coalesce(property.physicalName), property.name) : property.name}"
        property = property
        present  = outer.present && try(outer.property.required, false) == true
        class    = try(coalesce(property.classification), outer.class)
      }
    ]
  ])

  level_5 = flatten([
    for outer in local.level_4 : [
      for property in try(concat(outer.property.properties), []) : {
        dataset  = outer.dataset
        path     = "${outer.path}.${var.physical_names_enabled ? try(coalesce(property.physicalName), property.name) : property.name}"
        property = property
        present  = outer.present && try(outer.property.required, false) == true
        class    = try(coalesce(property.classification), outer.class)
      }
    ]
  ])

  # Objects with properties are folders on the way to a column; what is left becomes a column.
  leaves = concat(
    [for one in concat(local.level_1, local.level_2, local.level_3, local.level_4) : one if length(try(concat(one.property.properties), [])) == 0],
    local.level_5,
  )

  branches = {
    for one in concat(local.level_1, local.level_2, local.level_3, local.level_4) :
    "${one.dataset}.${one.path}" => [for key in keys(one.property) : key if one.property[key] != null]
    if length(try(concat(one.property.properties), [])) > 0
  }

  # One shape for every column, by `<dataset>.<path>`.
  facts = {
    for one in local.leaves : "${one.dataset}.${one.path}" => {
      dataset        = one.dataset
      path           = one.path
      present        = one.present
      required       = try(one.property.required, false) == true || try(one.property.primaryKey, false) == true
      logical_type   = lower(try(coalesce(one.property.logicalType), ""))
      physical_type  = lower(try(coalesce(one.property.physicalType), ""))
      classification = one.class
      options        = { for key, value in try(merge(one.property.logicalTypeOptions, {}), {}) : key => value if value != null }
      format         = try(coalesce(one.property.logicalTypeOptions.format), "")
      partition      = try(one.property.partitioned, false) == true
      position       = try(max(one.property.partitionKeyPosition, 0), 0)
      unique         = try(one.property.unique, false) == true
      primary_key    = try(one.property.primaryKey, false) == true
      encrypted      = try(coalesce(one.property.encryptedName), null) != null
      deep           = length(try(concat(one.property.properties), [])) > 0
      quality        = try(concat(one.property.quality), [])
      keys           = [for key in keys(one.property) : key if one.property[key] != null]
    }
  }
}
