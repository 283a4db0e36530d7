# From contracts to datasets. Pure data in, pure data out.

variables {
  contract_yaml = file("./tests/contracts/orders.odcs.yaml")
}

run "a_contract_that_can_be_kept" {
  variables {
    strict_enabled = true
  }
  assert {
    condition     = output.unmapped == {}
    error_message = "Nothing of this contract may be lost."
  }
  assert {
    condition     = output.contract_id == "orders-contract" && output.contract_version == "1.4.0" && output.contract_status == "active"
    error_message = "The contract must be named."
  }
  assert {
    condition     = output.tags == { ContractId = "orders-contract", ContractVersion = "1.4.0" }
    error_message = "The tags must name the contract."
  }
  assert {
    condition     = output.datasets.orders.format == "csv"
    error_message = "The format must come from the contract's server."
  }
  assert {
    condition     = output.datasets.orders.columns.order_id.type == "bigint" && output.datasets.orders.columns.order_id.minimum == 1 && output.datasets.orders.columns.order_id.maximum == 999999999
    error_message = "An exclusive limit of an integer must become an inclusive one."
  }
  assert {
    condition     = output.datasets.orders.columns.country.enum == toset(["DE", "FR", "US"])
    error_message = "Valid values must become an enum."
  }
  assert {
    condition     = output.datasets.orders.columns.email.pattern == "email" && output.datasets.orders.columns.email.classification == "PII-/-restricted"
    error_message = "A known format must become a named pattern, a classification one word."
  }
  assert {
    condition     = join(",", output.datasets.orders.output.partition_by) == "country,placed_on"
    error_message = "Folders must come in the order of their positions."
  }
  assert {
    condition     = output.classified_columns.orders == { "PII-/-restricted" = toset(["email"]) }
    error_message = "Classified columns must be named."
  }
  assert {
    condition = output.rulesets.orders == trimspace(<<-DQDL
      Rules = [
        RowCount > 0,
        RowCount <= 1000000,
        Completeness "email" > 0.95,
        ColumnValues "status" not in [NULL, EMPTY, "n/a"],
        ColumnValues "status" in ["new", "paid"] with threshold > 0.9,
        (ColumnValues "amount" > 0) or (ColumnValues "amount" = NULL),
        (ColumnLength "email" <= 254) or (ColumnValues "email" = NULL),
        ColumnValues "placed_on" >= "2020-01-01"
      ]
    DQDL
    )
    error_message = "The ruleset is not what the contract asks: ${output.rulesets.orders}"
  }
}

run "a_contract_that_asks_for_more" {
  variables {
    contract_yaml = file("./tests/contracts/sensors.odcs.yaml")
  }
  assert {
    condition     = keys(output.datasets) == ["sensor_readings"]
    error_message = "A name must be made fit for a table."
  }
  assert {
    condition     = output.datasets.sensor_readings.columns.measured.type == "timestamp"
    error_message = "In version 3.0 the physical type tells instants from days."
  }
  assert {
    condition     = output.datasets.sensor_readings.columns.level.minimum == 0 && output.datasets.sensor_readings.columns.level.maximum == 255
    error_message = "An integer format is a range."
  }
  assert {
    condition     = output.datasets.sensor_readings.columns["device.serial"].required && !output.datasets.sensor_readings.columns["place.latitude"].required
    error_message = "What is required within an optional object is not required of the row."
  }
  assert {
    condition     = output.datasets.sensor_readings.columns["place.address.city"].classification == "pii"
    error_message = "An object must hand its classification down."
  }
  assert {
    condition     = output.datasets.sensor_readings.columns.seen.type == "string"
    error_message = "Days in a form that is not read must stay texts."
  }
  assert {
    condition     = output.datasets.sensor_readings.columns.stored.type == "timestamp"
    error_message = "Instants in ISO 8601 must be read, with a space too."
  }
  assert {
    condition     = strcontains(output.rulesets.sensor_readings, "ColumnValues \"share\" in [0, 1, NULL] with threshold >= 0.95")
    error_message = "A share of bad values must become a threshold: ${output.rulesets.sensor_readings}"
  }
  assert {
    condition = toset(keys(output.unmapped)) == toset([
      "roles[0]",
      "sensor_readings.contact.colour",
      "sensor_readings.contact.encryptedName",
      "sensor_readings.contact.logicalTypeOptions.format",
      "sensor_readings.contact.quality[0]",
      "sensor_readings.contact.quality[1]",
      "sensor_readings.device.model.logicalTypeOptions.pattern",
      "sensor_readings.device.serial.logicalTypeOptions.pattern",
      "sensor_readings.id.primaryKey",
      "sensor_readings.id.unique",
      "sensor_readings.labels.items",
      "sensor_readings.level.logicalTypeOptions.multipleOf",
      "sensor_readings.place.latitude.required",
      "sensor_readings.place.logicalTypeOptions",
      "sensor_readings.price.physicalType",
      "sensor_readings.quality[0]",
      "sensor_readings.quality[1]",
      "sensor_readings.region.partitioned",
      "sensor_readings.seen.logicalTypeOptions.format",
      "sensor_readings.unknown.logicalType",
      "slaProperties[0]",
    ])
    error_message = "What is reported is not what is lost: ${join(", ", keys(output.unmapped))}"
  }
}

run "strict_stops_at_what_is_lost" {
  command = plan
  variables {
    contract_yaml  = file("./tests/contracts/sensors.odcs.yaml")
    strict_enabled = true
  }
  expect_failures = [output.datasets]
}

run "physical_names" {
  variables {
    contract_yaml          = file("./tests/contracts/sensors.odcs.yaml")
    physical_names_enabled = true
  }
  assert {
    condition     = keys(output.datasets) == ["readings_v2"]
    error_message = "The dataset must be called by its physical name."
  }
}

run "what_the_caller_says_wins" {
  variables {
    formats              = { orders = "ndjson" }
    partitioning_enabled = false
    threshold_percent    = 95
  }
  assert {
    condition     = output.datasets.orders.format == "ndjson" && output.datasets.orders.quality.threshold_percent == 95 && length(output.datasets.orders.output.partition_by) == 0
    error_message = "Format, threshold and folders must follow the caller."
  }
  assert {
    condition     = length(output.unmapped) == 2
    error_message = "Folders that were wanted and not made must be reported."
  }
}

run "a_format_of_a_server_is_taken" {
  variables {
    contract_yaml = replace(file("./tests/contracts/orders.odcs.yaml"), "format: csv", "format: Parquet")
  }
  assert {
    condition     = output.datasets.orders.format == "parquet" && output.unmapped == {}
    error_message = "What the resource reads must be taken from the server."
  }
}

run "a_format_that_is_not_read_is_reported" {
  variables {
    contract_yaml = replace(file("./tests/contracts/orders.odcs.yaml"), "format: csv", "format: xml")
  }
  assert {
    condition     = output.datasets.orders.format == "json" && keys(output.unmapped) == ["servers[0]"]
    error_message = "The default must be taken, and that must be said."
  }
}

run "only_version_3" {
  command = plan
  variables {
    contract_yaml = "apiVersion: v2.2.2\nkind: DataContract\nschema: [{ name: a }]"
  }
  expect_failures = [var.contract_yaml]
}

run "an_empty_schema_is_refused" {
  command = plan
  variables {
    contract_yaml = "apiVersion: v3.1.0\nkind: DataContract\nschema: []"
  }
  expect_failures = [var.contract_yaml]
}
