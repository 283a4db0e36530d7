# What a pipeline called "orders" answers, for tests without a cloud. The map `resources` is empty: Terraform cannot mock
# elements of maps.

mock_resource "datalake_pipeline" {
  defaults = {
    buckets = {
      raw        = { name = "mocked-raw", arn = "arn:aws:s3:::mocked-raw" }
      processed  = { name = "mocked-processed", arn = "arn:aws:s3:::mocked-processed" }
      quarantine = { name = "mocked-quarantine", arn = "arn:aws:s3:::mocked-quarantine" }
    }
    queues = {
      ingest = {
        name             = "mocked-ingest"
        arn              = "arn:aws:sqs:eu-west-1:123456789012:mocked-ingest"
        dead_letter_name = "mocked-ingest-dead-letters"
        dead_letter_arn  = "arn:aws:sqs:eu-west-1:123456789012:mocked-ingest-dead-letters"
      }
      validate = {
        name             = "mocked-validate"
        arn              = "arn:aws:sqs:eu-west-1:123456789012:mocked-validate"
        dead_letter_name = "mocked-validate-dead-letters"
        dead_letter_arn  = "arn:aws:sqs:eu-west-1:123456789012:mocked-validate-dead-letters"
      }
      quality = {
        name             = "mocked-quality"
        arn              = "arn:aws:sqs:eu-west-1:123456789012:mocked-quality"
        dead_letter_name = "mocked-quality-dead-letters"
        dead_letter_arn  = "arn:aws:sqs:eu-west-1:123456789012:mocked-quality-dead-letters"
      }
      transform = {
        name             = "mocked-transform"
        arn              = "arn:aws:sqs:eu-west-1:123456789012:mocked-transform"
        dead_letter_name = "mocked-transform-dead-letters"
        dead_letter_arn  = "arn:aws:sqs:eu-west-1:123456789012:mocked-transform-dead-letters"
      }
    }
    metadata_table = {
      name       = "orders-metadata"
      arn        = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders-metadata"
      index_name = "recent-by-status"
    }
    event_bus = {
      name = "orders-bus"
      arn  = "arn:aws:events:eu-west-1:123456789012:event-bus/orders-bus"
    }
    glue = {
      database_name       = "orders"
      crawler_name        = "orders-crawler"
      table_names         = { orders = "orders" }
      curated_table_names = {}
    }
    athena = {
      workgroup_name  = "orders"
      result_location = "s3://orders-processed-123456789012-eu-west-1/_athena/"
      example_queries = { orders = "SELECT * FROM \"orders\".\"orders\" LIMIT 10" }
    }
    tags_all          = {}
    apply_policy_json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    spec_hash         = "0123456789abcdef"
  }
}
