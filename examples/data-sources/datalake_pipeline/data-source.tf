# A pipeline that another configuration applied.
data "datalake_pipeline" "sensors" {
  name = "sensors"
}

# Its names and ARNs are those of the resource: here a policy for whoever uploads files.
output "upload_policy_json" {
  value = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:PutObject"
      Resource = "${data.datalake_pipeline.sensors.buckets.raw.arn}/input/*"
    }]
  })
}
