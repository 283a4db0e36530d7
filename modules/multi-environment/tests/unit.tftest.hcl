# What an environment changes. No cloud: the provider is mocked.

mock_provider "datalake" {
  source = "../pipeline/tests/mocks"
}

variables {
  name        = "orders"
  environment = "dev"
  datasets = {
    orders = {
      format = "csv"
      columns = {
        order_id           = { type = "bigint", required = true }
        email              = { type = "string", pattern = "email", classification = "pii" }
        "address.street"   = { type = "string", classification = "pii" }
        "address.postcode" = { type = "string", classification = "internal" }
      }
    }
    clicks = { format = "ndjson" }
    invoices = {
      format     = "ndjson"
      columns    = { iban = { type = "string", classification = "pii" } }
      transforms = [{ mask = { column = "iban", method = "partial", keep_last = 4 } }]
    }
    returns = {
      format  = "ndjson"
      columns = { email = { type = "string", classification = "pii" } }
      sql     = "SELECT email FROM source"
    }
  }
}

run "dev_can_be_thrown_away" {
  assert {
    condition     = output.pipeline_name == "orders-dev" && output.deletion_protection_enabled == false
    error_message = "dev must carry its name and must be deletable."
  }
  assert {
    condition     = output.retention.raw_days == 30 && output.threshold_percent == 70
    error_message = "dev must keep little and accept much."
  }
}

run "masked_views" {
  assert {
    condition = output.masked_columns == {
      invoices = toset(["iban"])
      orders   = toset(["address.street", "email"])
      returns  = toset(["email"])
    }
    error_message = "Classified columns must be masked, others not."
  }
  assert {
    condition = output.masked_view_sql.orders == trimspace(<<-SQL
      CREATE OR REPLACE VIEW "orders"."orders_masked" AS
      SELECT
        "address_postcode",
        to_hex(sha256(to_utf8(CAST("address_street" AS varchar)))) AS "address_street",
        to_hex(sha256(to_utf8(CAST("email" AS varchar)))) AS "email",
        "order_id"
      FROM "orders"."orders"
    SQL
    )
    error_message = "The view is not what was asked: ${output.masked_view_sql.orders}"
  }
  assert {
    condition     = !contains(keys(output.masked_view_sql), "clicks")
    error_message = "Rows that are kept whole cannot be masked, so there must be no view of them."
  }
  assert {
    condition     = output.unmasked_table_names == tolist(["clicks", "invoices_curated", "returns_curated"])
    error_message = "Every table without a view must be named: ${join(", ", output.unmasked_table_names)}"
  }
}

run "prod_is_protected" {
  variables {
    environment = "prod"
    environments = {
      prod = { kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }
    }
  }
  assert {
    condition     = output.deletion_protection_enabled == true && output.retention.processed_days == 0
    error_message = "prod must be protected and must keep its data."
  }
  assert {
    condition     = output.masking_enabled == false && output.masked_view_sql == {} && length(output.unmasked_table_names) == 0
    error_message = "prod shows data as it is unless somebody says otherwise."
  }
}

run "prod_wants_a_key" {
  command = plan
  variables {
    environment = "prod"
  }
  expect_failures = [output.pipeline_name]
}

run "settings_win_over_profiles" {
  variables {
    environments = {
      dev = {
        deletion_protection_enabled = true
        masking_enabled             = false
        threshold_percent           = 99
        retention                   = { raw_days = 3 }
        tags                        = { CostCentre = "1" }
      }
    }
  }
  assert {
    condition     = output.deletion_protection_enabled == true && output.threshold_percent == 99 && output.masking_enabled == false
    error_message = "What the caller gives must win, also over true and false."
  }
  assert {
    condition     = output.retention.raw_days == 3 && output.retention.log_days == 7
    error_message = "What the caller leaves out must come from the profile."
  }
}

run "an_unknown_environment_is_as_safe_as_prod" {
  variables {
    environment  = "sandbox"
    environments = { sandbox = { customer_key_required_enabled = false } }
  }
  assert {
    condition     = output.pipeline_name == "orders-sandbox" && output.deletion_protection_enabled == true
    error_message = "Without a profile an environment must be as safe as prod."
  }
}

