# The Glue database, a table for each dataset, the crawler that looks for partitions, and the workgroup to query with.

resource "aws_glue_catalog_database" "this" {
  for_each = local.of.database

  name         = each.value.database_name
  description  = each.value.description
  location_uri = each.value.location
  tags         = each.value.tags
}

resource "aws_glue_catalog_table" "this" {
  for_each = local.of.catalog_table

  database_name = aws_glue_catalog_database.this["catalog"].name
  name          = each.value.table_name
  description   = each.value.description
  table_type    = "EXTERNAL_TABLE"
  parameters    = each.value.parameters

  dynamic "partition_keys" {
    for_each = each.value.partition_keys

    content {
      name    = partition_keys.value.name
      type    = partition_keys.value.column_type
      comment = partition_keys.value.comment == "" ? null : partition_keys.value.comment
    }
  }

  storage_descriptor {
    location      = each.value.location
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name    = columns.value.name
        type    = columns.value.column_type
        comment = columns.value.comment == "" ? null : columns.value.comment
      }
    }
  }
}

resource "aws_glue_crawler" "this" {
  for_each = local.of.crawler

  name          = each.value.crawler_name
  role          = each.value.role_arn
  database_name = aws_glue_catalog_database.this["catalog"].name
  schedule      = each.value.schedule == "" ? null : each.value.schedule
  tags          = each.value.tags

  configuration = jsonencode({
    Version       = 1.0
    CrawlerOutput = { Partitions = { AddOrUpdateBehavior = "InheritFromTable" } }
  })

  catalog_target {
    database_name = aws_glue_catalog_database.this["catalog"].name
    tables        = each.value.table_names
  }

  schema_change_policy {
    update_behavior = "LOG"
    delete_behavior = "LOG"
  }

  depends_on = [aws_iam_role_policy.this, aws_glue_catalog_table.this]
}

resource "aws_athena_workgroup" "this" {
  for_each = local.of.workgroup

  name          = each.value.workgroup_name
  force_destroy = !var.deletion_protection_enabled
  tags          = each.value.tags

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true

    engine_version {
      selected_engine_version = "AUTO"
    }

    result_configuration {
      output_location = each.value.result_location

      encryption_configuration {
        encryption_option = each.value.kms_key_arn == null ? "SSE_S3" : "SSE_KMS"
        kms_key_arn       = each.value.kms_key_arn
      }
    }
  }
}
