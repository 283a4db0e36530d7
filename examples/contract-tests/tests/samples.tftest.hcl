# Samples held against the contract by the engine that would judge them in production: row by row, without a cloud.

mock_provider "datalake" {}

variables {
  measurements = "samples/measurements.ndjson"
}

run "a_row_is_refused_for_the_reason_it_should_be" {
  assert {
    condition     = output.sample_verdicts.measurements.rows.good == 1
    error_message = "One row of the sample is good: ${jsonencode(output.sample_verdicts.measurements)}"
  }
  assert {
    condition = [for reason in output.sample_verdicts.measurements.reasons : "${reason.line}: ${reason.rule}"] == [
      "2: columns.celsius.maximum",
      "3: columns.celsius.required",
      "4: columns.device_id.pattern",
    ]
    error_message = "The three others have one fault each."
  }
}

run "a_device_without_a_model_is_quarantined" {
  assert {
    condition     = [for reason in output.sample_verdicts.devices.reasons : reason.column] == ["model", "owner_email"]
    error_message = "The second device has no model, and an owner without an address."
  }
  assert {
    condition     = output.sample_verdicts.devices.passed
    error_message = "One faulty device is no reason to refuse the file."
  }
}

run "the_proposal_would_accept_it" {
  variables {
    contract_file = "contracts/changed.odcs.yaml"
  }
  assert {
    condition     = output.sample_verdicts.devices.rows.quarantined == 1
    error_message = "Without the promise of a model only the address is left to be wrong."
  }
}

run "a_file_without_rows_is_refused" {
  variables {
    measurements = "samples/nothing.ndjson"
  }
  assert {
    condition     = output.sample_verdicts.measurements.verdict == "empty_object"
    error_message = "An empty file of measurements must be refused, not passed over: ${output.sample_verdicts.measurements.verdict}"
  }
}
