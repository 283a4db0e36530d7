# A first declaration to look at: `terraform console` shows it.
output "columns" {
  value = provider::datalake::infer_columns(<<-JSON
    {"order_id": 1, "day": "2026-01-31", "customer": {"email": "ada@example.com"}}
    {"order_id": 2, "day": "2026-02-01", "customer": {}, "note": "late"}
  JSON
  )
}
