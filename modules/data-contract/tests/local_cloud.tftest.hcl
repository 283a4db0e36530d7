# Applies pipelines made from the contracts for real, and destroys them again.

run "orders" {
  variables {
    contract_yaml = file("./tests/contracts/orders.odcs.yaml")
  }
}

run "sensors" {
  variables {
    contract_yaml = file("./tests/contracts/sensors.odcs.yaml")
  }
}

run "apply" {
  module {
    source = "../pipeline"
  }
  variables {
    name                        = "tf-data-contract"
    deletion_protection_enabled = false
    datasets                    = merge(run.orders.datasets, run.sensors.datasets)
    tags                        = run.orders.tags
  }
  assert {
    condition     = toset(keys(output.table_names)) == toset(["orders", "sensor_readings"])
    error_message = "Each object of a contract must have its table."
  }
}
