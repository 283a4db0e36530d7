# What the module makes of its inputs. No cloud: the provider is mocked.

mock_provider "datalake" {
  source = "./tests/mocks"
}

variables {
  name = "orders"
  datasets = {
    orders = {
      format = "csv"
      columns = {
        order_id = { type = "bigint", required = true }
        country  = { type = "string", required = true, enum = ["DE", "FR"] }
      }
      output = { partition_by = ["country"] }
    }
  }
}

run "defaults_are_safe" {
  assert {
    condition     = datalake_pipeline.this.force_destroy == false
    error_message = "A pipeline must be protected unless somebody says otherwise."
  }
  assert {
    condition     = datalake_pipeline.this.datasets["orders"].quality.threshold_percent == 90
    error_message = "A dataset without a threshold must get the module's."
  }
  assert {
    condition     = datalake_pipeline.this.functions.validate.maximum_concurrency == 20
    error_message = "validate must be held to 20 calls at once."
  }
  assert {
    condition     = datalake_pipeline.this.retention.processed_days == 0 && datalake_pipeline.this.retention.raw_days == 0
    error_message = "Data must be kept for ever unless somebody says otherwise."
  }
}

run "a_dataset_keeps_its_own_threshold" {
  variables {
    datasets = {
      orders = { format = "csv", quality = { threshold_percent = 0 } }
      clicks = { format = "ndjson", quality = { ruleset = "Rules = [ RowCount > 0 ]" } }
    }
  }
  assert {
    condition     = datalake_pipeline.this.datasets["orders"].quality.threshold_percent == 0
    error_message = "Zero is a threshold, not the absence of one."
  }
  assert {
    condition     = datalake_pipeline.this.datasets["clicks"].quality.ruleset == "Rules = [ RowCount > 0 ]" && datalake_pipeline.this.datasets["clicks"].quality.threshold_percent == 90
    error_message = "A ruleset must survive the default beside it."
  }
}

run "yaml_and_hcl_together" {
  variables {
    datasets_yaml = <<-YAML
      readings:
        format: json
        prefix: input/sensors/
        columns:
          id: string
          temperature: { type: double, minimum: -50, maximum: 60 }
          unit: { type: string, enum: [C, F] }
        quality:
          threshold_percent: 75
      clicks:
        format: ndjson
    YAML
  }
  assert {
    condition     = length(datalake_pipeline.this.datasets) == 3
    error_message = "Datasets of both sources must be there."
  }
  assert {
    condition     = datalake_pipeline.this.datasets["readings"].columns["id"].type == "string" && datalake_pipeline.this.datasets["readings"].columns["temperature"].minimum == -50
    error_message = "Columns in YAML must arrive, in their short and in their long form."
  }
  assert {
    condition     = datalake_pipeline.this.datasets["readings"].columns["unit"].enum == toset(["C", "F"])
    error_message = "A list in YAML must become the set of values."
  }
  assert {
    condition     = datalake_pipeline.this.datasets["readings"].quality.threshold_percent == 75 && datalake_pipeline.this.datasets["clicks"].quality.threshold_percent == 90
    error_message = "Thresholds in YAML must win over the module's."
  }
  assert {
    condition     = output.upload_uris["readings"] == "s3://mocked-raw/input/sensors/"
    error_message = "The upload folder must follow the prefix."
  }
}

