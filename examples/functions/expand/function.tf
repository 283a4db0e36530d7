locals {
  # What would stand in a resource "datalake_pipeline".
  sensors = {
    name = "sensors"
    datasets = {
      readings = { format = "json", columns = { id = { type = "string", required = true } } }
    }
  }
  objects = provider::datalake::expand(local.sensors, "123456789012", "eu-west-1")
}

# A line an object: what an apply would make, with no credentials at hand.
output "inventory" {
  value = { for key, object in local.objects : key => "${object.type} ${object.name}" }
}

# Any managed field of any object.
output "ingest_keeps_messages_seconds" {
  value = jsondecode(local.objects["queue.ingest"].document).message_retention_seconds
}
