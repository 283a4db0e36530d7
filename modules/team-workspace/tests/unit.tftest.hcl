# What a team's workspace is planned to be. No cloud: the providers are mocked.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::sales-query-results-123456789012-eu-west-1" }
  }

  mock_resource "aws_athena_workgroup" {
    defaults = { arn = "arn:aws:athena:eu-west-1:123456789012:workgroup/sales" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:123456789012:key/made" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:sales-alarms" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
}

# Names are known at plan, as they are with the provider: each is the key of an alarm.
mock_provider "datalake" {
  source          = "../pipeline/tests/mocks"
  override_during = plan
}

# The other pipeline, whose dataset is masked.
override_resource {
  target          = module.pipeline["web-clicks"].datalake_pipeline.this
  override_during = plan

  values = {
    buckets = {
      raw        = { name = "clicks-raw", arn = "arn:aws:s3:::clicks-raw" }
      processed  = { name = "clicks-processed", arn = "arn:aws:s3:::clicks-processed" }
      quarantine = { name = "clicks-quarantine", arn = "arn:aws:s3:::clicks-quarantine" }
    }
    queues = {
      ingest = {
        name             = "clicks-ingest"
        arn              = "arn:aws:sqs:eu-west-1:123456789012:clicks-ingest"
        dead_letter_name = "clicks-ingest-dead-letters"
        dead_letter_arn  = "arn:aws:sqs:eu-west-1:123456789012:clicks-ingest-dead-letters"
      }
      validate = {
        name             = "clicks-validate"
        arn              = "arn:aws:sqs:eu-west-1:123456789012:clicks-validate"
        dead_letter_name = "clicks-validate-dead-letters"
        dead_letter_arn  = "arn:aws:sqs:eu-west-1:123456789012:clicks-validate-dead-letters"
      }
      transform = {
        name             = "clicks-transform"
        arn              = "arn:aws:sqs:eu-west-1:123456789012:clicks-transform"
        dead_letter_name = "clicks-transform-dead-letters"
        dead_letter_arn  = "arn:aws:sqs:eu-west-1:123456789012:clicks-transform-dead-letters"
      }
      quality = {
        name             = "clicks-quality"
        arn              = "arn:aws:sqs:eu-west-1:123456789012:clicks-quality"
        dead_letter_name = "clicks-quality-dead-letters"
        dead_letter_arn  = "arn:aws:sqs:eu-west-1:123456789012:clicks-quality-dead-letters"
      }
    }
    metadata_table = {
      name       = "clicks-metadata"
      arn        = "arn:aws:dynamodb:eu-west-1:123456789012:table/clicks-metadata"
      index_name = "recent-by-status"
    }
    glue = {
      database_name       = "clicks"
      crawler_name        = "clicks-crawler"
      table_names         = { clicks = "clicks" }
      curated_table_names = { clicks = "clicks_curated" }
    }
  }
}

variables {
  team = "sales"
  pipelines = {
    orders = {
      datasets = { orders = { format = "csv" } }
      tags     = { CostCentre = "1" }
    }
    web-clicks = {
      datasets_yaml               = "clicks: { format: ndjson, columns: { id: string }, transforms: [{ mask: { column: id, method: hash } }] }"
      deletion_protection_enabled = false
    }
  }
}

run "pipelines_carry_the_team" {
  command = plan
  assert {
    condition     = output.pipeline_names == { orders = "sales-orders", web-clicks = "sales-web-clicks" }
    error_message = "Every name must begin with the team."
  }
  assert {
    condition     = output.upload_uris["web-clicks"] == { clicks = "s3://clicks-raw/input/clicks/" }
    error_message = "Datasets from YAML must be there."
  }
  assert {
    condition     = length(output.alarm_definitions) == 23
    error_message = "Ten alarms for a pipeline, and three more where rows are transformed."
  }
}

run "analysts_read_and_do_not_write" {
  command = plan
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
      !contains(statement.Action, "s3:PutObject") || statement.Resource == ["${aws_s3_bucket.results.arn}/*"]
    ])
    error_message = "An analyst may write query results and nothing else."
  }
  assert {
    condition     = !strcontains(output.analyst_policy_json, "quarantine")
    error_message = "An analyst must not read what was refused."
  }
  assert {
    condition = toset(flatten([
      for statement in jsondecode(output.analyst_policy_json).Statement :
      statement.Condition.StringLike["s3:prefix"] if can(statement.Condition)
    ])) == toset(["curated/clicks/*", "validated/orders/*"])
    error_message = "An analyst must see no keys but of the rows that are theirs."
  }
  assert {
    condition     = strcontains(output.analyst_policy_json, "clicks-processed/curated/clicks/*") && !strcontains(output.analyst_policy_json, "clicks-processed/validated")
    error_message = "Of a masked dataset an analyst must read the masked rows only."
  }
  assert {
    condition     = contains(flatten(jsondecode(output.analyst_policy_json).Statement[*].Resource), "arn:aws:glue:eu-west-1:123456789012:table/orders/*")
    error_message = "The catalogue must be that of the pipelines' account and region."
  }
  assert {
    condition     = alltrue([for statement in jsondecode(output.analyst_policy_json).Statement : !contains(statement.Resource, "*")])
    error_message = "No statement may be about everything."
  }
}

