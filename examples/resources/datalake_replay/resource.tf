# Whenever the rules change, what is in quarantine is judged by the new ones.
resource "datalake_replay" "orders" {
  pipeline = datalake_pipeline.orders.name
  dataset  = "orders"
  triggers = { rules = datalake_pipeline.orders.spec_hash }
}

# Once, and only what one rule refused in January.
resource "datalake_replay" "january" {
  pipeline = datalake_pipeline.orders.name
  dataset  = "orders"
  rule     = "columns.amount.minimum"
  since    = "2026-01-01T00:00:00Z"
  until    = "2026-02-01T00:00:00Z"
}

resource "datalake_pipeline" "orders" {
  name     = "orders"
  datasets = { orders = { format = "csv", columns = { amount = { type = "double", minimum = 0 } } } }
}
