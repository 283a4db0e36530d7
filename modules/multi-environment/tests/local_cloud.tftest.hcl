# Applies for real, and destroys again: needs credentials, a region and, for a stand-in for AWS, AWS_ENDPOINT_URL.

variables {
  name        = "tf-multi"
  environment = "dev"
  datasets = {
    orders = {
      format = "csv"
      columns = {
        order_id = { type = "bigint", required = true }
        email    = { type = "string", pattern = "email", classification = "pii" }
      }
    }
  }
}

run "dev" {
  assert {
    condition     = output.pipeline_name == "tf-multi-dev" && startswith(output.raw_bucket_name, "tf-multi-dev-raw-")
    error_message = "Every name must carry the environment."
  }
  assert {
    condition     = strcontains(output.masked_view_sql.orders, "\"tf_multi_dev\".\"orders_masked\"")
    error_message = "The view must stand in the environment's own database."
  }
}

run "a_second_apply_changes_nothing" {
  assert {
    condition     = output.apply_policy_json == run.dev.apply_policy_json
    error_message = "The same configuration must give the same pipeline."
  }
}