run "stewards_see_what_was_refused" {
  command = plan
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
  command = plan
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

run "one_topic_takes_every_alarm" {
  command = plan
  assert {
    condition     = length(module.alarms[0].alarm_arns) == 23 && output.topic_arn == "arn:aws:sns:eu-west-1:123456789012:sales-alarms"
    error_message = "Every alarm must tell the team's topic."
  }
}

run "no_alarms" {
  command = plan
  variables {
    alarms_enabled = false
  }
  assert {
    condition     = output.topic_arn == null && length(module.alarms) == 0 && length(output.alarm_definitions) == 23
    error_message = "Nothing may be made, and the definitions must still be there."
  }
}

run "roles_are_made_for_those_who_may_assume_them" {
  command = plan
  variables {
    analyst_principal_arns = ["arn:aws:iam::123456789012:role/people"]
  }
  assert {
    condition     = keys(output.role_arns) == ["analyst"] && aws_iam_role.people["analyst"].name == "sales-analyst"
    error_message = "There must be the analyst's role and no other."
  }
  assert {
    condition     = aws_iam_role_policy.people["analyst"].policy == output.analyst_policy_json
    error_message = "The role must be allowed what the policy says."
  }
  assert {
    condition     = jsondecode(aws_iam_role.people["analyst"].assume_role_policy).Statement[0].Principal.AWS == ["arn:aws:iam::123456789012:role/people"]
    error_message = "Nobody else may assume it."
  }
}

run "everybody_may_assume_no_role" {
  command = plan
  variables {
    analyst_principal_arns = ["*"]
    steward_principal_arns = ["arn:aws:iam::123456789012:*"]
  }
  expect_failures = [var.analyst_principal_arns, var.steward_principal_arns]
}

run "results_are_encrypted_and_go" {
  command = plan
  variables {
    kms_key_arn       = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    query_result_days = 7
    query_limit_gb    = 100
  }
  assert {
    condition     = one(one(one(aws_athena_workgroup.team.configuration).result_configuration).encryption_configuration).encryption_option == "SSE_KMS"
    error_message = "The team's key must encrypt results."
  }
  assert {
    condition     = one(aws_athena_workgroup.team.configuration).bytes_scanned_cutoff_per_query == 107374182400
    error_message = "The limit is in gigabytes."
  }
  assert {
    condition     = one(one(aws_s3_bucket_lifecycle_configuration.results.rule).expiration).days == 7
    error_message = "Results must go when they are old."
  }
}

run "what_is_protected_stays" {
  command = plan
  assert {
    condition     = !aws_athena_workgroup.team.force_destroy && !aws_s3_bucket.results.force_destroy
    error_message = "A protected pipeline protects saved queries too."
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
