locals {
  late_orders = jsonencode({
    source      = ["datalake.quality"]
    detail-type = [{ prefix = "Quality Check" }]
    detail      = { qualityScore = [{ numeric = ["<", 90] }] }
  })
}

check "the_pattern_takes_what_it_should" {
  assert {
    condition = provider::datalake::match_event_pattern(local.late_orders, jsonencode({
      source      = "datalake.quality"
      detail-type = "Quality Check Complete"
      detail      = { qualityScore = 72.5 }
    }))
    error_message = "A low score must pass the rule."
  }
}
