# What people of the team may do, as policy documents.

locals {
  # Everything a policy names, for each pipeline; the catalogue is beside the metadata table.
  places = {
    for key, pipeline in module.pipeline : key => {
      processed    = pipeline.processed_bucket_arn
      quarantine   = pipeline.quarantine_bucket_arn
      catalog      = replace(pipeline.metadata_table_arn, "/^(arn:[^:]+):dynamodb:([^:]+:[0-9]+):.*$/", "$1:glue:$2:catalog")
      database     = replace(pipeline.metadata_table_arn, "/^(arn:[^:]+):dynamodb:([^:]+:[0-9]+):.*$/", "$1:glue:$2:database/${pipeline.database_name}")
      tables       = replace(pipeline.metadata_table_arn, "/^(arn:[^:]+):dynamodb:([^:]+:[0-9]+):.*$/", "$1:glue:$2:table/${pipeline.database_name}/*")
      metadata     = pipeline.metadata_table_arn
      index        = "${pipeline.metadata_table_arn}/index/${pipeline.metadata_index_name}"
      dead_letters = values(pipeline.dead_letter_queue_arns)
    }
  }

  # Where a dataset is transformed, people read what the transforms leave: a mask would hide nothing otherwise.
  readable = {
    for key, pipeline in module.pipeline : key => sort([
      for dataset in keys(pipeline.table_names) :
      "${contains(keys(pipeline.curated_table_names), dataset) ? "curated" : "validated"}/${dataset}/*"
    ])
  }

  # Without a key of the team there is nothing to decrypt by name.
  use_key = var.kms_key_arn == null ? [] : [{
    Sid      = "UseTheKey"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource = [var.kms_key_arn]
  }]

  query = [
    {
      Sid    = "Query"
      Effect = "Allow"
      Action = [
        "athena:BatchGetQueryExecution",
        "athena:GetQueryExecution",
        "athena:GetQueryResults",
        "athena:GetWorkGroup",
        "athena:ListQueryExecutions",
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
      ]
      Resource = [aws_athena_workgroup.team.arn]
    },
    {
      Sid    = "ReadTheCatalogue"
      Effect = "Allow"
      Action = [
        "glue:GetDatabase",
        "glue:GetPartition",
        "glue:GetPartitions",
        "glue:GetTable",
        "glue:GetTables",
      ]
      Resource = sort(concat(
        distinct([for place in values(local.places) : place.catalog]),
        [for place in values(local.places) : place.database],
        [for place in values(local.places) : place.tables],
      ))
    },
    {
      Sid      = "FindTheBuckets"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation"]
      Resource = sort(concat([aws_s3_bucket.results.arn], [for place in values(local.places) : place.processed]))
    },
    {
      Sid      = "ListQueryResults"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
      Resource = [aws_s3_bucket.results.arn]
    },
    {
      Sid      = "WriteQueryResults"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
      Resource = ["${aws_s3_bucket.results.arn}/*"]
    },
    {
      Sid      = "ReadAcceptedRows"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = sort(flatten([for key, place in local.places : [for prefix in local.readable[key] : "${place.processed}/${prefix}"]]))
    },
  ]

  # Of each bucket the same and no more: a key of an object tells the values it is partitioned by.
  list = [
    for key, place in local.places : {
      Sid       = "ListAcceptedRows${index(keys(local.places), key)}"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = [place.processed]
      Condition = { StringLike = { "s3:prefix" = local.readable[key] } }
    }
  ]

  inspect = [
    {
      Sid      = "ListTheQuarantine"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
      Resource = sort([for place in values(local.places) : place.quarantine])
    },
    {
      Sid      = "ReadTheQuarantine"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = sort([for place in values(local.places) : "${place.quarantine}/quarantine/*"])
    },
    {
      Sid      = "ReadTheStories"
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:Query"]
      Resource = sort(flatten([for place in values(local.places) : [place.metadata, place.index]]))
    },
    {
      Sid      = "LookAtDeadLetters"
      Effect   = "Allow"
      Action   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
      Resource = sort(flatten([for place in values(local.places) : place.dead_letters]))
    },
  ]
}
