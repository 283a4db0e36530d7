# Applies for real, and destroys again: needs credentials, a region and, for a stand-in for AWS, AWS_ENDPOINT_URL.

provider "aws" {
  s3_use_path_style = true
}

variables {
  team                   = "tfteam"
  analyst_principal_arns = ["arn:aws:iam::123456789012:root"]

  pipelines = {
    orders = {
      datasets                    = { orders = { format = "csv" } }
      deletion_protection_enabled = false
    }
    clicks = {
      datasets_yaml               = "clicks: { format: ndjson, columns: { id: string }, transforms: [{ mask: { column: id, method: hash } }] }"
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
    condition     = strcontains(output.analyst_policy_json, "workgroup/tfteam\"") && strcontains(output.analyst_policy_json, "table/tfteam_clicks/*")
    error_message = "The policy must name what was made."
  }
  assert {
    condition     = strcontains(output.analyst_policy_json, "/curated/clicks/*") && !strcontains(output.analyst_policy_json, "/validated/clicks/*")
    error_message = "Of a dataset that is masked an analyst reads the masked rows only."
  }
  assert {
    condition     = endswith(output.role_arns.analyst, "role/tfteam-analyst") && endswith(output.topic_arn, ":tfteam-alarms")
    error_message = "Role and topic must be there."
  }
}

run "a_second_apply_changes_nothing" {
  assert {
    condition     = output.analyst_policy_json == run.apply.analyst_policy_json
    error_message = "The same configuration must give the same policies."
  }
}
