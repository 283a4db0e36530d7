data "datalake_quarantine" "orders" {
  pipeline_name = "sensors"
  dataset       = "orders"
  limit         = 20
}

# Which rules refuse the most rows, and which objects they came with.
output "failed_rules" {
  value = data.datalake_quarantine.orders.failed_rules
}

output "refused_objects" {
  value = { for object in data.datalake_quarantine.orders.objects : object.key => object.reason }
}
