# Applies a pipeline made from composed columns for real, and destroys it again.

run "rules" {
  variables {
    columns = {
      order_id = { rules = ["keys.serial"] }
      email    = { rules = ["personal.email"] }
      amount   = { rules = ["money.amount"], required = true }
      currency = { rules = ["money.currency", "keys.required"] }
      ordered  = { rules = ["time_series.timestamp"] }
      latitude = { rules = ["geography.latitude"] }
      note     = { type = "string" }
    }
    row_count_minimum            = 1
    completeness_minimum_percent = { email = 50 }
    length_maximum               = { note = 200 }
  }
}

run "apply" {
  module {
    source = "../pipeline"
  }
  variables {
    name                        = "tf-quality-rules"
    deletion_protection_enabled = false
    datasets = {
      orders = {
        format  = "csv"
        columns = run.rules.columns
        quality = { ruleset = run.rules.ruleset }
      }
    }
  }
  assert {
    condition     = output.table_names == tomap({ orders = "orders" })
    error_message = "The composed columns must make a table."
  }
}
