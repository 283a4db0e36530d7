# What people of the team may do, as policy documents: attach them to roles or permission sets of your own.

locals {
  # Everything a policy names, for each pipeline; in tests without a cloud `resource_arns` is empty.
  places = {
    for key, pipeline in module.pipeline : key => {
      processed    = pipeline.processed_bucket_arn
      quarantine   = pipeline.quarantine_bucket_arn
      results      = "${pipeline.processed_bucket_arn}/_athena/*"
      workgroup    = try(pipeline.resource_arns["workgroup.main"], "arn:aws:athena:eu-west-1:123456789012:workgroup/${pipeline.workgroup_name}")
      database     = try(pipeline.resource_arns["database.catalog"], "arn:aws:glue:eu-west-1:123456789012:database/${pipeline.database_name}")
      metadata     = pipeline.metadata_table_arn
      index        = "${pipeline.metadata_table_arn}/index/${pipeline.metadata_index_name}"
      dead_letters = values(pipeline.dead_letter_queue_arns)
    }
  }

  catalogs = distinct([for place in values(local.places) : replace(place.database, "/:database/.*$/", ":catalog")])

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
      Resource = sort([for place in values(local.places) : place.workgroup])
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
        local.catalogs,
        [for place in values(local.places) : place.database],
        [for place in values(local.places) : "${replace(place.database, ":database/", ":table/")}/*"],
      ))
    },
    {
      Sid      = "ListTheBuckets"
      Effect   = "Allow"
      Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
      Resource = sort([for place in values(local.places) : place.processed])
    },
    {
      Sid      = "ReadAcceptedRows"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = sort([for place in values(local.places) : "${place.processed}/validated/*"])
    },
    {
      Sid      = "WriteQueryResults"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
      Resource = sort([for place in values(local.places) : place.results])
    },
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
