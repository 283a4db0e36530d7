# Everything the contract says that the datasets do not hold: place → reason.

locals {
  # Keys that describe and do not constrain; leaving them out loses no check.
  descriptive_keys = [
    "id", "name", "physicalName", "businessName", "description", "tags", "authoritativeDefinitions", "customProperties",
    "examples", "criticalDataElement", "dataGranularityDescription", "transformSourceObjects", "transformLogic",
    "transformDescription", "primaryKeyPosition", "partitionKeyPosition",
  ]

  property_keys = concat(local.descriptive_keys, [
    "logicalType", "logicalTypeOptions", "physicalType", "required", "unique", "primaryKey", "partitioned", "classification",
    "encryptedName", "quality", "properties", "items", "relationships",
  ])

  object_keys = concat(local.descriptive_keys, ["logicalType", "physicalType", "properties", "quality", "relationships"])

  contract_keys = [
    "apiVersion", "kind", "id", "name", "version", "status", "tenant", "domain", "dataProduct", "description", "tags", "schema",
    "servers", "slaProperties", "slaDefaultElement", "team", "roles", "support", "price", "authoritativeDefinitions",
    "customProperties", "contractCreatedTs",
  ]

  mapped_options = {
    string    = ["minLength", "maxLength", "pattern", "format"]
    bigint    = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format"]
    double    = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format"]
    date      = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format"]
    timestamp = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format", "timezone"]
    boolean   = []
    json      = []
  }

  unmapped_contract = concat(
    [for key in keys(local.contract) : { at = key, why = "the module does not know this key" } if !contains(local.contract_keys, key) && local.contract[key] != null],
    [for index, property in try(concat(local.contract.slaProperties), []) : { at = "slaProperties[${index}]", why = "a service level (${try(property.property, "unnamed")}) is not measured" }],
    [for index, role in try(concat(local.contract.roles), []) : { at = "roles[${index}]", why = "no access is granted; see the module team-workspace for policies" }],
    [for index, server in try(concat(local.contract.servers), []) : { at = "servers[${index}]", why = "the format ${server.format} of the server cannot be read; `default_format` is used" } if try(!contains(local.formats, lower(server.format)), false)],
  )

  unmapped_objects = flatten([
    for dataset, objects in local.objects : concat(
      length(objects) > 1 ? [{ at = dataset, why = "${length(objects)} objects of the contract come to this one name; only the first is used" }] : [],
      [for key in keys(objects[0]) : { at = "${dataset}.${key}", why = "the module does not know this key" } if !contains(local.object_keys, key) && objects[0][key] != null],
      length(try(concat(objects[0].relationships), [])) > 0 ? [{ at = "${dataset}.relationships", why = "references to other objects are not checked" }] : [],
      length(try(concat(objects[0].properties), [])) == 0 ? [{ at = "${dataset}.properties", why = "without properties every row is kept whole, as JSON text" }] : [],
    )
  ])

  # An object on the way to columns: only its `required` and its `classification` have an effect, on what is in it.
  branch_keys = concat(local.descriptive_keys, ["logicalType", "physicalType", "required", "classification", "properties"])

  unmapped_branches = flatten([
    for id, keys in local.branches : [
      for key in keys : { at = "${id}.${key}", why = "nothing is checked of a nested object as a whole" } if !contains(local.branch_keys, key)
    ]
  ])

  unmapped_properties = flatten([
    for id, fact in local.facts : concat(
      [for key in fact.keys : { at = "${id}.${key}", why = "the module does not know this key" } if !contains(local.property_keys, key)],
      fact.deep ? [{ at = "${id}.properties", why = "objects are opened five levels deep; deeper ones are kept as JSON text" }] : [],
      contains(fact.keys, "relationships") ? [{ at = "${id}.relationships", why = "references to other objects are not checked" }] : [],
      contains(fact.keys, "items") ? [{ at = "${id}.items", why = "an array is kept as JSON text; its items are not checked" }] : [],
      fact.unique ? [{ at = "${id}.unique", why = "whether a value is unique is not checked" }] : [],
      fact.primary_key ? [{ at = "${id}.primaryKey", why = "the key is required; whether it is unique is not checked" }] : [],
      fact.encrypted ? [{ at = "${id}.encryptedName", why = "nothing is encrypted column by column" }] : [],
      fact.required && !fact.present ? [{ at = "${id}.required", why = "it is required within an object that may be absent, so rows without it pass" }] : [],
      fact.partition && !local.foldable[id] ? [{ at = "${id}.partitioned", why = "a folder is made of a required string, integer, boolean or date only" }] : [],
      fact.partition && local.foldable[id] && !contains(local.partition_by[fact.dataset], fact.path) ? [{ at = "${id}.partitioned", why = var.partitioning_enabled ? "four columns at most become folders" : "`partitioning_enabled` is off" }] : [],
      fact.logical_type == "" && fact.physical_type == "" ? [{ at = "${id}.logicalType", why = "no type is given, so it is read as text" }] : [],
      fact.logical_type != "" && !contains(keys(local.by_logical_type), fact.logical_type) ? [{ at = "${id}.logicalType", why = "there is no logical type `${fact.logical_type}`; it is read as ${local.column_types[id]}" }] : [],
      can(regex("decimal|numeric", fact.physical_type)) && local.column_types[id] == "double" ? [{ at = "${id}.physicalType", why = "decimals are kept as 64-bit floating point numbers" }] : [],
      !local.readable[id] ? [{ at = "${id}.logicalTypeOptions.format", why = "${local.types[id]}s of the form `${fact.format}` are not read, so it stays text" }] : [],
    )
  ])

  unmapped_options = flatten([
    for id, fact in local.facts : [
      for key, value in fact.options : {
        at = "${id}.logicalTypeOptions.${key}"
        why = (
          key == "pattern" && local.column_types[id] == "string" ? "look-around and back-references are not supported" :
          key == "format" && local.column_types[id] == "string" ? "there is no check for the format `${value}`" :
          key == "format" ? "the format `${value}` is not known" :
          "there is no check for this option of a ${local.column_types[id]} column"
        )
      }
      if(
        !contains(local.mapped_options[local.column_types[id]], key) ||
        (key == "pattern" && !local.pattern_usable[id]) ||
        (key == "format" && local.column_types[id] == "string" && local.readable[id] && fact.logical_type != "time" && !contains(keys(local.named_formats), fact.format)) ||
        (key == "format" && local.column_types[id] == "bigint" && !contains(keys(local.integer_ranges), fact.format)) ||
        (key == "format" && local.column_types[id] == "double" && !contains(["f32", "f64"], fact.format))
      ) && !(key == "format" && !local.readable[id])
    ]
  ])

  # A pattern of a contract may match anywhere in a value, a column's pattern has to match the whole of it.
  loose_patterns = [
    for id, fact in local.facts : { at = "${id}.logicalTypeOptions.pattern", why = "the pattern is not anchored (`^…$`); here it has to match the whole value" }
    if local.patterns[id] != null && contains(keys(fact.options), "pattern") && !can(regex("^\\^.*\\$$", fact.options.pattern))
  ]

  unmapped_checks = concat(
    [for check in local.mapped_checks : { at = check.at, why = check.type == "library" ? "the metric `${check.metric}` with these operators has no counterpart" : "a check of type ${check.type}${check.engine == "" ? "" : " for ${check.engine}"} is not run" } if check.becomes == null],
    [for check in local.mapped_object_checks : { at = check.at, why = check.type == "library" ? "the metric `${check.metric}` with these operators has no counterpart" : "a check of type ${check.type}${check.engine == "" ? "" : " for ${check.engine}"} is not run" } if length(check.rules) == 0],
  )

  unmapped_lists = {
    for one in concat(
      local.unmapped_contract,
      local.unmapped_objects,
      local.unmapped_branches,
      local.unmapped_properties,
      local.unmapped_options,
      local.loose_patterns,
      local.unmapped_checks,
    ) : one.at => one.why...
  }

  unmapped = { for at, reasons in local.unmapped_lists : at => join("; ", distinct(reasons)) }
}
