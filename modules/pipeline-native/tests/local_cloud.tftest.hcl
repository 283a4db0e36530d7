# Applies for real, and destroys again: needs credentials, a region and, for a stand-in for AWS, AWS_ENDPOINT_URL.

provider "aws" {
  s3_use_path_style = true
}

variables {
  name                        = "tf-native"
  deletion_protection_enabled = false
  environment                 = "test"

  datasets = {
    orders = {
      format = "csv"
      columns = {
        order_id = { type = "bigint", required = true }
        country  = { type = "string", required = true, enum = ["DE", "FR"] }
      }
      output = { partition_by = ["country"] }
    }
  }

  datasets_yaml = <<-YAML
    readings:
      format: json
      columns:
        id: { type: string, required: true }
  YAML
}

run "apply" {
  assert {
    condition     = startswith(output.raw_bucket_name, "tf-native-raw-")
    error_message = "The raw bucket must carry the pipeline's name."
  }
  assert {
    condition     = toset(keys(output.table_names)) == toset(["orders", "readings"])
    error_message = "Every dataset must have its table."
  }
}

run "a_second_apply_changes_nothing" {
  assert {
    condition     = output.spec_hash == run.apply.spec_hash && output.resource_arns == run.apply.resource_arns
    error_message = "The same configuration must give the same pipeline."
  }
}