run "everything_a_dataset_says_arrives_from_hcl" {
  variables {
    datasets = {
      orders = {
        format = "csv"
        csv    = { delimiter = ";", header = false, columns = ["order_id", "total"], null_text = "-" }
        columns = {
          order_id = { type = "string", minimum_length = 2, maximum_length = 9, action = "drop_row", weight = 2 }
          total    = { type = "double", exclusive_minimum = 0, exclusive_maximum = 100, severity = "critical" }
        }
        quality = {
          rules                   = { few = { rule = "RowCount < 9", action = "warn" } }
          action                  = "quarantine_object"
          max_quarantined_percent = 5
          schema_drift            = { new_columns = "fail" }
          uniqueness_memory_mb    = 64
        }
      }
      clicks = { format = "ndjson", json_schema = jsonencode({ properties = { page = { type = "string" } } }) }
    }
  }
  assert {
    condition     = datalake_pipeline.this.datasets["orders"].csv.delimiter == ";" && datalake_pipeline.this.datasets["orders"].csv.columns == tolist(["order_id", "total"])
    error_message = "The dialect must arrive."
  }
  assert {
    condition     = datalake_pipeline.this.datasets["orders"].columns["order_id"].action == "drop_row" && datalake_pipeline.this.datasets["orders"].columns["total"].exclusive_maximum == 100
    error_message = "Checks and what follows them must arrive."
  }
  assert {
    condition = alltrue([
      datalake_pipeline.this.datasets["orders"].quality.rules["few"].action == "warn",
      datalake_pipeline.this.datasets["orders"].quality.action == "quarantine_object",
      datalake_pipeline.this.datasets["orders"].quality.max_quarantined_percent == 5,
      datalake_pipeline.this.datasets["orders"].quality.schema_drift.new_columns == "fail",
      datalake_pipeline.this.datasets["orders"].quality.uniqueness_memory_mb == 64,
      datalake_pipeline.this.datasets["orders"].quality.threshold_percent == 90,
    ])
    error_message = "All of quality must survive the default threshold beside it."
  }
  assert {
    condition     = strcontains(datalake_pipeline.this.datasets["clicks"].json_schema, "page")
    error_message = "The JSON Schema must arrive."
  }
}

run "everything_a_dataset_says_arrives_from_yaml" {
  variables {
    datasets_yaml = <<-YAML
      readings:
        format: tsv
        csv: { quote: "'", comment: "#" }
        columns:
          id: { type: string, minimum_length: 2, action: fail, severity: info, weight: 3 }
          height: { type: double, exclusive_minimum: 0 }
        quality:
          rules:
            few: RowCount < 9
            unique: { rule: IsUnique "id", action: warn, severity: warning, weight: 0 }
          max_quarantined_percent: 5
          schema_drift: { mistyped_values: ignore }
      clicks:
        format: ndjson
        json_schema:
          properties:
            page: { type: string }
    YAML
  }
  assert {
    condition     = datalake_pipeline.this.datasets["readings"].csv.comment == "#" && datalake_pipeline.this.datasets["readings"].columns["id"].weight == 3 && datalake_pipeline.this.datasets["readings"].columns["height"].exclusive_minimum == 0
    error_message = "Dialect and columns in YAML must arrive."
  }
  assert {
    condition = alltrue([
      datalake_pipeline.this.datasets["readings"].quality.rules["few"].rule == "RowCount < 9",
      datalake_pipeline.this.datasets["readings"].quality.rules["unique"].weight == 0,
      datalake_pipeline.this.datasets["readings"].quality.max_quarantined_percent == 5,
      datalake_pipeline.this.datasets["readings"].quality.schema_drift.mistyped_values == "ignore",
    ])
    error_message = "Rules and policies in YAML must arrive, rules in their short and in their long form."
  }
  assert {
    condition     = jsondecode(datalake_pipeline.this.datasets["clicks"].json_schema).properties.page.type == "string"
    error_message = "A JSON Schema written as YAML must become its text."
  }
}

run "transforms_arrive_from_hcl_and_yaml" {
  variables {
    datasets = {
      orders = {
        format     = "csv"
        columns    = { id = { type = "string" }, note = { type = "string" } }
        transforms = [{ filter = { where = "id <> ''" } }, { rename = { from = "id", to = "order_id" } }]
        curated    = { partition_by = ["order_id"] }
      }
    }
    datasets_yaml = <<-YAML
      readings:
        format: ndjson
        columns: { id: string, amount: bigint }
        transforms:
          - mask: { column: id, method: partial, keep_last: 2 }
          - derive: { column: twice, expression: amount * 2 }
        sql: SELECT id, twice FROM source
    YAML
  }
  assert {
    condition     = datalake_pipeline.this.datasets["orders"].transforms[1].rename.to == "order_id" && datalake_pipeline.this.datasets["orders"].curated.partition_by == tolist(["order_id"])
    error_message = "Steps and folders must arrive in their order."
  }
  assert {
    condition     = datalake_pipeline.this.datasets["readings"].transforms[0].mask.keep_last == 2 && datalake_pipeline.this.datasets["readings"].transforms[1].derive.expression == "amount * 2" && startswith(datalake_pipeline.this.datasets["readings"].sql, "SELECT")
    error_message = "Steps and statement in YAML must arrive."
  }
}

