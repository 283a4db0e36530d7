# From what the contract says of a property to what a column can be.

locals {
  by_logical_type = {
    string    = "string"
    integer   = "bigint"
    number    = "double"
    boolean   = "boolean"
    date      = "date"
    timestamp = "timestamp"
    time      = "string"
    array     = "json"
    object    = "json"
  }

  # Version 3.0 has no `timestamp`: there a date with a time is told by its physical type or its format.
  types = {
    for id, fact in local.facts : id => (
      fact.deep ? "json" :
      contains(keys(local.by_logical_type), fact.logical_type) ? (
        fact.logical_type == "date" && (can(regex("timestamp|datetime", fact.physical_type)) || strcontains(fact.format, "H"))
        ? "timestamp" : local.by_logical_type[fact.logical_type]
      ) :
      can(regex("bool", fact.physical_type)) ? "boolean" :
      can(regex("timestamp|datetime", fact.physical_type)) ? "timestamp" :
      can(regex("^date", fact.physical_type)) ? "date" :
      can(regex("json|struct|array|map|variant|record", fact.physical_type)) ? "json" :
      can(regex("int|^serial|^long", fact.physical_type)) ? "bigint" :
      can(regex("decimal|numeric|^number|double|float|real", fact.physical_type)) ? "double" :
      "string"
    )
  }

  # Days and instants are read in ISO 8601 only; in another form they stay texts.
  readable = {
    for id, fact in local.facts : id => (
      fact.format == "" ? true :
      local.types[id] == "date" ? fact.format == "yyyy-MM-dd" :
      local.types[id] == "timestamp" ? can(regex("^(?i:yyyy-MM-dd)(?:'?T'?| )HH:mm:ss(?:\\.S+)?'?(?:Z|X{1,3}|xxx)'?$", fact.format)) :
      true
    )
  }

  column_types = { for id, type in local.types : id => local.readable[id] ? type : "string" }

  named_formats = {
    email    = "email"
    uuid     = "uuid"
    hostname = "hostname"
    ipv4     = "ipv4"
  }

  # The engine's expressions run in linear time: no look-around, no back-references.
  pattern_usable = {
    for id, fact in local.facts : id => !can(regex("\\(\\?(?:=|!|<)|\\\\[1-9]|\\\\k<", fact.options.pattern))
  }

  time_of_day = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?"

  patterns = {
    for id, fact in local.facts : id => (
      local.column_types[id] != "string" ? null :
      contains(keys(fact.options), "pattern") ? (local.pattern_usable[id] ? tostring(fact.options.pattern) : null) :
      local.checks[id].pattern != null ? local.checks[id].pattern :
      fact.logical_type == "time" && fact.format == "" ? local.time_of_day :
      try(local.named_formats[fact.format], null)
    )
  }

  # What the names of integer formats mean, as far as 64 bits hold it.
  integer_ranges = {
    i8  = { minimum = -128, maximum = 127 }
    i16 = { minimum = -32768, maximum = 32767 }
    i32 = { minimum = -2147483648, maximum = 2147483647 }
    i64 = { minimum = null, maximum = null }
    u8  = { minimum = 0, maximum = 255 }
    u16 = { minimum = 0, maximum = 65535 }
    u32 = { minimum = 0, maximum = 4294967295 }
    u64 = { minimum = 0, maximum = null }
  }

  minimums = {
    for id, fact in local.facts : id => contains(["bigint", "double"], local.column_types[id]) ? concat(
      try([fact.options.minimum + 0], []),
      local.column_types[id] == "bigint" ? try([fact.options.exclusiveMinimum + 1], []) : [],
      [for limit in try([local.integer_ranges[fact.format].minimum], []) : limit if limit != null],
    ) : []
  }

  maximums = {
    for id, fact in local.facts : id => contains(["bigint", "double"], local.column_types[id]) ? concat(
      try([fact.options.maximum + 0], []),
      local.column_types[id] == "bigint" ? try([fact.options.exclusiveMaximum - 1], []) : [],
      [for limit in try([local.integer_ranges[fact.format].maximum], []) : limit if limit != null],
    ) : []
  }

  required = {
    for id, fact in local.facts : id => fact.present && (fact.required || local.checks[id].required)
  }

  columns = {
    for id, fact in local.facts : id => {
      type           = local.column_types[id]
      required       = local.required[id]
      pattern        = local.patterns[id]
      enum           = local.column_types[id] == "json" ? null : local.checks[id].enum
      minimum        = try(max(local.minimums[id]...), null)
      maximum        = try(min(local.maximums[id]...), null)
      classification = fact.classification == null ? null : substr(replace(fact.classification, "/[^A-Za-z0-9_.:/-]+/", "-"), 0, 64)
    }
  }

  foldable = {
    for id, fact in local.facts : id =>
    local.required[id] && contains(["string", "bigint", "boolean", "date"], local.column_types[id])
  }

  # In the order of the positions; a property without one comes first, by name.
  partition_by = {
    for dataset in keys(local.objects) : dataset => var.partitioning_enabled ? [
      for key in slice(local.folders[dataset], 0, min(4, length(local.folders[dataset]))) : split("|", key)[1]
    ] : []
  }

  folders = {
    for dataset in keys(local.objects) : dataset => sort([
      for id, fact in local.facts : format("%06d|%s", fact.position, fact.path)
      if fact.dataset == dataset && fact.partition && local.foldable[id]
    ])
  }
}
