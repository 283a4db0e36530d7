terraform {
  required_providers { datalake = { source = "datalake/datalake" } }
}
resource "datalake_pipeline" "sensors" {
  name          = "sensors"
  datasets      = { readings = { format = "json" } }
  force_destroy = true # what is uploaded may be destroyed too; leave it out where data matters
}
