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