run "a_misspelt_step_in_yaml_is_refused" {
  command = plan
  variables {
    datasets_yaml = "readings: { format: json, columns: { id: string }, transforms: [{ mask: { column: id, metod: hash } }] }"
  }
  expect_failures = [datalake_pipeline.this]
}

run "a_misspelt_key_of_a_rule_in_yaml_is_refused" {
  command = plan
  variables {
    datasets_yaml = <<-YAML
      readings:
        format: json
        quality:
          rules:
            few: { rule: RowCount < 9, acton: warn }
    YAML
  }
  expect_failures = [datalake_pipeline.this]
}

run "a_misspelt_policy_in_yaml_is_refused" {
  command = plan
  variables {
    datasets_yaml = "readings: { format: json, quality: { schema_drift: { new_colums: fail } } }"
  }
  expect_failures = [datalake_pipeline.this]
}

run "a_misspelt_key_in_yaml_is_refused" {
  command = plan
  variables {
    datasets_yaml = <<-YAML
      readings:
        format: json
        columns:
          id: { type: string, requierd: true }
    YAML
  }
  expect_failures = [datalake_pipeline.this]
}

run "yaml_must_be_a_map" {
  command = plan
  variables {
    datasets_yaml = "just text"
  }
  expect_failures = [var.datasets_yaml]
}

run "a_dataset_stands_in_one_place_only" {
  command = plan
  variables {
    datasets_yaml = "orders: { format: csv }"
  }
  expect_failures = [datalake_pipeline.this]
}

run "a_pipeline_needs_a_dataset" {
  command = plan
  variables {
    datasets = {}
  }
  expect_failures = [datalake_pipeline.this]
}

run "tags_in_their_order" {
  variables {
    environment = "prod"
    team        = "sales"
    tags        = { Team = "sales-emea", CostCentre = "4711" }
  }
  assert {
    condition = datalake_pipeline.this.tags == tomap({
      Environment = "prod"
      Team        = "sales-emea"
      CostCentre  = "4711"
    })
    error_message = "The user's tags must win over those the module derives."
  }
}

run "protection_can_be_taken_off" {
  variables {
    deletion_protection_enabled = false
  }
  assert {
    condition     = datalake_pipeline.this.force_destroy == true
    error_message = "Without protection the resource must allow deletion."
  }
}

run "alarms_are_described" {
  assert {
    condition     = length(output.alarm_definitions) == 3 * 3 + 1
    error_message = "Three alarms for each function and one for each dataset."
  }
  assert {
    condition     = output.alarm_definitions["validate-dead-letters"].dimensions.QueueName == "mocked-validate-dead-letters"
    error_message = "The alarm must watch the dead-letter queue."
  }
  assert {
    condition     = output.alarm_definitions["orders-score"].threshold == 90 && output.alarm_definitions["orders-score"].dimensions.Dataset == "orders"
    error_message = "The score's alarm must use the dataset's threshold."
  }
}

run "a_name_with_two_hyphens_is_refused" {
  command = plan
  variables {
    name = "or--ders"
  }
  expect_failures = [var.name]
}

run "an_alias_is_no_key" {
  command = plan
  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:alias/lake"
  }
  expect_failures = [var.kms_key_arn]
}

run "dead_letters_live_two_weeks_at_most" {
  command = plan
  variables {
    retention = { dead_letter_days = 15 }
  }
  expect_failures = [var.retention]
}
