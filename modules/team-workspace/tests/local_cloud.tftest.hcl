# Applies for real, and destroys again: needs credentials, a region and, for a stand-in for AWS, AWS_ENDPOINT_URL.

variables {
  team = "tfteam"
  pipelines = {
    orders = {
      datasets                    = { orders = { format = "csv" } }
      deletion_protection_enabled = false
    }
    clicks = {
      datasets_yaml               = "clicks: { format: ndjson }"
      deletion_protection_enabled = false
    }
  }
}

run "apply" {
  assert {
    condition     = output.database_names == { orders = "tfteam_orders", clicks = "tfteam_clicks" }
    error_message = "Each pipeline must have its database."
  }
  assert {
    condition     = strcontains(output.analyst_policy_json, "workgroup/tfteam-orders") && strcontains(output.analyst_policy_json, "table/tfteam_clicks/*")
    error_message = "The policy must name what was made."
  }
}

run "a_second_apply_changes_nothing" {
  assert {
    condition     = output.analyst_policy_json == run.apply.analyst_policy_json
    error_message = "The same configuration must give the same policies."
  }
}
