# What every dataset of this lake has to keep to. The provider is mocked: no credentials, no cloud.

mock_provider "datalake" {}

variables {
  environment = "dev"
}

run "dev" {
  assert {
    condition     = keys(module.lake.upload_uris) == ["clicks", "orders"]
    error_message = "Every dataset needs an upload folder; when you add one, add it here too."
  }
}

run "prod" {
  variables {
    environment = "prod"
  }
  assert {
    condition     = module.lake.name == "orders-prod"
    error_message = "The name must carry the environment."
  }
}

run "only_environments_we_have" {
  command = plan
  variables {
    environment = "test"
  }
  expect_failures = [var.environment]
}
