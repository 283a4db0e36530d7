# A proposed contract, held against what consumers rely on: this is how a breaking change is found before it is merged.

mock_provider "datalake" {}

variables {
  contract_file = "contracts/changed.odcs.yaml"
}

run "the_proposal_breaks_three_things" {
  assert {
    condition     = keys(output.unmapped) == ["devices.device_id.unique"]
    error_message = "The proposal asks for uniqueness, which is not checked, and for nothing else that is new."
  }
  assert {
    condition     = !contains(keys(datalake_pipeline.devices.datasets["devices"].columns), "model")
    error_message = "The proposal drops the column model."
  }
  assert {
    condition     = !datalake_pipeline.devices.datasets["devices"].columns["device_id"].required
    error_message = "The proposal lets device_id be empty."
  }
  assert {
    condition     = output.classified_columns.devices == {}
    error_message = "The proposal forgets that owner_email is personal."
  }
}
