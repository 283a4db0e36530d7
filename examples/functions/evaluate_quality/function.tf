locals {
  orders = {
    format = "csv"
    columns = {
      order_id = { type = "bigint", required = true }
      email    = { type = "string", pattern = "email" }
      amount   = { type = "double", minimum = 0 }
    }
    quality = { ruleset = "Rules = [ RowCount > 0, IsUnique \"order_id\" ]" }
  }

  sample = provider::datalake::evaluate_quality(local.orders, <<-CSV
    order_id,email,amount
    1,ada@example.com,12.50
    2,nobody,3
    3,,-1
  CSV
  )
}

check "the_orders_contract_finds_what_it_should" {
  assert {
    condition     = local.sample.passed && local.sample.rows.good == 1
    error_message = "Of the sample one row is good: ${jsonencode(local.sample)}"
  }
  assert {
    condition = [for reason in local.sample.reasons : "${reason.line}: ${reason.rule}"] == [
      "3: columns.email.pattern",
      "4: columns.amount.minimum",
    ]
    error_message = "The two others must be quarantined, each for its own reason."
  }
}

output "score" {
  value = local.sample.score
}
