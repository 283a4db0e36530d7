# What a pipeline called "orders" answers, for tests without a cloud. Maps of objects
# (`buckets`, `queues`, `rules`, `resources`) are empty: Terraform cannot mock their elements.

mock_resource "datalake_pipeline" {
  defaults = {
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
      database_name = "orders"
      crawler_name  = "orders-crawler"
      table_names   = { orders = "orders" }
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
