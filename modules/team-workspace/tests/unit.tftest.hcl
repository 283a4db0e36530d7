# What a team's workspace comes to. No cloud: the provider is mocked.

mock_provider "datalake" {
  source = "../pipeline/tests/mocks"
}

variables {
  team = "sales"
  pipelines = {
    orders = {
      datasets = { orders = { format = "csv" } }
      tags     = { CostCentre = "1" }
    }
    web-clicks = {
      datasets_yaml               = "clicks: { format: ndjson }"
      deletion_protection_enabled = false
    }
  }
}

run "pipelines_carry_the_team" {
  assert {
    condition     = output.pipeline_names == { orders = "sales-orders", web-clicks = "sales-web-clicks" }
    error_message = "Every name must begin with the team."
  }
  assert {
    condition     = output.upload_uris["web-clicks"] == { clicks = "s3://mocked-raw/input/clicks/" }
    error_message = "Datasets from YAML must be there."
  }
  assert {
    condition     = length(output.alarm_definitions) == 20
    error_message = "Ten alarms for each pipeline."
  }
}

run "analysts_read_and_do_not_write" {
  assert {
    condition = alltrue([
      for statement in jsondecode(output.analyst_policy_json).Statement :
      alltrue([for action in statement.Action : !can(regex("Delete|Update|Create|BatchDelete", action))])
    ])
    error_message = "An analyst must change nothing."
  }
  assert {
    condition = alltrue([
      for statement in jsondecode(output.analyst_policy_json).Statement :
      !contains(statement.Action, "s3:PutObject") || alltrue([for resource in statement.Resource : endswith(resource, "/_athena/*")])
    ])
    error_message = "An analyst may write query results and nothing else."
  }
  assert {
    condition     = !strcontains(output.analyst_policy_json, "quarantine")
    error_message = "An analyst must not read what was refused."
  }
  assert {
    condition     = alltrue([for statement in jsondecode(output.analyst_policy_json).Statement : !contains(statement.Resource, "*")])
    error_message = "No statement may be about everything."
  }
}

run "stewards_see_what_was_refused" {
  assert {
    condition     = strcontains(output.steward_policy_json, "/quarantine/*") && strcontains(output.steward_policy_json, "dynamodb:Query")
    error_message = "A steward must read quarantine and metadata."
  }
  assert {
    condition     = !strcontains(output.steward_policy_json, "sqs:DeleteMessage") && !strcontains(output.steward_policy_json, "dynamodb:PutItem")
    error_message = "A steward must change nothing."
  }
}

run "a_shared_key" {
  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
  }
  assert {
    condition = anytrue([
      for statement in jsondecode(output.analyst_policy_json).Statement :
      contains(statement.Action, "kms:Decrypt") && statement.Resource == [var.kms_key_arn]
    ])
    error_message = "Whoever reads must be able to decrypt."
  }
}

run "a_team_is_one_word" {
  command = plan
  variables {
    team = "sales-emea"
  }
  expect_failures = [var.team]
}

run "a_pipeline_does_not_end_with_a_hyphen" {
  command = plan
  variables {
    pipelines = { orders- = { datasets = { orders = { format = "csv" } } } }
  }
  expect_failures = [var.pipelines]
}
