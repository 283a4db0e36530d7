# What a pipeline called "orders" answers, for tests without a cloud.

mock_resource "datalake_pipeline" {
  defaults = {
    buckets = {
      raw        = { name = "orders-raw-123456789012-eu-west-1", arn = "arn:aws:s3:::orders-raw-123456789012-eu-west-1" }
      processed  = { name = "orders-processed-123456789012-eu-west-1", arn = "arn:aws:s3:::orders-processed-123456789012-eu-west-1" }
      quarantine = { name = "orders-quarantine-123456789012-eu-west-1", arn = "arn:aws:s3:::orders-quarantine-123456789012-eu-west-1" }
    }
    metadata_table = {
      name       = "orders-metadata"
      arn        = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders-metadata"
      index_name = "recent-by-status"
    }
    queues = {
      ingest = {
        name             = "orders-ingest"
        arn              = "arn:aws:sqs:eu-west-1:123456789012:orders-ingest"
        dead_letter_name = "orders-ingest-dead-letters"
        dead_letter_arn  = "arn:aws:sqs:eu-west-1:123456789012:orders-ingest-dead-letters"
      }
      validate = {
        name             = "orders-validate"
        arn              = "arn:aws:sqs:eu-west-1:123456789012:orders-validate"
        dead_letter_name = "orders-validate-dead-letters"
        dead_letter_arn  = "arn:aws:sqs:eu-west-1:123456789012:orders-validate-dead-letters"
      }
      quality = {
        name             = "orders-quality"
        arn              = "arn:aws:sqs:eu-west-1:123456789012:orders-quality"
        dead_letter_name = "orders-quality-dead-letters"
        dead_letter_arn  = "arn:aws:sqs:eu-west-1:123456789012:orders-quality-dead-letters"
      }
    }
    event_bus = {
      name = "orders-bus"
      arn  = "arn:aws:events:eu-west-1:123456789012:event-bus/orders-bus"
    }
    glue = {
      database_name = "orders"
      crawler_name  = "orders-crawler"
      table_names   = { orders = "orders" }
    }
    athena = {
      workgroup_name  = "orders"
      result_location = "s3://orders-processed-123456789012-eu-west-1/_athena/"
      example_queries = { orders = "SELECT * FROM \"orders\".\"orders\" LIMIT 10" }
    }
    resources = {
      "bucket.processed"     = { type = "aws_s3_bucket", name = "orders-processed-123456789012-eu-west-1", arn = "arn:aws:s3:::orders-processed-123456789012-eu-west-1", hash = "1" }
      "catalog_table.orders" = { type = "aws_glue_catalog_table", name = "orders", arn = "arn:aws:glue:eu-west-1:123456789012:table/orders/orders", hash = "2" }
      "database.catalog"     = { type = "aws_glue_catalog_database", name = "orders", arn = "arn:aws:glue:eu-west-1:123456789012:database/orders", hash = "3" }
      "workgroup.main"       = { type = "aws_athena_workgroup", name = "orders", arn = "arn:aws:athena:eu-west-1:123456789012:workgroup/orders", hash = "4" }
    }
    tags_all          = {}
    apply_policy_json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    spec_hash         = "0123456789abcdef"
  }
}
