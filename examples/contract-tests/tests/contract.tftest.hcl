# The contract and the pipeline it becomes. The provider is mocked: no credentials, no cloud, a second or two.

mock_provider "datalake" {}

run "everything_promised_is_checked" {
  assert {
    condition     = output.unmapped == {}
    error_message = "The contract asks for what the pipeline does not do: ${jsonencode(output.unmapped)}"
  }
}

run "consumers_find_the_columns_they_read" {
  assert {
    condition = alltrue([
      for column in ["device_id", "model", "installed_on"] :
      contains(keys(datalake_pipeline.devices.datasets["devices"].columns), column)
    ])
    error_message = "A column that a report reads is gone."
  }
  assert {
    condition     = datalake_pipeline.devices.datasets["devices"].columns["device_id"].required
    error_message = "Reports join by device_id, so it must never be empty."
  }
}

run "personal_data_is_classified" {
  assert {
    condition = alltrue(flatten([
      for name, dataset in datalake_pipeline.devices.datasets : [
        for column, declared in dataset.columns : declared.classification != null
        if can(regex("email|phone|name$|birth|address", column))
      ]
    ]))
    error_message = "A column that sounds like data about people has no classification."
  }
}

run "every_dataset_has_columns_and_rules" {
  assert {
    condition     = alltrue([for dataset in values(datalake_pipeline.devices.datasets) : length(dataset.columns) > 0])
    error_message = "A dataset without columns is not checked at all."
  }
  assert {
    condition     = strcontains(datalake_pipeline.devices.datasets["measurements"].quality.ruleset, "RowCount >= 1")
    error_message = "An empty file of measurements must be refused."
  }
}

run "nothing_can_be_deleted_by_accident" {
  assert {
    condition     = datalake_pipeline.devices.force_destroy != true
    error_message = "This pipeline must not set force_destroy."
  }
}
